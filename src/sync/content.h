/* SPDX-License-Identifier: ISC */
#ifndef SYNC_CONTENT_H
#define SYNC_CONTENT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The content of one offered file on its way out: whole, or as a delta against
 * the signature that the peer sent. Where the blocks of that are large, what no
 * block was found for is a gap (delta/ops.h), between blocks that were found:
 * the peer signs finely what it has there, and gets what is new in that.
 */

struct content_out;
struct err;
struct exchange;
struct signature_piece;
struct sigtable;

enum content_state {
	CONTENT_GOES_ON,        /* something was sent, or may be now */
	CONTENT_WAITS,          /* for signatures of gaps */
	CONTENT_OVER            /* the last piece was sent */
};

/*
 * Opens the file of that name if our entry still has that number and the disk
 * still shows its look; else tells the peer that it is given up, and gives
 * NULL. table (may be NULL) becomes the content's.
 */
struct content_out *content_open(struct exchange *x, const char *name,
    uint64_t number, uint64_t index, struct sigtable *table);
/* Sends the next piece. */
enum content_state content_step(struct content_out *c);
uint64_t content_index(const struct content_out *c);
/* The file was read to its end: only gaps are open. */
int content_is_read(const struct content_out *c);
/*
 * Takes a piece of the signature of the oldest gap, and fills that; one that
 * is cut short ends the delta, which comes to nothing. *state as above; -1
 * when it is malformed or nobody asked for it.
 */
int content_signature(struct content_out *c, const struct signature_piece *p,
    enum content_state *state, struct err *e);
void content_close(struct content_out *c);      /* NULL is fine */

#endif
