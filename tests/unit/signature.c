/* SPDX-License-Identifier: ISC */
/*
 * Signatures: their rule of sizes, their exact bytes, the table that reads
 * them, and what it does with malformed ones.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "delta/blockhash.h"
#include "delta/signature.h"
#include "delta/sigtable.h"

/* Signs n bytes, given in pieces of `piece`. */
static void
sign(const unsigned char *p, size_t n, unsigned log, size_t piece,
    struct buf *out)
{
	struct err e;
	struct signature *s = signature_new(n, log, 42, &e);
	size_t i, take;

	for (i = 0; i < n; i += take) {
		take = piece < n - i ? piece : n - i;
		signature_add(s, p + i, take, out);
	}
	if (signature_end(s, out, &e))
		unit_fail(__FILE__, __LINE__, "signature_end", e.text);
	signature_free(s);
}

/* A table of these bytes, given in pieces; NULL when refused. */
static struct sigtable *
table_of(const unsigned char *p, size_t n, size_t piece)
{
	struct sigtable *t = sigtable_new();
	struct err e;
	size_t i, take;

	for (i = 0; i < n; i += take) {
		take = piece < n - i ? piece : n - i;
		if (!sigtable_add(t, p + i, take, &e))
			continue;
		sigtable_free(t);
		return NULL;
	}
	return t;
}

static void
fill(unsigned char *p, size_t n)
{
	uint32_t x = 9;
	size_t i;

	for (i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (unsigned char)(x >> 24);
	}
}

static void
block_size_rule(void)
{
	uint64_t size;
	unsigned log;

	CHECK_INT(signature_log(0), 9);
	CHECK_INT(signature_log(1 << 19), 9);
	CHECK_INT(signature_log((1 << 19) + 1), 10);
	CHECK_INT(signature_log(1 << 20), 10);
	CHECK_INT(signature_log(1 << 29), 14);
	CHECK_INT(signature_log((1 << 29) + 1), 15);
	CHECK_INT(signature_log(UINT64_C(1) << 40), 20);
	CHECK_INT(signature_log(UINT64_C(1) << 44), 24);
	CHECK_INT(signature_strong(1 << 29, 14), 3);
	CHECK_INT(signature_blocks(1 << 29, 14), 1 << 15);
	for (size = 1; size <= SIGNATURE_SIZE_MAX; size += size / 3 + 1) {
		log = signature_log(size);
		CHECK(signature_blocks(size, log) <= SIGNATURE_BLOCKS_MAX);
		CHECK(signature_blocks(size, log) << log >= size);
		CHECK((signature_blocks(size, log) - 1) << log < size);
	}
	CHECK(signature_pays(10, 70));
	CHECK(!signature_pays(10, 69));
}

static void
golden_bytes(void)
{
	static const unsigned char head[] = {
		1, 9, 3, 42, 0, 0, 0, 0, 0, 0, 0, 0xd8, 0x04
	};
	struct buf out = BUF_INIT;
	unsigned char data[600], entry[7];
	uint64_t strong;
	uint32_t sum;
	size_t i, k;

	fill(data, sizeof(data));
	sign(data, sizeof(data), 9, 100, &out);
	CHECK_INT(out.len, sizeof(head) + 14);
	CHECK_MEM(out.p, head, sizeof(head));
	for (k = 0; k < 2; k++) {
		sum = blockhash_sum(data + 512 * k, k ? 88 : 512);
		strong = blockhash_strong(42, data + 512 * k, k ? 88 : 512);
		for (i = 0; i < 4; i++)
			entry[i] = (unsigned char)(sum >> 8 * i);
		for (i = 0; i < 3; i++)
			entry[4 + i] = (unsigned char)(strong >> 8 * i);
		CHECK_MEM(out.p + sizeof(head) + 7 * k, entry, 7);
	}
	buf_free(&out);
}

static void
empty_is_a_header(void)
{
	struct buf out = BUF_INIT;
	struct sigtable *t;

	sign(NULL, 0, 9, 1, &out);
	CHECK_INT(out.len, 12);
	t = table_of(out.p, out.len, 1);
	CHECK(t && sigtable_ready(t));
	CHECK_INT(sigtable_blocks(t), 0);
	sigtable_free(t);
	buf_free(&out);
}

static void
pieces_do_not_matter(void)
{
	static unsigned char data[5000];
	static const size_t sizes[] = { 1, 511, 512, 513, 1024, 4999, 5000 };
	struct buf one = BUF_INIT, two = BUF_INIT;
	size_t i, piece;

	fill(data, sizeof(data));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_clear(&one);
		sign(data, sizes[i], 9, sizes[i], &one);
		for (piece = 1; piece < 1600; piece += piece / 3 + 1) {
			buf_clear(&two);
			sign(data, sizes[i], 9, piece, &two);
			CHECK_INT(two.len, one.len);
			CHECK_MEM(two.p, one.p, one.len);
		}
	}
	buf_free(&one);
	buf_free(&two);
}

static void
grown_and_shrunk_content(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	unsigned char data[2000];
	struct signature *s;
	struct err e;

	fill(data, sizeof(data));
	sign(data, 1500, 9, 1500, &a);
	s = signature_new(1500, 9, 42, &e);
	signature_add(s, data, 2000, &b);
	CHECK_INT(signature_end(s, &b, &e), 0);
	CHECK_INT(a.len, b.len);
	CHECK_MEM(a.p, b.p, a.len);
	signature_free(s);
	s = signature_new(1500, 9, 42, &e);
	signature_add(s, data, 1499, &b);
	CHECK_INT(signature_end(s, &b, &e), -1);
	signature_free(s);
	CHECK(!signature_new(SIGNATURE_SIZE_MAX + 1, 24, 0, &e));
	CHECK(!signature_new(UINT64_C(1) << 30, 9, 0, &e));
	buf_free(&a);
	buf_free(&b);
}

static void
table_finds_blocks(void)
{
	static unsigned char data[512 * 40 + 100];
	struct buf out = BUF_INIT;
	struct sigtable *t;
	uint32_t i, sum;
	int hashed;

	fill(data, sizeof(data));
	memcpy(data + 512 * 7, data + 512 * 3, 512);
	sign(data, sizeof(data), 9, 4000, &out);
	t = table_of(out.p, out.len, 5);
	CHECK(t && sigtable_ready(t));
	CHECK_INT(sigtable_blocks(t), 41);
	CHECK_INT(sigtable_length(t, 39), 512);
	CHECK_INT(sigtable_length(t, 40), 100);
	for (i = 0; i < 40; i++) {
		sum = blockhash_sum(data + 512 * i, 512);
		CHECK(sigtable_maybe(t, sum));
		CHECK_INT(sigtable_find(t, sum, data + 512 * i, &hashed),
		    i == 7 ? 3 : i);
		CHECK(sigtable_is(t, i, data + 512 * i));
		/* the sum of a block, the bytes of another */
		CHECK(sigtable_find(t, sum, data + 512 * i + 1, &hashed) ==
		    SIGTABLE_NONE && hashed);
	}
	CHECK(sigtable_is(t, 40, data + 512 * 40));
	CHECK(!sigtable_is(t, 40, data + 512 * 40 - 1));
	sigtable_free(t);
	buf_free(&out);
}

/* Forty blocks that claim one sum: those past a chain are not found. */
static void
chains_have_a_bound(void)
{
	static unsigned char data[512 * 40];
	struct buf out = BUF_INIT;
	struct sigtable *t;
	uint32_t i;
	int hashed;

	fill(data, sizeof(data));
	sign(data, sizeof(data), 9, 512, &out);
	for (i = 0; i < 40; i++)
		memset(out.p + 14 + 7 * i, 'x', 4);
	t = table_of(out.p, out.len, 100);
	CHECK(t && sigtable_ready(t));
	for (i = 0; i < 40; i++)
		CHECK_INT(sigtable_find(t, 0x78787878, data + 512 * i,
		    &hashed), i < SIGTABLE_CHAIN_MAX ? i : SIGTABLE_NONE);
	sigtable_free(t);
	buf_free(&out);
}

static void
truncations_are_not_ready(void)
{
	unsigned char data[3000];
	struct buf out = BUF_INIT;
	struct sigtable *t;
	size_t n;

	fill(data, sizeof(data));
	sign(data, sizeof(data), 9, 3000, &out);
	for (n = 0; n < out.len; n++) {
		t = table_of(out.p, n, 3);
		CHECK(t && !sigtable_ready(t));
		sigtable_free(t);
	}
	buf_u8(&out, 0);
	CHECK(!table_of(out.p, out.len, 3));
	buf_free(&out);
}

/* Whether a header with these values is refused, by its last byte. */
static int
refused(unsigned version, unsigned log, unsigned strong, uint64_t size)
{
	struct buf b = BUF_INIT;
	struct sigtable *t;

	buf_u8(&b, version);
	buf_u8(&b, log);
	buf_u8(&b, strong);
	buf_u64(&b, 0);
	buf_var(&b, size);
	t = table_of(b.p, b.len, b.len);
	buf_free(&b);
	sigtable_free(t);
	return !t;
}

static void
headers_are_checked(void)
{
	static const unsigned char long_varint[] = {
		1, 9, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0
	};
	unsigned char endless[64];

	CHECK(!refused(1, 9, 3, 100));
	CHECK(refused(0, 9, 3, 100));
	CHECK(refused(2, 9, 3, 100));
	CHECK(refused(1, 8, 3, 100));
	CHECK(refused(1, 10, 3, 100));
	CHECK(refused(1, 200, 3, 100));
	CHECK(refused(1, 9, 2, 100));
	CHECK(refused(1, 9, 9, 100));
	CHECK(!refused(1, 9, 8, 512 * (uint64_t)SIGNATURE_BLOCKS_MAX));
	CHECK(refused(1, 9, 8, 512 * (uint64_t)SIGNATURE_BLOCKS_MAX + 1));
	CHECK(!refused(1, 24, 8, SIGNATURE_SIZE_MAX));
	CHECK(refused(1, 24, 8, SIGNATURE_SIZE_MAX + 1));
	CHECK(refused(1, 24, 8, UINT64_MAX));
	CHECK(!table_of(long_varint, sizeof(long_varint), 1));
	memset(endless, 0xff, sizeof(endless));
	memcpy(endless, long_varint, 11);
	CHECK(!table_of(endless, sizeof(endless), 1));
}

int
main(void)
{
	RUN(block_size_rule);
	RUN(golden_bytes);
	RUN(empty_is_a_header);
	RUN(pieces_do_not_matter);
	RUN(grown_and_shrunk_content);
	RUN(table_finds_blocks);
	RUN(chains_have_a_bound);
	RUN(truncations_are_not_ready);
	RUN(headers_are_checked);
	return unit_end();
}
