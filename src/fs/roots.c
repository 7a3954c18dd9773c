/* SPDX-License-Identifier: ISC */
/*
 * Include roots on the disk.
 */
#define _DEFAULT_SOURCE
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

static int
is_directory(struct tree *t, const char *name)
{
	int fd = tree_dir(t, name);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

/* The pattern's root if the name lies under it and it is gone, or NULL. */
static char *
lost_root(const struct pattern *p, struct tree *t, const char *name,
    int was_dir)
{
	char *root;

	if (p->kind != PATTERN_INCLUDE || p->base || !match_pattern(p, name))
		return NULL;
	root = roots_start(p);
	if ((strcmp(root, name) || was_dir) && !is_directory(t, root))
		return root;
	free(root);
	return NULL;
}

int
roots_stand(const struct conf *c, struct tree *t, const char *name,
    int was_dir, char **lost)
{
	const struct group *g;
	size_t i;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		for (i = 0; g->self && i < g->npatterns; i++) {
			*lost = lost_root(&g->patterns[i], t, name, was_dir);
			if (*lost)
				return 0;
		}
	return 1;
}

int
roots_known(struct state *s, const char *root)
{
	struct state_walk *w;
	struct entry entry;
	struct err ignored;
	int live = 0, within = 1;

	w = state_walk_new(s, root, &ignored);
	while (w && !live && within &&
	    state_walk_next(w, &entry, &ignored) > 0) {
		within = path_within(entry.name, root);
		live = within && entry.v.kind != KIND_NONE;
		entry_free(&entry);
	}
	state_walk_free(w);
	return live;
}

/* Opens the directory at or above name that is there; cuts name to it. */
static int
open_nearest(struct tree *t, char *name)
{
	size_t n;
	int fd;

	while ((fd = tree_dir(t, name)) < 0 && (n = path_parent_len(name)))
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

/* Cuts path, which fd is, to the mount point that it lies under. Closes fd. */
static void
climb(int fd, char *path)
{
	struct stat here, above;
	char *slash;
	int up;

	while (!fstat(fd, &here) && (slash = strrchr(path, '/')) && path[1]) {
		up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (up < 0)
			break;
		close(fd);
		fd = up;
		if (fstat(up, &above) || above.st_dev != here.st_dev)
			break;
		slash[slash == path] = 0;
	}
	close(fd);
}

/* The mount point of a root, be it there or not; NULL: cannot be told. */
static char *
mount_point(const struct roots *r, const char *root)
{
	char *name = mem_strdup(root), *path;
	int fd = open_nearest(r->tree, name);

	path = fd < 0 ? NULL : real_path(r->conf, name);
	free(name);
	if (path)
		climb(fd, path);
	else if (fd >= 0)
		close(fd);
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
	size_t size;

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

int
roots_moved(struct roots *r, const char *name, const char **text)
{
	size_t i;

	look(r);
	for (i = 0; i < r->n; i++)
		if (r->at[i].text && path_within(name, r->at[i].name)) {
			*text = r->at[i].text;
			return 1;
		}
	return 0;
}

void
roots_accept(struct roots *r, const char *name)
{
	size_t i;

	look(r);
	for (i = 0; i < r->n; i++)
		if (path_within(name, r->at[i].name)) {
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
