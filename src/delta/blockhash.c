/* SPDX-License-Identifier: ISC */
/*
 * Rolling sum and XXH64. Words are put together from bytes, so that neither
 * alignment nor byte order of the machine matters; compilers make one load of
 * it where that is possible.
 */
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <string.h>

#include "blockhash.h"

#define M1 BLOCKHASH_M
#define M2 (M1 * M1)
#define M3 (M2 * M1)
#define M4 (M2 * M2)

#define P1 UINT64_C(0x9e3779b185ebca87)
#define P2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define P3 UINT64_C(0x165667b19e3779f9)
#define P4 UINT64_C(0x85ebca77c2b2ae63)
#define P5 UINT64_C(0x27d4eb2f165667c5)

#if defined(__SSE2__)
enum { STEP = 64 };

/*
 * Whole steps: the products of one are added up side by side. A power of M is
 * two signed numbers of 16 bits, high * 2^16 + low, as they can be multiplied.
 */
static uint32_t
sum_steps(const unsigned char *p, size_t n)
{
	const __m128i zero = _mm_setzero_si128();
	__m128i low[STEP / 8], high[STEP / 8], a, b, c, d;
	int16_t l[STEP], h[STEP];
	uint32_t power = 1, sum = 0;
	unsigned i;

	for (i = STEP; i--; power *= M1) {
		l[i] = (int16_t)power;
		h[i] = (int16_t)((power + 0x8000) >> 16);
	}
	memcpy(low, l, sizeof(low));
	memcpy(high, h, sizeof(high));
	for (; n >= STEP; n -= STEP, p += STEP) {
		a = b = zero;
		for (i = 0; i < STEP / 8; i += 2) {
			c = _mm_loadu_si128((const void *)(p + 8 * i));
			d = _mm_unpackhi_epi8(c, zero);
			c = _mm_unpacklo_epi8(c, zero);
			a = _mm_add_epi32(a, _mm_madd_epi16(c, low[i]));
			a = _mm_add_epi32(a, _mm_madd_epi16(d, low[i + 1]));
			b = _mm_add_epi32(b, _mm_madd_epi16(c, high[i]));
			b = _mm_add_epi32(b, _mm_madd_epi16(d, high[i + 1]));
		}
		a = _mm_add_epi32(a, _mm_slli_epi32(b, 16));
		a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0x4e));
		a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0xb1));
		sum = sum * power + (uint32_t)_mm_cvtsi128_si32(a);
	}
	return sum;
}

uint32_t
blockhash_sum(const unsigned char *p, size_t n)
{
	size_t i = n - n % STEP;
	uint32_t sum = sum_steps(p, i);

	for (; i < n; i++)
		sum = sum * M1 + p[i];
	return sum;
}
#else
static uint32_t
step4(uint32_t h, const unsigned char *p)
{
	return h * M4 + p[0] * M3 + p[1] * M2 + p[2] * M1 + p[3];
}

/*
 * Both halves at once: a multiplication waits for the one before it, and two
 * chains of them fill the time of one.
 */
uint32_t
blockhash_sum(const unsigned char *p, size_t n)
{
	size_t i, half = n / 8 * 4;
	const unsigned char *q = p + half;
	uint32_t h = 0, g = 0;

	for (i = 0; i < half; i += 4) {
		h = step4(h, p + i);
		g = step4(g, q + i);
	}
	h = h * blockhash_power(half) + g;
	for (i = 2 * half; i < n; i++)
		h = h * M1 + p[i];
	return h;
}
#endif

uint32_t
blockhash_power(size_t n)
{
	uint32_t r = 1, m = BLOCKHASH_M;

	for (; n; n >>= 1, m *= m)
		if (n & 1)
			r *= m;
	return r;
}

static inline uint64_t
rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

static inline uint32_t
load32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static inline uint64_t
load64(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	    (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	    (uint64_t)p[7] << 56;
}

static inline uint64_t
lane(uint64_t acc, uint64_t word)
{
	return rotl(acc + word * P2, 31) * P1;
}

static uint64_t
join(uint64_t h, uint64_t acc)
{
	return (h ^ lane(0, acc)) * P1 + P4;
}

/* The 32-byte stripes in four lanes; leaves *p at what is left of them. */
static uint64_t
stripes(uint64_t seed, const unsigned char **p, size_t n)
{
	uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
	const unsigned char *q = *p;
	uint64_t h;

	for (; n >= 32; n -= 32, q += 32) {
		a = lane(a, load64(q));
		b = lane(b, load64(q + 8));
		c = lane(c, load64(q + 16));
		d = lane(d, load64(q + 24));
	}
	*p = q;
	h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
	return join(join(join(join(h, a), b), c), d);
}

static uint64_t
tail(uint64_t h, const unsigned char *p, size_t n)
{
	for (; n >= 8; n -= 8, p += 8)
		h = rotl(h ^ lane(0, load64(p)), 27) * P1 + P4;
	if (n >= 4) {
		h = rotl(h ^ load32(p) * P1, 23) * P2 + P3;
		p += 4;
		n -= 4;
	}
	for (; n; n--)
		h = rotl(h ^ *p++ * P5, 11) * P1;
	return h;
}

uint64_t
blockhash_strong(uint64_t seed, const unsigned char *p, size_t n)
{
	uint64_t h;

	h = n >= 32 ? stripes(seed, &p, n) : seed + P5;
	h = tail(h + n, p, n & 31);
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}
