/* SPDX-License-Identifier: ISC */
/*
 * A merge of two sorted streams. Offers wait in a queue that the peer's window
 * bounds; the first one is answered once it is compared, so that the content of
 * one file at most is in memory, and differences come out in order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "comparing.h"
#include "exchange.h"
#include "fs/detect.h"
#include "message.h"
#include "pair.h"
#include "state/entry.h"
#include "state/state.h"

enum {
	QUEUE_MAX = 4096,       /* more unanswered offers are a misbehaviour */
	OFFERS_MAX = 1 << 24    /* and so are more than that in all */
};

enum fetch { FETCH_NOTHING, FETCH_AWAITED, FETCH_HERE, FETCH_GIVEN_UP };

struct comparing {
	struct exchange *x;
	struct comparing_options o;
	struct state_walk *walk;
	struct entry ours;              /* read from walk, not yet compared */
	int has_ours;
	struct offer *queue;            /* from first on */
	size_t nqueue, queue_cap, first;
	uint64_t index;                 /* of the first one */
	char *last;                     /* the name that was offered last */
	enum fetch fetch;               /* the content of the first one */
	struct buf content;
	int ended, finished;
};

int
comparing_new(struct comparing **out, struct exchange *x,
    const struct comparing_options *o, struct err *e)
{
	struct comparing *c = mem_alloc(sizeof(*c));

	c->x = x;
	c->o = *o;
	c->walk = state_walk_new(x->state, NULL, e);
	*out = c;
	if (c->walk)
		return 0;
	comparing_free(c);
	*out = NULL;
	return -1;
}

void
comparing_free(struct comparing *c)
{
	if (!c)
		return;
	state_walk_free(c->walk);
	if (c->has_ours)
		entry_free(&c->ours);
	for (; c->first < c->nqueue; c->first++)
		offer_free(&c->queue[c->first]);
	free(c->queue);
	free(c->last);
	buf_free(&c->content);
	free(c);
}

int
comparing_finished(const struct comparing *c)
{
	return c->finished;
}

static int
is_compared(const struct comparing *c, const char *name)
{
	return pair_compares(c->x->pair, name) &&
	    (!c->o.wants || c->o.wants(c->o.ctx, name));
}

static int
malformed(struct err *e, const char *what)
{
	return err_set(e, "the peer sent a malformed %s", what);
}

static int
check_offer(struct comparing *c, const struct offer *o, struct err *e)
{
	if (!path_valid(o->name))
		return err_set(e, "the peer offered an invalid name: %s",
		    o->name);
	if (o->eager || o->v.kind == KIND_NONE)
		return malformed(e, "offer");
	if (c->last && path_cmp(c->last, o->name) >= 0)
		return err_set(e, "the peer offered out of order: %s",
		    o->name);
	if (c->nqueue - c->first >= QUEUE_MAX || c->index >= OFFERS_MAX)
		return err_set(e, "the peer sent too many offers");
	return 0;
}

static int
take_offer(struct comparing *c, struct view body, struct err *e)
{
	struct offer o;

	if (c->ended || offer_decode(&o, body))
		return malformed(e, "offer");
	if (check_offer(c, &o, e)) {
		offer_free(&o);
		return -1;
	}
	free(c->last);
	c->last = mem_strdup(o.name);
	c->queue = mem_grow(c->queue, c->nqueue, &c->queue_cap,
	    sizeof(*c->queue));
	c->queue[c->nqueue++] = o;
	return 0;
}

static int
take_content(struct comparing *c, struct view body, struct err *e)
{
	const struct offer *o = &c->queue[c->first];
	struct content_piece piece;

	if (content_decode(&piece, body))
		return malformed(e, "content");
	if (c->fetch != FETCH_AWAITED || piece.index != c->index)
		return err_set(e, "the peer sent content out of turn");
	if (piece.bits & CONTENT_DELTA ||
	    piece.data.len > o->v.size - c->content.len)
		return malformed(e, "content");
	buf_put(&c->content, piece.data.p, piece.data.len);
	if (piece.bits & CONTENT_GIVEN_UP)
		c->fetch = FETCH_GIVEN_UP;
	else if (piece.bits & CONTENT_LAST)
		c->fetch = FETCH_HERE;
	if (c->fetch == FETCH_HERE && c->content.len != o->v.size)
		return malformed(e, "content");
	return 0;
}

int
comparing_input(struct comparing *c, unsigned type, struct view body,
    struct err *e)
{
	uint64_t ignored;

	switch (type) {
	case MESSAGE_OFFER:
		return take_offer(c, body, e);
	case MESSAGE_CONTENT:
		return take_content(c, body, e);
	case MESSAGE_END:
		if (c->ended || end_decode(&ignored, body))
			return malformed(e, "end");
		c->ended = 1;
		return 0;
	default:
		return err_set(e, "the peer sent message %u out of turn", type);
	}
}

static void
drop_ours(struct comparing *c)
{
	entry_free(&c->ours);
	c->has_ours = 0;
}

/*
 * Moves our side on to the name (NULL: to its end) and tells what only we have
 * on the way: 1 when we have that name, 0 when not, -1.
 */
static int
seek(struct comparing *c, const char *name, struct err *e)
{
	struct difference d = { .name = NULL };
	int rc, order;

	for (;;) {
		if (!c->has_ours) {
			rc = state_walk_next(c->walk, &c->ours, e);
			if (rc <= 0)
				return rc;
			c->has_ours = 1;
		}
		order = name ? path_cmp(c->ours.name, name) : -1;
		if (order >= 0)
			return !order && c->ours.v.kind != KIND_NONE;
		if (c->x->pulse && c->x->pulse->beat)
			c->x->pulse->beat(c->x->pulse->ctx);
		d.name = c->ours.name;
		d.ours = &c->ours.v;
		if (d.ours->kind != KIND_NONE && is_compared(c, d.name))
			c->o.differs(c->o.ctx, &d);
		drop_ours(c);
	}
}

static int
needs_content(const struct comparing *c, const struct version *ours,
    const struct version *theirs)
{
	return c->o.contents && c->fetch == FETCH_NOTHING &&
	    theirs->kind == KIND_REG &&
	    theirs->size <= COMPARING_CONTENT_MAX &&
	    !(ours && version_same_content(ours, theirs));
}

/* Asks for the first offer's content, or tells of it: 1 when it is settled. */
static int
differ(struct comparing *c, const struct version *ours)
{
	const struct offer *o = &c->queue[c->first];
	struct difference d = { .name = o->name, .ours = ours,
		.theirs = &o->v, .history = &o->h };
	struct buf b = BUF_INIT;
	struct view content;

	if (needs_content(c, ours, &o->v)) {
		want_encode(c->index, 0, &b);
		exchange_send(c->x, MESSAGE_WANT, &b);
		c->fetch = FETCH_AWAITED;
		return 0;
	}
	content = view_of(c->content.p, c->content.len);
	if (c->fetch == FETCH_HERE)
		d.content = &content;
	c->o.differs(c->o.ctx, &d);
	return 1;
}

/* Answers the first offer and goes on to the next one. */
static void
settle(struct comparing *c)
{
	struct result r;
	struct buf b = BUF_INIT;

	memset(&r, 0, sizeof(r));
	r.index = c->index++;
	r.code = RESULT_SAME;
	result_encode(&r, &b);
	exchange_send(c->x, MESSAGE_RESULT, &b);
	offer_free(&c->queue[c->first++]);
	c->fetch = FETCH_NOTHING;
	buf_free(&c->content);
	if (c->first < QUEUE_MAX && c->first < c->nqueue)
		return;
	c->nqueue -= c->first;
	memmove(c->queue, c->queue + c->first, c->nqueue * sizeof(*c->queue));
	c->first = 0;
}

static int
compare_first(struct comparing *c, struct err *e)
{
	const struct offer *o = &c->queue[c->first];
	int ours;

	if (!is_compared(c, o->name)) {
		settle(c);
		return 1;
	}
	ours = seek(c, o->name, e);
	if (ours < 0)
		return -1;
	if ((ours && version_same(&c->ours.v, &o->v, c->x->ignore)) ||
	    differ(c, ours ? &c->ours.v : NULL)) {
		if (ours)
			drop_ours(c);
		settle(c);
	}
	return 1;
}

int
comparing_output(struct comparing *c, struct err *e)
{
	if (c->finished || c->fetch == FETCH_AWAITED)
		return 0;
	if (c->first < c->nqueue)
		return compare_first(c, e);
	if (!c->ended)
		return 0;
	if (seek(c, NULL, e) < 0)
		return -1;
	c->finished = 1;
	return 1;
}
