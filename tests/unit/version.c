/* SPDX-License-Identifier: ISC */
/*
 * Versions and histories: what is the same, what has seen what, what both sides
 * have after they met.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "state/version.h"
#include "stamps.h"
#include "unit.h"

static struct version
regular(void)
{
	struct version v;

	memset(&v, 0, sizeof(v));
	v.kind = KIND_REG;
	v.mode = 0644;
	v.uid = 1000;
	v.gid = 100;
	v.mtime.sec = 1700000000;
	v.mtime.nsec = 5;
	v.size = 3;
	memset(v.id, 0xab, sizeof(v.id));
	return v;
}

static struct stamp
st(uint64_t replica, uint64_t number)
{
	struct stamp s;

	s.replica = replica;
	s.number = number;
	return s;
}

static struct history
born(uint64_t replica, uint64_t number, const char *author)
{
	struct history h;

	memset(&h, 0, sizeof(h));
	history_change(&h, st(replica, number), author);
	return h;
}

static void
same(void)
{
	const struct version_ignore none = { 0, 0, 0 }, mode = { 0, 0, 1 };
	const struct version_ignore owner = { 1, 1, 0 };
	struct version a = regular(), b = regular();

	b.mtime.sec++;
	CHECK(version_same(&a, &b, none));
	b.mode = 0600;
	CHECK(!version_same(&a, &b, none));
	CHECK(version_same(&a, &b, mode));
	CHECK(version_same_content(&a, &b));
	b = regular();
	b.uid++;
	CHECK(!version_same(&a, &b, none));
	CHECK(version_same(&a, &b, owner));
	b = regular();
	b.id[31] ^= 1;
	CHECK(!version_same_content(&a, &b));
	b = regular();
	b.kind = KIND_NONE;
	CHECK(!version_same(&a, &b, none));
	a.kind = KIND_NONE;
	b.uid = 7;
	CHECK(version_same(&a, &b, none));
}

static void
same_others(void)
{
	const struct version_ignore none = { 0, 0, 0 };
	struct version a = regular(), b = regular();
	char x[] = "x", y[] = "y";

	a.kind = b.kind = KIND_LNK;
	a.target = x;
	b.target = y;
	b.mode = 0777;
	CHECK(!version_same(&a, &b, none));
	b.target = x;
	CHECK(version_same(&a, &b, none));
	a.kind = b.kind = KIND_CHR;
	a.mode = b.mode;
	a.minor = 1;
	CHECK(!version_same(&a, &b, none));
	a.kind = b.kind = KIND_DIR;
	CHECK(version_same(&a, &b, none));
}

static void
coding(void)
{
	static const enum kind kinds[] = {
		KIND_NONE, KIND_REG, KIND_DIR, KIND_LNK, KIND_CHR, KIND_BLK,
		KIND_FIFO
	};
	struct version v = regular(), w;
	struct buf b = BUF_INIT;
	struct view in;
	char target[] = "../a b";
	size_t i;

	v.target = target;
	v.major = 8;
	v.minor = 300;
	v.mtime.sec = -1;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		v.kind = kinds[i];
		buf_clear(&b);
		version_encode(&v, &b);
		in = view_of(b.p, b.len);
		version_decode(&w, &in);
		CHECK_INT(view_end(&in), 0);
		CHECK(version_same(&v, &w, (struct version_ignore){0, 0, 0}));
		CHECK_INT(w.mtime.sec, v.kind == KIND_DIR ? 0 : -1);
		version_free(&w);
		while (b.len) {
			in = view_of(b.p, --b.len);
			version_decode(&w, &in);
			CHECK(in.bad);
			version_free(&w);
		}
	}
	buf_free(&b);
}

static void
encoded_bytes(void)
{
	static const unsigned char want[] = {
		1, 0xa4, 3, 0xe8, 7, 100, 0x80, 0xc4, 0x9f, 0xd5, 12, 5, 3
	};
	struct version v = regular();
	struct buf b = BUF_INIT;

	version_encode(&v, &b);
	CHECK_INT(b.len, sizeof(want) + HASH_BYTES);
	CHECK_MEM(b.p, want, sizeof(want));
	CHECK_INT(b.p[b.len - 1], 0xab);
	buf_free(&b);
}

static void
digests(void)
{
	struct version a = regular(), b = regular();
	unsigned char x[HASH_BYTES], y[HASH_BYTES];

	b.mtime.sec++;
	version_digest(&a, 1, x);
	version_digest(&b, 1, y);
	CHECK(memcmp(x, y, sizeof(x)));
	version_digest(&a, 0, x);
	version_digest(&b, 0, y);
	CHECK(!memcmp(x, y, sizeof(x)));
	CHECK(stamp_equal(version_stamp(&a), version_stamp(&b)));
	CHECK_INT(version_stamp(&a).number, 0);
	CHECK_INT(version_stamp(&a).replica & 255, x[0]);
	CHECK_INT(version_stamp(&a).replica >> 56, x[7]);
	b.mode = 0600;
	CHECK(!stamp_equal(version_stamp(&a), version_stamp(&b)));
}

static void
malformed(void)
{
	struct history h = born(1, 2, "a"), g;
	struct buf b = BUF_INIT;
	struct view in;

	h.vector.n = 2;
	h.vector.at[1] = h.vector.at[0];
	history_encode(&h, 1, &b);
	in = view_of(b.p, b.len);
	history_decode(&g, &in);
	CHECK(in.bad);
	h = born(1, NUMBER_MAX, "a");
	buf_clear(&b);
	history_encode(&h, 1, &b);
	in = view_of(b.p, b.len);
	history_decode(&g, &in);
	CHECK(in.bad);
	buf_free(&b);
}

static void
local_bits(void)
{
	struct history h = born(1, 2, "host-a"), g;
	struct buf b = BUF_INIT;
	struct view in;

	h.bits = HISTORY_FORCED | HISTORY_TAKEN | HISTORY_DEVIATES;
	h.nheads = 1;
	h.heads[0] = st(9, 1);
	history_encode(&h, 1, &b);
	in = view_of(b.p, b.len);
	history_decode(&g, &in);
	CHECK_INT(view_end(&in), 0);
	CHECK_INT(g.bits, h.bits);
	CHECK_STR(g.author, "host-a");
	CHECK_INT(g.nheads, 1);
	CHECK(stamp_equal(g.heads[0], st(9, 1)));
	buf_clear(&b);
	history_encode(&h, 0, &b);
	in = view_of(b.p, b.len);
	history_decode(&g, &in);
	CHECK_INT(g.bits, HISTORY_FORCED);
	buf_free(&b);
}

static void
seen(void)
{
	struct history a = born(1, 5, "a"), b = a;

	CHECK(history_seen(&a, &b));
	history_change(&b, st(2, 7), "b");
	CHECK(history_seen(&b, &a));
	CHECK(!history_seen(&a, &b));
	a.nheads = 1;
	a.heads[0] = st(3, 1);
	CHECK(!history_seen(&b, &a));
	vector_add(&b.vector, st(3, 4), &b);
	CHECK(history_seen(&b, &a));
}

static void
content_stamps(void)
{
	struct history a = born(0x1234, 0, "a"), b = born(0x1234, 0, "b");

	CHECK(history_seen(&a, &b) && history_seen(&b, &a));
	b = born(0x1235, 0, "b");
	CHECK(!history_seen(&a, &b));
}

static void
oldest_dropped(void)
{
	struct history h = born(100, 1, "a");
	uint64_t i;

	h.nheads = 1;
	h.heads[0] = st(101, 1);
	vector_add(&h.vector, h.heads[0], &h);
	for (i = 1; i <= 30; i++)
		vector_add(&h.vector, st(i, 1), &h);
	CHECK_INT(h.vector.n, VECTOR_MAX);
	CHECK(vector_has(&h.vector, st(100, 1)));
	CHECK(vector_has(&h.vector, st(101, 1)));
	CHECK(!vector_has(&h.vector, st(16, 1)));
	CHECK(vector_has(&h.vector, st(17, 1)));
	CHECK_INT(h.vector.at[VECTOR_MAX - 1].replica, 30);
	vector_add(&h.vector, st(17, 2), &h);
	CHECK_INT(h.vector.n, VECTOR_MAX);
	CHECK_INT(h.vector.at[VECTOR_MAX - 1].replica, 17);
	vector_add(&h.vector, st(17, 1), &h);
	CHECK(vector_has(&h.vector, st(17, 2)));
}

static void
unite(void)
{
	struct history a = born(1, 5, "a"), b = born(2, 6, "b");
	uint64_t i;

	history_unite(&a, &b);
	CHECK(vector_has(&a.vector, st(2, 6)));
	CHECK(vector_has(&a.vector, st(1, 5)));
	CHECK(!vector_has(&a.vector, st(1, 6)));
	for (i = 10; i < 40; i++) {
		vector_add(&a.vector, st(i, 1), &a);
		vector_add(&b.vector, st(100 + i, 1), &b);
	}
	history_unite(&a, &b);
	CHECK_INT(a.vector.n, VECTOR_MAX);
	CHECK(history_seen(&a, &a));
	CHECK(history_seen(&a, &b));
	CHECK(vector_has(&a.vector, st(39, 1)));
	CHECK(vector_has(&a.vector, st(139, 1)));
	CHECK(!vector_has(&a.vector, st(24, 1)));
}

static void
change(void)
{
	struct history h = born(1, 5, "a");

	h.nheads = 2;
	h.bits = HISTORY_FORCED | HISTORY_TAKEN;
	history_change(&h, st(2, 1), "another-host-with-a-long-name-of-more-"
	    "than-sixty-three-characters-in-all");
	CHECK_INT(h.nheads, 0);
	CHECK_INT(h.bits, 0);
	CHECK_INT(strlen(h.author), AUTHOR_MAX);
	CHECK(vector_has(&h.vector, st(1, 5)));
	CHECK(vector_has(&h.vector, st(2, 1)));
}

static void
merge_seen(void)
{
	struct history a = born(1, 5, "a"), b = a, m;

	history_change(&b, st(2, 7), "b");
	b.bits = HISTORY_RESOLUTION;
	CHECK_INT(history_merge(&m, &a, &b), 2);
	CHECK(stamp_equal(m.stamp, st(2, 7)));
	CHECK_STR(m.author, "b");
	CHECK_INT(m.bits, HISTORY_RESOLUTION);
	CHECK_INT(history_merge(&m, &b, &a), 1);
	CHECK(stamp_equal(m.stamp, st(2, 7)));
	CHECK_INT(history_merge(&m, &b, &b), 1);
	CHECK_INT(m.nheads, 0);
	CHECK_INT(m.vector.n, 2);
}

/* As many hosts made the same change: who saw all but one lacks that one. */
static void
made_by_all(void)
{
	struct history all = born(1, 5, "a"), some, next, far;
	uint64_t i;

	for (i = 2; i <= HEADS_MAX + 1; i++) {
		some = all;
		next = born(i, 5, "b");
		history_merge(&all, &next, &all);
	}
	CHECK_INT(all.nheads, HEADS_MAX);
	CHECK(history_seen(&all, &all) && history_seen(&all, &next));
	CHECK(!history_seen(&some, &all));
	far = born(101, 1, "z");
	for (i = 102; i <= 101 + HEADS_MAX; i++) {
		next = born(i, 1, "z");
		history_merge(&far, &far, &next);
	}
	history_unite(&all, &far);
	CHECK_INT(all.vector.n, VECTOR_MAX);
	CHECK(history_seen(&all, &all) && history_seen(&all, &far));
	for (i = 200; i < 220; i++)
		vector_add(&far.vector, st(i, 1), &far);
	history_unite(&all, &far);
	CHECK_INT(all.vector.n, VECTOR_MAX);
	CHECK(history_seen(&all, &all) && history_seen(&all, &far));
}

static void
merge_neither(void)
{
	struct history a = born(1, 5, "a"), b = born(2, 7, "b"), m, n, c;

	a.bits = HISTORY_FORCED | HISTORY_QUIET;
	b.bits = HISTORY_FIRST;
	CHECK_INT(history_merge(&m, &a, &b), 0);
	CHECK_INT(history_merge(&n, &b, &a), 0);
	CHECK(stamp_equal(m.stamp, st(2, 7)) && stamp_equal(n.stamp, m.stamp));
	CHECK_INT(m.nheads, 1);
	CHECK(stamp_equal(m.heads[0], st(1, 5)));
	CHECK_INT(n.nheads, 1);
	CHECK_STR(m.author, "b");
	CHECK_INT(m.bits, HISTORY_FORCED);
	CHECK_INT(n.bits, HISTORY_FORCED);
	CHECK(history_seen(&m, &a) && history_seen(&m, &b));
	/* c saw b's alone and edits: it has not seen what a and b are now. */
	c = b;
	history_change(&c, st(3, 1), "c");
	CHECK(!history_seen(&c, &m));
	CHECK_INT(history_merge(&a, &a, &b), 0);
	CHECK(stamp_equal(a.heads[0], st(1, 5)));
}

static void
merge_many(void)
{
	struct history m = born(1, 1, "a"), o;
	uint64_t i;

	for (i = 2; i < 9; i++) {
		o = born(i, i, "x");
		CHECK_INT(history_merge(&m, &m, &o), 0);
	}
	CHECK_INT(m.nheads, HEADS_MAX);
	CHECK(stamp_equal(m.stamp, st(8, 8)));
	for (i = 0; i < HEADS_MAX; i++)
		CHECK(stamp_equal(m.heads[i], st(7 - i, 7 - i)));
	/* A later stamp of a head's replica takes its place. */
	o = born(5, 9, "x");
	CHECK_INT(history_merge(&m, &m, &o), 0);
	CHECK(stamp_equal(m.stamp, st(5, 9)));
	for (i = 0; i < m.nheads; i++)
		CHECK(m.heads[i].replica != 5);
}

static void
merge_mutual(void)
{
	struct history a = born(1, 5, "a"), b = born(2, 7, "b"), m, n;

	vector_add(&a.vector, st(2, 7), &a);
	vector_add(&b.vector, st(1, 5), &b);
	CHECK_INT(history_merge(&m, &a, &b), 2);
	CHECK_INT(history_merge(&n, &b, &a), 1);
	CHECK(stamp_equal(m.stamp, n.stamp));
}

int
main(void)
{
	RUN(same);
	RUN(same_others);
	RUN(coding);
	RUN(encoded_bytes);
	RUN(digests);
	RUN(malformed);
	RUN(local_bits);
	RUN(seen);
	RUN(content_stamps);
	RUN(oldest_dropped);
	RUN(unite);
	RUN(change);
	RUN(merge_seen);
	RUN(made_by_all);
	RUN(merge_neither);
	RUN(merge_many);
	RUN(merge_mutual);
	return unit_end();
}
