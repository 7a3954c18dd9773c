/* SPDX-License-Identifier: ISC */
/*
 * The look into a directory that should go. One level is enough: below what is
 * excluded nothing is included.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "change.h"
#include "conf/match.h"
#include "detect.h"
#include "job.h"
#include "kept.h"
#include "state/state.h"
#include "temp.h"

/* Removed already, as far as it could be. */
static int
kept(struct burst *b, const char *name)
{
	const struct job *j = job_find(b, name);
	struct entry cur;
	struct err e;
	int yes;

	if (j && j->kind == JOB_REMOVE && j->c->result == CHANGE_DONE)
		return (j->c->want.bits & HISTORY_KEPT) != 0;
	if (state_get(b->s, name, &cur, &e) != 1)
		return 0;
	yes = cur.v.kind == KIND_NONE && (cur.h.bits & HISTORY_KEPT);
	entry_free(&cur);
	return yes;
}

/* 1, 0, or -1 with errno where that cannot be told. */
static int
lives(struct burst *b, const char *name, int dirfd, const char *base)
{
	struct look look;

	if (!match_any(b->conf, name, 0))
		return 0;
	if (look_read(dirfd, base, &look) < 0)
		return -1;
	return look.kind != KIND_NONE && !kept(b, name);
}

static int
scan(struct burst *b, const char *name, DIR *d, char **found)
{
	enum kept what = KEPT_NOTHING;
	struct dirent *item;
	char *child;
	int r;

	while (errno = 0, (item = readdir(d))) {
		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, ".."))
			continue;
		if (temp_abandoned(item->d_name)) {
			if (unlinkat(dirfd(d), item->d_name, 0) < 0)
				unlinkat(dirfd(d), item->d_name, AT_REMOVEDIR);
			continue;
		}
		child = path_child(name, strlen(name), item->d_name);
		r = lives(b, child, dirfd(d), item->d_name);
		if (r > 0)
			*found = child;
		else
			free(child);
		if (r)
			return r < 0 ? -1 : KEPT_LIVES;
		what = KEPT_OTHERS;
	}
	return errno ? -1 : (int)what;
}

int
kept_scan(struct burst *b, const char *name, struct place dir, char **found)
{
	int fd = openat(dir.dirfd, dir.base, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int r, saved;

	*found = NULL;
	if (!d) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	r = scan(b, name, d, found);
	saved = errno;
	closedir(d);
	errno = saved;
	return r;
}
