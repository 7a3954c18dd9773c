/* SPDX-License-Identifier: ISC */
/*
 * A lock on STATE.run, and the mark STATE.again. The mark is set before the
 * lock is tried for the last time, taken away by a plain run that has the lock,
 * and looked for after the lock is given up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "overlap.h"
#include "setup.h"
#include "state/state.h"

enum { NAP_MS = 50 };

static char *
beside(const struct setup *s, const char *end)
{
	size_t size = strlen(state_path(s->state)) + strlen(end) + 1;
	char *path = mem_alloc(size);

	snprintf(path, size, "%s%s", state_path(s->state), end);
	return path;
}

int
overlap_plain(const struct options *o)
{
	return o->mode == MODE_SYNC && !o->nfiles && !o->groups && !o->peers &&
	    !o->quiet_mark && !o->force_new && !o->yes && !o->dirs && !o->dry &&
	    !o->errand;
}

static int
leave_mark(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "%s", path);
	close(fd);
	return 0;
}

/* 1: it is ours, 0: somebody else's. */
static int
lock(int fd, const char *path, struct err *e)
{
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 1;
	return errno == EWOULDBLOCK || errno == EINTR ? 0 :
	    err_sys(e, "%s", path);
}

static int
wait_for_lock(int fd, unsigned ms, const char *path, struct err *e)
{
	int64_t until = clock_ms() + ms;
	int rc;

	while (!(rc = lock(fd, path, e)) && clock_ms() < until)
		clock_sleep_ms(NAP_MS);
	return rc;
}

/* As lock; a plain run takes every mark with it, since it does it all. */
static int
begin(const struct setup *s, int fd, int again, const char *run,
    const char *mark, struct err *e)
{
	int plain = overlap_plain(s->o);
	int rc = wait_for_lock(fd, again ? 0 : s->lock_ms, run, e);

	if (!rc && plain && !again)
		rc = leave_mark(mark, e) ? -1 : lock(fd, run, e);
	if (rc > 0 && plain && unlink(mark) && errno != ENOENT)
		return err_sys(e, "%s", mark);
	return rc;
}

/* Who waited knows the state as it was before. */
static int
catch_up(const struct setup *s, struct err *e)
{
	return state_lock(s->state, s->lock_ms, e) ? -1 :
	    state_unlock(s->state, e);
}

int
overlap_begin(const struct setup *s, int again, int *fd, struct err *e)
{
	char *run = beside(s, ".run"), *mark = beside(s, ".again");
	int rc;

	*fd = open(run, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	rc = *fd < 0 ? err_sys(e, "%s", run) : begin(s, *fd, again, run,
	    mark, e);
	if (rc <= 0 && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	free(run);
	free(mark);
	if (!rc && overlap_plain(s->o))
		return OVERLAP_LEFT;
	return rc < 0 || catch_up(s, e) ? -1 : OVERLAP_WORK;
}

int
overlap_end(const struct setup *s, int fd)
{
	char *mark;
	int left;

	if (fd < 0)
		return 0;
	close(fd);
	mark = beside(s, ".again");
	left = !access(mark, F_OK);
	free(mark);
	return left;
}
