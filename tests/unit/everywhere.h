/* SPDX-License-Identifier: ISC */
/*
 * Commits on the disk, in memory, and where names cannot be exchanged. The
 * source of rename is taken in here, so that its system call can be taken away.
 * To be included first.
 */
#ifndef EVERYWHERE_H
#define EVERYWHERE_H

#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

static int no_exchange;

static long
test_rename(int call, int a, const char *b, int c, const char *d,
    unsigned flags)
{
	if (!no_exchange)
		return syscall(call, a, b, c, d, flags);
	errno = EINVAL;
	return -1;
}

#define syscall test_rename
#include "../../src/fs/rename.c"
#undef syscall

#include "commitworld.h"

#define EVERYTHING "include %p%; exclude %p%/st;"

static inline void
all_on(const char *dir, void (*all)(void))
{
	if (access(dir, W_OK) < 0)
		return;
	setenv("TMPDIR", dir, 1);
	scratch_init();
	all();
	scratch_fini();
}

static inline void
everywhere(void (*all)(void))
{
	const char *tmp = getenv("TMPDIR");

	tmp = tmp ? tmp : "/tmp";
	all_on(tmp, all);
	all_on("/dev/shm", all);
	no_exchange = 1;
	all_on(tmp, all);
}

#endif
