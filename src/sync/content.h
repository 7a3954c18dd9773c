/* SPDX-License-Identifier: ISC */
#ifndef SYNC_CONTENT_H
#define SYNC_CONTENT_H

#include <stdint.h>

/*
 * The content of one offered file on its way out: whole, or as a delta against
 * the signature that the peer sent.
 */

struct content_out;
struct err;
struct exchange;
struct sigtable;

/*
 * Opens the file of that name if our entry still has that number and the disk
 * still shows its look; else tells the peer that it is given up, and gives
 * NULL. table (may be NULL) becomes the content's.
 */
struct content_out *content_open(struct exchange *x, const char *name,
    uint64_t number, uint64_t index, struct sigtable *table);
/* Sends the next piece: 1, or 0 after the last one. */
int content_step(struct content_out *c);
void content_close(struct content_out *c);      /* NULL is fine */

#endif
