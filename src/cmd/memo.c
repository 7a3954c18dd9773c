/* SPDX-License-Identifier: ISC */
/*
 * TOPIC-DIGEST, the digest being of the host, its state, the config and what
 * the note is about. The time is the file's own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/hash.h"
#include "memo.h"
#include "setup.h"

enum { MEMO_PATH = 512 };

static const char *
run_dir(void)
{
	const char *run = getenv("UCSYNC_RUN_DIR");

	if (run && *run)
		return run;
	return access("/run", F_OK) ? "/var/run/ucsync" : "/run/ucsync";
}

static void
file_of(const struct setup *s, const char *topic, const char *about,
    char out[MEMO_PATH])
{
	struct buf b = BUF_INIT;
	uint64_t digest;

	buf_str(&b, s->state_dir);
	buf_str(&b, s->host);
	buf_str(&b, s->config);
	buf_str(&b, about);
	digest = hash_short(b.p, b.len);
	buf_free(&b);
	snprintf(out, MEMO_PATH, "%s/%s-%016llx", run_dir(), topic,
	    (unsigned long long)digest);
}

int
memo_read(const struct setup *s, const char *topic, const char *about,
    struct err *text, int64_t *when)
{
	char path[MEMO_PATH];
	struct stat st;
	ssize_t n;
	int fd;

	file_of(s, topic, about, path);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = fstat(fd, &st) ? -1 : read(fd, text->text, sizeof(*text) - 1);
	close(fd);
	if (n < 0)
		return 0;
	text->text[n] = 0;
	*when = st.st_mtime;
	return 1;
}

int
memo_write(const struct setup *s, const char *topic, const char *about,
    const char *lines)
{
	size_t n = strlen(lines);
	char path[MEMO_PATH];
	struct err old;
	int64_t when;
	int fd, rc;

	if (s->o->dry || (n && memo_read(s, topic, about, &old, &when) &&
	    !strcmp(old.text, lines)))
		return 0;
	file_of(s, topic, about, path);
	mkdir(run_dir(), 0755);
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = ftruncate(fd, 0) || write(fd, lines, n) != (ssize_t)n ||
	    futimens(fd, NULL) ? -1 : 0;
	close(fd);
	return rc;
}

int
memo_say(const struct setup *s, const char *topic, const char *about,
    const char *text)
{
	struct err line;

	escape_text(line.text, sizeof(line.text), text);
	return memo_write(s, topic, about, line.text);
}

void
memo_drop(const struct setup *s, const char *topic, const char *about)
{
	char path[MEMO_PATH];

	if (s->o->dry)
		return;
	file_of(s, topic, about, path);
	unlink(path);
}
