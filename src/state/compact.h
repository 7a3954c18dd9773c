/* SPDX-License-Identifier: ISC */
#ifndef STATE_COMPACT_H
#define STATE_COMPACT_H

#include <stdint.h>

/*
 * Files made at once: an empty one, and what is alive of an old one.
 */

struct err;
struct identity;
struct index;
struct journal;

/* 0, or 1 when there is a file already, or -1. The lock is not kept. */
int compact_create(const char *path, const struct identity *id, struct err *e);
/*
 * Everything alive into a new file in place of the index's, which is locked and
 * synced. *out: the new file, locked.
 */
int compact(struct index *x, const char *path, struct journal **out,
    struct err *e);
/*
 * Whether it pays: the tail has more than so many bytes, and is more than a
 * so-manieth part of the rest; or something is damaged.
 */
int compact_due(const struct index *x, uint64_t least, unsigned part);

#endif
