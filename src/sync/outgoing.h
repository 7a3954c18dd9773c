/* SPDX-License-Identifier: ISC */
#ifndef SYNC_OUTGOING_H
#define SYNC_OUTGOING_H

#include <stdint.h>

/*
 * Contents on their way out: one that is being read, and a few of which all
 * is sent but what the peer's signatures of gaps are waited for. So a round
 * trip more for gaps serves several files.
 */

struct content_out;
struct err;
struct outgoing;
struct signature_piece;

struct outgoing *outgoing_new(void);
void outgoing_free(struct outgoing *o);

/* Whether one is being read; then no other may begin. */
int outgoing_reads(const struct outgoing *o);
/* The next one to be read becomes ours; NULL: it was given up at once. */
void outgoing_begin(struct outgoing *o, struct content_out *c);
/* Sends of the one being read: 1, or 0 while it waits. */
int outgoing_step(struct outgoing *o);

/* Whether the content of that offer is among them. */
int outgoing_has(const struct outgoing *o, uint64_t index);
/* A piece of a gap's signature, for one that is; -1 when it is malformed. */
int outgoing_signature(struct outgoing *o, const struct signature_piece *piece,
    struct err *e);

#endif
