/* SPDX-License-Identifier: ISC */
/*
 * Offers out, answers in.
 *
 *   walking     live entries, in order      | content that was wanted goes
 *   removing    tombstones, deepest first   | first, one file at a time
 *   ended       END is sent; results come
 *   finished    every offer has its result, and what follows is recorded
 *
 * Small content is sent along with the offer (eager) where the peer most likely
 * lacks it: that spares a round trip.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "content.h"
#include "delta/signature.h"
#include "delta/sigtable.h"
#include "exchange.h"
#include "message.h"
#include "offering.h"
#include "outgoing.h"
#include "pair.h"
#include "parents.h"
#include "reconcile.h"
#include "replica.h"
#include "settled.h"
#include "state/fact.h"
#include "state/state.h"

enum {
	SIGNED_MAX = 8,         /* signatures that a peer may have us hold, */
	BLOCKS_MAX = SIGNATURE_BLOCKS_MAX,      /* of some 25 bytes, in all */
	EAGER_FILE = 16 << 10,
	EAGER_SESSION = 1 << 20
};

enum phase { WALKING, REMOVING, ENDED, FINISHED };

struct sent {
	char *name;             /* NULL: has its result */
	uint64_t number;
	uint64_t size;
	int wanted;
	int as_delta;           /* its content was begun as one */
};

struct want {
	uint64_t index;
	struct sigtable *table; /* NULL: whole */
	int begun;              /* something of the signature came */
};

struct stack {
	struct entry *at;
	size_t n, cap;
};

struct offering {
	struct exchange *x;
	struct offering_options o;
	uint64_t snapshot;
	uint64_t floor;                 /* no number up to it is due; or 0 */
	enum phase phase;
	struct state_walk *walk;
	struct entry ahead;             /* read from walk, not yet handled */
	int has_ahead;
	struct stack next;              /* to be offered now, last one first */
	char **removed;                 /* tombstones for later */
	size_t nremoved, removed_cap;
	struct sent *sent;              /* offers first .. first + nsent - 1 */
	size_t nsent, sent_cap;
	uint64_t first;
	size_t open;                    /* of them without a result */
	struct want *wants;
	size_t nwants, wants_cap;
	struct outgoing *outgoing;
	size_t eager_left;
	struct parents *parents;
	struct answers *answers;
};

int
offering_new(struct offering **out, struct exchange *x,
    const struct offering_options *opts, struct err *e)
{
	struct offering *o = mem_alloc(sizeof(*o));

	o->x = x;
	o->o = *opts;
	o->snapshot = state_high(x->state);
	o->eager_left = x->dry || (!opts->from && !x->peer_new) ? 0
	    : EAGER_SESSION;
	if (!opts->all && !opts->reconcile)
		o->floor = pair_floor(x->pair, x->state, opts->from);
	o->walk = state_walk_new(x->state, NULL, e);
	if (o->walk)
		state_walk_above(o->walk, o->floor);
	o->outgoing = outgoing_new();
	o->parents = parents_new(x);
	o->answers = answers_new(x, opts->complete);
	*out = o;
	if (o->walk && !replica_tell(x, e))
		return 0;
	offering_free(o);
	*out = NULL;
	return -1;
}

void
offering_free(struct offering *o)
{
	if (!o)
		return;
	state_walk_free(o->walk);
	if (o->has_ahead)
		entry_free(&o->ahead);
	while (o->next.n)
		entry_free(&o->next.at[--o->next.n]);
	free(o->next.at);
	while (o->nremoved)
		free(o->removed[--o->nremoved]);
	free(o->removed);
	while (o->nsent)
		free(o->sent[--o->nsent].name);
	free(o->sent);
	while (o->nwants)
		sigtable_free(o->wants[--o->nwants].table);
	free(o->wants);
	outgoing_free(o->outgoing);
	parents_free(o->parents);
	answers_free(o->answers);
	free(o);
}

int
offering_finished(const struct offering *o)
{
	return o->phase == FINISHED;
}

uint64_t
offering_snapshot(const struct offering *o)
{
	return o->snapshot;
}

/* Whether it is due by number alone. */
static int
is_pending(const struct offering *o, const struct entry *entry)
{
	switch (pair_pending(o->x->pair, o->x->state, entry, o->o.from,
	    o->x->peer_replica)) {
	case PENDING_YES:
		return 1;
	case PENDING_RELAY:
		return o->o.relay;
	case PENDING_DEVIATES:
		return o->o.deviating;
	case PENDING_NO:
		break;
	}
	return 0;
}

static int
is_due(struct offering *o, const struct entry *entry)
{
	const struct pair *p = o->x->pair;
	uint64_t number;

	if (o->o.all)
		return entry->v.kind != KIND_NONE &&
		    pair_compares(p, entry->name);
	if (o->floor && entry->number <= o->floor)
		return 0;
	if (entry->number > o->snapshot ||
	    settled_has(o->x->settled, entry->name))
		return 0;
	if (o->o.wants && !o->o.wants(o->o.ctx, entry->name))
		return 0;
	switch (reconcile_says(o->o.reconcile, entry)) {
	case RECONCILE_SAME:
		return fact_owed(o->x->state, p->peer, entry->name, &number) &&
		    is_pending(o, entry);
	case RECONCILE_DIFFERS:
		if (pair_right(p, p->self, entry->name) == PAIR_MEMBER)
			return 1;
		break;
	case RECONCILE_UNKNOWN:
		break;
	}
	return is_pending(o, entry);
}

static int
read_ahead(struct offering *o, struct err *e)
{
	int rc;

	if (o->has_ahead)
		return 1;
	rc = state_walk_next(o->walk, &o->ahead, e);
	o->has_ahead = rc > 0;
	return rc;
}

static struct entry
take_ahead(struct offering *o)
{
	struct entry entry = o->ahead;

	memset(&o->ahead, 0, sizeof(o->ahead));
	o->has_ahead = 0;
	return entry;
}

static void
stack_push(struct stack *s, struct entry entry)
{
	s->at = mem_grow(s->at, s->n, &s->cap, sizeof(*s->at));
	s->at[s->n++] = entry;
}

/*
 * Puts an entry that is no directory on the stack, with the removals below it
 * on top, so that the deepest goes first.
 */
static int
stack_with_removals(struct offering *o, struct entry entry, struct err *e)
{
	struct entry below;
	int rc;

	stack_push(&o->next, entry);
	while ((rc = read_ahead(o, e)) > 0 &&
	    o->ahead.v.kind == KIND_NONE &&
	    path_within(o->ahead.name, entry.name)) {
		below = take_ahead(o);
		if (is_due(o, &below))
			stack_push(&o->next, below);
		else
			entry_free(&below);
	}
	return rc < 0 ? -1 : 0;
}

/* Moves the walk on until something is on the stack; 0 at its end. */
static int
refill(struct offering *o, struct err *e)
{
	struct entry entry;
	int rc;

	while (!o->next.n) {
		rc = read_ahead(o, e);
		if (rc <= 0)
			return rc;
		entry = take_ahead(o);
		if (!is_due(o, &entry)) {
			entry_free(&entry);
		} else if (entry.v.kind == KIND_NONE) {
			o->removed = mem_grow(o->removed, o->nremoved,
			    &o->removed_cap, sizeof(*o->removed));
			o->removed[o->nremoved++] = mem_strdup(entry.name);
			entry_free(&entry);
		} else if (entry.v.kind == KIND_DIR) {
			stack_push(&o->next, entry);
		} else if (stack_with_removals(o, entry, e)) {
			return -1;
		}
	}
	return 1;
}

static int
goes_eagerly(const struct offering *o, const struct entry *entry)
{
	return entry->v.kind == KIND_REG && o->eager_left &&
	    entry->v.size <= EAGER_FILE && entry->v.size <= o->eager_left &&
	    !(entry->h.bits & HISTORY_DEVIATES);
}

static void
send_offer(struct offering *o, struct entry *entry)
{
	uint64_t index = o->first + o->nsent;
	int eager = goes_eagerly(o, entry);
	struct buf b = BUF_INIT;

	if (!o->o.all)
		parents_announce(o->parents, entry->name);
	offer_encode(eager, entry->name, &entry->v, &entry->h, &b);
	exchange_send(o->x, MESSAGE_OFFER, &b);
	o->sent = mem_grow(o->sent, o->nsent, &o->sent_cap, sizeof(*o->sent));
	o->sent[o->nsent++] = (struct sent){ mem_strdup(entry->name),
	    entry->number, entry->v.size, eager, 0 };
	o->open++;
	if (eager) {
		o->eager_left -= (size_t)entry->v.size;
		outgoing_begin(o->outgoing, content_open(o->x, entry->name,
		    entry->number, index, NULL));
	}
	entry_free(entry);
}

static void
send_end(struct offering *o)
{
	struct buf b = BUF_INIT;

	end_encode(o->o.complete ? o->snapshot : 0, &b);
	exchange_send(o->x, MESSAGE_END, &b);
	o->phase = ENDED;
}

/* The next tombstone, if it still is one: 1, 0 when there is none left. */
static int
next_removal(struct offering *o, struct entry *entry, struct err *e)
{
	char *name;
	int rc;

	while (o->nremoved) {
		name = o->removed[--o->nremoved];
		rc = state_get(o->x->state, name, entry, e);
		free(name);
		if (rc < 0)
			return -1;
		if (rc && entry->v.kind == KIND_NONE && is_due(o, entry))
			return 1;
		if (rc)
			entry_free(entry);
	}
	return 0;
}

static int
offer_more(struct offering *o, struct err *e)
{
	struct entry entry;
	int rc;

	if (o->open >= OFFERS_AHEAD || o->phase >= ENDED)
		return 0;
	if (o->phase == WALKING) {
		rc = refill(o, e);
		if (rc < 0)
			return -1;
		if (rc) {
			entry = o->next.at[--o->next.n];
			send_offer(o, &entry);
			return 1;
		}
		o->phase = REMOVING;
	}
	rc = next_removal(o, &entry, e);
	if (rc < 0)
		return -1;
	if (rc)
		send_offer(o, &entry);
	else
		send_end(o);
	return 1;
}

/* Opens the next wanted content whose signature, if any, is complete. */
static int
next_content(struct offering *o)
{
	struct want w;
	struct sent *s;

	if (!o->nwants || (o->wants[0].table &&
	    !sigtable_ready(o->wants[0].table)))
		return 0;
	w = o->wants[0];
	memmove(o->wants, o->wants + 1, --o->nwants * sizeof(*o->wants));
	s = &o->sent[w.index - o->first];
	s->as_delta |= w.table != NULL;
	outgoing_begin(o->outgoing, content_open(o->x, s->name, s->number,
	    w.index, w.table));
	return 1;
}

int
offering_output(struct offering *o, struct err *e)
{
	int rc;

	if (outgoing_reads(o->outgoing))
		return outgoing_step(o->outgoing);
	if (next_content(o))
		return 1;
	rc = offer_more(o, e);
	if (rc)
		return rc;
	if (o->phase != ENDED || o->open)
		return 0;
	if (answers_record(o->answers, e))
		return -1;
	o->phase = FINISHED;
	return 1;
}

static int
malformed(struct err *e, const char *what)
{
	return err_set(e, "the peer sent a malformed %s", what);
}

/* The open offer of that index, or NULL. */
static struct sent *
open_offer(struct offering *o, uint64_t index)
{
	struct sent *s;

	if (index < o->first || index - o->first >= o->nsent)
		return NULL;
	s = &o->sent[index - o->first];
	return s->name ? s : NULL;
}

static int
take_want(struct offering *o, struct view body, struct err *e)
{
	int with_signature;
	uint64_t index;
	struct sent *s;

	if (want_decode(&index, &with_signature, body) ||
	    !(s = open_offer(o, index)) || s->wanted > 2)
		return malformed(e, "request for content");
	s->wanted++;
	o->wants = mem_grow(o->wants, o->nwants, &o->wants_cap,
	    sizeof(*o->wants));
	o->wants[o->nwants++] = (struct want){ index,
	    with_signature ? sigtable_new() : NULL, 0 };
	return 0;
}

/* Whether the one at i would be one more signature than we hold. */
static int
too_many(const struct offering *o, size_t i)
{
	size_t k, n = 0;

	if (o->wants[i].begun)
		return 0;
	for (k = 0; k < o->nwants; k++)
		n += o->wants[k].table && o->wants[k].begun;
	return n >= SIGNED_MAX;
}

/* Whether the one at i is not worth its room, or no room is left for it. */
static int
too_long(const struct offering *o, size_t i)
{
	uint64_t n = sigtable_blocks(o->wants[i].table), blocks = 0;
	size_t k;

	for (k = 0; k < o->nwants; k++)
		if (o->wants[k].table)
			blocks += sigtable_blocks(o->wants[k].table);
	return blocks > BLOCKS_MAX || !signature_pays(n,
	    o->sent[o->wants[i].index - o->first].size);
}

static int
take_signature(struct offering *o, struct view body, struct err *e)
{
	struct signature_piece piece;
	struct sent *s;
	size_t i;

	if (signature_decode(&piece, body) ||
	    !(s = open_offer(o, piece.index)))
		return malformed(e, "signature");
	if (s->as_delta && outgoing_has(o->outgoing, piece.index))
		return outgoing_signature(o->outgoing, &piece, e);
	for (i = 0; i < o->nwants; i++)
		if (o->wants[i].index == piece.index)
			break;
	/* of a gap in what we have given up by now */
	if (i == o->nwants && s->as_delta)
		return 0;
	if (i == o->nwants || !o->wants[i].table || too_many(o, i))
		return malformed(e, "signature");
	o->wants[i].begun = 1;
	if (sigtable_add(o->wants[i].table, piece.data.p, piece.data.len, e))
		return -1;
	if (too_long(o, i))
		return err_set(e, "the peer sent too long a signature");
	if (!piece.last || sigtable_ready(o->wants[i].table))
		return 0;
	/* cut short: what was to be signed changed; the whole file goes */
	sigtable_free(o->wants[i].table);
	o->wants[i].table = NULL;
	return 0;
}

static int
wanted_now(const struct offering *o, uint64_t index)
{
	size_t i;

	for (i = 0; i < o->nwants; i++)
		if (o->wants[i].index == index)
			return 1;
	return 0;
}

static int
take_result(struct offering *o, struct view body, struct err *e)
{
	struct result r;
	struct sent *s;
	size_t done;

	if (result_decode(&r, body) || !(s = open_offer(o, r.index)) ||
	    wanted_now(o, r.index) ||
	    (s->as_delta && outgoing_has(o->outgoing, r.index)))
		return malformed(e, "result");
	if (!o->o.all)
		settled_add(o->x->settled, s->name);
	if (!o->o.all && answers_take(o->answers, s->name, s->number, &r, e))
		return -1;
	free(s->name);
	s->name = NULL;
	o->open--;
	for (done = 0; done < o->nsent && !o->sent[done].name; done++)
		continue;
	if (done < 256 && done < o->nsent)
		return 0;
	o->nsent -= done;
	o->first += done;
	memmove(o->sent, o->sent + done, o->nsent * sizeof(*o->sent));
	return 0;
}

int
offering_input(struct offering *o, unsigned type, struct view body,
    struct err *e)
{
	switch (type) {
	case MESSAGE_WANT:
		return take_want(o, body, e);
	case MESSAGE_SIGNATURE:
		return take_signature(o, body, e);
	case MESSAGE_RESULT:
		return take_result(o, body, e);
	default:
		return err_set(e, "the peer sent message %u out of turn", type);
	}
}
