/* SPDX-License-Identifier: ISC */
/*
 * The checked buffer: layouts byte by byte, shortest varints, every truncation,
 * and that a bad view stays bad and gives nothing.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "unit.h"

static void
integers_are_little_endian(void)
{
	static const unsigned char want[] = {
		0xfe, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12,
		0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01
	};
	unsigned char copy[64];
	struct buf b = BUF_INIT;
	size_t n;

	buf_u8(&b, 0xfe);
	buf_u16(&b, 0x1234);
	buf_u32(&b, 0x12345678);
	buf_u64(&b, 0x0123456789abcdef);
	n = b.len;
	memcpy(copy, b.p, n);
	buf_free(&b);
	CHECK_INT(n, sizeof(want));
	CHECK_MEM(copy, want, n);
}

static void
integers_come_back(void)
{
	static const unsigned char in[] = {
		0xfe, 0x34, 0x92, 0x78, 0x56, 0x34, 0xf2,
		0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0xf1
	};
	struct view v = view_of(in, sizeof(in));

	CHECK_INT(view_u8(&v), 0xfe);
	CHECK_INT(view_u16(&v), 0x9234);
	CHECK(view_u32(&v) == 0xf2345678);
	CHECK(view_u64(&v) == 0xf123456789abcdef);
	CHECK_INT(view_end(&v), 0);
}

static const struct {
	uint64_t value;
	size_t len;
	unsigned char bytes[10];
} varints[] = {
	{ 0, 1, { 0 } },
	{ 1, 1, { 1 } },
	{ 127, 1, { 0x7f } },
	{ 128, 2, { 0x80, 1 } },
	{ 300, 2, { 0xac, 2 } },
	{ 16383, 2, { 0xff, 0x7f } },
	{ 16384, 3, { 0x80, 0x80, 1 } },
	{ UINT32_MAX, 5, { 0xff, 0xff, 0xff, 0xff, 0x0f } },
	{ (uint64_t)1 << 63, 10,
	    { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1 } },
	{ UINT64_MAX, 10,
	    { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 } }
};

enum { VARINTS = sizeof(varints) / sizeof(varints[0]) };

static void
varints_known_answers(void)
{
	unsigned char copy[16];
	struct buf b = BUF_INIT;
	size_t i, n;

	for (i = 0; i < VARINTS; i++) {
		buf_var(&b, varints[i].value);
		n = b.len;
		memcpy(copy, b.p, n);
		buf_free(&b);
		CHECK_INT(n, varints[i].len);
		CHECK_MEM(copy, varints[i].bytes, n);
	}
}

static void
varints_come_back(void)
{
	struct view v;
	size_t i;

	for (i = 0; i < VARINTS; i++) {
		v = view_of(varints[i].bytes, varints[i].len);
		CHECK(view_var(&v) == varints[i].value);
		CHECK_INT(view_end(&v), 0);
	}
}

static void
varints_cut_short_are_bad(void)
{
	struct view v;
	size_t i, n;

	for (i = 0; i < VARINTS; i++)
		for (n = 0; n < varints[i].len; n++) {
			v = view_of(varints[i].bytes, n);
			CHECK_INT(view_var(&v), 0);
			CHECK_INT(view_end(&v), -1);
			CHECK(v.bad);
		}
}

static void
varints_only_in_shortest_form(void)
{
	static const struct {
		size_t len;
		unsigned char bytes[11];
	} bad[] = {
		{ 2, { 0x80, 0 } },
		{ 2, { 0xff, 0 } },
		{ 3, { 0x80, 0x80, 0 } },
		{ 10, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0 } },
		{ 10, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    2 } },
		{ 11, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0x81, 0 } }
	};
	struct view v;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = view_of(bad[i].bytes, bad[i].len);
		CHECK_INT(view_var(&v), 0);
		CHECK(v.bad);
	}
}

static void
signed_varints(void)
{
	static const int64_t values[] = {
		0, -1, 1, -2, 63, -64, 64, -65, 1000000007, -1000000007,
		INT64_MAX, INT64_MIN
	};
	static const size_t lengths[] = {
		1, 1, 1, 1, 1, 1, 2, 2, 5, 5, 10, 10
	};
	struct buf b = BUF_INIT;
	struct view v;
	int64_t got;
	size_t i, n;
	int end;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_svar(&b, values[i]);
		v = view_of(b.p, b.len);
		got = view_svar(&v);
		end = view_end(&v);
		n = b.len;
		buf_free(&b);
		CHECK_INT(got, values[i]);
		CHECK_INT(end, 0);
		CHECK_INT(n, lengths[i]);
	}
}

static void
max_is_a_limit(void)
{
	static const unsigned char in[] = { 0xac, 2 };
	struct view v = view_of(in, 2);

	CHECK_INT(view_max(&v, 300), 300);
	CHECK(!v.bad);
	v = view_of(in, 2);
	CHECK_INT(view_max(&v, 299), 0);
	CHECK(v.bad);
}

/* One of each, so that a cut can fall into any of them. */
static void
fill(struct buf *b)
{
	buf_u8(b, 1);
	buf_u16(b, 2);
	buf_u32(b, 3);
	buf_u64(b, 4);
	buf_var(b, 70000);
	buf_svar(b, -70000);
	buf_blob(b, "\0blob", 5);
	buf_str(b, "string");
	buf_put(b, "raw", 3);
}

static int
decode(struct view v)
{
	struct view blob;
	unsigned char raw[3] = { 9, 9, 9 };
	char *s;
	int same;

	same = view_u8(&v) == 1;
	same &= view_u16(&v) == 2;
	same &= view_u32(&v) == 3;
	same &= view_u64(&v) == 4;
	same &= view_var(&v) == 70000;
	same &= view_svar(&v) == -70000;
	blob = view_blob(&v, 5);
	same &= blob.len == 5 && !memcmp(blob.p, "\0blob", 5);
	s = view_str(&v, 6);
	same &= s && !strcmp(s, "string");
	free(s);
	view_copy(&v, raw, 3);
	same &= !memcmp(raw, v.bad ? "\0\0\0" : "raw", 3);
	return view_end(&v) ? -1 : same;
}

static void
every_truncation_is_bad(void)
{
	struct buf b = BUF_INIT;
	unsigned char *exact;
	size_t n, wrong = 0;

	fill(&b);
	for (n = 0; n <= b.len; n++) {
		/* Of just this size, so that a sanitizer sees more. */
		exact = malloc(n + !n);
		if (!exact)
			abort();
		memcpy(exact, b.p, n);
		wrong += decode(view_of(exact, n)) != (n == b.len ? 1 : -1);
		free(exact);
	}
	buf_u8(&b, 0);
	wrong += decode(view_of(b.p, b.len)) != -1;
	buf_free(&b);
	CHECK_INT(wrong, 0);
}

static void
bad_stays_bad(void)
{
	unsigned char out[4] = { 1, 2, 3, 4 };
	struct view v = view_of("\1\2\3\4", 4);

	CHECK(view_get(&v, 5) == NULL);
	CHECK(v.bad);
	CHECK_INT(view_u8(&v), 0);
	CHECK(view_u32(&v) == 0);
	CHECK(view_get(&v, 0) == NULL);
	view_copy(&v, out, 4);
	CHECK_MEM(out, "\0\0\0\0", 4);
	CHECK_INT(view_end(&v), -1);
}

static void
blobs_have_a_limit(void)
{
	struct view v = view_of("\3abc", 4), blob;

	blob = view_blob(&v, 3);
	CHECK_INT(view_end(&v), 0);
	CHECK_INT(blob.len, 3);
	v = view_of("\3abc", 4);
	blob = view_blob(&v, 2);
	CHECK(v.bad && blob.bad);
	CHECK_INT(blob.len, 0);
	v = view_of("\4abc", 4);
	blob = view_blob(&v, 10);
	CHECK(v.bad && blob.bad);
	CHECK_INT(blob.len, 0);
}

/* A length near 2^64 must not wrap on the way to a pointer. */
static void
huge_blobs_are_bad(void)
{
	static const unsigned char in[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 'a'
	};
	struct view v = view_of(in, sizeof(in)), blob;

	blob = view_blob(&v, SIZE_MAX);
	CHECK(v.bad && blob.bad);
	CHECK_INT(blob.len, 0);
}

static void
strings_hold_no_nul(void)
{
	struct view v = view_of("\3a\0b", 4);
	char *s = view_str(&v, 10);

	CHECK(s == NULL);
	CHECK(v.bad);
	v = view_of("\0", 1);
	s = view_str(&v, 10);
	CHECK(s && !*s && !view_end(&v));
	free(s);
}

static void
drop_takes_from_the_front(void)
{
	struct buf b = BUF_INIT;
	char got[8] = "";
	size_t left;

	buf_put(&b, "abcdef", 6);
	buf_drop(&b, 2);
	buf_put(&b, "g", 1);
	left = b.len;
	memcpy(got, b.p, left);
	buf_drop(&b, 0);
	buf_drop(&b, 99);
	CHECK_INT(b.len, 0);
	buf_free(&b);
	CHECK_INT(left, 5);
	CHECK_STR(got, "cdefg");
}

static void
grows_as_needed(void)
{
	struct buf b = BUF_INIT;
	size_t i, wrong = 0;

	for (i = 0; i < 100000; i++)
		buf_u8(&b, (unsigned)(i * 7));
	memset(buf_room(&b, 1000), 0, 1000);
	for (i = 0; i < 100000; i++)
		wrong += b.p[i] != (unsigned char)(i * 7);
	CHECK_INT(b.len, 100000);
	buf_clear(&b);
	CHECK_INT(b.len, 0);
	CHECK(b.cap >= 101000);
	buf_free(&b);
	CHECK_INT(wrong, 0);
}

int
main(void)
{
	RUN(integers_are_little_endian);
	RUN(integers_come_back);
	RUN(varints_known_answers);
	RUN(varints_come_back);
	RUN(varints_cut_short_are_bad);
	RUN(varints_only_in_shortest_form);
	RUN(signed_varints);
	RUN(max_is_a_limit);
	RUN(every_truncation_is_bad);
	RUN(bad_stays_bad);
	RUN(blobs_have_a_limit);
	RUN(huge_blobs_are_bad);
	RUN(strings_hold_no_nul);
	RUN(drop_takes_from_the_front);
	RUN(grows_as_needed);
	return unit_end();
}
