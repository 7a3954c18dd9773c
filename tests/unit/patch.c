/* SPDX-License-Identifier: ISC */
/*
 * Patches by a sender who is not to be trusted: bounds, truncations, random
 * changes. The old content is 1,000 bytes, all o but for a 5, the new one may
 * have 5,000.
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
	size_t asked;           /* old bytes of gaps */
	char text[NEW];         /* the new content */
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
	if (offset <= 500 && offset + n > 500)
		p[500 - offset] = '5';
	return 0;
}

static int
write_new(void *ctx, const unsigned char *p, size_t n, struct err *e)
{
	struct world *w = ctx;

	if (n <= NEW - w->got)
		memcpy(w->text + w->got, p, n);
	w->got += n;
	return w->broken ? err_set(e, "disk full") : 0;
}

static int
on_gap(void *ctx, uint64_t offset, size_t n, struct err *e)
{
	struct world *w = ctx;

	(void)e;
	if (!n || offset > OLD || n > OLD - offset)
		w->outside = 1;
	w->asked += n;
	return 0;
}

enum outcome { BAD, OPEN, DONE };

static enum outcome
play(const void *data, size_t n, size_t piece, struct world *w)
{
	struct patch_io io = { w, read_old, write_new, on_gap };
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
	struct world w = { 0 };

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
	CHECK_INT(try("\1\0\0\1", 4), BAD);
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
	struct world w = { 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
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
	struct world w = { .broken = 1 };

	CHECK_INT(play("\2a\0", 3, 3, &w), BAD);
	CHECK_INT(play("\3\0\0", 3, 3, &w), BAD);
}

static void
some_ops(struct buf *b, int gaps)
{
	struct ops o;

	ops_init(&o, b);
	ops_literal(&o, (const unsigned char *)"beginning", 9);
	ops_copy(&o, 700, 300);
	ops_copy(&o, 0, 128);
	ops_copy(&o, 128, 128);
	ops_literal(&o, (const unsigned char *)"end", 3);
	if (gaps) {
		ops_gap(&o, 100, 500, 200);
		ops_copy(&o, 700, 300);
		ops_gap(&o, 1, 0, 0);
		ops_gap(&o, 20, 0, 10);
	}
	ops_end(&o);
}

static void
truncations_are_not_done(void)
{
	struct buf b = BUF_INIT;
	struct world w;
	size_t n, piece;

	some_ops(&b, 0);
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
		some_ops(&b, i & 4);
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

/* A gap by hand: whether it is taken; below, -1 when it did harm. */
static int
takes_gap(struct patch *p, uint64_t n, int64_t where, uint64_t len)
{
	struct buf b = BUF_INIT;
	struct err e;
	int rc;

	buf_var(&b, 1);
	buf_var(&b, n);
	buf_svar(&b, where);
	buf_var(&b, len);
	rc = patch_add(p, b.p, b.len, &e);
	buf_free(&b);
	return !rc;
}

static int
gap(uint64_t n, int64_t where, uint64_t len)
{
	struct world w = { 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
	struct patch *p = patch_new(OLD, NEW, io);
	int taken = takes_gap(p, n, where, len);

	patch_free(p);
	return !w.outside && w.asked == (taken ? len : 0) ? taken : -1;
}

static void
gaps_have_bounds(void)
{
	CHECK_INT(gap(1, 0, 1000), 1);
	CHECK_INT(gap(5000, 999, 1), 1);
	CHECK_INT(gap(1, 1000, 0), 1);
	CHECK_INT(gap(0, 0, 1), 0);
	CHECK_INT(gap(5001, 0, 1), 0);
	CHECK_INT(gap(1, 0, 1001), 0);
	CHECK_INT(gap(1, 999, 2), 0);
	CHECK_INT(gap(1, 1001, 0), 0);
	CHECK_INT(gap(1, -1, 1), 0);
	CHECK_INT(gap(1, INT64_MIN, 1), 0);
	CHECK_INT(gap(1, 1, UINT64_MAX), 0);
}

static void
gaps_have_limits(void)
{
	enum { LARGE = OPS_OPEN_MAX + 1000 };
	struct world w = { 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
	struct patch *p = patch_new(OLD, NEW, io);
	struct err e;
	int i;

	/* no more of the old content than there is */
	CHECK(takes_gap(p, 1, 0, 600));
	CHECK(takes_gap(p, 1, -600, 400));
	CHECK(!takes_gap(p, 1, -400, 1));
	patch_free(p);
	io.gap = NULL;
	p = patch_new(OLD, NEW, io);
	CHECK(!takes_gap(p, 1, 0, 1));
	patch_free(p);
	io.gap = on_gap;
	p = patch_new(LARGE, NEW, io);
	CHECK(!takes_gap(p, 1, 0, OPS_OPEN_MAX + 1));
	patch_free(p);
	p = patch_new(LARGE, NEW, io);
	CHECK(takes_gap(p, 1, 0, OPS_OPEN_MAX));
	CHECK(takes_gap(p, 1, 0, 0));
	CHECK(!takes_gap(p, 1, 0, 1));
	patch_free(p);
	p = patch_new(OLD, NEW, io);
	CHECK(takes_gap(p, 1, 0, 0));
	for (i = 1; i < OPS_STEPS_MAX; i++)
		CHECK(!patch_add(p, i % 2 ? "\3\0" : "\3\1", 2, &e));
	CHECK(patch_add(p, "\3\0", 2, &e));
	patch_free(p);
}

static void
gaps_are_filled_in_order(void)
{
	struct world w = { 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
	struct patch *p = patch_new(OLD, NEW, io);
	struct buf b = BUF_INIT;
	struct ops o;
	struct err e;

	CHECK(patch_fill(p, "\0", 1, &e));      /* there is none */
	patch_free(p);
	p = patch_new(OLD, NEW, io);
	ops_init(&o, &b);
	ops_copy(&o, 0, 2);
	ops_gap(&o, 3, 499, 2);
	ops_copy(&o, 500, 1);
	ops_gap(&o, 2, 0, 0);
	ops_copy(&o, 501, 1);
	ops_end(&o);
	CHECK(!patch_add(p, b.p, b.len, &e));
	CHECK_INT(w.got, 2);
	CHECK_INT(w.asked, 2);
	CHECK(!patch_done(p));
	CHECK(!patch_fill(p, "\2a", 2, &e));
	CHECK_INT(w.got, 3);
	CHECK(!patch_fill(p, "\5\0\0", 3, &e)); /* the byte at 500 */
	CHECK_INT(w.got, 6);
	CHECK(!patch_done(p));
	CHECK(!patch_fill(p, "\4bc\0", 4, &e));
	CHECK(patch_done(p));
	CHECK_INT(w.got, 9);
	CHECK_MEM(w.text, "ooao55bco", 9);
	CHECK(patch_fill(p, "\0", 1, &e));
	patch_free(p);
	buf_free(&b);
}

/* What is to fill the first of two gaps, of 4 bytes over 2 old ones. */
static int
fills(const char *ops, size_t n)
{
	struct world w = { 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
	struct patch *p = patch_new(OLD, NEW, io);
	struct err e;
	int rc;

	rc = !takes_gap(p, 4, 10, 2) || !takes_gap(p, 4, 0, 2) ? 1 :
	    patch_fill(p, ops, n, &e);
	patch_free(p);
	return w.outside || w.got > 4 ? -1 : !rc;
}

static void
gaps_are_filled_exactly(void)
{
	CHECK_INT(fills("\10abcd\0", 6), 1);
	CHECK_INT(fills("\5\0\5\3\0", 5), 1);
	CHECK_INT(fills("\6abc\0", 5), 0);            /* too short */
	CHECK_INT(fills("\12abcde\0", 7), 0);         /* too long */
	CHECK_INT(fills("\7\0\2x\0", 5), 0);          /* beyond its old bytes */
	CHECK_INT(fills("\5\1", 2), 0);
	CHECK_INT(fills("\5\1\0", 3), 0);
	CHECK_INT(fills("\1\1\0\1", 4), 0);           /* a gap */
	CHECK_INT(fills("\10abcd\0\0", 7), 0);        /* it ends its piece */
}

static void
no_literals_behind_a_gap(void)
{
	struct world w = { 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
	struct patch *p = patch_new(OLD, NEW, io);
	struct err e;

	CHECK(takes_gap(p, 4, 10, 2));
	CHECK(!patch_add(p, "\3\0", 2, &e));
	CHECK(patch_add(p, "\2x", 2, &e));
	patch_free(p);
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
	RUN(gaps_have_bounds);
	RUN(gaps_have_limits);
	RUN(gaps_are_filled_in_order);
	RUN(gaps_are_filled_exactly);
	RUN(no_literals_behind_a_gap);
	return unit_end();
}
