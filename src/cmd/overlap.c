/* SPDX-License-Identifier: ISC */
/*
 * A lock on STATE.run, and the mark STATE.again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
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

static void
leave_mark(const struct setup *s)
{
	char *path = beside(s, ".again");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	free(path);
}

int
overlap_begin(const struct setup *s)
{
	char *path = beside(s, ".run");
	int64_t until = clock_ms() + s->lock_ms;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		if (clock_ms() < until) {
			clock_sleep_ms(NAP_MS);
			continue;
		}
		leave_mark(s);
		/* the mark may have come too late for the one at work */
		if (!flock(fd, LOCK_EX | LOCK_NB))
			break;
		close(fd);
		return -1;
	}
	return fd;
}

int
overlap_again(const struct setup *s)
{
	char *path = beside(s, ".again");
	int rc = unlink(path);

	free(path);
	return !rc;
}

void
overlap_end(int fd)
{
	if (fd >= 0)
		close(fd);
}
