/* SPDX-License-Identifier: ISC */
#ifndef SYNC_ITEMS_H
#define SYNC_ITEMS_H

#include <stddef.h>
#include <stdint.h>

#include "judge.h"
#include "message.h"

/*
 * The offers that need a change, in the order in which they came. Each waits
 * for its content, if it needs any, and then for its batch: those at the front
 * that wait for no content are one as soon as it is large enough, or no more
 * will come.
 */

struct exchange;
struct incoming;
struct items;

enum {
	ITEMS_MAX = 4096        /* more unanswered offers are a misbehaviour */
};

enum item_state {
	ITEM_WAITS,             /* for its content */
	ITEM_COMPLETE,          /* d.change can be committed */
	ITEM_ANSWERED           /* nothing is left to do */
};

struct item {
	uint64_t index;         /* of the offer, */
	unsigned char *offer;   /* which is kept as it came, in so many bytes */
	size_t offer_len;
	enum item_state state;
	struct incoming *in;    /* its content on the way; else NULL */
	struct decision d;      /* change_due; no words: those are not kept */
};

struct items *items_new(struct exchange *x);
/* Staged content goes, too, unless a commit used it up. NULL is fine. */
void items_free(struct items *it);

/*
 * One more: takes over the decision's change. Asks the peer for content that is
 * due and does not come unasked.
 */
void items_add(struct items *it, uint64_t index, struct view offer, int eager,
    const struct decision *d);
/* The offer once more, to be freed. */
void items_offer(const struct item *i, struct offer *o);
size_t items_count(const struct items *it);
/* The one of that index among those that are not due yet, or NULL. */
struct item *items_find(struct items *it, uint64_t index);
/* Whether one of them is to make the directory named by the first n bytes. */
int items_make(struct items *it, const char *name, size_t n);
/*
 * Sends the next piece of a signature: 1, or 0 when there is none to send. One
 * signature at a time, in the order of offers, and no more than the peer is
 * ready to hold.
 */
int items_sign(struct items *it);

/* How many at the front are a batch to be committed now; ended: the last. */
size_t items_due(struct items *it, int ended);
/* That one, from the front; less than items_count(). */
struct item *items_at(struct items *it, size_t i);
/* The batch is over: frees those n at the front. */
void items_drop(struct items *it, size_t n);

#endif
