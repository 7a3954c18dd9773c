/* SPDX-License-Identifier: ISC */
/*
 * HELLO from the state, and what follows from the peer's.
 */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "exchange.h"
#include "greeting.h"
#include "message.h"
#include "pair.h"
#include "state/fact.h"
#include "state/state.h"

static void
add_known(struct hello *h, uint64_t replica, uint64_t number)
{
	if (number && h->nknown < HELLO_KNOWN_MAX)
		h->known[h->nknown++] = (struct stamp){ replica, number };
}

void
greeting_fill(struct hello *h, const struct exchange *x,
    const struct cursor *c)
{
	struct state *s = x->state;
	struct view key, value;
	unsigned char last[8];
	int more;

	memset(h, 0, sizeof(*h));
	h->version = PROTOCOL_VERSION;
	h->bits = (x->self_new ? HELLO_NEW : 0u) |
	    (state_count(s) ? 0u : HELLO_EMPTY);
	h->replica = state_replica(s);
	h->clock = clock_real().sec;
	h->peer_replica = c->replica;
	h->in = c->in;
	add_known(h, c->replica, fact_known(s, c->replica));
	more = state_fact_after(s, FACT_KNOWN, NULL, 0, &key, &value);
	while (more && key.len == sizeof(last)) {
		memcpy(last, key.p, sizeof(last));
		add_known(h, view_u64(&key), view_u64(&value));
		more = state_fact_after(s, FACT_KNOWN, last, sizeof(last),
		    &key, &value);
	}
}

int
greeting_take(struct exchange *x, int client, const struct hello *theirs,
    struct err *e)
{
	if (client ? theirs->version < PROTOCOL_VERSION
	    : theirs->version != PROTOCOL_VERSION)
		return err_set(e, "the peer speaks version %u of the protocol, "
		    "we speak %u; install the same release on both",
		    theirs->version, PROTOCOL_VERSION);
	/* who has no state, and only looks, has no id either */
	if (theirs->replica && theirs->replica == state_replica(x->state))
		return err_set(e, "%s has a copy of this host's state: remove "
		    "the state file on one of the two", x->pair->peer);
	x->peer_new = !!(theirs->bits & HELLO_NEW);
	x->peer_replica = theirs->replica;
	x->peer_clock.sec = theirs->clock;
	return 0;
}

static int
knows_more(const struct exchange *x, const struct hello *theirs)
{
	uint64_t us = state_replica(x->state);
	unsigned i;

	for (i = 0; i < theirs->nknown; i++)
		if (theirs->known[i].replica == us &&
		    theirs->known[i].number > fact_known(x->state, us))
			return 1;
	return 0;
}

int
greeting_from_future(const struct exchange *x, const struct hello *theirs,
    struct err *e)
{
	if (pair_receives_only(x->pair, x->pair->peer) ||
	    !knows_more(x, theirs))
		return 0;
	/* another process of this host may have told it since we looked */
	if (state_refresh(x->state, e))
		return -1;
	return knows_more(x, theirs);
}

uint64_t
greeting_told(const struct exchange *x, const struct hello *theirs,
    const struct cursor *c)
{
	uint64_t out = c->out, in = theirs->in;

	if (c->replica != theirs->replica)
		out = 0;
	if (theirs->peer_replica != state_replica(x->state))
		in = 0;
	return out < in ? out : in;
}
