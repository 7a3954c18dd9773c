/* SPDX-License-Identifier: ISC */
/*
 * The compression function of BLAKE2s with the compiler's vector types: one
 * step for all lanes. Where the CPU has no vectors the compiler takes these
 * types apart, which is slower than a plain BLAKE2s: lanes_fast says so.
 */
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <assert.h>
#include <string.h>

#include "lanes.h"

/* Into what is made for AVX2 and into the other: one alone would be called. */
#define INLINE inline __attribute__((always_inline))

typedef uint32_t vec __attribute__((vector_size(4 * LANES)));

#if defined(__x86_64__)
#define WIDER __attribute__((target("avx2")))
enum { FAST = 1 };

/*
 * Whether CPU and kernel have AVX2. __builtin_cpu_supports knows it, too, and
 * 5 KiB of other things.
 */
static int
has_wider(void)
{
	enum { XMM_AND_YMM = 6 };
	unsigned a, b, c, d, saved, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) ||
	    !(c & bit_AVX))
		return 0;
	__asm__("xgetbv" : "=a" (saved), "=d" (high) : "c" (0));
	return (saved & XMM_AND_YMM) == XMM_AND_YMM &&
	    __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2);
}
#elif defined(__SSE2__) || defined(__ARM_NEON) || defined(__ALTIVEC__)
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

static INLINE void
turn(vec *x, unsigned n)
{
	*x = *x >> n | *x << (32 - n);
}

#define MIX(a, b, c, d, x, y) do { \
	v[a] += v[b] + (x); v[d] ^= v[a]; turn(&v[d], 16); \
	v[c] += v[d];       v[b] ^= v[c]; turn(&v[b], 12); \
	v[a] += v[b] + (y); v[d] ^= v[a]; turn(&v[d], 8); \
	v[c] += v[d];       v[b] ^= v[c]; turn(&v[b], 7); \
} while (0)

static INLINE void
rounds(vec v[16], vec m[16])
{
	const unsigned char *s;

	for (s = sigma[0]; s < sigma[0] + sizeof(sigma); s += 16) {
		MIX(0, 4, 8, 12, m[s[0]], m[s[1]]);
		MIX(1, 5, 9, 13, m[s[2]], m[s[3]]);
		MIX(2, 6, 10, 14, m[s[4]], m[s[5]]);
		MIX(3, 7, 11, 15, m[s[6]], m[s[7]]);
		MIX(0, 5, 10, 15, m[s[8]], m[s[9]]);
		MIX(1, 6, 11, 12, m[s[10]], m[s[11]]);
		MIX(2, 7, 8, 13, m[s[12]], m[s[13]]);
		MIX(3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
}

/* Word i of each lane's block. */
static INLINE void
load(uint32_t out[LANES], const unsigned char *p, unsigned i)
{
	unsigned k;

	for (k = 0, p += 4 * i; k < LANES; k++, p += LANES_BLOCK)
		out[k] = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* How many bytes each lane has, low and high words, and ~0 where it ends. */
struct step {
	uint32_t t[LANES], t2[LANES], f[LANES];
};

/* A block of each lane. */
static INLINE void
mix(uint32_t to[8][LANES], const unsigned char *p, const struct step *s)
{
	union { vec v[16]; uint32_t w[16][LANES]; } m;
	vec h[8], v[16], none = { 0 };
	struct { vec t, t2, f; } at;
	unsigned i;

	memcpy(h, to, sizeof(h));
	memcpy(&at, s, sizeof(at));
	for (i = 0; i < 16; i++)
		load(m.w[i], p, i);
	for (i = 0; i < 8; i++) {
		v[i] = h[i];
		v[8 + i] = none + iv[i];
	}
	v[12] ^= at.t;
	v[13] ^= at.t2;
	v[14] ^= at.f;
	rounds(v, m.v);
	for (i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[8 + i];
	memcpy(to, h, sizeof(h));
}

#ifdef WIDER
WIDER static void
mix_wider(uint32_t to[8][LANES], const unsigned char *p, const struct step *s)
{
	mix(to, p, s);
}
#endif

/* Once: what it holds is large. */
static __attribute__((noinline)) void
mix_here(struct lanes *l, const unsigned char *p, const struct step *s)
{
	assert(FAST);
#ifdef WIDER
	/* A virtual machine traps for the answer, as long as a file takes. */
	if (!l->asked)
		l->wider = has_wider();
	l->asked = 1;
	if (l->wider) {
		mix_wider(l->h, p, s);
		return;
	}
#endif
	mix(l->h, p, s);
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

	memset(&s, 0, sizeof(s));
	for (; n; n--, p += LANES_STRIPE) {
		count(l, &s, LANES_STRIPE);
		mix_here(l, p, &s);
	}
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
	mix_here(l, p, &s);
	if (!left)
		return;
	memcpy(rest, p + LANES_STRIPE, left);
	memcpy(was, l->h, sizeof(was));
	count(l, &s, left);
	memset(s.f, 0xff, sizeof(s.f));
	mix_here(l, rest, &s);
	for (i = 0; i < 8; i++)
		memcpy(&l->h[i][has], &was[i][has],
		    (LANES - has) * sizeof(was[i][0]));
}
