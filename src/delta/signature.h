/* SPDX-License-Identifier: ISC */
#ifndef DELTA_SIGNATURE_H
#define DELTA_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The signature of the content that a receiver has: a rolling sum and a strong
 * hash for each block. Its form on the wire:
 *
 *   u8      1, the version of this form
 *   u8      L, the block size is 2^L bytes: SIGNATURE_LOG_MIN..MAX
 *   u8      S, bytes of the strong hash: SIGNATURE_STRONG_MIN..MAX
 *   u64     seed of the strong hash
 *   varint  size of the content
 *   for each block, the last one perhaps short, an empty content has none:
 *     u32      rolling sum (blockhash_sum)
 *     S bytes  strong hash (blockhash_strong), its lowest bytes, lowest first
 *
 * L is the smallest with 2^(2L+1) >= size, so that block size and number of
 * blocks both grow with the square root: 512 MiB have 32,768 blocks of 16 KiB
 * and a signature of 224 KiB; 1 MiB, 1,024 of 1 KiB and 7 KiB. Above 1 TiB it
 * grows faster, for SIGNATURE_BLOCKS_MAX. A second, finer signature may have a
 * smaller L. S makes a false match improbable:
 * rolling sum and strong hash together have log2(size * blocks) + 10 bits, and
 * the strong hash alone log2(blocks) + 8, as the block that is expected next
 * is compared by it alone. When a match was false after all, the content id
 * says so.
 */

enum {
	SIGNATURE_VERSION = 1,
	SIGNATURE_LOG_MIN = 9,
	SIGNATURE_LOG_MAX = 24,
	SIGNATURE_STRONG_MIN = 3,
	SIGNATURE_STRONG_MAX = 8,
	SIGNATURE_BLOCKS_MAX = 1 << 20
};

/* Files above this have no signature and go whole: 16 TiB. */
#define SIGNATURE_SIZE_MAX (UINT64_C(1) << 44)

struct buf;
struct err;
struct signature;

/* L for a content of so many bytes, and S for blocks of 2^L of them. */
unsigned signature_log(uint64_t size);
unsigned signature_strong(uint64_t size, unsigned log);
/* Number of blocks of 2^log bytes in so many bytes. */
uint64_t signature_blocks(uint64_t size, unsigned log);
/* Whether so many of them may take less than a content of so many bytes. */
int signature_pays(uint64_t blocks, uint64_t size);

/*
 * Begins a signature of `size` bytes with blocks of 2^log; the seed should be
 * random. NULL when the size or the number of blocks is above its limit or
 * there is no memory for one block.
 */
struct signature *signature_new(uint64_t size, unsigned log, uint64_t seed,
    struct err *e);
void signature_free(struct signature *s);

/*
 * Takes the content in pieces of any length and appends to out what can be
 * said by now. Bytes above `size` are ignored, so that the signature of a file
 * that grows meanwhile is still well formed.
 */
void signature_add(struct signature *s, const void *p, size_t n,
    struct buf *out);
/*
 * Appends what is left. -1 when there were fewer than `size` bytes: the
 * signature is of no use.
 */
int signature_end(struct signature *s, struct buf *out, struct err *e);

#endif
