/* SPDX-License-Identifier: ISC */
/*
 * Calls that make, remove and change names and properties.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "disk.h"
#include "files.h"
#include "names.h"
#include "wraps.h"

char *
__wrap_realpath(const char *path, char *out)
{
	if (!calls.p)
		return __real_realpath(path, out);
	if (!calls_look_up(-1, path))
		return NULL;
	if (!out)
		return mem_strdup(path);
	snprintf(out, 256, "%s", path);
	return out;
}

static int
make(int dirfd, const char *path, struct node *n)
{
	const char *base;
	struct node *dir = NULL;
	int error = 0;

	if (!calls_change())
		dir = calls_place(dirfd, path, &base);
	if (!dir)
		error = errno;
	else if (disk_slot(dir, base, strlen(base)))
		error = EEXIST;
	else if (calls_gone(dir))
		error = ENOENT;
	if (!error) {
		disk_enter(dir, base, strlen(base), n);
		return 0;
	}
	disk_free(n);
	return calls_fail(error);
}

int
__wrap_mkdirat(int dirfd, const char *path, mode_t mode)
{
	if (!calls.p)
		return __real_mkdirat(dirfd, path, mode);
	return make(dirfd, path, disk_new(NODE_DIR, mode));
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	if (!calls.p)
		return __real_mkdir(path, mode);
	return make(-1, path, disk_new(NODE_DIR, mode));
}

int
__wrap_symlinkat(const char *target, int dirfd, const char *path)
{
	struct node *n;

	if (!calls.p)
		return __real_symlinkat(target, dirfd, path);
	n = disk_new(NODE_LINK, 0777);
	disk_resize(n, strlen(target));
	memcpy(n->data, target, n->size);
	return make(dirfd, path, n);
}

ssize_t
__wrap_readlinkat(int dirfd, const char *path, char *out, size_t n)
{
	struct node *l;

	if (!calls.p)
		return __real_readlinkat(dirfd, path, out, n);
	l = calls_look_up(dirfd, path);
	if (!l)
		return -1;
	if (l->kind != NODE_LINK)
		return calls_fail(EINVAL);
	if (n > l->size)
		n = l->size;
	memcpy(out, l->data, n);
	return (ssize_t)n;
}

int
__wrap_unlinkat(int dirfd, const char *path, int flags)
{
	const char *base;
	struct node *dir;
	struct slot *s;

	if (!calls.p)
		return __real_unlinkat(dirfd, path, flags);
	dir = calls_change() ? NULL : calls_place(dirfd, path, &base);
	if (!dir)
		return -1;
	s = disk_slot(dir, base, strlen(base));
	if (!s)
		return calls_fail(ENOENT);
	if (flags & AT_REMOVEDIR && s->node->kind != NODE_DIR)
		return calls_fail(ENOTDIR);
	if (!(flags & AT_REMOVEDIR) && s->node->kind == NODE_DIR)
		return calls_fail(EISDIR);
	if (s->node->nslots)
		return calls_fail(ENOTEMPTY);
	disk_changed(s->node);
	disk_leave(dir, s);
	return 0;
}

int
__wrap_unlink(const char *path)
{
	if (!calls.p)
		return __real_unlink(path);
	return __wrap_unlinkat(-1, path, 0);
}

enum { NOREPLACE = 1, EXCHANGE = 2 };

/* Both slots are looked for anew: entering moves them. */
static int
do_rename(struct node *from, const char *a, struct node *to, const char *b,
    unsigned flags)
{
	struct slot *s = disk_slot(from, a, strlen(a));
	struct slot *t = disk_slot(to, b, strlen(b));
	struct node *n, *m;

	if (!s || (flags & EXCHANGE && !t) || calls_gone(to))
		return calls_fail(ENOENT);
	if (t && flags & NOREPLACE)
		return calls_fail(EEXIST);
	if (t && !(flags & EXCHANGE) && t->node->kind == NODE_DIR &&
	    (s->node->kind != NODE_DIR || t->node->nslots))
		return calls_fail(s->node->kind != NODE_DIR ? EISDIR
		    : ENOTEMPTY);
	if (t && !(flags & EXCHANGE) && t->node->kind != NODE_DIR &&
	    s->node->kind == NODE_DIR)
		return calls_fail(ENOTDIR);
	n = disk_ref(s->node);
	m = t ? disk_ref(t->node) : NULL;
	disk_leave(from, s);
	if (t)
		disk_leave(to, disk_slot(to, b, strlen(b)));
	disk_changed(n);
	disk_enter(to, b, strlen(b), n);
	if (m && flags & EXCHANGE) {
		disk_changed(m);
		disk_enter(from, a, strlen(a), m);
	} else {
		disk_free(m);
	}
	return 0;
}

int
names_rename(int fd1, const char *p1, int fd2, const char *p2,
    unsigned flags)
{
	const char *a, *b;
	struct node *from = NULL, *to;

	if (!calls_change())
		from = calls_place(fd1, p1, &a);
	to = from ? calls_place(fd2, p2, &b) : NULL;
	if (!to)
		return -1;
	return do_rename(from, a, to, b, flags);
}

int
__wrap_renameat(int fd1, const char *p1, int fd2, const char *p2)
{
	if (!calls.p)
		return __real_renameat(fd1, p1, fd2, p2);
	return names_rename(fd1, p1, fd2, p2, 0);
}

int
__wrap_rename(const char *p1, const char *p2)
{
	if (!calls.p)
		return __real_rename(p1, p2);
	return names_rename(-1, p1, -1, p2, 0);
}

int
__wrap_linkat(int fd1, const char *p1, int fd2, const char *p2, int flags)
{
	(void)fd1, (void)p1, (void)fd2, (void)p2, (void)flags;
	return calls_fail(EPERM);
}

static int
set_mode(struct node *n, mode_t mode)
{
	if (!n)
		return -1;
	n->mode = mode & 07777;
	disk_changed(n);
	return 0;
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	struct file *f = calls_file(fd);

	if (calls_change())
		return -1;
	return set_mode(f ? f->node : NULL, mode);
}

int
__wrap_fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
	(void)flags;
	if (calls_change())
		return -1;
	return set_mode(calls_look_up(dirfd, path), mode);
}

static int
set_owner(struct node *n, uid_t uid, gid_t gid)
{
	if (!n)
		return -1;
	if (uid != (uid_t)-1)
		n->uid = uid;
	if (gid != (gid_t)-1)
		n->gid = gid;
	disk_changed(n);
	return 0;
}

int
__wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	struct file *f = calls_file(fd);

	if (calls_change())
		return -1;
	return set_owner(f ? f->node : NULL, uid, gid);
}

int
__wrap_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid, int flags)
{
	(void)flags;
	if (calls_change())
		return -1;
	return set_owner(calls_look_up(dirfd, path), uid, gid);
}

static int
set_time(struct node *n, const struct timespec ts[2])
{
	if (!n)
		return -1;
	n->mtime = ts ? ts[1].tv_sec * 1000000000 + ts[1].tv_nsec : disk_now();
	disk_changed(n);
	return 0;
}

int
__wrap_futimens(int fd, const struct timespec ts[2])
{
	struct file *f = calls_file(fd);

	if (calls_change())
		return -1;
	return set_time(f ? f->node : NULL, ts);
}

int
__wrap_utimensat(int dirfd, const char *path, const struct timespec ts[2],
    int flags)
{
	(void)flags;
	if (calls_change())
		return -1;
	return set_time(calls_look_up(dirfd, path), ts);
}
