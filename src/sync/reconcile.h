/* SPDX-License-Identifier: ISC */
#ifndef SYNC_RECONCILE_H
#define SYNC_RECONCILE_H

#include "base/buf.h"

/*
 * Finds out which names are not alike on both hosts, before anything is
 * offered: what a host that is gone never delivered, what was lost with a state
 * file, what a new host lacks. The client sends the sums of its buckets
 * (digest.h); the server says which of them differ and lists its items there;
 * the client answers with those that it wants to be offered. Equal trees are
 * seen to be equal by the sums alone.
 *
 * A pair of digests that a whole session could not bring together (hosts that
 * ignore other things, say) is remembered by the server: the same pair again
 * counts as equal.
 *
 * Driven like the other halves: output as long as it gives 1, input with
 * DIGEST, BUCKETS and ITEMS.
 */

struct entry;
struct err;
struct exchange;
struct reconcile;

struct reconcile *reconcile_new(struct exchange *x, int client);
void reconcile_free(struct reconcile *r);       /* NULL is fine */

int reconcile_output(struct reconcile *r, struct err *e);
int reconcile_input(struct reconcile *r, unsigned type, struct view body,
    struct err *e);
/* Each side knows what it has to offer. */
int reconcile_finished(const struct reconcile *r);
/* Too much differs to list it: all is to be offered. */
int reconcile_all(const struct reconcile *r);

enum reconcile_word {
	RECONCILE_UNKNOWN,      /* newer, removed, quiet: as without it */
	RECONCILE_SAME,         /* the other has the same */
	RECONCILE_DIFFERS       /* the other lacks it, or has another one */
};
/* NULL knows of nothing. */
enum reconcile_word reconcile_says(const struct reconcile *r,
    const struct entry *entry);

/* At the end of a complete session, under the lock: remembers the pair. */
int reconcile_record(const struct reconcile *r, struct err *e);

#endif
