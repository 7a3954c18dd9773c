/* SPDX-License-Identifier: ISC */
/*
 * renameat2(2), by number: older C libraries lack it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "detect.h"
#include "rename.h"

enum { NOREPLACE = 1, EXCHANGE = 2 };   /* linux/fs.h: RENAME_* */

static int
rename_flags(struct place from, struct place to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from.dirfd, from.base, to.dirfd,
	    to.base, flags);
}

int
rename_no_swap(int error)
{
	return error == EINVAL || error == ENOSYS || error == ENOTSUP;
}

int
rename_new(struct place from, struct place to)
{
	struct stat st;

	if (rename_flags(from, to, NOREPLACE) == 0)
		return 0;
	if (!rename_no_swap(errno))
		return -1;
	if (fstatat(to.dirfd, to.base, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	if (errno != ENOENT)
		return -1;
	return renameat(from.dirfd, from.base, to.dirfd, to.base);
}

int
rename_swap(struct place a, struct place b)
{
	return rename_flags(a, b, EXCHANGE);
}

int
rename_saved(struct place from, struct place to, char base[RENAME_SAVED_MAX])
{
	struct stime now = clock_real();
	struct place saved = { to.dirfd, base };

	snprintf(base, RENAME_SAVED_MAX, "%.200s.saved-%" PRId64 ".%09" PRIu32,
	    to.base, now.sec, now.nsec);
	return rename_new(from, saved);
}

int
rename_came(struct place p, const struct look *expect)
{
	struct look now;
	int r = look_read(p.dirfd, p.base, &now);

	if (r)
		return r < 0 ? -1 : 0;
	now.ctime = expect->ctime;
	return look_shows_same(&now, expect);
}
