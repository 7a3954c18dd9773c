/* SPDX-License-Identifier: ISC */
/*
 * Removals that are more likely an accident. -y carries them out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "fs/roots.h"
#include "guard.h"
#include "setup.h"
#include "state/entry.h"
#include "state/state.h"

#define AGAIN "; if it is meant, run again with -y"

struct guard {
	const struct setup *s;
	struct roots *roots;
	char *last;             /* the missing root that was told of last */
	const char *moved;      /* likewise, of one that lies elsewhere */
	size_t lost;
};

struct guard *
guard_new(const struct setup *s)
{
	struct guard *g = mem_alloc(sizeof(*g));

	g->s = s;
	g->roots = roots_new(s->conf, s->tree, s->state);
	return g;
}

void
guard_free(struct guard *g)
{
	roots_free(g->roots);
	free(g->last);
	free(g);
}

size_t
guard_lost(const struct guard *g)
{
	return g->lost;
}

int
guard_blocks(struct guard *g, const char *name)
{
	const char *text;
	int moved;

	if (g->s->o->yes)
		roots_accept(g->roots, name);
	moved = roots_moved(g->roots, name, &text);
	if (!moved)
		return 0;
	if (text != g->moved) {
		g->lost++;
		log_error("%s: nothing below it is taken as changed or "
		    "removed%s", text, moved < 0 ? "" : AGAIN);
	}
	g->moved = text;
	return 1;
}

int
guard_allows(struct guard *g, const char *name, int was_dir)
{
	struct err why;
	char *lost;
	int stands;

	if (g->s->o->yes)
		return 1;
	stands = roots_stand(g->s->conf, g->s->tree, name, was_dir, &lost,
	    &why);
	if (stands > 0)
		return 1;
	if (!g->last || strcmp(g->last, lost)) {
		g->lost++;
		log_error("%s: what was below it is not taken as removed%s",
		    why.text, stands < 0 ? "" : AGAIN);
	}
	free(g->last);
	g->last = lost;
	return 0;
}

static int
is_too_many(const struct setup *s, size_t n, size_t of)
{
	return n > CONF_GUARD_MIN && n * 100 > of * s->conf->delete_guard;
}

/* Whether so many are too many; logs it, of what. */
static int
too_many(const struct setup *s, const char *what, size_t n, size_t of)
{
	if (s->o->yes || !is_too_many(s, n, of))
		return 0;
	log_error("%s%zu of %zu files are gone: their removal is not "
	    "recorded (delete-guard %u)%s", what, n, of,
	    s->conf->delete_guard, AGAIN);
	return 1;
}

int
guard_too_many(const struct setup *s, size_t n, size_t of)
{
	return too_many(s, "", n, of);
}

struct tally {
	size_t gone, of;
	int too_many;
};

static void
count_gone(const struct conf *c, char **gone, size_t n, struct tally *tallies)
{
	size_t i, k;

	for (i = 0; i < c->ngroups; i++)
		for (k = 0; c->groups[i].self && k < n; k++)
			tallies[i].gone += match_group(&c->groups[i],
			    gone[k], 0) != 0;
}

/* Whether the counts so far do not let the removals of a group through. */
static int
in_doubt(const struct setup *s, const struct tally *tallies)
{
	size_t i;

	for (i = 0; i < s->conf->ngroups; i++)
		if (is_too_many(s, tallies[i].gone, tallies[i].of))
			return 1;
	return 0;
}

/* What each group has, or so much of it that nothing is in doubt. */
static int
count_live(const struct setup *s, struct tally *tallies, struct err *e)
{
	struct state_walk *w = state_walk_new(s->state, NULL, e);
	const struct conf *c = s->conf;
	struct glance g;
	const char *name;
	size_t i;
	int rc = w ? 0 : -1;

	while (w && in_doubt(s, tallies) &&
	    (rc = state_walk_glance(w, &name, &g, e)) > 0)
		for (i = 0; g.kind != KIND_NONE && i < c->ngroups; i++)
			tallies[i].of += tallies[i].gone > CONF_GUARD_MIN &&
			    match_group(&c->groups[i], name, 0);
	state_walk_free(w);
	return rc < 0 ? -1 : 0;
}

static int
judge(const struct setup *s, const struct group *g, struct tally *t)
{
	char what[80];

	snprintf(what, sizeof(what), "group %.64s: ", g->name);
	t->too_many = too_many(s, what, t->gone, t->of);
	return t->too_many;
}

static int
is_held(const struct conf *c, const struct tally *tallies, const char *name)
{
	size_t i;

	for (i = 0; i < c->ngroups; i++)
		if (tallies[i].too_many && match_group(&c->groups[i], name, 0))
			return 1;
	return 0;
}

int
guard_filter(struct guard *g, char **gone, size_t *n, struct err *e)
{
	const struct conf *c = g->s->conf;
	struct tally *tallies;
	size_t i, kept = 0;
	int held = 0;

	if (g->s->o->yes || *n <= CONF_GUARD_MIN)
		return 0;
	tallies = mem_alloc(c->ngroups * sizeof(*tallies));
	count_gone(c, gone, *n, tallies);
	if (count_live(g->s, tallies, e)) {
		free(tallies);
		return -1;
	}
	for (i = 0; i < c->ngroups; i++)
		held += judge(g->s, &c->groups[i], &tallies[i]);
	for (i = 0; i < *n; i++)
		if (held && is_held(c, tallies, gone[i]))
			free(gone[i]);
		else
			gone[kept++] = gone[i];
	*n = kept;
	free(tallies);
	return held;
}

int
guard_record(struct guard *g, struct err *e)
{
	if (!roots_due(g->roots))
		return 0;
	if (state_lock(g->s->state, g->s->lock_ms, e))
		return -1;
	if (roots_record(g->roots, e)) {
		state_abort(g->s->state);
		return -1;
	}
	return state_unlock(g->s->state, e);
}
