/* SPDX-License-Identifier: ISC */
/*
 * Metadata. The order is owner, extended attributes, mode, time: a chown clears
 * set-id bits, an access list sets group bits. A thing without a descriptor is
 * named with AT_SYMLINK_NOFOLLOW, which the C libraries' fchmodat honours.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "meta.h"
#include "state/entry.h"
#include "xattr.h"

static uint32_t
default_mode(enum kind kind)
{
	mode_t mask = umask(0);

	umask(mask);
	return (kind == KIND_DIR ? 0777u : 0666u) & ~(uint32_t)mask;
}

void
meta_plan(struct meta *m, const struct version *v, const struct look *old,
    const struct conf *c, struct stime latest)
{
	int there = old->kind == v->kind;

	memset(m, 0, sizeof(*m));
	m->author_uid = v->uid;
	m->author_gid = v->gid;
	m->uid = v->uid;
	m->gid = v->gid;
	m->mode = v->mode & 07777;
	m->mtime = stime_cmp(v->mtime, latest) > 0 ? latest : v->mtime;
	if (c->ignore_uid)
		m->uid = there ? old->uid : META_LEAVE;
	if (c->ignore_gid)
		m->gid = there ? old->gid : META_LEAVE;
	if (c->ignore_mod)
		m->mode = there ? old->mode : default_mode(v->kind);
}

void
meta_plan_back(struct meta *m, const struct look *old)
{
	memset(m, 0, sizeof(*m));
	m->uid = m->author_uid = old->uid;
	m->gid = m->author_gid = old->gid;
	m->mode = old->mode;
	m->mtime = old->mtime;
}

void
meta_foresee(const struct meta *m, struct look *l)
{
	if (m->uid != META_LEAVE)
		l->uid = m->uid;
	if (m->gid != META_LEAVE)
		l->gid = m->gid;
	if (l->kind != KIND_LNK)
		l->mode = m->mode;
	if (l->kind != KIND_DIR)
		l->mtime = m->mtime;
}

static int
change_owner(struct meta_at at, uint32_t uid, uint32_t gid)
{
	if (at.fd >= 0)
		return fchown(at.fd, (uid_t)uid, (gid_t)gid);
	return fchownat(at.dirfd, at.base, (uid_t)uid, (gid_t)gid,
	    AT_SYMLINK_NOFOLLOW);
}

/* Not permitted, or not to be had on this file system. */
static int
cannot(int error)
{
	return error == EPERM || error == EINVAL || error == ENOTSUP ||
	    error == ENOSYS;
}

/* 1: changed, 0: not; *uid and *gid tell the owner then. */
static int
set_owner(const struct meta *m, struct meta_at at, uint32_t *uid,
    uint32_t *gid)
{
	uint32_t u = m->uid == META_LEAVE ? *uid : m->uid;
	uint32_t g = m->gid == META_LEAVE ? *gid : m->gid;

	if (u == *uid && g == *gid)
		return 0;
	if (change_owner(at, u, g) == 0) {
		*uid = u;
		*gid = g;
		return 1;
	}
	if (!cannot(errno))
		return -1;
	if (g == *gid || change_owner(at, META_LEAVE, g) < 0)
		return 0;
	*gid = g;
	return 1;
}

/*
 * The mode, without the set-id bits of somebody else: of an owner that could
 * not be set, or on a temporary that somebody put in the place of ours.
 */
static uint32_t
safe_mode(const struct meta *m, const struct stat *st, uint32_t uid,
    uint32_t gid)
{
	uint32_t mode = m->mode;

	if (!S_ISREG(st->st_mode) || !(mode & (S_ISUID | S_ISGID)))
		return mode;
	if (m->fresh && st->st_uid != geteuid())
		return mode & ~(uint32_t)(S_ISUID | S_ISGID);
	if (uid != (m->uid == META_LEAVE ? m->author_uid : m->uid))
		mode &= ~(uint32_t)S_ISUID;
	if (gid != (m->gid == META_LEAVE ? m->author_gid : m->gid))
		mode &= ~(uint32_t)S_ISGID;
	return mode;
}

static int
set_mode(const struct meta *m, struct meta_at at, uint32_t mode)
{
	int r = at.fd >= 0 ? fchmod(at.fd, (mode_t)mode) :
	    fchmodat(at.dirfd, at.base, (mode_t)mode, AT_SYMLINK_NOFOLLOW);

	return r < 0 && m->fresh && cannot(errno) ? 0 : r;
}

static int
set_mtime(const struct meta *m, struct meta_at at, const struct stat *st)
{
	struct timespec ts[2];

	if (S_ISDIR(st->st_mode) || (st->st_mtim.tv_sec == m->mtime.sec &&
	    st->st_mtim.tv_nsec == (long)m->mtime.nsec))
		return 0;
	ts[0].tv_sec = 0;
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_sec = (time_t)m->mtime.sec;
	ts[1].tv_nsec = (long)m->mtime.nsec;
	return at.fd >= 0 ? futimens(at.fd, ts) :
	    utimensat(at.dirfd, at.base, ts, AT_SYMLINK_NOFOLLOW);
}

int
meta_stat(struct meta_at at, struct stat *st)
{
	return at.fd >= 0 ? fstat(at.fd, st) :
	    fstatat(at.dirfd, at.base, st, AT_SYMLINK_NOFOLLOW);
}

int
meta_set(const struct meta *m, struct meta_at at, int from,
    const struct stat *st)
{
	uint32_t uid = st->st_uid, gid = st->st_gid, mode;
	int touched;

	touched = set_owner(m, at, &uid, &gid);
	if (touched < 0)
		return -1;
	if (from >= 0 && at.fd >= 0)
		touched |= xattr_copy(from, at.fd);
	mode = safe_mode(m, st, uid, gid);
	if (!S_ISLNK(st->st_mode) &&
	    (touched || (st->st_mode & 07777) != mode) &&
	    set_mode(m, at, mode) < 0)
		return -1;
	return set_mtime(m, at, st);
}
