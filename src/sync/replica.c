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

#define RESTAMP "restamp"

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
has_counter(const struct vector *v, uint64_t replica)
{
	unsigned i;

	for (i = 0; i < v->n; i++)
		if (v->at[i].replica == replica)
			return 1;
	return 0;
}

/*
 * What the old id authored gets a new stamp. What was changed here since, after
 * a renewal that was cut short, has one, and loses the old counter alone.
 */
static int
mend(struct exchange *x, uint64_t old, struct entry *entry, struct err *e)
{
	uint64_t author = entry->h.stamp.replica;

	if (author == old && entry->h.stamp.number)
		return restamp(x, old, entry, e);
	if (author != state_replica(x->state) ||
	    !has_counter(&entry->h.vector, old))
		return 0;
	drop_counter(&entry->h.vector, old);
	return state_put(x->state, entry, e);
}

static int
mend_all(struct exchange *x, uint64_t old, struct err *e)
{
	struct state_walk *w = state_walk_new(x->state, NULL, e);
	struct entry entry;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		if (mend(x, old, &entry, e))
			rc = -1;
		entry_free(&entry);
		if (rc < 0)
			break;
	}
	state_walk_free(w);
	return rc;
}

/* The old id is noted in the batch of the new one, or before it. */
static int
finish(void *ctx, struct err *e)
{
	struct exchange *x = ctx;
	uint64_t old = fact_meta(x->state, RESTAMP);

	if (!old)
		return 0;
	if (old == state_replica(x->state) && state_renew(x->state, e))
		return -1;
	if (mend_all(x, old, e))
		return -1;
	return fact_set_meta(x->state, RESTAMP, 0, e);
}

static int
renew(void *ctx, struct err *e)
{
	struct exchange *x = ctx;

	if (finish(x, e) || fact_set_meta(x->state, RESTAMP,
	    state_replica(x->state), e))
		return -1;
	return finish(x, e);
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

int
replica_finish(struct exchange *x, struct err *e)
{
	return fact_meta(x->state, RESTAMP) ? exchange_record(x, finish, x, e)
	    : 0;
}
