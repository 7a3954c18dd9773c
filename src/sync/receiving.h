/* SPDX-License-Identifier: ISC */
#ifndef SYNC_RECEIVING_H
#define SYNC_RECEIVING_H

#include <stdint.h>

#include "base/buf.h"

/*
 * The receiving half: judges each offer as it comes, fetches the content that
 * is missing, commits in batches, and answers each offer once it is settled.
 * Nothing is answered as done before it is on disk and in the state.
 */

struct err;
struct exchange;
struct receiving;

struct receiving *receiving_new(struct exchange *x);
void receiving_free(struct receiving *r);

/* Takes PARENT, OFFER, CONTENT and END. */
int receiving_input(struct receiving *r, unsigned type, struct view body,
    struct err *e);
/* Does and queues one thing: 1, or 0 when it waits for the peer, or -1. */
int receiving_output(struct receiving *r, struct err *e);
/* The peer's END came and everything is answered and recorded. */
int receiving_finished(const struct receiving *r);
/* What the peer's END said: its number, 0 when its offers were not complete. */
uint64_t receiving_snapshot(const struct receiving *r);

#endif
