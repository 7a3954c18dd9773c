/* SPDX-License-Identifier: ISC */
/*
 * Pairs from the groups of this host, and what is pending between two hosts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "pair.h"
#include "state/entry.h"
#include "state/fact.h"

static struct pair *
find(struct pair *list, size_t n, const struct group *g, const char *peer)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i].self, g->self->name) &&
		    !strcmp(list[i].peer, peer) &&
		    !strcmp(list[i].keys[0], g->keys[0]))
			return &list[i];
	return NULL;
}

static int
has_key(const struct group *g, const char *key)
{
	size_t i;

	for (i = 0; i < g->nkeys; i++)
		if (!strcmp(g->keys[i], key))
			return 1;
	return 0;
}

/* A key that one of its groups does not have must not open the others. */
static void
add_group(struct pair *p, const struct group *g)
{
	p->groups = mem_realloc(p->groups,
	    (p->ngroups + 1) * sizeof(*p->groups));
	p->groups[p->ngroups++] = g;
	while (p->nkeys && !has_key(g, p->keys[p->nkeys - 1]))
		p->nkeys--;
}

uint64_t
pair_scope(const struct pair *p)
{
	struct buf text = BUF_INIT;
	uint64_t scope;
	size_t i;

	buf_str(&text, p->self);
	buf_str(&text, p->peer);
	for (i = 0; i < p->ngroups; i++)
		conf_describe(p->conf, p->groups[i], &text);
	scope = hash_short(text.p, text.len);
	buf_free(&text);
	return scope;
}

int
pair_receives_only(const struct pair *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->ngroups; i++)
		if (!group_find(p->groups[i], name)->receive_only)
			return 0;
	return 1;
}

static int
nothing_to_say(const struct pair *p)
{
	return pair_receives_only(p, p->self) && pair_receives_only(p, p->peer);
}

size_t
pair_list(const struct conf *c, struct pair **out)
{
	struct pair *list = NULL, *p;
	size_t n = 0, cap = 0, i, j;

	for (i = 0; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];

		for (j = 0; g->self && j < g->nmembers; j++) {
			const char *peer = g->members[j].name;

			if (&g->members[j] == g->self)
				continue;
			p = find(list, n, g, peer);
			if (!p) {
				list = mem_grow(list, n, &cap, sizeof(*list));
				p = &list[n++];
				*p = (struct pair){ c, g->self->name, peer,
				    NULL, 0, g->keys, g->nkeys, 0 };
			}
			add_group(p, g);
		}
	}
	for (i = j = 0; i < n; i++) {
		if (nothing_to_say(&list[i])) {
			free(list[i].groups);
			continue;
		}
		list[i].scope = pair_scope(&list[i]);
		list[j++] = list[i];
	}
	*out = list;
	return j;
}

int
pair_of_key(const struct conf *c, const char *self, const char *peer,
    const char *key, struct pair **out)
{
	struct pair *p = mem_alloc(sizeof(*p));
	const struct group *g;
	size_t i;

	p->conf = c;
	for (i = 0; i < c->ngroups; i++) {
		g = &c->groups[i];
		if (!g->self || strcmp(g->self->name, self) ||
		    !strcmp(self, peer) || !group_find(g, peer) ||
		    !has_key(g, key))
			continue;
		if (!p->ngroups) {
			p->self = g->self->name;
			p->peer = group_find(g, peer)->name;
			p->keys = g->keys;
			p->nkeys = g->nkeys;
		}
		add_group(p, g);
	}
	if (!p->ngroups || nothing_to_say(p)) {
		pair_list_free(p, 1);
		return -1;
	}
	p->scope = pair_scope(p);
	*out = p;
	return 0;
}

static int
receives_only_by(const struct conf *c, const char *name, const char *key)
{
	const struct member *m;
	size_t i;

	for (i = 0; i < c->ngroups; i++) {
		m = group_find(&c->groups[i], name);
		if (m && !m->receive_only && has_key(&c->groups[i], key))
			return 0;
	}
	return 1;
}

const char *
pair_key_host(const struct pair *p, const char *key)
{
	if (receives_only_by(p->conf, p->self, key))
		return p->self;
	return receives_only_by(p->conf, p->peer, key) ? p->peer : NULL;
}

void
pair_list_free(struct pair *list, size_t n)
{
	while (n)
		free(list[--n].groups);
	free(list);
}

enum pair_right
pair_right(const struct pair *p, const char *sender, const char *name)
{
	enum pair_right right = PAIR_NONE;
	size_t i;

	for (i = 0; i < p->ngroups; i++) {
		if (!match_group(p->groups[i], name, 0))
			continue;
		if (!group_find(p->groups[i], sender)->receive_only)
			return PAIR_MEMBER;
		right = PAIR_RECEIVE_ONLY;
	}
	return right;
}

int
pair_compares(const struct pair *p, const char *name)
{
	const struct group *g;
	size_t i;

	for (i = 0; i < p->ngroups; i++) {
		g = p->groups[i];
		if (group_find(g, p->self)->receive_only &&
		    group_find(g, p->peer)->receive_only)
			continue;
		if (match_group(g, name, 1))
			return 1;
	}
	return 0;
}

const struct group *
pair_group(const struct pair *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->ngroups; i++)
		if (match_group(p->groups[i], name, 0))
			return p->groups[i];
	return NULL;
}

static const struct member *
find_host(const struct group *g, const char *host)
{
	size_t i;

	for (i = 0; i < g->nmembers; i++)
		if (!strcmp(g->members[i].host, host) ||
		    !strcmp(g->members[i].name, host))
			return &g->members[i];
	return NULL;
}

/* Whether some group lets who made this change tell the peer, too. */
static int
author_serves(const struct pair *p, const struct entry *entry)
{
	const char *peer = group_find(p->groups[0], p->peer)->host;
	const struct member *m;
	const struct group *g;
	size_t i;

	for (i = 0; i < p->conf->ngroups; i++) {
		g = &p->conf->groups[i];
		m = find_host(g, entry->h.author);
		if (m && !m->receive_only && find_host(g, peer) &&
		    match_group(g, entry->name, 0))
			return 1;
	}
	return 0;
}

/* What the peer can put back. */
static int
deviates(const struct pair *p, const struct entry *entry)
{
	return entry->h.bits & HISTORY_DEVIATES &&
	    pair_right(p, p->peer, entry->name) == PAIR_MEMBER;
}

enum pending
pair_pending(const struct pair *p, struct state *s, const struct entry *entry,
    uint64_t out, uint64_t replica)
{
	uint64_t number, whose;

	if (pair_right(p, p->self, entry->name) != PAIR_MEMBER)
		return deviates(p, entry) ? PENDING_DEVIATES : PENDING_NO;
	if (fact_owed(s, p->peer, entry->name, &number))
		return PENDING_YES;
	if (entry->number <= out || entry->h.bits & HISTORY_QUIET)
		return PENDING_NO;
	if (fact_done(s, p->peer, entry->name, &number, &whose) &&
	    number == entry->number && whose == replica)
		return PENDING_NO;
	return entry->h.bits & HISTORY_TAKEN && author_serves(p, entry) ?
	    PENDING_RELAY : PENDING_YES;
}

/* What deviates has no number of its own. */
static int
may_deviate(const struct pair *p)
{
	size_t i;

	for (i = 0; i < p->ngroups; i++)
		if (p->groups[i]->self->receive_only)
			return 1;
	return 0;
}

uint64_t
pair_floor(const struct pair *p, struct state *s, uint64_t out)
{
	return may_deviate(p) || fact_any_owed(s, p->peer) ? 0 : out;
}
