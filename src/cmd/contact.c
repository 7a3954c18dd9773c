/* SPDX-License-Identifier: ISC */
/*
 * One directory a state, one file a pair.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "contact.h"
#include "setup.h"
#include "sync/pair.h"

static void
file_of(const struct setup *s, const struct pair *p, char *out, size_t size,
    int make)
{
	const char *run = getenv("UCSYNC_RUN_DIR");
	struct buf b = BUF_INIT;
	uint64_t digest;

	if (!run || !*run)
		run = access("/run", F_OK) ? "/var/run/ucsync" : "/run/ucsync";
	buf_str(&b, s->state_dir);
	buf_str(&b, s->host);
	buf_str(&b, s->config);
	buf_str(&b, p->self);
	buf_u64(&b, p->scope);
	digest = hash_short(b.p, b.len);
	buf_free(&b);
	if (make)
		mkdir(run, 0755);
	snprintf(out, size, "%s/%s-%016llx", run, p->peer,
	    (unsigned long long)digest);
}

void
contact_note(const struct setup *s, const struct pair *p)
{
	char path[512];
	int fd;

	file_of(s, p, path, sizeof(path), 1);
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	futimens(fd, NULL);
	close(fd);
}

int
contact_old(const struct setup *s, const struct pair *p, unsigned seconds)
{
	struct stat st;
	char path[512];
	int64_t age;

	file_of(s, p, path, sizeof(path), 0);
	if (stat(path, &st))
		return 1;
	age = clock_real().sec - st.st_mtime;
	return age < 0 || age >= seconds;
}
