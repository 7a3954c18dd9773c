/* SPDX-License-Identifier: ISC */
#ifndef FS_META_H
#define FS_META_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/clock.h"

/*
 * Owner, mode, extended attributes and time of one thing on disk: what they are
 * to be, by version and config, and setting them.
 */

struct conf;
struct look;
struct version;

#define META_LEAVE UINT32_MAX   /* an owner that stays as it is */

struct meta {
	uint32_t uid, gid;      /* or META_LEAVE */
	uint32_t mode;
	struct stime mtime;     /* not of directories */
	/* The set-id bits need these owners where uid, gid are left. */
	uint32_t author_uid, author_gid;
	int fresh;              /* a temporary of ours: what its file system
				   cannot keep is no error */
};

/*
 * What v is to get. old: the look of what stands there. What the config
 * ignores stays as it is on a thing of the same kind, and is the default (the
 * umask's) on a new one. A time later than `latest` becomes that.
 */
void meta_plan(struct meta *m, const struct version *v, const struct look *old,
    const struct conf *c, struct stime latest);
/* What makes a thing look as old does. */
void meta_plan_back(struct meta *m, const struct look *old);

/* As the plan would show on what looks like l now. */
void meta_foresee(const struct meta *m, struct look *l);

/*
 * Sets it on what is at base in dirfd, a link itself and never where it leads;
 * by fd where it is open (else -1). from: a descriptor to copy extended
 * attributes from, or -1. A chown that is not permitted is no error, but takes
 * set-id bits with it. st is what stat shows of the thing; nothing is called
 * for what is right already. -1 with errno.
 */
struct meta_at {
	int dirfd;
	const char *base;
	int fd;
};
int meta_set(const struct meta *m, struct meta_at at, int from,
    const struct stat *st);
/* The caller's stat, by the same rule. */
int meta_stat(struct meta_at at, struct stat *st);

#endif
