/* SPDX-License-Identifier: ISC */
#ifndef SYNC_OFFERING_H
#define SYNC_OFFERING_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The offering half: streams the pending entries to the peer, sends the
 * content that it wants, and records what it answered. Live entries go in the
 * order of names, then removals deepest first; removals below a name that is no
 * directory (any more) go right before it. Where this host only receives and
 * deviates, the offer is but a question: it is denied, and what the peer has
 * comes in its turn.
 */

struct err;
struct exchange;
struct offering;
struct reconcile;

struct offering_options {
	uint64_t from;          /* what is numbered above is offered */
	int complete;           /* everything is: the cursor may move */
	int all;                /* a comparison: all live entries, and nothing
				   is noted of what is answered */
	int relay;              /* relayed entries too, not only pending ones */
	int deviating;          /* and names of which we want the peer's */
	/* What is known to differ; or NULL. Borrowed. */
	const struct reconcile *reconcile;
	/* Names that may be offered; NULL: all. */
	int (*wants)(void *ctx, const char *name);
	void *ctx;
};

int offering_new(struct offering **out, struct exchange *x,
    const struct offering_options *o, struct err *e);
void offering_free(struct offering *o);

/* Queues one thing: 1, or 0 when there is nothing to say now, or -1. */
int offering_output(struct offering *o, struct err *e);
/* Takes WANT, SIGNATURE and RESULT. */
int offering_input(struct offering *o, unsigned type, struct view body,
    struct err *e);
/* All was offered, answered and recorded. */
int offering_finished(const struct offering *o);
/* The number up to which the peer has been told, once finished. */
uint64_t offering_snapshot(const struct offering *o);

#endif
