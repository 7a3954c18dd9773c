/* SPDX-License-Identifier: ISC */
/*
 * An array in the order of indexes. What stands before front waits for nothing
 * but its batch, and what stands before asked has sent its signature, if it had
 * to; both only go up, but for what a batch takes away.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "delta/signature.h"
#include "exchange.h"
#include "fs/stage.h"
#include "incoming.h"
#include "items.h"

enum {
	BATCH_BYTES = 64 << 20,
	SIGNED_AHEAD = 4        /* signatures that the peer has to hold */
};

struct items {
	struct exchange *x;
	struct item **at;
	size_t n, cap;
	size_t front;
	uint64_t front_bytes;           /* of content that came */
	size_t asked;
	size_t dir;                     /* the last that was another's place */
};

struct items *
items_new(struct exchange *x)
{
	struct items *it = mem_alloc(sizeof(*it));

	it->x = x;
	return it;
}

static void
item_free(struct items *it, struct item *i)
{
	incoming_free(i->in);
	free(i->offer);
	if (i->d.change_due && i->d.change.temporary)
		stage_remove(it->x->tree, i->d.change.temporary);
	if (i->d.change_due)
		change_free(&i->d.change);
	free(i);
}

void
items_free(struct items *it)
{
	if (!it)
		return;
	while (it->n)
		item_free(it, it->at[--it->n]);
	free(it->at);
	free(it);
}

void
items_add(struct items *it, uint64_t index, struct view offer, int eager,
    const struct decision *d)
{
	struct item *i = mem_alloc(sizeof(*i));

	i->index = index;
	i->d = *d;
	i->d.why = NULL;        /* there is a change: nothing to explain */
	i->d.h = NULL;
	i->offer = mem_dup(offer.p, offer.len);
	i->offer_len = offer.len;
	i->state = d->content_due ? ITEM_WAITS : ITEM_COMPLETE;
	it->at = mem_grow(it->at, it->n, &it->cap, sizeof(struct item *));
	it->at[it->n++] = i;
	if (!d->content_due)
		return;
	i->in = incoming_new(it->x, index, &i->d.change);
	if (!eager)
		incoming_ask(i->in, 1);
}

void
items_offer(const struct item *i, struct offer *o)
{
	int bad = offer_decode(o, view_of(i->offer, i->offer_len));

	assert(!bad);
	(void)bad;
}

size_t
items_count(const struct items *it)
{
	return it->n;
}

struct item *
items_at(struct items *it, size_t i)
{
	return it->at[i];
}

struct item *
items_find(struct items *it, uint64_t index)
{
	size_t lo = it->front, hi = it->n, i;

	while (lo < hi) {
		i = lo + (hi - lo) / 2;
		if (it->at[i]->index == index)
			return it->at[i];
		if (it->at[i]->index < index)
			lo = i + 1;
		else
			hi = i;
	}
	return NULL;
}

static int
makes_dir(const struct item *i, const char *name, size_t n)
{
	const struct want *want = &i->d.change.want;

	return i->state != ITEM_ANSWERED && want->v.kind == KIND_DIR &&
	    !strncmp(want->name, name, n) && !want->name[n];
}

int
items_make(struct items *it, const char *name, size_t n)
{
	size_t i;

	if (it->dir < it->n && makes_dir(it->at[it->dir], name, n))
		return 1;
	for (i = it->n; i-- > 0; )
		if (makes_dir(it->at[i], name, n)) {
			it->dir = i;
			return 1;
		}
	return 0;
}

int
items_sign(struct items *it)
{
	struct incoming *in;
	uint64_t n, blocks = 0;
	size_t i, held = 0;

	if (it->asked == it->n)
		return 0;
	for (i = it->front; i < it->asked; i++) {
		in = it->at[i]->in;
		n = in ? incoming_signed(in) : 0;
		held += n > 0;
		blocks += n;
	}
	for (; it->asked < it->n && held < SIGNED_AHEAD; it->asked++) {
		in = it->at[it->asked]->in;
		if (!in)
			continue;
		if (blocks + incoming_unsigned(in) > SIGNATURE_BLOCKS_MAX)
			return 0;
		if (incoming_sign(in))
			return 1;
		n = incoming_signed(in);
		held += n > 0;
		blocks += n;
	}
	return 0;
}

static void
advance_front(struct items *it)
{
	const struct item *i;

	for (; it->front < it->n; it->front++) {
		i = it->at[it->front];
		if (i->state == ITEM_WAITS)
			return;
		if (i->state == ITEM_COMPLETE && i->d.content_due)
			it->front_bytes += i->d.change.want.v.size;
	}
}

size_t
items_due(struct items *it, int ended)
{
	advance_front(it);
	if (it->front >= OFFERS_HELD || it->front_bytes >= BATCH_BYTES ||
	    (ended && it->front == it->n))
		return it->front;
	return 0;
}

void
items_drop(struct items *it, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		item_free(it, it->at[i]);
	it->n -= n;
	memmove(it->at, it->at + n, it->n * sizeof(struct item *));
	it->asked = it->asked > n ? it->asked - n : 0;
	it->front = 0;
	it->front_bytes = 0;
}
