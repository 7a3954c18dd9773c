/* SPDX-License-Identifier: ISC */
/*
 * Keys: HKDF against RFC 5869, what a line derives from a key, key files good
 * and bad, identities taken apart strictly.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "hex.h"

#include "base/buf.h"
#include "base/err.h"
#include "wire/hkdf.h"
#include "wire/key.h"

#define NAME63 "123456789.123456789.123456789.123456789.123456789." \
	"123456789.123"
#define K "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._"

/* The bytes first, first + 1, ... */
static struct view
run_of(unsigned char *to, unsigned first, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = (unsigned char)(first + i);
	return view_of(to, n);
}

static void
hkdf_of_rfc5869(void)
{
	unsigned char ikm[80], salt[80], info[80], out[82];
	struct view i, s, f;

	memset(ikm, 0x0b, sizeof(ikm));
	i = view_of(ikm, 22);
	s = run_of(salt, 0, 13);
	f = run_of(info, 0xf0, 10);
	hkdf(&s, &i, &f, out, 42);
	CHECK_STR(hex(out, 42), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a"
	    "5a4c5db02d56ecc4c5bf34007208d5b887185865");

	s = f = view_of(NULL, 0);
	hkdf(&s, &i, &f, out, 42);
	CHECK_STR(hex(out, 42), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1"
	    "879ec3454e5f3c738d2d9d201395faa4b61a96c8");

	i = run_of(ikm, 0, 80);
	s = run_of(salt, 0x60, 80);
	f = run_of(info, 0xb0, 80);
	hkdf(&s, &i, &f, out, 82);
	CHECK_STR(hex(out, 82), "b11e398dc80327a1c8e7f78c596a49344f012eda2d4e"
	    "fad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
	    "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

static void
derived(void)
{
	struct key k = { K, "" };
	struct identity id = { "", "alpha", "beta", "", 0 };
	char text[IDENTITY_MAX + 1];
	unsigned char psk[PSK_BYTES];
	struct err e;

	key_tag(&k, id.tag);
	CHECK_INT(identity_format(&id, text, &e), 0);
	CHECK_STR(text, "c1/5c88/alpha/beta/");
	key_psk(&k, "alpha", "beta", psk);
	CHECK_STR(hex(psk, sizeof(psk)), "5decdd4b0a09ad055b29d0334ba20450"
	    "9903591a932df98b8fd2769ecb8a8de8");
}

static void
put_file(const char *path, mode_t mode, const char *text, size_t n)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "w");
	if (f) {
		fwrite(text, 1, n, f);
		fclose(f);
	}
	chmod(path, mode);
}

/* What one side of a line by this file gets: identity's tag and psk. */
static const char *
line(const char *path, const char *host, const char *client,
    const char *server)
{
	static char text[80];
	unsigned char psk[PSK_BYTES];
	struct key k;
	struct err e;
	char tag[5];

	if (key_load_for(&k, path, host, &e))
		return "refused";
	key_tag(&k, tag);
	key_psk(&k, client, server, psk);
	snprintf(text, sizeof(text), "%s %s", tag, hex(psk, sizeof(psk)));
	key_wipe(&k);
	return text;
}

static void
good_files(void)
{
	struct key k;
	struct err e;
	char line[KEY_MAX + 2];

	put_file("key", 0600, K "\nhost beta\n", 75);
	CHECK_INT(key_load(&k, "key", &e), 0);
	CHECK_STR(k.text, K);
	put_file("key", 0400, K, 32);
	CHECK_INT(key_load(&k, "key", &e), 0);
	CHECK_INT(strlen(k.text), 32);
	memset(line, 'x', sizeof(line));
	line[KEY_MAX] = '\n';
	put_file("key", 0600, line, sizeof(line));
	CHECK_INT(key_load(&k, "key", &e), 0);
	CHECK_INT(strlen(k.text), KEY_MAX);
	key_wipe(&k);
	CHECK_STR(k.text, "");
}

/* A receive-only host's own key: what it has is what others derive. */
static void
host_keys(void)
{
	static const char to[] = "a821 6a59149a4d8fd9bf769219cec3acb3ad"
	    "e0722c3d797b38259371ff7606a366f9";
	static const char from[] = "a821 0cf4c4a32a83af72763393dc2f21d53c"
	    "657aeaeea2e06c4900de7f0f15ff4b94";
	char text[200];
	struct key k;
	struct err e;
	FILE *f;

	put_file("group", 0600, K "\n", 65);
	unlink("beta.key");
	CHECK_INT(key_create_for("beta.key", "group", "beta", &e), 0);
	f = fopen("beta.key", "r");
	CHECK(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	CHECK_STR(text, "pDYw.smd4u20krcRCMd893Xb4S1AXje5a6Btz6RRcg1T9S5xVAlU6v"
	    "Wzn49BO.aE\nhost beta\n");
	CHECK_STR(line("group", "beta", "alpha", "beta"), to);
	CHECK_STR(line("beta.key", "beta", "alpha", "beta"), to);
	CHECK_STR(line("group", "beta", "beta", "alpha"), from);
	CHECK_STR(line("beta.key", "beta", "beta", "alpha"), from);

	CHECK_STR(line("beta.key", NULL, "alpha", "beta"), "refused");
	CHECK_STR(line("beta.key", "gamma", "alpha", "gamma"), "refused");
	CHECK_INT(key_load_for(&k, "beta.key", NULL, &e), -1);
	CHECK_STR(e.text, "key file beta.key: it is the key of beta alone, as "
	    "a receive-only host; the group's is needed here");
	CHECK_INT(key_load_for(&k, "beta.key", "gamma", &e), -1);
	CHECK_STR(e.text, "key file beta.key: it is the key of beta alone, as "
	    "a receive-only host; the group's is needed here, or that of "
	    "gamma");
	CHECK_STR(k.text, "");
	CHECK_INT(key_create_for("g.key", "beta.key", "gamma", &e), -1);
	CHECK(strstr(e.text, "others are made of the group's key"));
	CHECK_INT(key_create_for("beta.key", "group", "beta", &e), -1);
	CHECK(strstr(e.text, "never overwritten"));
	CHECK_INT(key_create_for("no.key", "group", "a/b", &e), -1);
	CHECK_INT(access("no.key", F_OK), -1);
}

/* The second line: a host, nothing, or something that is not ours. */
static void
second_lines(void)
{
	static const struct {
		const char *text, *host;        /* NULL: refused */
	} files[] = {
		{ K "\n", "" }, { K "\n\n", "" }, { K "\n# old\n", "" },
		{ K "\nhost beta", "beta" }, { K "\nhost beta\nx\n", "beta" },
		{ K "\nhost \n", NULL }, { K "\nhost a b\n", NULL },
		{ K "\nhost beta\r\n", NULL }, { K "\nhost a/b\n", NULL },
		{ K "\nhost " NAME63 "\n", NAME63 },
		{ K "\nhost " NAME63 "x\n", NULL },
	};
	struct key k;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		put_file("key", 0600, files[i].text, strlen(files[i].text));
		if (key_load(&k, "key", &e))
			CHECK_STR(files[i].host, NULL);
		else
			CHECK_STR(k.host, files[i].host);
	}
}

/* One bad file: what its error must say. */
static const char *
refusal(mode_t mode, const char *text, size_t n)
{
	static struct err e;
	struct key k;

	put_file("key", mode, text, n);
	snprintf(e.text, sizeof(e.text), "it was taken");
	key_load(&k, "key", &e);
	return e.text;
}

static void
bad_files(void)
{
	char line[KEY_MAX + 1];
	struct key k;
	struct err e;

	memset(line, 'x', sizeof(line));
	CHECK_STR(refusal(0600, K, 31), "key file key: the key is too short: "
	    "31 characters, at least 32 are needed");
	CHECK_STR(refusal(0600, "", 0), "key file key: the key is too short: "
	    "0 characters, at least 32 are needed");
	CHECK_STR(refusal(0600, line, sizeof(line)), "key file key: the key is "
	    "too long: at most 512 characters");
	CHECK_STR(refusal(0600, K "\r\n", 66), "key file key: bad character "
	    "(byte 0x0d) at column 65; a key is made of A-Z a-z 0-9 . _");
	CHECK(strstr(refusal(0600, "12-", 3), "(byte 0x2d) at column 3"));
	CHECK(strstr(refusal(0600, "\0\0", 2), "(byte 0x00) at column 1"));
	CHECK(strstr(refusal(0600, "\xff\n", 2), "(byte 0xff) at column 1"));
	CHECK_STR(refusal(0640, K, 64), "key file key: others can read or "
	    "change it (mode 640); cure: chmod 600 key");
	CHECK(strstr(refusal(0602, K, 64), "chmod 600 key"));
	unlink("key");
	CHECK_INT(key_load(&k, "key", &e), -1);
	CHECK_STR(e.text, "key file key: No such file or directory");
	CHECK_INT(mkdir("dir", 0700), 0);
	CHECK_INT(key_load(&k, "dir", &e), -1);
	CHECK_STR(e.text, "key file dir: not a regular file");
	CHECK_INT(mkfifo("pipe", 0600), 0);
	CHECK_INT(key_load(&k, "pipe", &e), -1);
	CHECK_STR(e.text, "key file pipe: not a regular file");
}

/* A file that another user owns, who could change it. */
static void
foreign_files(void)
{
	struct key k;
	struct err e;
	pid_t pid;
	int status;

	if (geteuid()) {
		printf("skip key: foreign_files: needs root\n");
		return;
	}
	put_file("key", 0600, K "\n", 65);
	CHECK_INT(chown("key", 1234, 0), 0);
	CHECK_INT(key_load(&k, "key", &e), -1);
	CHECK_STR(e.text, "key file key: it belongs to user 1234, who could "
	    "change it; cure: chown 0 key");
	chmod(".", 0755);
	pid = fork();
	if (!pid)       /* its own is good, and root's, if it can read it */
		_exit(setuid(1234) || key_load(&k, "key", &e));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	unlink("key");
}

/* Whoever has looked at a key leaves no core. */
static void
no_core(void)
{
	struct key k;
	struct err e;

	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	key_load(&k, "nothing", &e);
	CHECK_INT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

static void
created(void)
{
	struct key k, other;
	struct err e;
	struct stat st;

	umask(0);
	CHECK_INT(key_create("new", &e), 0);
	CHECK_INT(stat("new", &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(st.st_size, 65);
	CHECK_INT(key_load(&k, "new", &e), 0);
	CHECK_INT(strlen(k.text), 64);
	CHECK_INT(key_create("new", &e), -1);
	CHECK(strstr(e.text, "never overwritten"));
	CHECK_INT(key_load(&other, "new", &e), 0);
	CHECK_STR(other.text, k.text);
	CHECK_INT(key_create("new2", &e), 0);
	CHECK_INT(key_load(&other, "new2", &e), 0);
	CHECK(strcmp(other.text, k.text));
	CHECK_INT(key_create("no/where", &e), -1);
	CHECK_STR(e.text, "key file no/where: No such file or directory");
}

static int
parse(const char *text)
{
	struct identity id;

	return identity_parse(&id, text, strlen(text));
}

static void
identities(void)
{
	struct identity id;
	const char *text = "c1/5c88/alpha/beta/home";

	CHECK_INT(identity_parse(&id, text, strlen(text)), 0);
	CHECK_STR(id.tag, "5c88");
	CHECK_STR(id.client, "alpha");
	CHECK_STR(id.server, "beta");
	CHECK_STR(id.config, "home");
	CHECK_INT(identity_parse(&id, text, strlen(text) - 4), 0);
	CHECK_STR(id.config, "");
	CHECK(!id.looks);
	CHECK_INT(identity_parse(&id, "l1/5c88/alpha/beta/home", 23), 0);
	CHECK_STR(id.config, "home");
	CHECK(id.looks);
	CHECK_INT(parse("l2/5c88/alpha/beta/home"), -1);
	CHECK_INT(parse("c1/5c88/alpha/beta"), -1);
	CHECK_INT(parse("c1/5c88/alpha/beta/home/"), -1);
	CHECK_INT(parse("c1/5c88/alpha/beta/a/b"), -1);
	CHECK_INT(parse("c2/5c88/alpha/beta/"), -1);
	CHECK_INT(parse("c/5c88/alpha/beta/"), -1);
	CHECK_INT(parse("c1/5C88/alpha/beta/"), -1);
	CHECK_INT(parse("c1/5c8/alpha/beta/"), -1);
	CHECK_INT(parse("c1/5c888/alpha/beta/"), -1);
	CHECK_INT(parse("c1//alpha/beta/"), -1);
	CHECK_INT(parse("c1/5c88//beta/"), -1);
	CHECK_INT(parse("c1/5c88/alpha//"), -1);
	CHECK_INT(parse("c1/5c88/al pha/beta/"), -1);
	CHECK_INT(parse("c1/5c88/al:pha/beta/"), -1);
	CHECK_INT(parse("c1/5c88/al\377pha/beta/"), -1);
	CHECK_INT(parse("c1/5c88/alpha/beta/\n"), -1);
	CHECK_INT(parse(""), -1);
	CHECK_INT(identity_parse(&id, "c1/5c88/a\0b/beta/", 17), -1);
}

/* Host names at their limits, and over the limit of the whole. */
static void
identity_limits(void)
{
	struct identity id, back;
	char text[IDENTITY_MAX + 1], over[IDENTITY_MAX + 2];
	struct err e;

	memset(&id, 0, sizeof(id));
	memcpy(id.tag, "00ff", 5);
	memset(id.client, 'c', 63);
	memset(id.server, 's', 55);
	CHECK_INT(identity_format(&id, text, &e), 0);
	CHECK_INT(strlen(text), IDENTITY_MAX);
	CHECK_INT(identity_parse(&back, text, IDENTITY_MAX), 0);
	CHECK_STR(back.client, id.client);
	CHECK_STR(back.server, id.server);
	snprintf(over, sizeof(over), "%sx", text);
	CHECK_INT(identity_parse(&back, over, strlen(over)), -1);
	id.config[0] = 'x';
	CHECK_INT(identity_format(&id, text, &e), -1);
	CHECK(strstr(e.text, "too long together by 1 characters"));
	memcpy(id.server, "a/b", 4);
	CHECK_INT(identity_format(&id, text, &e), -1);
	CHECK_STR(e.text, "host name a/b: not usable for the line to a peer");
	memset(text, 'x', 64);
	memcpy(text, "c1/0000/", 8);
	memcpy(text + 72, "/b/", 4);
	memset(text + 8, 'x', 64);
	CHECK_INT(parse(text), -1);
}

int
main(void)
{
	RUN(hkdf_of_rfc5869);
	RUN(derived);
	RUN(good_files);
	RUN(host_keys);
	RUN(second_lines);
	RUN(bad_files);
	RUN(foreign_files);
	RUN(no_core);
	RUN(created);
	RUN(identities);
	RUN(identity_limits);
	return unit_end();
}
