/* SPDX-License-Identifier: ISC */
/*
 * One fact a peer.
 */
#include "owe.h"
#include "select.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "sync/pair.h"

int
owe(struct setup *s, const struct pair *pairs, size_t n,
    const struct entry *entry, struct err *e)
{
	const struct pair *p;
	struct cursor cursor;

	for (p = pairs; p < pairs + n; p++) {
		if (!select_pair(s->o, p, entry->name) ||
		    pair_right(p, p->self, entry->name) != PAIR_MEMBER)
			continue;
		fact_cursor(s->state, p->peer, p->scope, &cursor);
		if (fact_set_owed(s->state, p->peer, entry->name,
		    entry->number, cursor.replica, e))
			return -1;
	}
	return 0;
}
