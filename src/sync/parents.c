/* SPDX-License-Identifier: ISC */
/*
 * A stack of directories, each below the one before: as long as names come in
 * order, those that no longer lead to the next name are dropped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "exchange.h"
#include "fs/tree.h"
#include "pair.h"
#include "parents.h"

enum { DEPTH_MAX = 2048 };

struct parents {
	struct exchange *x;
	struct parent *at;
	size_t n, cap;
	size_t there;           /* so many were made, or stood there */
};

struct parents *
parents_new(struct exchange *x)
{
	struct parents *p = mem_alloc(sizeof(*p));

	p->x = x;
	return p;
}

void
parents_free(struct parents *p)
{
	if (!p)
		return;
	while (p->n)
		free(p->at[--p->n].name);
	free(p->at);
	free(p);
}

/* Drops what does not lead to name. */
static void
unwind(struct parents *p, const char *name)
{
	while (p->n && !path_within(name, p->at[p->n - 1].name))
		free(p->at[--p->n].name);
	if (p->there > p->n)
		p->there = p->n;
}

static void
push(struct parents *p, const struct parent *one)
{
	p->at = mem_grow(p->at, p->n, &p->cap, sizeof(*p->at));
	p->at[p->n++] = *one;
}

static void
announce(struct parents *p, char *name)
{
	struct parent one = { name, 0, 0, 0 };
	struct buf b = BUF_INIT;
	struct stat st;
	const char *base;
	int dir;

	dir = tree_parent(p->x->tree, name, &base);
	if (dir < 0 || fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISDIR(st.st_mode)) {
		free(name);
		return;
	}
	one.mode = (uint32_t)st.st_mode & 07777;
	one.uid = (uint32_t)st.st_uid;
	one.gid = (uint32_t)st.st_gid;
	parent_encode(&one, &b);
	exchange_send(p->x, MESSAGE_PARENT, &b);
	push(p, &one);
}

static int
announced(const struct parents *p, const char *name)
{
	return p->n && path_within(p->at[p->n - 1].name, name);
}

void
parents_announce(struct parents *p, const char *name)
{
	size_t n = path_parent_len(name);
	char *dir;

	unwind(p, name);
	if (!n)
		return;
	dir = mem_strndup(name, n);
	if (announced(p, dir) || !path_parent_len(dir) ||
	    pair_right(p->x->pair, p->x->pair->self, dir) != PAIR_NONE) {
		free(dir);
		return;
	}
	parents_announce(p, dir);
	announce(p, dir);
}

void
parents_learn(struct parents *p, struct parent *one)
{
	unwind(p, one->name);
	if (p->n < DEPTH_MAX)
		push(p, one);
	else
		free(one->name);
}

/*
 * Owner and mode of what was just made, by its descriptor, not by its name; and
 * synced, since what is recorded below it must not look removed after a crash.
 */
static int
dress(int dir, const char *base, const struct parent *one)
{
	int rc, fd = openat(dir, base,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	rc = fchown(fd, one->uid, one->gid) && errno != EPERM ? -1 :
	    fchmod(fd, one->mode);
	if (!rc && (fsync(fd) || fsync(dir)) && errno != EINVAL)
		rc = -1;
	close(fd);
	return rc;
}

static int
make(struct parents *p, const struct parent *one, struct err *e)
{
	struct stat st;
	const char *base;
	int dir = tree_parent(p->x->tree, one->name, &base);

	if (dir < 0)
		return err_sys(e, "%s", one->name);
	if (!fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (mkdirat(dir, base, 0700))
		return errno == EEXIST ? 0 :
		    err_sys(e, "%s: cannot be made", one->name);
	if (dress(dir, base, one))
		return err_sys(e, "%s: owner or mode", one->name);
	tree_reset(p->x->tree);
	return 0;
}

int
parents_make(struct parents *p, const char *name, struct err *e)
{
	size_t i;

	for (i = 0; i < p->n && path_within(name, p->at[i].name); i++) {
		if (i >= p->there && make(p, &p->at[i], e))
			return -1;
		if (i >= p->there)
			p->there = i + 1;
	}
	return 0;
}
