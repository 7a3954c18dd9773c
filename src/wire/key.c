/* SPDX-License-Identifier: ISC */
/*
 * Key files, the secrets derived from a key, and the identity by which a client
 * tells the server which of them to use.
 *
 * The tag has 16 bits so that it helps nobody to test guesses of the key. Both
 * names, with their roles, are part of the psk: a line set up for one pair of
 * hosts or one direction is of no use for another. ':' is not allowed in an
 * identity because GnuTLS's psk files are separated by it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/random.h"
#include "hkdf.h"
#include "key.h"

enum {
	KEY_NEW = 64,           /* characters of a created key: 384 bits */
	HOST_BYTES = 48,        /* as bytes */
	FILE_MAX = KEY_MAX + 80 /* what is read of a file */
};

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/* Looks at the open file: its kind, and who else can read it. */
static int
check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_sys(e, "key file %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "key file %s: not a regular file", path);
	if (st.st_uid && st.st_uid != geteuid())
		return err_set(e, "key file %s: it belongs to user %lu, who "
		    "could change it; cure: chown %lu %s", path,
		    (unsigned long)st.st_uid, (unsigned long)geteuid(), path);
	if (st.st_mode & 077)
		return err_set(e, "key file %s: others can read or change it "
		    "(mode %03o); cure: chmod 600 %s", path,
		    (unsigned)(st.st_mode & 0777), path);
	return 0;
}

static int
read_start(int fd, char *to, size_t room, size_t *n)
{
	ssize_t got;

	for (*n = 0; *n < room; *n += (size_t)got) {
		got = read(fd, to + *n, room - *n);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got < 0)
			return -1;
		else if (got == 0)
			break;
	}
	return 0;
}

static int
check_line(const char *line, size_t n, const char *path, struct err *e)
{
	size_t good = 0;

	while (good < n && line[good] && strchr(alphabet, line[good]))
		good++;
	if (good < n && good < KEY_MAX)
		return err_set(e, "key file %s: bad character (byte 0x%02x) at "
		    "column %lu; a key is made of A-Z a-z 0-9 . _", path,
		    (unsigned char)line[good], (unsigned long)good + 1);
	if (n < KEY_MIN)
		return err_set(e, "key file %s: the key is too short: "
		    "%lu characters, at least %d are needed", path,
		    (unsigned long)n, (int)KEY_MIN);
	if (n > KEY_MAX)
		return err_set(e, "key file %s: the key is too long: "
		    "at most %d characters", path, (int)KEY_MAX);
	return 0;
}

/* A part of an identity: min..max printable characters, no '/' and no ':'. */
static int
part_ok(const char *s, size_t n, size_t min, size_t max)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '/' || s[i] == ':')
			return 0;
	return n >= min && n <= max;
}

/* The second line: "host HOST", or something that is not ours. */
static int
take_host(struct key *k, const char *line, size_t n, const char *path,
    struct err *e)
{
	const char *end = memchr(line, '\n', n);

	if (n < 5 || memcmp(line, "host ", 5))
		return 0;
	line += 5;
	n = end ? (size_t)(end - line) : n - 5;
	if (!part_ok(line, n, 1, sizeof(k->host) - 1))
		return err_set(e, "key file %s: its second line names no host",
		    path);
	memcpy(k->host, line, n);
	return 0;
}

/* Takes what was read of a file apart. */
static int
take_lines(struct key *k, const char *text, size_t n, const char *path,
    struct err *e)
{
	const char *end = memchr(text, '\n', n);
	size_t len = end ? (size_t)(end - text) : n;

	if (check_line(text, len, path, e))
		return -1;
	memcpy(k->text, text, len);
	return end ? take_host(k, end + 1, n - len - 1, path, e) : 0;
}

int
key_load(struct key *k, const char *path, struct err *e)
{
	char text[FILE_MAX];
	size_t n = 0;
	int fd, rc;

	memset(k, 0, sizeof(*k));
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* Without O_NONBLOCK a pipe of that name would hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, "key file %s", path);
	rc = check_file(fd, path, e);
	if (!rc && (rc = read_start(fd, text, sizeof(text), &n)) < 0)
		err_sys(e, "key file %s", path);
	close(fd);
	if (!rc)
		rc = take_lines(k, text, n, path, e);
	if (rc)
		key_wipe(k);
	mem_wipe(text, sizeof(text));
	return rc;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t done;

	while (n) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Writes a file that was not there. */
static int
create(const char *path, const char *text, size_t n, struct err *e)
{
	int fd, rc;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(e, "key file %s: there is one already; "
		    "a key is never overwritten", path);
	if (fd < 0)
		return err_sys(e, "key file %s", path);
	rc = write_all(fd, text, n);
	if (!rc)
		rc = fsync(fd);
	if (rc)
		err_sys(e, "key file %s", path);
	if (close(fd) && !rc)
		rc = err_sys(e, "key file %s", path);
	if (rc)
		unlink(path);
	return rc;
}

int
key_create(const char *path, struct err *e)
{
	unsigned char random[KEY_NEW];
	char line[KEY_NEW + 1];
	size_t i;
	int rc;

	random_bytes(random, sizeof(random));
	for (i = 0; i < KEY_NEW; i++)
		line[i] = alphabet[random[i] & 63];
	line[KEY_NEW] = '\n';
	rc = create(path, line, sizeof(line), e);
	mem_wipe(random, sizeof(random));
	mem_wipe(line, sizeof(line));
	return rc;
}

void
key_wipe(struct key *k)
{
	mem_wipe(k, sizeof(*k));
}

static void
derive(const struct key *k, const struct buf *info, unsigned char *out,
    size_t n)
{
	static const char salt[] = "ucsync tls psk v1";
	struct view s = view_of(salt, sizeof(salt) - 1);
	struct view ikm = view_of(k->text, strlen(k->text));
	struct view i = view_of(info->p, info->len);

	hkdf(&s, &ikm, &i, out, n);
}

void
key_tag(const struct key *k, char tag[5])
{
	struct buf info = BUF_INIT;
	unsigned char b[2];

	buf_put(&info, "tag", 3);
	derive(k, &info, b, sizeof(b));
	snprintf(tag, 5, "%02x%02x", b[0], b[1]);
	buf_free(&info);
}

void
key_psk(const struct key *k, const char *client, const char *server,
    unsigned char psk[PSK_BYTES])
{
	struct buf info = BUF_INIT;

	buf_put(&info, "psk", 4);
	buf_put(&info, client, strlen(client) + 1);
	buf_put(&info, server, strlen(server) + 1);
	derive(k, &info, psk, PSK_BYTES);
	buf_free(&info);
}

/* Makes a group's key the key of one host. */
static void
become_host(struct key *k, const char *host)
{
	unsigned char b[HOST_BYTES];
	struct buf info = BUF_INIT;
	size_t i, o;

	buf_put(&info, "host", 5);
	buf_put(&info, host, strlen(host));
	derive(k, &info, b, sizeof(b));
	buf_free(&info);
	key_wipe(k);
	memcpy(k->host, host, strlen(host));
	for (i = o = 0; i < HOST_BYTES; i += 3) {
		k->text[o++] = alphabet[b[i] >> 2];
		k->text[o++] = alphabet[(b[i] & 3) << 4 | b[i + 1] >> 4];
		k->text[o++] = alphabet[(b[i + 1] & 15) << 2 | b[i + 2] >> 6];
		k->text[o++] = alphabet[b[i + 2] & 63];
	}
	mem_wipe(b, sizeof(b));
}

int
key_load_for(struct key *k, const char *path, const char *host, struct err *e)
{
	if (key_load(k, path, e))
		return -1;
	if (!*k->host && host)
		become_host(k, host);
	if (!*k->host || (host && !strcmp(k->host, host)))
		return 0;
	err_set(e, "key file %s: it is the key of %s alone, as a receive-only "
	    "host; the group's is needed here%s%s", path, k->host,
	    host ? ", or that of " : "", host ? host : "");
	key_wipe(k);
	return -1;
}

int
key_create_for(const char *path, const char *group_key, const char *host,
    struct err *e)
{
	char text[FILE_MAX];
	struct key k;
	int n, rc;

	if (!part_ok(host, strlen(host), 1, sizeof(k.host) - 1))
		return err_set(e, "%s: no name of a host", host);
	if (key_load(&k, group_key, e))
		return -1;
	if (*k.host) {
		rc = err_set(e, "key file %s: it is the key of %s alone; "
		    "others are made of the group's key", group_key, k.host);
		key_wipe(&k);
		return rc;
	}
	become_host(&k, host);
	n = snprintf(text, sizeof(text), "%s\nhost %s\n", k.text, k.host);
	rc = create(path, text, (size_t)n, e);
	mem_wipe(text, sizeof(text));
	key_wipe(&k);
	return rc;
}

static int
tag_ok(const char *s, size_t n)
{
	return n == 4 && strspn(s, "0123456789abcdef") >= 4;
}

int
identity_format(const struct identity *id, char out[IDENTITY_MAX + 1],
    struct err *e)
{
	const char *c = id->client, *s = id->server, *g = id->config;
	int n;

	if (!tag_ok(id->tag, strlen(id->tag)))
		return err_set(e, "bad key tag");
	if (!part_ok(c, strlen(c), 1, sizeof(id->client) - 1))
		return err_set(e, "host name %s: not usable for the line to "
		    "a peer", c);
	if (!part_ok(s, strlen(s), 1, sizeof(id->server) - 1))
		return err_set(e, "host name %s: not usable for the line to "
		    "a peer", s);
	if (!part_ok(g, strlen(g), 0, sizeof(id->config) - 1))
		return err_set(e, "config name %s: not usable for the line to "
		    "a peer", g);
	n = snprintf(out, IDENTITY_MAX + 1, "%s/%s/%s/%s/%s",
	    id->looks ? "l1" : "c1", id->tag, c, s, g);
	if (n < 0 || n > IDENTITY_MAX)
		return err_set(e, "host names %s and %s%s%s: too long together "
		    "by %d characters", c, s, *g ? " and config name " : "", g,
		    n - IDENTITY_MAX);
	return 0;
}

/* Takes what is before the next '/', or at the end all, off *text. */
static int
take_part(const char **text, const char *end, char *to, size_t min, size_t size)
{
	const char *slash = memchr(*text, '/', (size_t)(end - *text));
	size_t n = (size_t)((slash ? slash : end) - *text);

	if (!part_ok(*text, n, min, size - 1))
		return -1;
	memcpy(to, *text, n);
	to[n] = '\0';
	*text = slash ? slash + 1 : NULL;
	return 0;
}

int
identity_parse(struct identity *id, const char *text, size_t n)
{
	const char *at = text, *end = text + n;
	char version[3];

	memset(id, 0, sizeof(*id));
	if (n > IDENTITY_MAX)
		return -1;
	if (take_part(&at, end, version, 1, sizeof(version)) || !at)
		return -1;
	id->looks = !strcmp(version, "l1");
	if (!id->looks && strcmp(version, "c1"))
		return -1;
	if (take_part(&at, end, id->tag, 1, sizeof(id->tag)) || !at ||
	    !tag_ok(id->tag, strlen(id->tag)))
		return -1;
	if (take_part(&at, end, id->client, 1, sizeof(id->client)) || !at)
		return -1;
	if (take_part(&at, end, id->server, 1, sizeof(id->server)) || !at)
		return -1;
	if (take_part(&at, end, id->config, 0, sizeof(id->config)) || at)
		return -1;
	return 0;
}
