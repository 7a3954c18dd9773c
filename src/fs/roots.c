/* SPDX-License-Identifier: ISC */
/*
 * Include roots on the disk.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "roots.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "tree.h"

struct root {
	char *name;
	char *was;              /* its remembered mount point, or NULL */
	char *text;             /* it has moved: how; or NULL */
	int unknown;            /* it cannot be told; text is why */
	int unlike;             /* where it lies is to be remembered */
};

struct roots {
	const struct conf *conf;
	struct tree *tree;
	struct state *state;
	int looked;
	struct root *at;
	size_t n, cap;
};

char *
roots_start(const struct pattern *p)
{
	size_t n = p->headlen;

	if (p->literal)
		return mem_strndup(p->head, n);
	while (n && p->head[n] != '/')
		n--;
	return n ? mem_strndup(p->head, n) : mem_strdup("/");
}

/* 1, 0 when no directory stands there, -1 with errno. */
static int
is_directory(struct tree *t, const char *name)
{
	int fd = tree_dir(t, name);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	close(fd);
	return 1;
}

static int
cannot_open(const char *root, struct err *why)
{
	return err_sys(why, "%s: cannot be opened", root);
}

/* As roots_stand, for one pattern. */
static int
stands(const struct pattern *p, struct tree *t, const char *name, int was_dir,
    char **lost, struct err *why)
{
	int r = 1;

	if (p->kind != PATTERN_INCLUDE || p->base || !match_pattern(p, name))
		return 1;
	*lost = roots_start(p);
	if (strcmp(*lost, name) || was_dir)
		r = is_directory(t, *lost);
	if (r < 0)
		return cannot_open(*lost, why);
	if (!r)
		err_set(why, "%s is no directory any more (not mounted?)",
		    *lost);
	else
		free(*lost);
	return r;
}

int
roots_stand(const struct conf *c, struct tree *t, const char *name,
    int was_dir, char **lost, struct err *why)
{
	const struct group *g;
	size_t i;
	int r = 1;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		for (i = 0; r > 0 && g->self && i < g->npatterns; i++)
			r = stands(&g->patterns[i], t, name, was_dir, lost,
			    why);
	return r;
}

int
roots_known(struct state *s, const char *root)
{
	struct state_walk *w;
	struct entry entry;
	struct err ignored;
	int live = 0, within = 1, rc = -1;

	w = state_walk_new(s, root, &ignored);
	while (w && !live && within &&
	    (rc = state_walk_next(w, &entry, &ignored)) > 0) {
		within = path_within(entry.name, root);
		live = within && entry.v.kind != KIND_NONE;
		entry_free(&entry);
	}
	state_walk_free(w);
	return live || rc < 0;
}

/* Opens the directory at or above name that is there; cuts name to it. */
static int
open_nearest(struct tree *t, char *name)
{
	size_t n;
	int fd;

	while ((fd = tree_dir(t, name)) < 0 && errno == ENOENT &&
	    (n = path_parent_len(name)))
		name[n] = 0;
	return fd;
}

/* The real path of a directory's name: a prefix may lead through links. */
static char *
real_path(const struct conf *c, const char *name)
{
	const char *end = *name == '%' ? strchr(name + 1, '%') : NULL;
	char *prefix, *path, real[PATH_MAX], *out;
	size_t size;

	if (!end)
		return mem_strdup(name);
	prefix = mem_strndup(name, (size_t)(end + 1 - name));
	path = conf_path(c, prefix);
	free(prefix);
	if (!path || !realpath(path, real)) {
		if (!path)
			errno = ENXIO;
		free(path);
		return NULL;
	}
	free(path);
	size = strlen(real) + strlen(end + 1) + 1;
	out = mem_alloc(size);
	snprintf(out, size, "%s%s", strcmp(real, "/") || !end[1] ? real : "",
	    end + 1);
	return out;
}

/*
 * Cuts path, which fd is, to the mount point that it lies under; -1 with errno.
 * Closes fd.
 */
static int
climb(int fd, char *path)
{
	struct stat here, above;
	char *slash;
	int up, r = fstat(fd, &here);

	while (!r && (slash = strrchr(path, '/')) && path[1]) {
		up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0) {
			r = -1;
			break;
		}
		close(fd);
		fd = up;
		r = fstat(up, &above);
		if (r || above.st_dev != here.st_dev)
			break;
		slash[slash == path] = 0;
	}
	close(fd);
	return r;
}

/* The mount point of a root, be it there or not; NULL with errno. */
static char *
mount_point(const struct roots *r, const char *root)
{
	char *name = mem_strdup(root), *path;
	int fd = open_nearest(r->tree, name);

	path = fd < 0 ? NULL : real_path(r->conf, name);
	free(name);
	if (!path && fd >= 0) {
		close(fd);
	} else if (path && climb(fd, path)) {
		free(path);
		path = NULL;
	}
	return path;
}

static int
exists(struct tree *t, const char *name)
{
	struct stat st;
	const char *base;
	int dir = tree_parent(t, name, &base);

	return dir >= 0 && !fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW);
}

static void
look_at(const struct roots *r, struct root *root)
{
	char *now = mount_point(r, root->name);
	struct err why;
	size_t size;

	/* a prefix without a path, or with one that is not there, is nowhere */
	if (!now && errno != ENXIO && errno != ENOENT) {
		cannot_open(root->name, &why);
		root->text = mem_strdup(why.text);
		root->unknown = 1;
	}
	root->unlike = now && (!root->was || strcmp(now, root->was));
	if (root->unlike && root->was && roots_known(r->state, root->name)) {
		size = strlen(root->name) + strlen(now) + strlen(root->was) +
		    100;
		root->text = mem_alloc(size);
		snprintf(root->text, size, "%s lies under the mount point %s "
		    "and not, as before, under %s (not mounted?)",
		    root->name, now, root->was);
	}
	free(now);
}

static void
add(struct roots *r, char *name)
{
	struct root *root;
	size_t i;

	for (i = 0; i < r->n; i++)
		if (!strcmp(r->at[i].name, name)) {
			free(name);
			return;
		}
	r->at = mem_grow(r->at, r->n, &r->cap, sizeof(*r->at));
	root = &r->at[r->n++];
	memset(root, 0, sizeof(*root));
	root->name = name;
	if (!fact_root(r->state, name, &root->was))
		root->was = NULL;
	look_at(r, root);
}

static void
look(struct roots *r)
{
	const struct conf *c = r->conf;
	const struct group *g;
	const struct pattern *p;

	if (r->looked)
		return;
	r->looked = 1;
	for (g = c->groups; g < c->groups + c->ngroups; g++)
		for (p = g->patterns; g->self &&
		    p < g->patterns + g->npatterns; p++)
			if (p->kind == PATTERN_INCLUDE && !p->base)
				add(r, roots_start(p));
	tree_reset(r->tree);
}

struct roots *
roots_new(const struct conf *c, struct tree *t, struct state *s)
{
	struct roots *r = mem_alloc(sizeof(*r));

	r->conf = c;
	r->tree = t;
	r->state = s;
	return r;
}

void
roots_free(struct roots *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n; i++) {
		free(r->at[i].name);
		free(r->at[i].was);
		free(r->at[i].text);
	}
	free(r->at);
	free(r);
}

/* What cannot be opened can be looked at itself: only what is below counts. */
static int
hides(const struct root *root, const char *name)
{
	return root->text && path_within(name, root->name) &&
	    !(root->unknown && !strcmp(name, root->name));
}

int
roots_moved(struct roots *r, const char *name, const char **text)
{
	size_t i;

	look(r);
	for (i = 0; i < r->n; i++)
		if (hides(&r->at[i], name)) {
			*text = r->at[i].text;
			return r->at[i].unknown ? -1 : 1;
		}
	return 0;
}

void
roots_accept(struct roots *r, const char *name)
{
	size_t i;

	look(r);
	for (i = 0; i < r->n; i++)
		if (!r->at[i].unknown && path_within(name, r->at[i].name)) {
			free(r->at[i].text);
			r->at[i].text = NULL;
		}
}

/* What is not there yet lies nowhere. */
static int
is_due(const struct roots *r, const struct root *root)
{
	return root->unlike && !root->text && exists(r->tree, root->name);
}

int
roots_due(struct roots *r)
{
	size_t i;

	look(r);
	for (i = 0; i < r->n; i++)
		if (is_due(r, &r->at[i]))
			return 1;
	return 0;
}

int
roots_record(struct roots *r, struct err *e)
{
	struct root *root;
	char *now;

	look(r);
	for (root = r->at; root < r->at + r->n; root++) {
		if (!is_due(r, root))
			continue;
		now = mount_point(r, root->name);
		if (now && fact_set_root(r->state, root->name, now, e)) {
			free(now);
			return -1;
		}
		root->unlike = !now;
		free(root->was);
		root->was = now;
	}
	return 0;
}
