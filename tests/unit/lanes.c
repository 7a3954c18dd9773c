/* SPDX-License-Identifier: ISC */
/*
 * What tests/unit/hash.c does not reach: all that a CPU has, not just the best
 * of it, and streams so long that their count needs a second word.
 */
#include <stdint.h>

#include "base/lanes.h"
#include "unit.h"

enum { STRIPES = 5, REST = 3 * LANES_BLOCK + 7 };

static unsigned char data[(STRIPES + 1) * LANES_STRIPE];

static void
fill(void)
{
	uint32_t x = 3;
	size_t i;

	for (i = 0; i < sizeof(data); i++) {
		x = x * 1664525u + 1013904223u;
		data[i] = (unsigned char)(x >> 24);
	}
}

/* All of it after so many bytes of each lane; at a time: stripes. */
static struct lanes
run(enum lanes_wider wider, uint64_t after, size_t at_a_time)
{
	struct lanes l = { .wider = wider };
	size_t at, n;

	lanes_init(&l);
	l.bytes = after;
	for (at = 0; at < STRIPES - 1; at += n) {
		n = STRIPES - 1 - at;
		if (n > at_a_time)
			n = at_a_time;
		lanes_add(&l, data + at * LANES_STRIPE, n);
	}
	lanes_end(&l, data + at * LANES_STRIPE, LANES_STRIPE + REST);
	return l;
}

static void
ways_are_alike(void)
{
	struct lanes best, l;
	int wider;

	if (!lanes_fast())
		return;
	best = run(LANES_UNASKED, 0, STRIPES);
	for (wider = best.wider; wider > LANES_UNASKED; wider--) {
		l = run((enum lanes_wider)wider, 0, STRIPES);
		CHECK_INT(memcmp(l.h, best.h, sizeof(l.h)), 0);
	}
}

static void
count_needs_a_second_word(void)
{
	const uint64_t after = (UINT64_C(1) << 32) - 2 * LANES_BLOCK;
	struct lanes one, all;
	int wider;

	if (!lanes_fast())
		return;
	one = run(LANES_UNASKED, after, 1);
	for (wider = one.wider; wider > LANES_UNASKED; wider--) {
		one = run((enum lanes_wider)wider, after, 1);
		all = run((enum lanes_wider)wider, after, STRIPES);
		CHECK_INT(memcmp(one.h, all.h, sizeof(one.h)), 0);
		CHECK(one.bytes == all.bytes);
	}
}

int
main(void)
{
	fill();
	RUN(ways_are_alike);
	RUN(count_needs_a_second_word);
	return unit_end();
}
