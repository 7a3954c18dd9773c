/* SPDX-License-Identifier: ISC */
#ifndef SYNC_DIGEST_H
#define SYNC_DIGEST_H

#include <stdint.h>

#include "message.h"

/*
 * Two hosts' entries, made comparable without sending them. Each entry that
 * both hosts' groups cover becomes an item of two hashes: of its name, and of
 * its version (less what is ignored) with its stamp and heads: two that would
 * be found to be the same (rule 1), but have to learn of each other's stamps or
 * times, differ. Where one of the two only receives, the stamps stay out: what
 * it says of them counts for nothing. Removed names make no item, but for quiet
 * removals; quiet ones have the same item whatever they hold, so that they are
 * seen, and left alone.
 *
 * Items fall into buckets by the highest bits of the name's hash; a bucket is
 * the sum of its items' second hashes, modulo 2^64.
 */

struct entry;
struct err;
struct exchange;

/* The second hash of a quiet item. */
#define DIGEST_QUIET ((uint64_t)0)

/* 1 and the item, or 0: the entry makes none. */
int digest_entry(const struct exchange *x, const struct entry *entry,
    struct digest_item *out);
unsigned digest_bucket(uint64_t name, unsigned bits);

struct digest {
	unsigned bits;                  /* 2^bits buckets */
	uint64_t sum[DIGEST_BUCKETS_MAX];
	uint32_t count[DIGEST_BUCKETS_MAX];
};

/* Of all entries of the state, with DIGEST_BITS_MAX. */
int digest_make(struct digest *d, struct exchange *x, struct err *e);
/* The same with fewer buckets. */
void digest_fold(struct digest *d, unsigned bits);
/* So few buckets that some 64 items are in each, if that can be. */
unsigned digest_bits(const struct digest *d);
/* One number for all sums. */
uint64_t digest_total(const struct digest *d);

#endif
