/* SPDX-License-Identifier: ISC */
#ifndef DELTA_SIGTABLE_H
#define DELTA_SIGTABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A signature as the sender of a delta uses it: read from the wire, then a
 * hash table over the rolling sums of the full blocks. (The short last block
 * is looked for by its number only.) Memory: about 20 bytes a block, which
 * grow with what has arrived, not with what the header claims.
 */

/*
 * Blocks of one bucket; more with different hashes are not found. So the
 * work for one place of the new content has a bound whatever was signed.
 */
enum { SIGTABLE_CHAIN_MAX = 16 };

#define SIGTABLE_NONE UINT32_MAX        /* no block */

struct err;
struct sigtable;

struct sigtable *sigtable_new(void);
void sigtable_free(struct sigtable *t);

/*
 * Takes wire bytes in pieces of any length. -1 when they are malformed, beyond
 * a limit of signature.h, more than the header announced, or when there is no
 * memory; the table is then of no use.
 */
int sigtable_add(struct sigtable *t, const void *p, size_t n, struct err *e);
/* True when the signature is complete. What follows is for then only. */
int sigtable_ready(const struct sigtable *t);

uint64_t sigtable_size(const struct sigtable *t);   /* of the old content */
size_t sigtable_block(const struct sigtable *t);    /* a full block's length */
uint32_t sigtable_blocks(const struct sigtable *t);
uint64_t sigtable_offset(const struct sigtable *t, uint32_t i);
size_t sigtable_length(const struct sigtable *t, uint32_t i);

/* Whether p, as long as block i, has block i's strong hash. */
int sigtable_is(const struct sigtable *t, uint32_t i, const unsigned char *p);

/* Whether there may be a full block of this sum; seldom wrong when true. */
int sigtable_maybe(const struct sigtable *t, uint32_t sum);

/*
 * Rolls the window of one block that begins at p, and has this sum, forward
 * by 1 to n bytes (n > 0; all of them must be there): stops where
 * sigtable_maybe is true. Returns by how many; *sum is then the sum there.
 */
size_t sigtable_roll(const struct sigtable *t, const unsigned char *p,
    size_t n, uint32_t *sum);

/*
 * The number of the full block that is like the one at p, which has this
 * sum; SIGTABLE_NONE when there is none. *hashed is set when p had to be
 * hashed to find out.
 */
uint32_t sigtable_find(const struct sigtable *t, uint32_t sum,
    const unsigned char *p, int *hashed);

#endif
