/* SPDX-License-Identifier: ISC */
/*
 * Removals that are more likely an accident. -y carries them out.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "fs/tree.h"
#include "guard.h"
#include "setup.h"

enum { GUARD_MIN = 20 };        /* so many removals are always allowed */

struct root {
	char *name;
	int lost;
};

struct guard {
	const struct setup *s;
	struct root *roots;
	size_t n, cap, lost;
};

struct guard *
guard_new(const struct setup *s)
{
	struct guard *g = mem_alloc(sizeof(*g));

	g->s = s;
	return g;
}

void
guard_free(struct guard *g)
{
	while (g->n)
		free(g->roots[--g->n].name);
	free(g->roots);
	free(g);
}

size_t
guard_lost(const struct guard *g)
{
	return g->lost;
}

/* Where the pattern starts: itself, or the directory before its first glob. */
static char *
root_of(const struct pattern *p)
{
	size_t n = strcspn(p->text, "*?[\\");

	if (!p->text[n])
		return mem_strdup(p->text);
	while (n && p->text[n] != '/')
		n--;
	return n ? mem_strndup(p->text, n) : mem_strdup("/");
}

static int
is_directory(const struct guard *g, const char *name)
{
	int fd = tree_dir(g->s->tree, name);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

/* Takes over the name. */
static int
root_lost(struct guard *g, char *name)
{
	struct root *r;

	for (r = g->roots; r < g->roots + g->n; r++)
		if (!strcmp(r->name, name)) {
			free(name);
			return r->lost;
		}
	g->roots = mem_grow(g->roots, g->n, &g->cap, sizeof(*g->roots));
	r = &g->roots[g->n++];
	r->name = name;
	r->lost = !is_directory(g, name);
	if (r->lost) {
		g->lost++;
		log_error("%s is no directory any more (not mounted?): what "
		    "was below it is not taken as removed; if it is meant, "
		    "run again with -y", name);
	}
	return r->lost;
}

static int
pattern_allows(struct guard *g, const struct pattern *p, const char *name,
    int was_dir)
{
	char *root;

	if (p->kind != PATTERN_INCLUDE || p->base || !match_pattern(p, name))
		return 1;
	root = root_of(p);
	if (!strcmp(root, name) && !was_dir) {
		free(root);
		return 1;
	}
	return !root_lost(g, root);
}

int
guard_allows(struct guard *g, const char *name, int was_dir)
{
	const struct conf *c = g->s->conf;
	size_t i, j;

	for (i = 0; i < c->ngroups && !g->s->o->yes; i++)
		for (j = 0; c->groups[i].self && j < c->groups[i].npatterns;
		    j++)
			if (!pattern_allows(g, &c->groups[i].patterns[j], name,
			    was_dir))
				return 0;
	return 1;
}

int
guard_too_many(const struct setup *s, size_t n, size_t of)
{
	if (s->o->yes || n <= GUARD_MIN ||
	    n * 100 <= of * s->conf->delete_guard)
		return 0;
	log_error("%zu of %zu files are gone: their removal is not recorded "
	    "(delete-guard %u); if it is meant, run again with -y", n, of,
	    s->conf->delete_guard);
	return 1;
}
