/* SPDX-License-Identifier: ISC */
#ifndef DELTA_BLOCKHASH_H
#define DELTA_BLOCKHASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * The two hashes of a block.
 *
 * The rolling sum of the n bytes c[0] .. c[n-1] is the polynomial
 *
 *   c[0] * M^(n-1) + c[1] * M^(n-2) + ... + c[n-1]     modulo 2^32
 *
 * with M = BLOCKHASH_M (Karp and Rabin 1987, with the machine word as modulus).
 * Its upper bits are the better ones: bit k depends on the bits 0..k of the
 * products only. It finds candidates; it proves nothing.
 *
 * The strong hash is XXH64 with a seed, by its public specification
 * (xxHash, doc/xxhash_spec.md, Yann Collet). It is no defence against somebody
 * who chose the data and knows the seed: the content id is.
 */

#define BLOCKHASH_M UINT32_C(0x9e3779b5)

uint32_t blockhash_sum(const unsigned char *p, size_t n);

/* M^n, which blockhash_roll wants for a window of n bytes. */
uint32_t blockhash_power(size_t n);

/* The sum after the window has lost `out` in front and got `in` behind. */
static inline uint32_t
blockhash_roll(uint32_t sum, uint32_t power, unsigned char out,
    unsigned char in)
{
	return sum * BLOCKHASH_M + (in - out * power);
}

uint64_t blockhash_strong(uint64_t seed, const unsigned char *p, size_t n);

#endif
