/* SPDX-License-Identifier: ISC */
#ifndef SYNC_INCOMING_H
#define SYNC_INCOMING_H

#include <stdint.h>

#include "fs/commit.h"
#include "message.h"

/*
 * One regular file on its way in: the signature of what stands there, the
 * bytes or operations that come, the temporary that they make.
 */

struct exchange;
struct incoming;

enum {
	SIGNED_MIN = 8 << 10    /* shorter files are fetched whole */
};

/* For the change's file; change must stay where it is. */
struct incoming *incoming_new(struct exchange *x, uint64_t index,
    const struct change *change);
/* Removes the temporary unless it was handed over. NULL is fine. */
void incoming_free(struct incoming *in);

/* Asks the peer for the content (WANT); delta: with a signature if it helps. */
void incoming_ask(struct incoming *in, int delta);
/* Sends the next piece of the signature: 1, or 0 when there is none to send. */
int incoming_sign(struct incoming *in);
/* Blocks of the signature that the peer holds for its answer, or 0. */
uint64_t incoming_signed(const struct incoming *in);
/* Those of the signature that it is to get, or is getting, or 0. */
uint64_t incoming_unsigned(const struct incoming *in);

enum incoming_state {
	INCOMING_MORE,
	INCOMING_COMPLETE,      /* verified; *temporary is its name */
	INCOMING_WRONG,         /* not what was offered: ask again, or not */
	INCOMING_FAILED         /* e says why */
};
enum incoming_state incoming_take(struct incoming *in,
    const struct content_piece *piece, struct err *e);
/*
 * Once complete: closes the temporary, made to look as the change wants, which
 * is the caller's from now on.
 */
char *incoming_keep(struct incoming *in, struct change *c, struct err *e);
/* A second try came to nothing, or the first was no delta. */
int incoming_tried(const struct incoming *in);

#endif
