/* SPDX-License-Identifier: ISC */
/*
 * BLAKE2s against RFC 7693 and its reference vectors, and content ids against
 * a second, plain way to compute them: gather each leaf whole, then hash it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "unit.h"

static const size_t sizes[] = {
	0, 1, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 4159, 4160, 4608,
	4609, 8192, 10000, 1048576
};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static unsigned char *
sample(size_t n)
{
	unsigned char *p = malloc(n + 1);
	uint32_t x = 1;
	size_t i;

	for (i = 0; p && i < n; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (unsigned char)(x >> 24);
	}
	return p;
}

static void
plain_id(const unsigned char *p, size_t n, unsigned char id[HASH_BYTES])
{
	unsigned char *leaf = malloc(n + 1), top[9 + 8 * HASH_BYTES] = { 1 };
	size_t i, at, len;

	if (n <= 4096) {
		leaf[0] = 0;
		memcpy(leaf + 1, p, n);
		hash_bytes(leaf, n + 1, id);
		free(leaf);
		return;
	}
	for (i = 0; i < 8; i++)
		top[1 + i] = (unsigned char)((uint64_t)n >> (8 * i));
	for (i = 0; i < 8; i++) {
		len = 0;
		for (at = 0; at < n; at++)
			if (at / 64 % 8 == i)
				leaf[len++] = p[at];
		hash_bytes(leaf, len, top + 9 + HASH_BYTES * i);
	}
	hash_bytes(top, sizeof(top), id);
	free(leaf);
}

/* Adds n bytes in pieces of the given size. */
static void
add_pieces(struct content *c, const unsigned char *p, size_t n, size_t piece)
{
	size_t take;

	for (; n; n -= take, p += take) {
		take = n < piece ? n : piece;
		content_add(c, p, take);
	}
}

static void
blake2s_known_answers(void)
{
	static const unsigned char empty[HASH_BYTES] = {
		0x69, 0x21, 0x7a, 0x30, 0x79, 0x90, 0x80, 0x94,
		0xe1, 0x11, 0x21, 0xd0, 0x42, 0x35, 0x4a, 0x7c,
		0x1f, 0x55, 0xb6, 0x48, 0x2c, 0xa1, 0xa5, 0x1e,
		0x1b, 0x25, 0x0d, 0xfd, 0x1e, 0xd0, 0xee, 0xf9
	};
	static const unsigned char abc[HASH_BYTES] = {
		0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2,
		0xe1, 0xa7, 0x2b, 0xa3, 0x4e, 0xeb, 0x45, 0x2f,
		0x37, 0x45, 0x8b, 0x20, 0x9e, 0xd6, 0x3a, 0x29,
		0x4d, 0x99, 0x9b, 0x4c, 0x86, 0x67, 0x59, 0x82
	};
	unsigned char got[HASH_BYTES];

	hash_bytes("", 0, got);
	CHECK_MEM(got, empty, HASH_BYTES);
	hash_bytes(NULL, 0, got);
	CHECK_MEM(got, empty, HASH_BYTES);
	hash_bytes("abc", 3, got);
	CHECK_MEM(got, abc, HASH_BYTES);
}

/*
 * In the manner of RFC 7693, appendix E: the hash over the hashes of its
 * sequences of several lengths; the answer is Python hashlib's.
 */
static void
blake2s_of_many_lengths(void)
{
	static const unsigned char want[HASH_BYTES] = {
		0x7c, 0x23, 0xdc, 0x21, 0xfe, 0x15, 0x32, 0x29,
		0xb4, 0xb6, 0xeb, 0x32, 0x54, 0x99, 0xe6, 0x0f,
		0xbc, 0x1b, 0x48, 0x89, 0x89, 0x38, 0x82, 0xf3,
		0x85, 0x2b, 0x5b, 0x06, 0xd2, 0x04, 0x8a, 0x4e
	};
	static const size_t lengths[] = { 0, 3, 64, 65, 255, 1024 };
	unsigned char data[1024], sums[6 * HASH_BYTES], got[HASH_BYTES];
	uint32_t a, b, t;
	size_t i, k;

	for (k = 0; k < 6; k++) {
		a = 0xDEAD4BADu * (uint32_t)lengths[k];
		b = 1;
		for (i = 0; i < lengths[k]; i++) {
			t = a + b;
			a = b;
			b = t;
			data[i] = (unsigned char)(t >> 24);
		}
		hash_bytes(data, lengths[k], sums + HASH_BYTES * k);
	}
	hash_bytes(sums, sizeof(sums), got);
	CHECK_MEM(got, want, HASH_BYTES);
}

/* The answer is Python's, too. */
static void
content_id_known_answer(void)
{
	static const unsigned char want[HASH_BYTES] = {
		0x76, 0x36, 0xea, 0xfc, 0x01, 0x89, 0xf5, 0x3e,
		0xdb, 0xcb, 0xa9, 0x4f, 0x29, 0x88, 0x2d, 0x35,
		0x35, 0xe9, 0x9e, 0x03, 0x87, 0x66, 0x85, 0x73,
		0x6b, 0xa2, 0xbc, 0xfb, 0x1e, 0xeb, 0xb3, 0x81
	};
	unsigned char got[HASH_BYTES], *p = sample(10000);
	struct content *c = content_new();

	content_add(c, p, 10000);
	content_final(c, got);
	content_free(c);
	free(p);
	CHECK_MEM(got, want, HASH_BYTES);
}

static void
content_id_by_definition(void)
{
	unsigned char got[HASH_BYTES], want[HASH_BYTES], *p;
	struct content *c = content_new();
	int same = 1;
	size_t i;

	for (i = 0; same && i < SIZES; i++) {
		p = sample(sizes[i]);
		plain_id(p, sizes[i], want);
		content_add(c, p, sizes[i]);
		content_final(c, got);
		same = !memcmp(got, want, HASH_BYTES);
		free(p);
	}
	content_free(c);
	CHECK_INT(same ? 0 : sizes[i - 1], 0);
}

/* Every number of lanes that have a block more, and of bytes in the last. */
static void
content_id_of_every_end(void)
{
	enum { FROM = 4097, TO = 4097 + 2 * 512 + 64 };
	unsigned char got[HASH_BYTES], want[HASH_BYTES], *p = sample(TO);
	struct content *c = content_new();
	size_t n, differ = 0;

	for (n = FROM; n <= TO; n++) {
		plain_id(p, n, want);
		content_add(c, p, n);
		content_final(c, got);
		differ += memcmp(got, want, HASH_BYTES) != 0;
	}
	content_free(c);
	free(p);
	CHECK_INT(differ, 0);
}

static void
content_id_in_pieces(void)
{
	static const size_t pieces[] = {
		1, 7, 63, 64, 65, 511, 512, 513, 1000, 4095, 4096, 4097, 65537
	};
	unsigned char got[HASH_BYTES], want[HASH_BYTES], *p;
	struct content *c = content_new();
	size_t i, k, differ = 0;

	for (i = 0; i < SIZES; i++) {
		p = sample(sizes[i]);
		plain_id(p, sizes[i], want);
		for (k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			add_pieces(c, p, sizes[i], pieces[k]);
			content_final(c, got);
			differ += memcmp(got, want, HASH_BYTES) != 0;
		}
		free(p);
	}
	content_free(c);
	CHECK_INT(differ, 0);
}

/* Pieces of changing size, so that stripes are met in all ways. */
static void
content_id_in_odd_pieces(void)
{
	enum { N = 100003 };
	unsigned char got[HASH_BYTES], want[HASH_BYTES], *p = sample(N);
	struct content *c = content_new();
	size_t at, take, round, differ = 0;
	uint32_t x = 7;

	plain_id(p, N, want);
	for (round = 0; round < 50; round++) {
		for (at = 0; at < N; at += take) {
			x = x * 1664525u + 1013904223u;
			take = (x >> 8) % (round % 5 ? 6000 : 700);
			if (take > N - at)
				take = N - at;
			content_add(c, p + at, take);
		}
		content_final(c, got);
		differ += memcmp(got, want, HASH_BYTES) != 0;
	}
	content_free(c);
	free(p);
	CHECK_INT(differ, 0);
}

/* So large that a thread has a part in it, and given up after that began. */
static void
content_id_of_a_large_one(void)
{
	static const size_t pieces[] = { 100, 4096, 65536, 1 << 20, 1 << 23 };
	enum { N = (7 << 20) + 12345 };
	unsigned char got[HASH_BYTES], want[HASH_BYTES], *p = sample(N);
	struct content *c = content_new();
	size_t i, differ = 0;

	plain_id(p, N, want);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		add_pieces(c, p, N, pieces[i]);
		content_final(c, got);
		differ += memcmp(got, want, HASH_BYTES) != 0;
		add_pieces(c, p, N - i, pieces[i]);
		content_reset(c);
	}
	CHECK_INT(differ, 0);
	content_add(c, p, N);
	content_free(c);
	free(p);
}

int
main(void)
{
	RUN(blake2s_known_answers);
	RUN(blake2s_of_many_lengths);
	RUN(content_id_known_answer);
	RUN(content_id_by_definition);
	RUN(content_id_of_every_end);
	RUN(content_id_in_pieces);
	RUN(content_id_in_odd_pieces);
	RUN(content_id_of_a_large_one);
	return unit_end();
}
