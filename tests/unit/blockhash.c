/* SPDX-License-Identifier: ISC */
/*
 * The block hashes: XXH64 against known answers, the rolling sum against the
 * same sum computed from nothing, and against its definition.
 */
#include <string.h>

#include "unit.h"

#include "delta/blockhash.h"

static void
xxh64_published(void)
{
	const char *text = "Nobody inspects the spammish repetition";

	CHECK(blockhash_strong(0, (const unsigned char *)"", 0) ==
	    UINT64_C(0xef46db3751d8e999));
	CHECK(blockhash_strong(0, (const unsigned char *)"abc", 3) ==
	    UINT64_C(0x44bc2cf5ad770999));
	CHECK(blockhash_strong(0, (const unsigned char *)text, strlen(text)) ==
	    UINT64_C(0xfbcea83c8a378bf1));
}

/* Computed with libxxhash 0.8.1, for the bytes i * i + 7 * i + 3. */
static const struct {
	size_t n;
	uint64_t plain, seeded;         /* seed 0, seed 9e3779b185ebca8d */
} known[] = {
	{ 0, UINT64_C(0xef46db3751d8e999),
	    UINT64_C(0x0b303d920ec349df) },
	{ 1, UINT64_C(0x1f25c8d0bc1f4bb6),
	    UINT64_C(0x4e38da78585833ff) },
	{ 3, UINT64_C(0x03925f881277ed8a),
	    UINT64_C(0xe45f21cddceb98d8) },
	{ 4, UINT64_C(0xbb199537cf42fa2d),
	    UINT64_C(0x663b026ba8bb289a) },
	{ 7, UINT64_C(0xf9caf6561dc2f2cc),
	    UINT64_C(0xbc684c41429ec432) },
	{ 8, UINT64_C(0xf1fa9f9c6f9769c9),
	    UINT64_C(0xd9ebbaef0518ad3d) },
	{ 14, UINT64_C(0xa8d5a1ef1a91ca12),
	    UINT64_C(0xae959b7340b58098) },
	{ 31, UINT64_C(0xab0f2550d70d4af5),
	    UINT64_C(0x0eaa7aaa9d47666a) },
	{ 32, UINT64_C(0x6e110801eeeaf7c8),
	    UINT64_C(0xa40e979aee6f1250) },
	{ 33, UINT64_C(0xc29756a35d78df17),
	    UINT64_C(0x69dad0bf61edbb9a) },
	{ 39, UINT64_C(0xeb3bd5eed96edc7d),
	    UINT64_C(0x26d39ef35db14d12) },
	{ 44, UINT64_C(0x6bfe646ccd51afd0),
	    UINT64_C(0x301e15852e1b88a5) },
	{ 63, UINT64_C(0xc80f552c40ddfd81),
	    UINT64_C(0x86e4bd820c378d46) },
	{ 64, UINT64_C(0xa4102a8c8c51e2b4),
	    UINT64_C(0x9ffd735a134243be) },
	{ 100, UINT64_C(0x958bc87a85319d2a),
	    UINT64_C(0x1971708333ec045f) },
	{ 222, UINT64_C(0x8f8085a8245967e7),
	    UINT64_C(0xed5ec748ff49a7b0) },
	{ 999, UINT64_C(0xaff4dd41c5715507),
	    UINT64_C(0x8d2d9fcb94f04bba) },
	{ 1000, UINT64_C(0xd1fa83cb03a9542a),
	    UINT64_C(0x9dc07835003d2ced) },
};

static void
xxh64_every_tail(void)
{
	unsigned char data[1001];
	size_t i, shift;

	for (shift = 0; shift < 2; shift++) {
		for (i = 0; i < 1000; i++)
			data[i + shift] = (unsigned char)(i * i + i * 7 + 3);
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			CHECK(blockhash_strong(0, data + shift, known[i].n) ==
			    known[i].plain);
			CHECK(blockhash_strong(UINT64_C(0x9e3779b185ebca8d),
			    data + shift, known[i].n) == known[i].seeded);
		}
	}
}

static void
sum_is_the_polynomial(void)
{
	unsigned char data[700];
	uint32_t want = 0;
	size_t n;

	CHECK_INT(blockhash_power(0), 1);
	CHECK_INT(blockhash_power(1), BLOCKHASH_M);
	for (n = 0; n < sizeof(data); n++) {
		CHECK_INT(blockhash_sum(data, n), want);
		data[n] = n < 400 ? (unsigned char)(n * 77 + 200) : 255;
		want = want * BLOCKHASH_M + data[n];
		CHECK_INT(blockhash_power(n + 1),
		    blockhash_power(n) * BLOCKHASH_M);
	}
}

static void
rolled_is_from_nothing(void)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 512, 1024, 1500 };
	unsigned char data[4096];
	uint32_t x = 1, sum, power;
	size_t i, k, n;

	for (i = 0; i < sizeof(data); i++) {
		x = x * 1664525 + 1013904223;
		data[i] = i < 2000 ? (unsigned char)(x >> 24) : 255;
	}
	for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		n = sizes[k];
		sum = blockhash_sum(data, n);
		power = blockhash_power(n);
		for (i = 0; i + n < sizeof(data); i++) {
			sum = blockhash_roll(sum, power, data[i], data[i + n]);
			CHECK_INT(sum, blockhash_sum(data + i + 1, n));
		}
	}
}

int
main(void)
{
	RUN(xxh64_published);
	RUN(xxh64_every_tail);
	RUN(sum_is_the_polynomial);
	RUN(rolled_is_from_nothing);
	return unit_end();
}
