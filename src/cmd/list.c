/* SPDX-License-Identifier: ISC */
/*
 * What the state knows, line by line, as scripts of csync2's users read it.
 */
#include <stdio.h>
#include <strings.h>

#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "print.h"
#include "select.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/pair.h"

struct lister {
	struct setup s;
	struct pair *pairs;
	size_t npairs;
	size_t lines;
};

static void
print_entry(struct lister *l, const struct entry *entry)
{
	print_version(l->s.conf, &entry->v);
	putchar('\t');
	print_name(entry->name);
	putchar('\n');
	l->lines++;
}

static void
list_entry(struct lister *l, const struct entry *entry)
{
	const struct options *o = l->s.o;

	if (entry->v.kind != KIND_NONE &&
	    (!o->groups || select_name(o, l->s.conf, entry->name, 0)))
		print_entry(l, entry);
}

/* Whether self and another member are called so in the group. */
static int
has_pair(const struct group *g, const char *self, const char *peer)
{
	size_t i;

	for (i = 0; i < g->nmembers; i++)
		if (&g->members[i] != g->self &&
		    !strcasecmp(g->members[i].name, peer))
			return !strcasecmp(g->self->name, self);
	return 0;
}

static void
list_of_pair(struct lister *l, const struct entry *entry)
{
	const struct options *o = l->s.o;
	const struct conf *c = l->s.conf;
	const struct group *g;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		if (select_group(o, g) &&
		    has_pair(g, o->files[0], o->files[1]) &&
		    match_group(g, entry->name, 0)) {
			if (entry->v.kind != KIND_NONE)
				print_entry(l, entry);
			return;
		}
}

static void
list_pending(struct lister *l, const struct entry *entry)
{
	const struct pair *p;
	struct cursor cursor;

	for (p = l->pairs; p < l->pairs + l->npairs; p++) {
		fact_cursor(l->s.state, p->peer, p->scope, &cursor);
		if (!options_has(l->s.o->peers, p->peer) ||
		    !select_pair(l->s.o, p, entry->name) ||
		    pair_pending(p, l->s.state, entry, cursor.out,
		    cursor.replica) < PENDING_DEVIATES)
			continue;
		printf("%s\t%s\t%s\t", entry->h.bits & HISTORY_FORCED
		    ? "force" : "chary", p->self, p->peer);
		print_name(entry->name);
		putchar('\n');
		l->lines++;
	}
}

typedef void show_entry(struct lister *l, const struct entry *entry);

static int
each_entry(struct lister *l, show_entry *show, struct err *e)
{
	struct state_walk *w = state_walk_new(l->s.state, NULL, e);
	struct entry entry;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		show(l, &entry);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

static int
run(const struct options *o, show_entry *show)
{
	struct lister l = { .lines = 0 };
	struct err e;
	int rc;

	rc = setup_config(&l.s, o, o->config, &e) || setup_listed(&l.s, &e) ||
	    setup_look(&l.s, &e);
	if (!rc) {
		l.npairs = pair_list(l.s.conf, &l.pairs);
		rc = each_entry(&l, show, &e);
		pair_list_free(l.pairs, l.npairs);
	}
	if (rc)
		log_error("%s", e.text);
	setup_free(&l.s);
	return rc ? 1 : l.lines ? 0 : 2;
}

int
cmd_list(const struct options *o)
{
	return run(o, list_entry);
}

int
cmd_list_pair(const struct options *o)
{
	return run(o, list_of_pair);
}

int
cmd_pending(const struct options *o)
{
	return run(o, list_pending);
}
