/* SPDX-License-Identifier: ISC */
#ifndef BASE_LANES_H
#define BASE_LANES_H

#include <stddef.h>
#include <stdint.h>

/*
 * BLAKE2s-256 (RFC 7693) of eight streams side by side, a vector of eight
 * 32-bit words being one word of each. Together they are one run of bytes, of
 * which the streams get a block each in turn.
 */

enum {
	LANES = 8,
	LANES_BLOCK = 64,
	LANES_STRIPE = LANES * LANES_BLOCK      /* a block of each */
};

/*
 * Whether this is faster here than one after the other. Where not, lanes_add
 * and lanes_end are not there.
 */
int lanes_fast(void);

/* What takes all lanes in one step. */
enum lanes_wider { LANES_UNASKED, LANES_FOUR, LANES_AVX2, LANES_AVX512 };

struct lanes {
	uint32_t h[8][LANES];   /* word, lane */
	uint64_t bytes;         /* of each lane so far */
	enum lanes_wider wider; /* asked once: that is slow */
};

/* Zeroed before the first time; what is known of the CPU stays. */
void lanes_init(struct lanes *l);
/* Takes n stripes, which are not the last: a block for lane 0, for lane 1 .. */
void lanes_add(struct lanes *l, const unsigned char *p, size_t n);
/*
 * Takes the last n bytes, from a stripe to less than two; the digest of lane i
 * is l->h[0..7][i] then.
 */
void lanes_end(struct lanes *l, const unsigned char *p, size_t n);

#endif
