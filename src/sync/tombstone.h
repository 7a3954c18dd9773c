/* SPDX-License-Identifier: ISC */
#ifndef SYNC_TOMBSTONE_H
#define SYNC_TOMBSTONE_H

#include <stddef.h>

/*
 * A tombstone is what tells a removed file from one that was never there. It
 * can go when every peer has been told; and then not at once: a peer that lost
 * its state after that can only be answered by one that is still here.
 */

struct conf;
struct err;
struct state;

enum { TOMBSTONES_MIN = 1000 };

/* How many stay in any case, the newest: min, or as many as there are files. */
size_t tombstone_limit(size_t live, size_t min);

/*
 * Drops what is beyond that, the oldest first: what every peer has been told,
 * and what a peer told this host of a path that it never had, or that it only
 * receives. A quiet removal was told to nobody. Nothing goes while a conflict
 * over its path is remembered, nor outside all groups. Locks the state only if
 * there is something to drop.
 */
int tombstone_drop(const struct conf *c, struct state *s, size_t min,
    unsigned lock_ms, struct err *e);

#endif
