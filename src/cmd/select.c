/* SPDX-License-Identifier: ISC */
/*
 * -G and -P, asked file by file: the walk goes by all groups of this host.
 */
#include <stdlib.h>

#include "conf/conf.h"
#include "conf/match.h"
#include "options.h"
#include "select.h"
#include "sync/pair.h"

int
select_group(const struct options *o, const struct group *g)
{
	return g->self && options_has(o->groups, g->name);
}

static int
has_peer(const struct options *o, const struct group *g)
{
	size_t i;

	for (i = 0; i < g->nmembers; i++)
		if (&g->members[i] != g->self &&
		    options_has(o->peers, g->members[i].name))
			return 1;
	return !o->peers;
}

int
select_name(const struct options *o, const struct conf *c, const char *name,
    int compare)
{
	const struct group *g;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		if (select_group(o, g) && match_group(g, name, compare))
			return 1;
	return 0;
}

int
select_shown(const struct options *o, const struct conf *c, const char *name,
    int compare)
{
	const struct group *g;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		if (select_group(o, g) && has_peer(o, g) &&
		    match_group(g, name, compare))
			return 1;
	return 0;
}

int
select_pair(const struct options *o, const struct pair *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->ngroups; i++)
		if (select_group(o, p->groups[i]) &&
		    match_group(p->groups[i], name, 0))
			return 1;
	return 0;
}

/* Whether -G leaves groups of the pair; the others go. */
static int
leave_groups(const struct options *o, struct pair *p)
{
	size_t groups = 0, i;

	for (i = 0; i < p->ngroups; i++)
		if (select_group(o, p->groups[i]))
			p->groups[groups++] = p->groups[i];
	p->ngroups = groups;
	return groups != 0;
}

int
select_served(const struct options *o, struct pair *p)
{
	if (!leave_groups(o, p))
		return -1;
	p->scope = pair_scope(p);
	return 0;
}

size_t
select_pairs(const struct options *o, const struct conf *c, struct pair **out)
{
	size_t n = pair_list(c, out), kept = 0, i;

	for (i = 0; i < n; i++) {
		struct pair *p = &(*out)[i];

		if (leave_groups(o, p) && options_has(o->peers, p->peer))
			(*out)[kept++] = *p;
		else
			free(p->groups);
	}
	return kept;
}
