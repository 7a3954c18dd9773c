/* SPDX-License-Identifier: ISC */
/*
 * Depth first with a stack of directories, the names in each sorted bytewise:
 * since '/' ranks before every other byte in path_cmp, that is its order. A
 * directory is entered in the step after the one that found it, so that an
 * item's descriptor stays good. Of a deep stack only the deepest directories
 * stay open; the others are opened by name when the walk comes back to them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "detect.h"
#include "listing.h"
#include "tree.h"
#include "walk.h"

enum { OPEN_LEVELS = 64 };

struct level {
	int fd;                 /* -1: closed to save descriptors */
	size_t len;             /* of the directory's name, in walk.name */
	struct listing names;
	size_t next;
};

struct walk {
	const struct conf *conf;
	int compare;
	struct tree *tree;
	struct walk_arg *args;  /* sorted and folded; names owned */
	size_t nargs, args_cap, arg;
	struct level *levels;
	size_t depth, levels_cap;
	size_t first_open;      /* the levels before are closed */
	char *name;             /* what was visited last */
	size_t name_cap;
	void (*entering)(void *ctx, const char *name);
	void *ctx;
	int enter;              /* it may be a directory to descend into: */
	int at;                 /* its directory */
	const char *base;
};

static int
by_name(const void *a, const void *b)
{
	const struct walk_arg *x = a, *y = b;
	int d = path_cmp(x->name, y->name);

	return d ? d : y->recursive - x->recursive;
}

/* Sorts the arguments and drops those that another one covers. */
static void
fold(struct walk *w)
{
	struct walk_arg *a = w->args, *last;
	size_t i, n = 0;

	if (!w->nargs)
		return;
	qsort(a, w->nargs, sizeof(*a), by_name);
	for (i = 0; i < w->nargs; i++) {
		last = n ? &a[n - 1] : NULL;
		if (last && (last->recursive ?
		    path_within(a[i].name, last->name) :
		    !strcmp(a[i].name, last->name)))
			free((char *)a[i].name);
		else
			a[n++] = a[i];
	}
	w->nargs = n;
}

static void
add_arg(struct walk *w, const char *name, int recursive)
{
	char *path = conf_path(w->conf, name);
	struct walk_arg *a;

	if (!path)
		return;
	free(path);
	w->args = mem_grow(w->args, w->nargs, &w->args_cap, sizeof(*w->args));
	a = &w->args[w->nargs++];
	a->name = mem_strdup(name);
	a->recursive = recursive != 0;
}

static void
add_everything(struct walk *w)
{
	const char *name;
	char *root;
	size_t i, n;

	add_arg(w, "/", 1);
	for (i = 0; i < w->conf->nprefixes; i++) {
		name = w->conf->prefixes[i].name;
		n = strlen(name);
		root = mem_alloc(n + 3);
		root[0] = root[n + 1] = '%';
		memcpy(root + 1, name, n);
		add_arg(w, root, 1);
		free(root);
	}
}

struct walk *
walk_new(const struct conf *c, const struct walk_arg *args, size_t nargs,
    int compare)
{
	struct walk *w = mem_alloc(sizeof(*w));
	size_t i;

	w->conf = c;
	w->compare = compare;
	w->tree = tree_new(c);
	for (i = 0; i < nargs; i++)
		add_arg(w, args[i].name, args[i].recursive);
	if (!nargs)
		add_everything(w);
	fold(w);
	return w;
}

void
walk_on_enter(struct walk *w, void (*entering)(void *ctx, const char *name),
    void *ctx)
{
	w->entering = entering;
	w->ctx = ctx;
}

int
walk_covers(const struct walk *w, const char *name)
{
	size_t low = 0, high = w->nargs, mid;
	const struct walk_arg *a;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (path_cmp(w->args[mid].name, name) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return 0;
	/* All between a directory and what is in it was folded into it. */
	a = &w->args[low - 1];
	return a->recursive ? path_within(name, a->name) :
	    !strcmp(name, a->name);
}

/* What means that something went away between two looks. */
static int
vanished(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

static int
fail(struct walk *w, struct walk_item *item, int error)
{
	memset(item, 0, sizeof(*item));
	item->kind = WALK_FAILED;
	item->name = w->name;
	item->base = path_base(w->name);
	item->dirfd = -1;
	item->error = error;
	return 1;
}

/* Makes name the part below its first len bytes. */
static void
set_name(struct walk *w, size_t len, const char *part)
{
	size_t n = strlen(part);

	if (len + n + 2 > w->name_cap) {
		w->name_cap = 2 * (len + n) + PATH_PART_MAX;
		w->name = mem_realloc(w->name, w->name_cap);
	}
	if (len && !(len == 1 && *w->name == '/'))
		w->name[len++] = '/';
	memcpy(w->name + len, part, n + 1);
}

static struct level *
push(struct walk *w, int fd)
{
	struct level *l;

	if (w->depth - w->first_open == OPEN_LEVELS) {
		l = &w->levels[w->first_open++];
		close(l->fd);
		l->fd = -1;
	}
	w->levels = mem_grow(w->levels, w->depth, &w->levels_cap,
	    sizeof(*w->levels));
	l = &w->levels[w->depth++];
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->len = strlen(w->name);
	return l;
}

static void
pop(struct walk *w)
{
	struct level *l = &w->levels[--w->depth];

	if (l->fd >= 0)
		close(l->fd);
	listing_free(&l->names);
	if (w->first_open > w->depth)
		w->first_open = w->depth;
}

/* Descends into what was visited last, if it is a directory. */
static int
enter(struct walk *w, struct walk_item *item)
{
	enum match_reach reach;
	struct level *l;
	char **parts = NULL;
	size_t n = 0;
	int fd, error;

	reach = match_reach(w->conf, w->name, w->compare, &parts, &n);
	if (reach == REACH_NONE)
		return 0;
	fd = openat(w->at, w->base,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	error = errno;
	if (fd >= 0 && w->entering)
		w->entering(w->ctx, w->name);
	if (fd >= 0) {
		l = push(w, fd);
		if (reach == REACH_LISTED)
			listing_of(&l->names, parts, n);
		else if (listing_read(&l->names, fd) < 0) {
			error = errno;
			pop(w);
			fd = -1;
		}
	}
	if (reach == REACH_LISTED)
		match_free(parts, n);
	return fd >= 0 || vanished(error) ? 0 : fail(w, item, error);
}

/* Looks at name, which is base in the open directory. */
static int
visit(struct walk *w, int dirfd, const char *base, enum listing_type type,
    int recursive, struct walk_item *item)
{
	struct look look;
	int r;

	if (strlen(w->name) > PATH_BYTES_MAX)
		return fail(w, item, ENAMETOOLONG);
	w->at = dirfd;
	w->base = base;
	if (!match_any(w->conf, w->name, w->compare)) {
		w->enter = recursive && type != LISTING_OTHER;
		return 0;
	}
	r = look_read(dirfd, base, &look);
	if (r < 0)
		return fail(w, item, errno);
	if (r || look.kind == KIND_NONE)
		return 0;
	w->enter = recursive && look.kind == KIND_DIR;
	*item = (struct walk_item){ WALK_FOUND, w->name, dirfd, base, look,
		w->depth > 0, w->enter, 0 };
	return 1;
}

static int
reserved(struct walk *w, int dirfd, const char *base, struct walk_item *item)
{
	memset(item, 0, sizeof(*item));
	item->kind = WALK_RESERVED;
	item->name = w->name;
	item->dirfd = dirfd;
	item->base = base;
	return 1;
}

/* Opens again the deepest directory, which had been closed. */
static int
reopen(struct walk *w, struct level *l, struct walk_item *item)
{
	w->name[l->len] = 0;
	tree_reset(w->tree);
	l->fd = tree_dir(w->tree, w->name);
	if (l->fd < 0) {
		l->next = l->names.n;
		return vanished(errno) ? 0 : fail(w, item, errno);
	}
	w->first_open = w->depth - 1;
	return 0;
}

static int
next_child(struct walk *w, struct walk_item *item)
{
	struct level *l = &w->levels[w->depth - 1];
	size_t i = l->next;

	if (i == l->names.n) {
		pop(w);
		return 0;
	}
	if (l->fd < 0)
		return reopen(w, l, item);
	l->next++;
	set_name(w, l->len, l->names.names[i]);
	if (path_reserved(l->names.names[i]))
		return reserved(w, l->fd, l->names.names[i], item);
	return visit(w, l->fd, l->names.names[i], listing_type(&l->names, i),
	    1, item);
}

static int
next_arg(struct walk *w, struct walk_item *item)
{
	const struct walk_arg *a = &w->args[w->arg++];
	const char *base;
	int fd;

	set_name(w, 0, a->name);
	fd = tree_parent(w->tree, a->name, &base);
	if (fd < 0)
		return vanished(errno) ? 0 : fail(w, item, errno);
	return visit(w, fd, base, LISTING_UNKNOWN, a->recursive, item);
}

int
walk_next(struct walk *w, struct walk_item *item)
{
	int found = 0;

	while (!found) {
		if (w->enter) {
			w->enter = 0;
			found = enter(w, item);
		} else if (w->depth) {
			found = next_child(w, item);
		} else if (w->arg < w->nargs) {
			found = next_arg(w, item);
		} else {
			return 0;
		}
	}
	return 1;
}

void
walk_free(struct walk *w)
{
	size_t i;

	if (!w)
		return;
	while (w->depth)
		pop(w);
	for (i = 0; i < w->nargs; i++)
		free((char *)w->args[i].name);
	free(w->args);
	free(w->levels);
	free(w->name);
	tree_free(w->tree);
	free(w);
}
