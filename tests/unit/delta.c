/* SPDX-License-Identifier: ISC */
/*
 * Deltas: known bytes, and old content plus delta being the new content for
 * many edits, sizes and cuts. UNIT_SEED sets another seed than 1.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "delta/delta.h"
#include "delta/ops.h"
#include "delta/patch.h"
#include "delta/signature.h"
#include "delta/sigtable.h"

static uint64_t state = 1;

static uint32_t
rnd(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return below ? (uint32_t)(state >> 33) % below : 0;
}

/* Bytes of an alphabet of so many letters: 1 gives a run of one byte. */
static void
fill(unsigned char *p, size_t n, uint32_t letters)
{
	while (n--)
		*p++ = (unsigned char)rnd(letters);
}

static struct sigtable *
table_of(const struct buf *old, unsigned log)
{
	struct buf wire = BUF_INIT;
	struct sigtable *t = sigtable_new();
	struct signature *s;
	struct err e;

	s = signature_new(old->len, log, 7, &e);
	signature_add(s, old->p, old->len, &wire);
	if (signature_end(s, &wire, &e) ||
	    sigtable_add(t, wire.p, wire.len, &e) || !sigtable_ready(t))
		unit_fail(__FILE__, __LINE__, "table", "");
	signature_free(s);
	buf_free(&wire);
	return t;
}

/* The delta of `new`, given in pieces of up to `piece` bytes. */
static struct ops
delta_of(const struct sigtable *t, const struct buf *new, uint32_t piece,
    struct buf *out)
{
	struct ops o;
	struct err e;
	struct delta *d;
	size_t i, take;

	ops_init(&o, out);
	d = delta_new(t, ops_sink(&o), &e);
	for (i = 0; i < new->len; i += take) {
		take = 1 + rnd(piece);
		if (take > new->len - i)
			take = new->len - i;
		delta_add(d, new->p + i, take);
	}
	delta_end(d);
	ops_end(&o);
	delta_free(d);
	return o;
}

struct files {
	const struct buf *old;
	struct buf made;
};

static int
read_old(void *ctx, uint64_t offset, unsigned char *p, size_t n,
    struct err *e)
{
	struct files *f = ctx;

	if (offset > f->old->len || n > f->old->len - offset)
		return err_set(e, "read outside");
	memcpy(p, f->old->p + offset, n);
	return 0;
}

static int
write_new(void *ctx, const unsigned char *p, size_t n, struct err *e)
{
	struct files *f = ctx;

	(void)e;
	buf_put(&f->made, p, n);
	return 0;
}

/* True when old and these operations, cut into pieces, give new. */
static int
gives(const struct buf *old, const struct buf *wire, const struct buf *new,
    uint32_t piece)
{
	struct files f = { old, BUF_INIT };
	struct patch_io io = { &f, read_old, write_new, NULL };
	struct patch *p = patch_new(old->len, new->len, io);
	size_t i, take;
	struct err e;
	int ok = 1;

	for (i = 0; ok && i < wire->len; i += take) {
		take = 1 + rnd(piece);
		if (take > wire->len - i)
			take = wire->len - i;
		ok = !patch_add(p, wire->p + i, take, &e);
	}
	ok = ok && patch_done(p) && f.made.len == new->len &&
	    (!new->len || memcmp(f.made.p, new->p, new->len) == 0);
	patch_free(p);
	buf_free(&f.made);
	return ok;
}

/* Old to new and the same bytes however new is cut. Returns the counts. */
static struct ops
check(const struct buf *old, const struct buf *new, unsigned log)
{
	struct sigtable *t = table_of(old, log);
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct ops o;

	o = delta_of(t, new, UINT32_MAX >> 1, &one);
	delta_of(t, new, 1 + rnd(3000), &two);
	if (one.len != two.len || memcmp(one.p, two.p, one.len) != 0)
		unit_fail(__FILE__, __LINE__, "cut", "");
	if (!gives(old, &one, new, 1 + rnd(100)))
		unit_fail(__FILE__, __LINE__, "roundtrip", "");
	if (o.copied + o.literal != new->len)
		unit_fail(__FILE__, __LINE__, "counts", "");
	sigtable_free(t);
	buf_free(&one);
	buf_free(&two);
	return o;
}

static void
part(struct buf *to, const struct buf *from, size_t at, size_t n)
{
	if (at < from->len)
		buf_put(to, from->p + at, n < from->len - at ? n :
		    from->len - at);
}

/* One random edit: the new content is appended to `new`. */
static void
edit(const struct buf *old, struct buf *new)
{
	size_t n = old->len, at = rnd((uint32_t)n + 1);
	size_t len = rnd(rnd(2) ? 3 : 3000), to = rnd((uint32_t)n + 1);
	unsigned char fresh[3000];

	fill(fresh, sizeof(fresh), rnd(2) ? 256 : 1);
	switch (rnd(7)) {
	case 0:         /* insert */
		part(new, old, 0, at);
		buf_put(new, fresh, len);
		part(new, old, at, n);
		break;
	case 1:         /* delete */
		part(new, old, 0, at);
		part(new, old, at + len, n);
		break;
	case 2:         /* replace */
		part(new, old, 0, at);
		buf_put(new, fresh, len);
		part(new, old, at + len, n);
		break;
	case 3:         /* swap the two halves */
		part(new, old, at, n);
		part(new, old, 0, at);
		break;
	case 4:         /* repeat a piece */
		part(new, old, 0, at);
		part(new, old, to, len);
		part(new, old, to, len);
		part(new, old, at, n);
		break;
	case 5:         /* truncate */
		part(new, old, 0, at);
		break;
	default:        /* the same */
		part(new, old, 0, n);
	}
}

static void
random_edits(void)
{
	static const uint32_t alphabet[] = { 1, 2, 4, 256 };
	struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT;
	unsigned round, i, edits;
	size_t n;

	for (round = 0; round < 600; round++) {
		n = rnd(2) ? rnd(5000) : 512 * rnd(60) + rnd(3);
		buf_clear(&a);
		fill(buf_room(&a, n + 1), n, alphabet[rnd(4)]);
		a.len = n;
		buf_clear(&b);
		part(&b, &a, 0, n);
		edits = rnd(6);
		for (i = 0; i < edits; i++) {
			buf_clear(&c);
			edit(&b, &c);
			buf_clear(&b);
			part(&b, &c, 0, c.len);
		}
		check(&a, &b, signature_log(n));
		CHECK(!unit.failed);
		check(&b, &a, signature_log(b.len));
		CHECK(!unit.failed);
	}
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

/* Window moves: content much longer than the window, in large blocks, too. */
static void
long_content(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	size_t n = 1 << 20, at = 300000;
	struct ops o;
	unsigned log;

	fill(buf_room(&a, n), n, 256);
	a.len = n;
	buf_u8(&b, 1);
	part(&b, &a, 0, at);
	buf_put(&b, "edit", 4);
	part(&b, &a, at, n);
	for (log = 9; log <= signature_log(n); log++) {
		o = check(&a, &b, log);
		CHECK(!unit.failed);
		CHECK_INT(o.literal, 5 + (1 << log));
	}
	o = check(&a, &a, 10);
	CHECK_INT(o.literal, 0);
	buf_clear(&b);
	fill(buf_room(&b, n), n, 256);
	b.len = n;
	o = check(&a, &b, 10);
	CHECK_INT(o.copied, 0);
	buf_free(&a);
	buf_free(&b);
}

static void
short_last_block(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct ops o;

	fill(buf_room(&a, 2000), 1100, 256);
	a.len = 1100;
	o = check(&a, &a, 9);
	CHECK_INT(o.literal, 0);
	part(&b, &a, 0, 1100);          /* something appended */
	buf_put(&b, "more", 4);
	o = check(&a, &b, 9);
	CHECK_INT(o.literal, 4);
	buf_clear(&b);                  /* the end alone is the same */
	buf_put(&b, "other", 5);
	part(&b, &a, 1000, 100);
	o = check(&a, &b, 9);
	CHECK_INT(o.literal, 29);
	buf_clear(&b);
	a.len = 50;                     /* shorter than a block */
	buf_put(&b, "x", 1);
	part(&b, &a, 0, 50);
	o = check(&a, &b, 9);
	CHECK_INT(o.literal, 1);
	buf_free(&a);
	buf_free(&b);
}

/* 512 bytes A, 512 bytes B, 3 bytes C become B, "new", A, C. */
static void
golden_bytes(void)
{
	static const unsigned char want[] = {
		0x81, 0x08, 0x80, 0x08,         /* copy 512, +512 */
		0x06, 'n', 'e', 'w',            /* literal 3 */
		0x81, 0x08, 0xff, 0x0f,         /* copy 512, -1024 */
		0x07, 0x80, 0x08,               /* copy 3, +512 */
		0x00
	};
	struct buf a = BUF_INIT, b = BUF_INIT, out = BUF_INIT;
	struct sigtable *t;

	fill(buf_room(&a, 1027), 1027, 256);
	a.len = 1027;
	part(&b, &a, 512, 512);
	buf_put(&b, "new", 3);
	part(&b, &a, 0, 512);
	part(&b, &a, 1024, 3);
	t = table_of(&a, 9);
	delta_of(t, &b, 100, &out);
	CHECK_INT(out.len, sizeof(want));
	CHECK_MEM(out.p, want, sizeof(want));
	sigtable_free(t);
	buf_free(&a);
	buf_free(&b);
	buf_free(&out);
}

/* Blocks that follow each other are one operation, whatever the length. */
static void
unchanged_is_one_copy(void)
{
	static const unsigned char want[] = { 0x81, 0x80, 0x80, 0x01, 0, 0 };
	struct buf a = BUF_INIT, out = BUF_INIT;
	struct sigtable *t;

	fill(buf_room(&a, 1 << 20), 1 << 20, 256);
	a.len = 1 << 20;
	t = table_of(&a, 10);
	delta_of(t, &a, 5000, &out);
	CHECK_INT(out.len, sizeof(want));
	CHECK_MEM(out.p, want, sizeof(want));
	sigtable_free(t);
	buf_free(&a);
	buf_free(&out);
}

static void
literals_are_bounded(void)
{
	struct buf out = BUF_INIT;
	static unsigned char data[OPS_LITERAL_MAX * 2 + 1];
	struct ops o;

	ops_init(&o, &out);
	ops_literal(&o, data, sizeof(data));
	ops_end(&o);
	CHECK_INT(out.len, sizeof(data) + 3 + 3 + 1 + 1);
	CHECK_INT(o.literal, sizeof(data));
	buf_free(&out);
}

struct seen {
	uint64_t copied, literal;
};

static void
count_copy(void *ctx, uint64_t from, size_t n)
{
	struct seen *s = ctx;

	(void)from;
	s->copied += n;
}

static void
count_literal(void *ctx, const unsigned char *p, size_t n)
{
	struct seen *s = ctx;

	(void)p;
	s->literal += n;
}

/*
 * A signature that claims the sum of a block of zeros with wrong hashes, in
 * every block: unless that is bounded, each byte of a run of zeros costs the
 * hash of a block, here 64 GiB in all.
 */
static void
hostile_sums_stay_linear(void)
{
	struct seen seen = { 0, 0 };
	struct delta_sink sink = { &seen, count_copy, count_literal };
	static unsigned char zeros[65536];
	struct buf wire = BUF_INIT;
	struct sigtable *t = sigtable_new();
	struct delta *d;
	struct err e;
	unsigned i;

	buf_u8(&wire, 1);
	buf_u8(&wire, 14);
	buf_u8(&wire, 3);
	buf_u64(&wire, 0);
	buf_var(&wire, 1 << 28);
	for (i = 0; i < 1 << 14; i++) {
		buf_u32(&wire, 0);
		buf_u16(&wire, i);
		buf_u8(&wire, 0x5a);
	}
	CHECK_INT(sigtable_add(t, wire.p, wire.len, &e), 0);
	CHECK(sigtable_ready(t));
	d = delta_new(t, sink, &e);
	for (i = 0; i < 64; i++)
		delta_add(d, zeros, sizeof(zeros));
	delta_end(d);
	CHECK_INT(seen.copied + seen.literal, 64 * sizeof(zeros));
	CHECK_INT(seen.copied, 0);
	delta_free(d);
	sigtable_free(t);
	buf_free(&wire);
}

/* Above 4 GiB, as far as operations: offsets are whole. */
static void
far_offsets(void)
{
	uint64_t far = UINT64_C(5) << 32;
	struct buf out = BUF_INIT;
	struct view v;
	struct ops o;

	ops_init(&o, &out);
	ops_copy(&o, far, far);
	ops_copy(&o, 2 * far, 10);
	ops_copy(&o, 5, 10);
	ops_end(&o);
	v = view_of(out.p, out.len);
	CHECK(view_var(&v) == (far << 1 | 1));
	CHECK(view_svar(&v) == (int64_t)far);
	/* long enough: what follows is an operation of its own */
	CHECK(view_var(&v) == 21);
	CHECK(view_svar(&v) == 0);
	CHECK(view_var(&v) == 21);
	CHECK(view_svar(&v) == 5 - (int64_t)(2 * far + 10));
	CHECK(view_var(&v) == 0);
	CHECK_INT(view_end(&v), 0);
	buf_free(&out);
}

int
main(void)
{
	const char *seed = getenv("UNIT_SEED");

	if (seed && num_parse(seed, 0, UINT64_MAX, &state))
		return 2;
	RUN(random_edits);
	RUN(long_content);
	RUN(short_last_block);
	RUN(golden_bytes);
	RUN(unchanged_is_one_copy);
	RUN(literals_are_bounded);
	RUN(hostile_sums_stay_linear);
	RUN(far_offsets);
	return unit_end();
}
