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
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/random.h"
#include "hkdf.h"
#include "key.h"

enum { KEY_NEW = 64 };          /* characters of a created key: 384 bits */

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

int
key_load(struct key *k, const char *path, struct err *e)
{
	char line[KEY_MAX + 1];
	const char *end;
	size_t n = 0;
	int fd, rc;

	memset(k, 0, sizeof(*k));
	/* Without O_NONBLOCK a pipe of that name would hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, "key file %s", path);
	rc = check_file(fd, path, e);
	if (!rc && (rc = read_start(fd, line, sizeof(line), &n)) < 0)
		err_sys(e, "key file %s", path);
	close(fd);
	if (!rc) {
		end = memchr(line, '\n', n);
		n = end ? (size_t)(end - line) : n;
		rc = check_line(line, n, path, e);
	}
	if (!rc)
		memcpy(k->text, line, n);
	mem_wipe(line, sizeof(line));
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

int
key_create(const char *path, struct err *e)
{
	unsigned char random[KEY_NEW];
	char line[KEY_NEW + 1];
	int fd, rc;
	size_t i;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(e, "key file %s: there is one already; "
		    "a key is never overwritten", path);
	if (fd < 0)
		return err_sys(e, "key file %s", path);
	random_bytes(random, sizeof(random));
	for (i = 0; i < KEY_NEW; i++)
		line[i] = alphabet[random[i] & 63];
	line[KEY_NEW] = '\n';
	rc = write_all(fd, line, sizeof(line));
	if (!rc)
		rc = fsync(fd);
	if (rc)
		err_sys(e, "key file %s", path);
	if (close(fd) && !rc)
		rc = err_sys(e, "key file %s", path);
	if (rc)
		unlink(path);
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
	n = snprintf(out, IDENTITY_MAX + 1, "c1/%s/%s/%s/%s", id->tag, c, s, g);
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
	if (take_part(&at, end, version, 1, sizeof(version)) || !at ||
	    strcmp(version, "c1"))
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
