/* SPDX-License-Identifier: ISC */
/*
 * The common ground of both directions.
 */
#include <stdlib.h>

#include "action.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/path.h"
#include "conf/conf.h"
#include "exchange.h"
#include "fs/commit.h"
#include "fs/roots.h"
#include "pair.h"
#include "state/fact.h"
#include "state/state.h"

enum event_kind
exchange_event(enum result_code code, unsigned bits)
{
	static const enum event_kind plain[RESULT_CODES] = {
		[RESULT_DONE] = EVENT_DONE, [RESULT_SAME] = EVENT_SAME,
		[RESULT_OURS] = EVENT_STANDS,
		[RESULT_CONFLICT] = EVENT_CONFLICT,
		[RESULT_DENIED] = EVENT_DENIED, [RESULT_LATER] = EVENT_LATER,
		[RESULT_FAILED] = EVENT_FAILED
	};

	if (bits & RESULT_RESOLVED &&
	    (code == RESULT_DONE || code == RESULT_OURS))
		return EVENT_RESOLVED;
	return plain[code];
}

void
exchange_send(struct exchange *x, unsigned type, struct buf *body)
{
	x->send(x->ctx, type, body);
	buf_free(body);
}

static int
by_name(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return path_cmp(x->want.name, y->want.name);
}

/* The highest number of a replica, ours too, by which rollbacks show. */
static int
hear(struct state *s, struct stamp stamp, struct err *e)
{
	if (stamp.number <= fact_known(s, stamp.replica))
		return 0;
	return fact_set_known(s, stamp.replica, stamp.number, e);
}

struct recording {
	struct exchange *x;
	struct action_source source;
};

/* What is known of numbers has to be as durable as the stamps themselves. */
static int
recorded(void *ctx, const struct change *changes, size_t n, struct err *e)
{
	struct recording *i = ctx;
	struct state *s = i->x->state;
	const struct change *c;
	struct history h;
	unsigned k;

	for (c = changes; c < changes + n; c++) {
		change_history(c, &h);
		for (k = 0; k < h.vector.n; k++)
			if (hear(s, h.vector.at[k], e))
				return -1;
	}
	/* ours are told next: with this, that costs no record of its own */
	if (hear(s, (struct stamp){ state_replica(s), state_high(s) }, e))
		return -1;
	if (roots_due(i->x->roots) && roots_record(i->x->roots, e))
		return -1;
	return action_fire(&i->source, changes, n, e);
}

/* from: the peer, or NULL for what was found here. */
static int
commit(struct exchange *x, const char *from, struct change *changes, size_t n,
    struct err *e)
{
	struct recording i = { x, { x->conf, x->state, from } };
	struct commit_options o = { .conf = x->conf, .host = x->pair->self,
		.lock_ms = x->lock_ms, .pulse = x->pulse,
		.peer_clock = x->peer_clock, .done = recorded,
		.ctx = &i };

	free(x->none_lost);
	x->none_lost = NULL;
	if (!n || x->dry)
		return 0;
	qsort(changes, n, sizeof(*changes), by_name);
	return commit_changes(x->tree, x->state, changes, n, &o, e);
}

int
exchange_commit(struct exchange *x, struct change *changes, size_t n,
    struct err *e)
{
	return commit(x, x->pair->peer, changes, n, e);
}

int
exchange_found(struct exchange *x, struct change *edit, struct err *e)
{
	return commit(x, NULL, edit, 1, e);
}

int
exchange_record(struct exchange *x, int (*put)(void *ctx, struct err *e),
    void *ctx, struct err *e)
{
	if (x->dry)
		return 0;
	if (state_lock(x->state, x->lock_ms, e))
		return -1;
	if (put(ctx, e)) {
		state_abort(x->state);
		return -1;
	}
	return state_unlock(x->state, e);
}
