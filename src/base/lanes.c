/* SPDX-License-Identifier: ISC */
/*
 * The compression function of BLAKE2s with the compiler's vector types: one
 * step for four lanes, whose words fit into the registers of most CPUs, and
 * then for the other four. On x86 one for all eight, by AVX2 or by AVX-512,
 * which has more registers and turns words by itself. Where a CPU has no
 * vectors the compiler takes these types apart, which is slower than a plain
 * BLAKE2s: lanes_fast says so.
 */
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif
#include <assert.h>
#include <string.h>

#include "lanes.h"

#if defined(__SSE2__) || defined(__ARM_NEON) || defined(__ALTIVEC__)
enum { FAST = 1 };
#else
enum { FAST = 0 };
#endif

static const uint32_t iv[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
};

static const unsigned char sigma[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 }
};

/*
 * How many bytes each lane has with its next block, low and high words, and ~0
 * where that is its last.
 */
struct step {
	uint32_t t[LANES], t2[LANES], f[LANES];
};

int
lanes_fast(void)
{
	return FAST;
}

void
lanes_init(struct lanes *l)
{
	unsigned i, k;

	for (i = 0; i < 8; i++)
		for (k = 0; k < LANES; k++)
			l->h[i][k] = iv[i];
	/* no key, 32 bytes of digest, no tree (RFC 7693, 2.5) */
	for (k = 0; k < LANES; k++)
		l->h[0][k] ^= 0x01010020;
	l->bytes = 0;
}

#define TURN(x, n) ((x) = (x) >> (n) | (x) << (32 - (n)))

#define MIX(a, b, c, d, i) do { \
	v[a] += v[b] + m[s[i]];     v[d] ^= v[a]; TURN16(v[d]); \
	v[c] += v[d];               v[b] ^= v[c]; TURN(v[b], 12); \
	v[a] += v[b] + m[s[i + 1]]; v[d] ^= v[a]; TURN8(v[d]); \
	v[c] += v[d];               v[b] ^= v[c]; TURN(v[b], 7); \
} while (0)

#define ROUNDS do { \
	for (s = sigma[0]; s < sigma[0] + sizeof(sigma); s += 16) { \
		MIX(0, 4, 8, 12, 0); \
		MIX(1, 5, 9, 13, 2); \
		MIX(2, 6, 10, 14, 4); \
		MIX(3, 7, 11, 15, 6); \
		MIX(0, 5, 10, 15, 8); \
		MIX(1, 6, 11, 12, 10); \
		MIX(2, 7, 8, 13, 12); \
		MIX(3, 4, 9, 14, 14); \
	} \
} while (0)

/*
 * n blocks of each lane, as many of them as a vec has words, from `lane` on:
 * the body of a function for one length of vectors.
 */
#define MIX_BLOCKS(vec, load) do { \
	vec h[8], v[16], m[16], t, t2, f; \
	const vec none = { 0 }; \
	const unsigned char *s; \
	unsigned i; \
\
	for (i = 0; i < 8; i++) \
		memcpy(&h[i], to[i] + lane, sizeof(vec)); \
	memcpy(&t, step->t + lane, sizeof(vec)); \
	memcpy(&t2, step->t2 + lane, sizeof(vec)); \
	memcpy(&f, step->f + lane, sizeof(vec)); \
	for (; n; n--, p += LANES_STRIPE) { \
		load(m, p + lane * LANES_BLOCK); \
		for (i = 0; i < 8; i++) { \
			v[i] = h[i]; \
			v[8 + i] = none + iv[i]; \
		} \
		v[12] ^= t; \
		v[13] ^= t2; \
		v[14] ^= f; \
		ROUNDS; \
		for (i = 0; i < 8; i++) \
			h[i] ^= v[i] ^ v[8 + i]; \
		t += LANES_BLOCK; \
		t2 -= (vec)(t < LANES_BLOCK); \
	} \
	for (i = 0; i < 8; i++) \
		memcpy(to[i] + lane, &h[i], sizeof(vec)); \
} while (0)

typedef uint32_t four __attribute__((vector_size(16)));

static uint32_t
word(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
load_four(four m[16], const unsigned char *p)
{
	uint32_t w[16][4];
	unsigned i, k;

	for (k = 0; k < 4; k++)
		for (i = 0; i < 16; i++, p += 4)
			w[i][k] = word(p);
	memcpy(m, w, sizeof(w));
}

#define TURN16(x) TURN(x, 16)
#define TURN8(x) TURN(x, 8)

static void
mix_four(uint32_t to[8][LANES], unsigned lane, const unsigned char *p,
    size_t n, const struct step *step)
{
	MIX_BLOCKS(four, load_four);
}

#undef TURN16
#undef TURN8

#if defined(__x86_64__)
typedef uint32_t eight __attribute__((vector_size(32)));

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx2,avx512vl")))

AVX2 static inline void
load_eight(eight m[16], const unsigned char *p)
{
	__m256i a[8], b[8];
	unsigned i, k;

	for (k = 0; k < 2; k++, m += 8, p += 8 * sizeof(uint32_t)) {
		for (i = 0; i < 8; i++)
			a[i] = _mm256_loadu_si256(
			    (const void *)(p + i * LANES_BLOCK));
		for (i = 0; i < 8; i += 2) {
			b[i] = _mm256_unpacklo_epi32(a[i], a[i + 1]);
			b[i + 1] = _mm256_unpackhi_epi32(a[i], a[i + 1]);
		}
		for (i = 0; i < 8; i += 4) {
			a[i] = _mm256_unpacklo_epi64(b[i], b[i + 2]);
			a[i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 2]);
			a[i + 2] = _mm256_unpacklo_epi64(b[i + 1], b[i + 3]);
			a[i + 3] = _mm256_unpackhi_epi64(b[i + 1], b[i + 3]);
		}
		for (i = 0; i < 4; i++) {
			m[i] = (eight)_mm256_permute2x128_si256(a[i],
			    a[i + 4], 0x20);
			m[4 + i] = (eight)_mm256_permute2x128_si256(a[i],
			    a[i + 4], 0x31);
		}
	}
}

/* AVX2 turns by whole bytes in one step. */
#undef TURN16
#undef TURN8
#define SHUFFLE(x, by) ((x) = (eight)_mm256_shuffle_epi8((__m256i)(x), by))
#define TURN16(x) SHUFFLE(x, by16)
#define TURN8(x) SHUFFLE(x, by8)

AVX2 static void
mix_shuffling(uint32_t to[8][LANES], unsigned lane, const unsigned char *p,
    size_t n, const struct step *step)
{
	const __m256i by16 = _mm256_set_epi64x(
	    0x0d0c0f0e09080b0a, 0x0504070601000302,
	    0x0d0c0f0e09080b0a, 0x0504070601000302);
	const __m256i by8 = _mm256_set_epi64x(
	    0x0c0f0e0d080b0a09, 0x0407060500030201,
	    0x0c0f0e0d080b0a09, 0x0407060500030201);

	MIX_BLOCKS(eight, load_eight);
}

#undef TURN16
#undef TURN8
#define TURN16(x) TURN(x, 16)
#define TURN8(x) TURN(x, 8)

AVX512 static void
mix_turning(uint32_t to[8][LANES], unsigned lane, const unsigned char *p,
    size_t n, const struct step *step)
{
	MIX_BLOCKS(eight, load_eight);
}

/*
 * What CPU and kernel have. __builtin_cpu_supports knows it, too, and 5 KiB of
 * other things.
 */
static enum lanes_wider
wider(void)
{
	enum { YMM = 0x06, ZMM = 0xe6 };        /* what the kernel saves */
	unsigned a, b, c, d, saved, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) ||
	    !(c & bit_AVX))
		return LANES_FOUR;
	__asm__("xgetbv" : "=a" (saved), "=d" (high) : "c" (0));
	if ((saved & YMM) != YMM ||
	    !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2))
		return LANES_FOUR;
	return (saved & ZMM) == ZMM && b & bit_AVX512VL ? LANES_AVX512 :
	    LANES_AVX2;
}
#endif

/* n blocks of each lane; the step is that of the first. */
static void
mix(struct lanes *l, const unsigned char *p, size_t n, const struct step *s)
{
	assert(FAST);
#if defined(__x86_64__)
	/* A virtual machine traps for the answer, as long as a file takes. */
	if (!l->wider)
		l->wider = wider();
	if (l->wider == LANES_AVX512) {
		mix_turning(l->h, 0, p, n, s);
		return;
	}
	if (l->wider == LANES_AVX2) {
		mix_shuffling(l->h, 0, p, n, s);
		return;
	}
#endif
	mix_four(l->h, 0, p, n, s);
	mix_four(l->h, LANES / 2, p, n, s);
}

/* The n bytes at p are a block of each lane, or end so that some have less. */
static void
count(struct lanes *l, struct step *s, size_t n)
{
	uint64_t bytes;
	unsigned i;
	size_t take;

	for (i = 0; i < LANES; i++, n -= take) {
		take = n < LANES_BLOCK ? n : LANES_BLOCK;
		bytes = l->bytes + take;
		s->t[i] = (uint32_t)bytes;
		s->t2[i] = (uint32_t)(bytes >> 32);
	}
	l->bytes += LANES_BLOCK;
}

void
lanes_add(struct lanes *l, const unsigned char *p, size_t n)
{
	struct step s;

	if (!n)
		return;
	memset(&s, 0, sizeof(s));
	count(l, &s, LANES_STRIPE);
	mix(l, p, n, &s);
	l->bytes += (n - 1) * LANES_BLOCK;
}

void
lanes_end(struct lanes *l, const unsigned char *p, size_t n)
{
	unsigned char rest[LANES_STRIPE] = { 0 };
	size_t left = n - LANES_STRIPE;
	unsigned has = (unsigned)((left + LANES_BLOCK - 1) / LANES_BLOCK), i;
	uint32_t was[8][LANES];
	struct step s;

	/* of the last whole stripe the blocks of lanes that get no more end */
	count(l, &s, LANES_STRIPE);
	for (i = 0; i < LANES; i++)
		s.f[i] = i < has ? 0 : UINT32_MAX;
	mix(l, p, 1, &s);
	if (!left)
		return;
	memcpy(rest, p + LANES_STRIPE, left);
	memcpy(was, l->h, sizeof(was));
	count(l, &s, left);
	memset(s.f, 0xff, sizeof(s.f));
	mix(l, rest, 1, &s);
	for (i = 0; i < 8; i++)
		memcpy(&l->h[i][has], &was[i][has],
		    (LANES - has) * sizeof(was[i][0]));
}
