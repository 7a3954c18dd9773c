/* SPDX-License-Identifier: ISC */
/*
 * Patches by a sender who is not to be trusted: bounds, truncations, random
 * changes. The old content is 1,000 bytes, the new one may have 5,000.
 */
#include <string.h>

#include "unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "delta/ops.h"
#include "delta/patch.h"

enum { OLD = 1000, NEW = 5000 };

struct world {
	uint64_t got;
	int outside;            /* asked for old content that is not there */
	int broken;             /* writes fail */
};

static int
read_old(void *ctx, uint64_t offset, unsigned char *p, size_t n,
    struct err *e)
{
	struct world *w = ctx;

	(void)e;
	if (offset > OLD || n > OLD - offset)
		w->outside = 1;
	memset(p, 'o', n);
	return 0;
}

static int
write_new(void *ctx, const unsigned char *p, size_t n, struct err *e)
{
	struct world *w = ctx;

	(void)p;
	w->got += n;
	return w->broken ? err_set(e, "disk full") : 0;
}

enum outcome { BAD, OPEN, DONE };

static enum outcome
play(const void *data, size_t n, size_t piece, struct world *w)
{
	struct patch_io io = { w, read_old, write_new };
	struct patch *p = patch_new(OLD, NEW, io);
	const unsigned char *q = data;
	enum outcome r = OPEN;
	size_t take;
	struct err e;

	for (; n && r != BAD; n -= take, q += take) {
		take = piece < n ? piece : n;
		if (patch_add(p, q, take, &e))
			r = BAD;
	}
	if (r != BAD && patch_done(p))
		r = DONE;
	if (w->got > NEW || w->outside)
		unit_fail(__FILE__, __LINE__, "bounds", "");
	patch_free(p);
	return r;
}

static enum outcome
try(const void *data, size_t n)
{
	struct world w = { 0, 0, 0 };

	return play(data, n, n, &w);
}

/* One copy or literal by hand, and the end. */
static enum outcome
copy(uint64_t n, int64_t where)
{
	struct buf b = BUF_INIT;
	enum outcome r;

	buf_var(&b, n << 1 | 1);
	buf_svar(&b, where);
	buf_var(&b, 0);
	r = try(b.p, b.len);
	buf_free(&b);
	return r;
}

static void
copies_have_bounds(void)
{
	CHECK_INT(copy(1000, 0), DONE);
	CHECK_INT(copy(1, 999), DONE);
	CHECK_INT(copy(1001, 0), BAD);
	CHECK_INT(copy(1, 1000), BAD);
	CHECK_INT(copy(1, -1), BAD);
	CHECK_INT(copy(1, INT64_MAX), BAD);
	CHECK_INT(copy(1, INT64_MIN), BAD);
	CHECK_INT(copy(UINT64_MAX >> 1, 1), BAD);
	CHECK_INT(copy(UINT64_MAX >> 1, INT64_MIN), BAD);
}

static void
empty_operations(void)
{
	CHECK_INT(try("\0", 1), DONE);
	CHECK_INT(try("", 0), OPEN);
	CHECK_INT(try("\1\0", 2), BAD);
	CHECK_INT(try("\0\0", 2), BAD);
	CHECK_INT(try("\2a\0\2", 4), BAD);
	CHECK_INT(try("\x82\0a", 3), BAD);      /* not the shortest form */
}

static void
endless_numbers(void)
{
	unsigned char b[40];

	memset(b, 0xff, sizeof(b));
	CHECK_INT(try(b, sizeof(b)), BAD);
	memset(b, 0x80, sizeof(b));
	CHECK_INT(try(b, sizeof(b)), BAD);
	b[0] = 3;
	CHECK_INT(try(b, sizeof(b)), BAD);
}

static void
the_result_has_a_limit(void)
{
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < 5; i++) {
		buf_var(&b, 1000 << 1 | 1);
		buf_svar(&b, i ? -1000 : 0);
	}
	CHECK_INT(try(b.p, b.len), OPEN);
	buf_put(&b, "\2x", 2);
	CHECK_INT(try(b.p, b.len), BAD);
	buf_clear(&b);
	buf_var(&b, 5001 << 1);
	CHECK_INT(try(b.p, b.len), BAD);
	buf_clear(&b);
	buf_var(&b, 5000 << 1);
	CHECK_INT(try(b.p, b.len), OPEN);
	buf_free(&b);
}

static void
literals_have_a_limit(void)
{
	static unsigned char data[OPS_LITERAL_MAX + 10];
	struct world w = { 0, 0, 0 };
	struct patch_io io = { &w, read_old, write_new };
	struct buf b = BUF_INIT;
	struct patch *p;
	struct err e;
	int more;

	for (more = 0; more < 2; more++) {
		buf_clear(&b);
		buf_var(&b, (uint64_t)(OPS_LITERAL_MAX + more) << 1);
		buf_put(&b, data, OPS_LITERAL_MAX);
		p = patch_new(0, 1 << 20, io);
		CHECK_INT(patch_add(p, b.p, b.len, &e), more ? -1 : 0);
		patch_free(p);
	}
	buf_free(&b);
}

static void
callbacks_fail(void)
{
	struct world w = { 0, 0, 1 };

	CHECK_INT(play("\2a\0", 3, 3, &w), BAD);
	CHECK_INT(play("\3\0\0", 3, 3, &w), BAD);
}

static void
some_ops(struct buf *b)
{
	struct ops o;

	ops_init(&o, b);
	ops_literal(&o, (const unsigned char *)"beginning", 9);
	ops_copy(&o, 700, 300);
	ops_copy(&o, 0, 128);
	ops_copy(&o, 128, 128);
	ops_literal(&o, (const unsigned char *)"end", 3);
	ops_end(&o);
}

static void
truncations_are_not_done(void)
{
	struct buf b = BUF_INIT;
	struct world w;
	size_t n, piece;

	some_ops(&b);
	for (n = 0; n <= b.len; n++) {
		for (piece = 1; piece < 8; piece++) {
			memset(&w, 0, sizeof(w));
			CHECK_INT(play(b.p, n, piece, &w),
			    n < b.len ? OPEN : DONE);
		}
	}
	CHECK_INT(w.got, 568);
	buf_free(&b);
}

static void
random_changes_are_harmless(void)
{
	struct buf b = BUF_INIT;
	uint32_t x = 1;
	struct world w;
	int i, k;

	for (i = 0; i < 200000; i++) {
		buf_clear(&b);
		some_ops(&b);
		for (k = i & 3; k >= 0; k--) {
			x = x * 1664525 + 1013904223;
			b.p[(x >> 8) % b.len] = (unsigned char)(x >> 24);
		}
		memset(&w, 0, sizeof(w));
		play(b.p, b.len, 1 + (x >> 16) % 9, &w);
		CHECK(!unit.failed);
	}
	buf_free(&b);
}

int
main(void)
{
	RUN(copies_have_bounds);
	RUN(empty_operations);
	RUN(endless_numbers);
	RUN(the_result_has_a_limit);
	RUN(literals_have_a_limit);
	RUN(callbacks_fail);
	RUN(truncations_are_not_done);
	RUN(random_changes_are_harmless);
	return unit_end();
}
