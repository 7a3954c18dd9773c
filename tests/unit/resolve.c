/* SPDX-License-Identifier: ISC */
/*
 * Every rule of who stands, judged from both ends; then the same for random
 * pairs of sides: both ends come to the same winner and the same history.
 * SEED in the environment makes others.
 */
#include <stdlib.h>

#include "stamps.h"
#include "unit.h"

#include "base/mem.h"
#include "sync/resolve.h"

static struct member members[] = {
	{ (char[]){ "h1" }, (char[]){ "alpha" }, 0 },
	{ (char[]){ "h2" }, (char[]){ "beta" }, 0 },
	{ (char[]){ "h3" }, (char[]){ "gamma" }, 0 }
};
static struct group group = { .members = members, .nmembers = 3 };

struct one {                    /* one side, with what it points at */
	struct version v;
	struct history h;
	int new;
};

static struct side
side_of(const struct one *o)
{
	return (struct side){ &o->v, &o->h, o->new };
}

static struct judgement
judge_at(const struct one *ours, const struct one *offer, enum auto_method m,
    int receive_only)
{
	struct side us = side_of(ours), them = side_of(offer);
	struct judge j = { &group, { 0, 0, 0 }, receive_only };
	struct judgement out;

	group.method = m;
	resolve(&us, &them, &j, &out);
	return out;
}

/* A file of author's, of that size and second, with a text of its own. */
static struct one
file(const char *author, uint64_t size, int64_t sec)
{
	struct one o;

	memset(&o, 0, sizeof(o));
	o.v.kind = KIND_REG;
	o.v.mode = 0644;
	o.v.size = size;
	o.v.mtime.sec = sec;
	memset(o.v.id, author[0], sizeof(o.v.id));
	history_change(&o.h, (struct stamp){ (unsigned char)author[0], size },
	    author);
	return o;
}

static struct one
gone(const char *author, uint64_t number)
{
	struct one o;

	memset(&o, 0, sizeof(o));
	history_change(&o.h, (struct stamp){ (unsigned char)author[0], number },
	    author);
	return o;
}

/* o edited by author, having seen all before. */
static struct one
edited(const struct one *o, const char *author, uint64_t number)
{
	struct one e = *o;

	history_change(&e.h, (struct stamp){ (unsigned char)author[0], number },
	    author);
	memset(e.v.id, (int)number, sizeof(e.v.id));
	return e;
}

/*
 * Who wins when x and y conflict: 'x', 'y', '-' for nobody, '!' where the ends
 * do not agree, '?' where it was no conflict.
 */
static char
winner(const struct one *x, const struct one *y, enum auto_method m)
{
	struct judgement at_x = judge_at(x, y, m, 0), at_y = judge_at(y, x,
	    m, 0);

	if (at_x.verdict == VERDICT_CONFLICT)
		return at_y.verdict == VERDICT_CONFLICT ? '-' : '!';
	if (!at_x.resolved || !at_y.resolved)
		return '?';
	if (at_x.verdict == VERDICT_OURS)
		return at_y.verdict == VERDICT_TAKE ? 'x' : '!';
	return at_y.verdict == VERDICT_OURS ? 'y' : '!';
}

static void
same_versions(void)
{
	struct one x = file("alpha", 5, 100), y = file("beta", 5, 200);
	struct judgement j;

	memcpy(y.v.id, x.v.id, sizeof(y.v.id));
	j = judge_at(&x, &y, AUTO_NONE, 0);
	CHECK_INT(j.verdict, VERDICT_SAME);
	CHECK(!j.resolved);
	CHECK_INT(j.mtime.sec, 200);            /* neither: the younger */
	CHECK_INT(j.merged.nheads, 1);
	CHECK_INT(judge_at(&y, &x, AUTO_NONE, 0).mtime.sec, 200);
	y.h = x.h;                              /* y has seen x: its mtime */
	history_change(&y.h, (struct stamp){ 'b', 9 }, "beta");
	y.v.mtime.sec = 50;
	j = judge_at(&x, &y, AUTO_NONE, 0);
	CHECK_INT(j.mtime.sec, 50);
	CHECK_STR(j.merged.author, "beta");
	CHECK_INT(judge_at(&y, &x, AUTO_NONE, 0).mtime.sec, 50);
}

/* Owner, mode and kind decide, unless they are ignored. */
static void
what_is_same(void)
{
	struct one x = file("alpha", 5, 100), y = x;
	struct side us = side_of(&x), them = side_of(&y);
	struct judge j = { &group, { 1, 1, 1 }, 0 };
	struct judgement out;

	group.method = AUTO_NONE;
	y.v.uid = 1;
	y.v.gid = 2;
	y.v.mode = 0600;
	resolve(&us, &them, &j, &out);
	CHECK_INT(out.verdict, VERDICT_SAME);
	j.ignore.mode = 0;
	resolve(&us, &them, &j, &out);
	CHECK_INT(out.verdict, VERDICT_CONFLICT);
	j.ignore.mode = 1;
	j.ignore.gid = 0;
	resolve(&us, &them, &j, &out);
	CHECK_INT(out.verdict, VERDICT_CONFLICT);
	j.ignore.gid = 1;
	y.v.kind = KIND_DIR;
	resolve(&us, &them, &j, &out);
	CHECK_INT(out.verdict, VERDICT_CONFLICT);
}

static void
seen(void)
{
	struct one x = file("alpha", 5, 100), y = edited(&x, "beta", 7);
	struct judgement j;
	int m;

	for (m = AUTO_NONE; m <= AUTO_RIGHT; m++) {
		j = judge_at(&x, &y, (enum auto_method)m, 0);
		CHECK_INT(j.verdict, VERDICT_TAKE);
		CHECK(!j.resolved);
		CHECK(stamp_equal(j.merged.stamp, y.h.stamp));
		j = judge_at(&y, &x, (enum auto_method)m, 0);
		CHECK_INT(j.verdict, VERDICT_OURS);
		CHECK(!j.resolved);
		CHECK(stamp_equal(j.merged.stamp, y.h.stamp));
	}
	y.v.kind = KIND_NONE;                   /* a removal that saw it */
	CHECK_INT(judge_at(&x, &y, AUTO_YOUNGER, 0).verdict, VERDICT_TAKE);
}

static void
unknown_here(void)
{
	struct one none, y = file("beta", 5, 100);
	struct judgement j;

	memset(&none, 0, sizeof(none));
	j = judge_at(&none, &y, AUTO_NONE, 0);
	CHECK_INT(j.verdict, VERDICT_TAKE);
	CHECK(!j.resolved);
	CHECK(stamp_equal(j.merged.stamp, y.h.stamp));
	y = gone("beta", 5);
	CHECK_INT(judge_at(&none, &y, AUTO_NONE, 0).verdict, VERDICT_TAKE);
}

/* One stamp with two contents, and both seen by both: conflicts. */
static void
seen_by_both(void)
{
	struct one x = file("alpha", 5, 100), y = x;

	y.v.id[0] ^= 1;
	CHECK_INT(winner(&x, &y, AUTO_NONE), '-');
	CHECK(strchr("xy", winner(&x, &y, AUTO_YOUNGER)));
}

static void
methods(void)
{
	struct one x = file("alpha", 5, 200), y = file("beta", 9, 100);

	CHECK_INT(winner(&x, &y, AUTO_NONE), '-');
	CHECK_INT(winner(&x, &y, AUTO_YOUNGER), 'x');
	CHECK_INT(winner(&y, &x, AUTO_YOUNGER), 'y');
	CHECK_INT(winner(&x, &y, AUTO_OLDER), 'y');
	CHECK_INT(winner(&y, &x, AUTO_OLDER), 'x');
	CHECK_INT(winner(&x, &y, AUTO_BIGGER), 'y');
	CHECK_INT(winner(&y, &x, AUTO_BIGGER), 'x');
	CHECK_INT(winner(&x, &y, AUTO_SMALLER), 'x');
	CHECK_INT(winner(&y, &x, AUTO_SMALLER), 'y');
	CHECK_INT(winner(&x, &y, AUTO_LEFT), 'x');
	CHECK_INT(winner(&y, &x, AUTO_LEFT), 'y');
	CHECK_INT(winner(&x, &y, AUTO_RIGHT), 'y');
	CHECK_INT(winner(&y, &x, AUTO_RIGHT), 'x');
	CHECK_INT(judge_at(&x, &y, AUTO_FIRST, 0).verdict, VERDICT_TAKE);
	CHECK_INT(judge_at(&y, &x, AUTO_FIRST, 0).verdict, VERDICT_TAKE);
	x.v.mtime = y.v.mtime;
	x.v.mtime.nsec = 1;
	CHECK_INT(winner(&x, &y, AUTO_YOUNGER), 'x');
}

/* Equal in what the method compares: the digest, alike at both ends. */
static void
ties(void)
{
	static const enum auto_method all[] = { AUTO_YOUNGER, AUTO_OLDER,
		AUTO_BIGGER, AUTO_SMALLER, AUTO_LEFT, AUTO_RIGHT };
	struct one x = file("alpha", 5, 100), y = file("alpha", 5, 100);
	char first;
	size_t i;

	y.v.mode = 0600;
	y.h.stamp.number = 6;
	y.h.vector.at[0].replica = 4711;
	y.h.stamp.replica = 4711;
	first = winner(&x, &y, AUTO_YOUNGER);
	CHECK(first == 'x' || first == 'y');
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK_INT(winner(&x, &y, all[i]), first);
}

/* Nobody's content, and an author that is in the list no more, lose. */
static void
places(void)
{
	struct one x = file("gamma", 5, 100), y = file("zeta", 5, 100);

	CHECK_INT(winner(&x, &y, AUTO_LEFT), 'x');
	CHECK_INT(winner(&x, &y, AUTO_RIGHT), 'x');
	y = file("beta", 5, 100);
	CHECK_INT(winner(&x, &y, AUTO_LEFT), 'y');
	y.h.stamp.number = 0;
	CHECK_INT(winner(&x, &y, AUTO_LEFT), 'x');
	CHECK_INT(winner(&x, &y, AUTO_RIGHT), 'x');
}

static void
removal_and_file(void)
{
	static const enum auto_method all[] = { AUTO_YOUNGER, AUTO_OLDER,
		AUTO_BIGGER, AUTO_SMALLER };
	struct one x = file("alpha", 5, 100), y = gone("beta", 9);
	size_t i;

	y.v.mtime.sec = 200;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		CHECK_INT(winner(&x, &y, all[i]), 'x');
		CHECK_INT(winner(&y, &x, all[i]), 'y');
	}
	CHECK_INT(winner(&x, &y, AUTO_RIGHT), 'y');
	CHECK_INT(winner(&x, &y, AUTO_LEFT), 'x');
	CHECK_INT(winner(&x, &y, AUTO_NONE), '-');
}

static void
forced(void)
{
	struct one x = file("alpha", 5, 200), y = file("beta", 9, 100);
	char first;
	int m;

	for (m = AUTO_NONE; m <= AUTO_RIGHT; m++) {
		x.h.bits = HISTORY_FORCED;
		y.h.bits = 0;
		CHECK_INT(winner(&x, &y, (enum auto_method)m), 'x');
		x.h.bits = HISTORY_RESOLUTION;
		y.h.bits = HISTORY_FORCED;
		x.new = 0;
		CHECK_INT(winner(&x, &y, (enum auto_method)m), 'y');
		y.h.bits |= HISTORY_FIRST;      /* before what is new */
		y.new = 1;
		CHECK_INT(winner(&x, &y, (enum auto_method)m), 'y');
		y.new = 0;
	}
	x.h.bits = y.h.bits = HISTORY_FORCED;
	first = winner(&x, &y, AUTO_NONE);
	CHECK(first == 'x' || first == 'y');
	for (m = AUTO_NONE; m <= AUTO_RIGHT; m++)
		CHECK_INT(winner(&x, &y, (enum auto_method)m), first);
}

static void
resolutions(void)
{
	struct one x = file("alpha", 5, 200), y = file("beta", 9, 100);
	char first;

	x.h.bits = HISTORY_RESOLUTION;
	CHECK_INT(judge_at(&x, &y, AUTO_FIRST, 0).verdict, VERDICT_TAKE);
	CHECK_INT(judge_at(&y, &x, AUTO_FIRST, 0).verdict, VERDICT_TAKE);
	y.h.bits = HISTORY_RESOLUTION;          /* else they swap for ever */
	first = winner(&x, &y, AUTO_FIRST);
	CHECK(first == 'x' || first == 'y');
}

static void
new_states(void)
{
	struct one x = file("alpha", 5, 200), y = file("beta", 9, 100);

	x.h.bits = HISTORY_FIRST;
	CHECK_INT(winner(&x, &y, AUTO_YOUNGER), 'x');   /* not new: no rule */
	x.new = 1;
	CHECK_INT(winner(&x, &y, AUTO_YOUNGER), 'y');
	CHECK_INT(winner(&x, &y, AUTO_NONE), '-');
	y.new = 1;                              /* both: the method */
	CHECK_INT(winner(&x, &y, AUTO_YOUNGER), 'x');
	y.new = 0;
	x.h.bits = 0;                           /* no find of a first check */
	CHECK_INT(winner(&x, &y, AUTO_YOUNGER), 'x');
	x.h.bits = HISTORY_FIRST;
	CHECK_INT(judge_at(&y, &x, AUTO_FIRST, 0).verdict, VERDICT_OURS);
}

static void
receive_only(void)
{
	struct one x = file("alpha", 5, 200), y = file("beta", 9, 100);
	struct judgement j;
	int m;

	x.h.bits = HISTORY_FORCED;
	for (m = AUTO_NONE; m <= AUTO_RIGHT; m++) {
		j = judge_at(&x, &y, (enum auto_method)m, 1);
		CHECK_INT(j.verdict, VERDICT_TAKE);
		CHECK(history_seen(&j.merged, &x.h));
		CHECK(history_seen(&j.merged, &y.h));
	}
}

/* No group has it: as with none. */
static void
no_group(void)
{
	struct one x = file("alpha", 5, 200), y = file("beta", 9, 100);
	struct side us = side_of(&x), them = side_of(&y);
	struct judge j = { NULL, { 0, 0, 0 }, 0 };
	struct judgement out;

	resolve(&us, &them, &j, &out);
	CHECK_INT(out.verdict, VERDICT_CONFLICT);
}

static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % n;
}

static struct stamp
random_stamp(void)
{
	return (struct stamp){ 1 + pick(3), pick(4) };
}

static struct one
random_one(void)
{
	static const char *const authors[] = { "alpha", "beta", "gamma",
		"old" };
	static char targets[][2] = { "x", "y" };
	struct one o;
	unsigned i, n;

	memset(&o, 0, sizeof(o));
	o.v.kind = (enum kind)pick(KIND_COUNT);
	if (o.v.kind != KIND_NONE)
		o.v.uid = pick(2);
	if (o.v.kind != KIND_NONE && o.v.kind != KIND_LNK)
		o.v.mode = pick(2);
	if (o.v.kind != KIND_DIR)
		o.v.mtime.sec = pick(3);
	if (o.v.kind == KIND_REG) {
		o.v.size = pick(2);
		o.v.id[31] = (unsigned char)pick(2);
	}
	if (o.v.kind == KIND_LNK)
		o.v.target = targets[pick(2)];
	n = pick(3);
	for (i = 0; i < n; i++)
		vector_add(&o.h.vector, random_stamp(), NULL);
	history_change(&o.h, random_stamp(), authors[pick(4)]);
	if (!pick(4) && o.h.vector.n > 1 &&
	    o.h.vector.at[0].replica != o.h.stamp.replica)
		o.h.heads[o.h.nheads++] = o.h.vector.at[0];
	o.h.bits = pick(32);
	o.new = (int)pick(2);
	return o;
}

static int
same_vector(const struct vector *x, const struct vector *y)
{
	unsigned i;

	if (x->n != y->n)
		return 0;
	for (i = 0; i < x->n; i++)
		if (!vector_has(x, y->at[i]) || !vector_has(y, x->at[i]))
			return 0;
	return 1;
}

static int
same_history(const struct history *x, const struct history *y)
{
	unsigned i;

	if (!stamp_equal(x->stamp, y->stamp) || x->nheads != y->nheads ||
	    x->bits != y->bits || strcmp(x->author, y->author))
		return 0;
	for (i = 0; i < x->nheads; i++)
		if (!stamp_equal(x->heads[i], y->heads[i]))
			return 0;
	return 1;
}

/* What is wrong with the two judgements on x and y, or NULL. */
static const char *
disagreement(const struct one *x, const struct one *y, enum auto_method m)
{
	struct judgement at_x = judge_at(x, y, m, 0);
	struct judgement at_y = judge_at(y, x, m, 0);
	int taken = at_x.verdict == VERDICT_TAKE;

	if (at_x.verdict == VERDICT_CONFLICT || at_y.verdict ==
	    VERDICT_CONFLICT)
		return at_x.verdict == at_y.verdict && m == AUTO_NONE ? NULL
		    : "conflict";
	if (!same_vector(&at_x.merged.vector, &at_y.merged.vector))
		return "vector";
	if (at_x.resolved != at_y.resolved)
		return "resolved";
	if (!same_history(&at_x.merged, &at_y.merged))
		return "history";
	if (at_x.verdict == VERDICT_SAME || at_y.verdict == VERDICT_SAME) {
		if (at_x.verdict != at_y.verdict)
			return "same";
		return stime_cmp(at_x.mtime, at_y.mtime) ? "mtime" : NULL;
	}
	if (taken == (at_y.verdict == VERDICT_TAKE))
		return "winner";
	if (!history_seen(&at_x.merged, &x->h) || !history_seen(&at_x.merged,
	    &y->h))
		return "unseen";
	return NULL;
}

static void
show(const struct one *o)
{
	unsigned i;

	printf("# kind %d stamp %d:%d by %s bits %u new %d; heads", o->v.kind,
	    (int)o->h.stamp.replica, (int)o->h.stamp.number, o->h.author,
	    o->h.bits, o->new);
	for (i = 0; i < o->h.nheads; i++)
		printf(" %d:%d", (int)o->h.heads[i].replica,
		    (int)o->h.heads[i].number);
	printf("; vector");
	for (i = 0; i < o->h.vector.n; i++)
		printf(" %d:%d", (int)o->h.vector.at[i].replica,
		    (int)o->h.vector.at[i].number);
	printf("\n");
}

static void
both_ends_agree(void)
{
	const char *text = getenv("SEED");
	enum auto_method m;
	struct one x, y;
	long i;

	seed = text ? strtoull(text, NULL, 10) : 20240607;
	printf("# SEED=%llu\n", (unsigned long long)seed);
	for (i = 0; i < 1000000; i++) {
		x = random_one();
		y = random_one();
		do
			m = (enum auto_method)pick(AUTO_RIGHT + 1);
		while (m == AUTO_FIRST);
		if (disagreement(&x, &y, m)) {
			printf("# case %ld, method %d\n", i, (int)m);
			show(&x);
			show(&y);
			CHECK_STR(disagreement(&x, &y, m), NULL);
		}
	}
}

int
main(void)
{
	RUN(same_versions);
	RUN(what_is_same);
	RUN(seen);
	RUN(unknown_here);
	RUN(seen_by_both);
	RUN(methods);
	RUN(ties);
	RUN(places);
	RUN(removal_and_file);
	RUN(forced);
	RUN(resolutions);
	RUN(new_states);
	RUN(receive_only);
	RUN(no_group);
	RUN(both_ends_agree);
	return unit_end();
}
