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

static void
add_group(struct pair *p, const struct group *g)
{
	p->groups = mem_realloc(p->groups,
	    (p->ngroups + 1) * sizeof(*p->groups));
	p->groups[p->ngroups++] = g;
	if (g->nkeys > p->nkeys) {
		p->keys = g->keys;
		p->nkeys = g->nkeys;
	}
}

uint64_t
pair_scope(const struct pair *p)
{
	unsigned char digest[HASH_BYTES];
	struct buf text = BUF_INIT;
	struct view v;
	size_t i;

	buf_str(&text, p->self);
	buf_str(&text, p->peer);
	for (i = 0; i < p->ngroups; i++)
		conf_describe(p->conf, p->groups[i], &text);
	hash_bytes(text.p, text.len, digest);
	buf_free(&text);
	v = view_of(digest, sizeof(digest));
	return view_u64(&v);
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
		if (pair_receives_only(&list[i], list[i].self) &&
		    pair_receives_only(&list[i], list[i].peer)) {
			free(list[i].groups);
			continue;
		}
		list[i].scope = pair_scope(&list[i]);
		list[j++] = list[i];
	}
	*out = list;
	return j;
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
