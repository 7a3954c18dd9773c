/* SPDX-License-Identifier: ISC */
/*
 * Detection. Each try looks, waits until the clock has left the look's ctime
 * behind, takes the content, and looks again: if nothing moved, every later
 * change gets another ctime, and the look stands for this content from now on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "detect.h"
#include "spare.h"
#include "tree.h"

enum {
	TRIES = 3,
	BEAT_BYTES = 1 << 20,           /* between two beats of the pulse */
	YOUNG_SECONDS = 2               /* where times are whole seconds */
};

/* -1: nothing that we sync. */
static int
kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return KIND_REG;
	case S_IFDIR:
		return KIND_DIR;
	case S_IFLNK:
		return KIND_LNK;
	case S_IFCHR:
		return KIND_CHR;
	case S_IFBLK:
		return KIND_BLK;
	case S_IFIFO:
		return KIND_FIFO;
	}
	return -1;
}

static struct stime
stime_of(struct timespec t)
{
	struct stime s;

	s.sec = t.tv_sec;
	s.nsec = (uint32_t)t.tv_nsec;
	return s;
}

/* As look_read. */
static int
look_of(const struct stat *st, struct look *l)
{
	int kind = kind_of(st->st_mode);

	memset(l, 0, sizeof(*l));
	l->trusted = 1;
	if (kind < 0)
		return 1;
	l->kind = (enum kind)kind;
	if (l->kind != KIND_LNK)
		l->mode = st->st_mode & 07777;
	l->uid = st->st_uid;
	l->gid = st->st_gid;
	if (l->kind == KIND_REG)
		l->size = (uint64_t)st->st_size;
	if (l->kind != KIND_DIR) {
		l->mtime = stime_of(st->st_mtim);
		l->ctime = stime_of(st->st_ctim);
	}
	return 0;
}

int
look_read(int dirfd, const char *base, struct look *out)
{
	struct stat st;

	if (!fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW))
		return look_of(&st, out);
	memset(out, 0, sizeof(*out));
	out->trusted = 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

int
look_open(int fd, struct look *out)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -1 : look_of(&st, out);
}

int
look_shows_same(const struct look *a, const struct look *b)
{
	struct look x = *a, y = *b;

	x.trusted = y.trusted = 1;
	return look_equal(&x, &y);
}

void
look_settle(struct look *l)
{
	struct stime now, soon;

	if (l->kind == KIND_DIR)
		return;
	for (;;) {
		now = soon = clock_coarse();
		if (stime_cmp(l->ctime, now) < 0)
			break;
		soon.sec++;
		if (stime_cmp(l->ctime, soon) > 0) {
			l->trusted = 0;
			return;
		}
		clock_sleep_ms(1);
	}
	if (!l->mtime.nsec && !l->ctime.nsec &&
	    now.sec - l->ctime.sec < YOUNG_SECONDS)
		l->trusted = 0;
}

/* What take and the functions below it return. */
enum taken { TAKEN, MOVED, FAILED };

static enum taken
trouble(struct err *e, const char *what)
{
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
	    errno == ESTALE || errno == EAGAIN)
		return MOVED;
	err_sys(e, "cannot %s", what);
	return FAILED;
}

static void
beat(const struct pulse *p)
{
	if (p && p->beat)
		p->beat(p->ctx);
}

/* Reads size bytes into c, by way of the piece. */
static enum taken
read_all(int fd, uint64_t size, unsigned char *piece, struct content *c,
    const struct pulse *pulse, struct err *e)
{
	const size_t cap = SPARE_PIECE;
	enum taken r = TAKEN;
	size_t since = 0;
	ssize_t n;

	while (size && r == TAKEN) {
		n = read(fd, piece, size < cap ? (size_t)size : cap);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0) {
			content_add(c, piece, (size_t)n);
			size -= (uint64_t)n;
			since += (size_t)n;
		} else {
			r = n ? trouble(e, "read") : MOVED;
		}
		if (since >= BEAT_BYTES) {
			since = 0;
			beat(pulse);
		}
	}
	return r;
}

/* Not moving the access time is for the owner alone. */
static int
open_file(int dirfd, const char *base)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(dirfd, base, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(dirfd, base, flags);
	return fd;
}

static enum taken
take_file(struct spare *s, int dirfd, const char *base,
    const struct look *seen, struct version *v, const struct pulse *pulse,
    struct err *e)
{
	enum taken r = MOVED;
	struct content *c;
	struct look open;
	struct stat st;
	int fd;

	fd = open_file(dirfd, base);
	if (fd < 0)
		return trouble(e, "open");
	if (!fstat(fd, &st) && !look_of(&st, &open) &&
	    look_shows_same(&open, seen)) {
		c = spare_take(s);
		r = read_all(fd, seen->size, spare_piece(s), c, pulse, e);
		content_final(c, v->id);
		spare_give(s, c);
		v->size = seen->size;
	}
	close(fd);
	return r;
}

static enum taken
take_link(int dirfd, const char *base, struct version *v, struct err *e)
{
	char target[TARGET_MAX + 1];
	ssize_t n = readlinkat(dirfd, base, target, sizeof(target));

	if (n < 0)
		return errno == EINVAL ? MOVED : trouble(e, "read the link");
	if (n > TARGET_MAX) {
		err_set(e, "the link's target is longer than %d bytes",
		    TARGET_MAX);
		return FAILED;
	}
	v->target = mem_strndup(target, (size_t)n);
	return TAKEN;
}

static enum taken
take_device(int dirfd, const char *base, struct version *v, struct err *e)
{
	struct stat st;

	if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return trouble(e, "look at it");
	v->major = major(st.st_rdev);
	v->minor = minor(st.st_rdev);
	return TAKEN;
}

/* Puts into *v what the look does not show. */
static enum taken
take(struct spare *s, int dirfd, const char *base, const struct look *seen,
    struct version *v, const struct pulse *pulse, struct err *e)
{
	switch (seen->kind) {
	case KIND_REG:
		return take_file(s, dirfd, base, seen, v, pulse, e);
	case KIND_LNK:
		return take_link(dirfd, base, v, e);
	case KIND_CHR:
	case KIND_BLK:
		return take_device(dirfd, base, v, e);
	default:
		return TAKEN;
	}
}

/* The rest of *v: as the disk shows it, or as the old version had it. */
static void
put_properties(struct version *v, const struct look *now,
    const struct entry *old, struct version_ignore ignore)
{
	const struct look *l;
	int was;

	v->kind = now->kind;
	v->mode = now->mode;
	v->uid = now->uid;
	v->gid = now->gid;
	v->mtime = now->mtime;
	if (!old || old->v.kind == KIND_NONE)
		return;
	l = &old->look;
	was = l->kind != KIND_NONE;
	if (ignore.uid || (was && l->uid == now->uid))
		v->uid = old->v.uid;
	if (ignore.gid || (was && l->gid == now->gid))
		v->gid = old->v.gid;
	if (old->v.kind != now->kind)
		return;
	was = l->kind == now->kind;
	if (ignore.mode || (was && l->mode == now->mode))
		v->mode = old->v.mode;
	if (was && !stime_cmp(l->mtime, now->mtime))
		v->mtime = old->v.mtime;
}

static enum detected
same_version(const struct entry *old, const struct look *now, struct look *look)
{
	if (look_shows_same(&old->look, now) &&
	    old->look.trusted == now->trusted)
		return DETECT_SAME;
	*look = *now;
	return DETECT_LOOK;
}

/* Compares what was taken, in *fresh, with old; *fresh is used up. */
static enum detected
judge(const struct entry *old, struct version *fresh, const struct look *now,
    struct version_ignore ignore, struct version *v, struct look *look)
{
	put_properties(fresh, now, old, ignore);
	if (old && version_same(&old->v, fresh, ignore) &&
	    !stime_cmp(old->v.mtime, fresh->mtime)) {
		version_free(fresh);
		return same_version(old, now, look);
	}
	*v = *fresh;
	*look = *now;
	return DETECT_CHANGED;
}

/* A removed directory that had to stay stands there. */
static int
kept(const struct entry *old, const struct look *now)
{
	return old && old->v.kind == KIND_NONE &&
	    old->look.kind == KIND_DIR && now->kind == KIND_DIR;
}

enum detected
detect(struct spare *s, int dirfd, const char *base, const struct look *seen,
    const struct entry *old, struct version_ignore ignore, struct version *v,
    struct look *look, const struct pulse *pulse, struct err *e)
{
	struct look now, again;
	struct version fresh;
	enum taken t;
	int r = 0, i;

	if (seen)
		now = *seen;
	else
		r = look_read(dirfd, base, &now);
	for (i = 0; i < TRIES; i++) {
		if (r < 0) {
			err_sys(e, "cannot look at it");
			return DETECT_ERROR;
		}
		if (r)
			return DETECT_OTHER;
		if (now.kind == KIND_NONE)
			return DETECT_GONE;
		if (old && look_equal(&now, &old->look))
			return DETECT_SAME;
		if (kept(old, &now))
			return same_version(old, &now, look);
		look_settle(&now);
		memset(&fresh, 0, sizeof(fresh));
		t = take(s, dirfd, base, &now, &fresh, pulse, e);
		if (t == FAILED)
			return DETECT_ERROR;
		r = look_read(dirfd, base, &again);
		if (t == TAKEN && !r && look_shows_same(&now, &again))
			return judge(old, &fresh, &now, ignore, v, look);
		version_free(&fresh);
		now = again;
	}
	return DETECT_BUSY;
}

static enum detected
detect_once(struct tree *t, const char *name, const struct entry *old,
    struct version_ignore ignore, struct version *v, struct look *look,
    const struct pulse *pulse, struct err *e)
{
	enum detected d;
	const char *base;
	int dir;

	dir = tree_parent(t, name, &base);
	if (dir < 0) {
		if (errno == ENOENT)
			return DETECT_GONE;
		err_sys(e, "%s: cannot open its directory", name);
		return DETECT_ERROR;
	}
	d = detect(tree_spare(t), dir, base, NULL, old, ignore, v, look, pulse,
	    e);
	if (d == DETECT_ERROR)
		err_prefix(e, "%s", name);
	return d;
}

enum detected
detect_name(struct tree *t, const char *name, const struct entry *old,
    struct version_ignore ignore, struct version *v, struct look *look,
    const struct pulse *pulse, struct err *e)
{
	enum detected d;

	d = detect_once(t, name, old, ignore, v, look, pulse, e);
	if (d != DETECT_GONE || !old || old->v.kind == KIND_NONE)
		return d;
	tree_reset(t);
	return detect_once(t, name, old, ignore, v, look, pulse, e);
}
