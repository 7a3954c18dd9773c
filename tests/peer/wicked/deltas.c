/* SPDX-License-Identifier: ISC */
/*
 * Deltas that do not give what was offered.
 */
#include "wicked.h"

/* The same copy so many times. */
static void
delta_copy(struct line *l, uint64_t n, int64_t from, int times)
{
	struct buf ops = BUF_INIT;

	to_delta(l);
	while (times--) {
		buf_var(&ops, n * 2 + 1);
		buf_svar(&ops, from);
	}
	buf_var(&ops, 0);
	delta(l, CONTENT_LAST, &ops);
	after_delta(l);
}

static void
delta_beyond(struct line *l)
{
	delta_copy(l, DELTA_OLD + 1, 0, 1);
}

static void
delta_before(struct line *l)
{
	delta_copy(l, 10, -1, 1);
}

static void
delta_2_62(struct line *l)
{
	delta_copy(l, UINT64_C(1) << 62, INT64_MAX, 1);
}

static void
delta_overlap(struct line *l)
{
	delta_copy(l, 1000, -999, 3);
}

static void
delta_nothing(struct line *l)
{
	delta_copy(l, 0, 0, 1);
}

/* The whole again and again: far more than was offered. */
static void
delta_long(struct line *l)
{
	delta_copy(l, DELTA_OLD, -DELTA_OLD, 3000);
}

static void
delta_literal(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_delta(l);
	buf_var(&ops, UINT64_C(1) << 62);
	buf_put(&ops, "evil", 4);
	delta(l, CONTENT_LAST, &ops);
	after_delta(l);
}

static void
delta_unasked(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_content(l);
	buf_var(&ops, 9);
	buf_svar(&ops, 0);
	delta(l, CONTENT_LAST, &ops);
	to_the_end(l);
}

const struct misbehaviour wicked_deltas[] = {
	{ "delta-beyond", delta_beyond, BOTH, 1, "for later" },
	{ "delta-before", delta_before, BOTH, 1, "for later" },
	{ "delta-2-62", delta_2_62, BOTH, 1, "for later" },
	{ "delta-overlap", delta_overlap, BOTH, 1, "for later" },
	{ "delta-nothing", delta_nothing, BOTH, 1, "for later" },
	{ "delta-long", delta_long, BOTH, 1, "for later" },
	{ "delta-literal", delta_literal, BOTH, 1, "for later" },
	{ "delta-unasked", delta_unasked, BOTH, 2, "nobody asked for" },
	{ NULL, NULL, 0, 0, NULL }
};
