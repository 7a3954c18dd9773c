/* SPDX-License-Identifier: ISC */
#ifndef BASE_LANES_H
#define BASE_LANES_H

#include <stddef.h>
#include <stdint.h>

/*
 * BLAKE2s-256 (RFC 7693) of eight streams side by side, a vector of eight
 * 32-bit words being one word of each. Only for whole blocks that are not the
 * last of any stream.
 */

enum {
	LANES = 8,
	LANES_BLOCK = 64,
	LANES_STRIPE = LANES * LANES_BLOCK      /* a block of each */
};

/* Whether this is faster here than one after the other. */
int lanes_fast(void);

struct lanes {
	uint32_t h[8][LANES];   /* word, lane */
	uint64_t bytes;         /* of each lane so far */
	int wider;              /* the CPU has more; known with the first */
};

void lanes_init(struct lanes *l);
/* Takes n stripes: a block for lane 0, one for lane 1, ... */
void lanes_add(struct lanes *l, const unsigned char *p, size_t n);

#endif
