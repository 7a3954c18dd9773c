/* SPDX-License-Identifier: ISC */
/*
 * A new identity for a state that came back from the past.
 */
#include <string.h>

#include "exchange.h"
#include "pair.h"
#include "replica.h"
#include "state/fact.h"
#include "state/state.h"

static void
drop_counter(struct vector *v, uint64_t replica)
{
	unsigned i, n = 0;

	for (i = 0; i < v->n; i++)
		if (v->at[i].replica != replica)
			v->at[n++] = v->at[i];
	v->n = n;
}

static int
restamp(struct exchange *x, uint64_t old, struct entry *entry, struct err *e)
{
	unsigned bits = entry->h.bits;
	struct stamp s;

	entry->number = state_next(x->state);
	s = (struct stamp){ state_replica(x->state), entry->number };
	drop_counter(&entry->h.vector, old);
	history_change(&entry->h, s, x->pair->self);
	entry->h.bits = bits & (HISTORY_QUIET | HISTORY_KEPT);
	return state_put(x->state, entry, e);
}

static int
renew(void *ctx, struct err *e)
{
	struct exchange *x = ctx;
	uint64_t old = state_replica(x->state);
	struct state_walk *w;
	struct entry entry;
	int rc;

	if (state_renew(x->state, e))
		return -1;
	w = state_walk_new(x->state, NULL, e);
	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		if (entry.h.stamp.replica == old && entry.h.stamp.number &&
		    restamp(x, old, &entry, e))
			rc = -1;
		entry_free(&entry);
		if (rc < 0)
			break;
	}
	state_walk_free(w);
	return rc;
}

static int
put_told(void *ctx, struct err *e)
{
	struct state *s = ((struct exchange *)ctx)->state;

	return fact_set_known(s, state_replica(s), state_high(s), e);
}

int
replica_tell(struct exchange *x, struct err *e)
{
	if (state_high(x->state) <= fact_known(x->state,
	    state_replica(x->state)))
		return 0;
	return exchange_record(x, put_told, x, e);
}

int
replica_renew(struct exchange *x, struct err *e)
{
	return exchange_record(x, renew, x, e);
}
