/* SPDX-License-Identifier: ISC */
/*
 * All bytes once and in order, in whole pieces but for the last, whoever of the
 * two is the slower one. Elsewhere, and with one CPU, there is nobody.
 */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/aside.h"
#include "unit.h"

struct worker {
	uint64_t bytes, wrong;
	size_t pieces, ends;            /* ends: pieces that are not whole */
	long pause;                     /* nanoseconds before each */
};

static void
pause_for(long ns)
{
	struct timespec t = { 0, ns };

	if (ns)
		nanosleep(&t, NULL);
}

static unsigned char
byte_at(uint64_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static void
work(void *ctx, const unsigned char *p, size_t n)
{
	struct worker *w = ctx;
	size_t i;

	pause_for(w->pause);
	for (i = 0; i < n; i++)
		w->wrong += p[i] != byte_at(w->bytes + i);
	w->wrong += w->ends;
	w->bytes += n;
	w->pieces++;
	w->ends += n != ASIDE_PIECE;
}

/* Whether n bytes given in such pieces arrived. */
static int
arrives(size_t n, size_t piece, long owner_pause, long pause)
{
	struct worker w = { .pause = pause };
	struct aside *a = aside_new(work, &w);
	unsigned char *p = malloc(piece);
	size_t at, take, i;

	for (at = 0; a && at < n; at += take) {
		take = n - at < piece ? n - at : piece;
		for (i = 0; i < take; i++)
			p[i] = byte_at(at + i);
		pause_for(owner_pause);
		aside_add(a, p, take);
	}
	aside_end(a);
	free(p);
	return !a || (w.bytes == n && !w.wrong && w.ends == 1 &&
	    w.pieces == n / ASIDE_PIECE + 1);
}

static void
bytes_arrive(void)
{
	static const size_t sizes[] = {
		0, 1, ASIDE_PIECE - 1, ASIDE_PIECE, ASIDE_PIECE + 1,
		4 * ASIDE_PIECE, 8 * ASIDE_PIECE, 8 * ASIDE_PIECE + 1,
		9 * ASIDE_PIECE, 100 * ASIDE_PIECE + 77
	};
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK(arrives(sizes[i], 1000, 0, 0));
		CHECK(arrives(sizes[i], ASIDE_PIECE, 0, 0));
		CHECK(arrives(sizes[i], 5 * ASIDE_PIECE + 3, 0, 0));
	}
}

static void
one_is_slower(void)
{
	const size_t n = 60 * ASIDE_PIECE + 5;

	CHECK(arrives(n, ASIDE_PIECE / 2, 0, 1000000));
	CHECK(arrives(n, ASIDE_PIECE / 2, 1000000, 0));
	CHECK(arrives(n, ASIDE_PIECE, 300000, 300000));
}

int
main(void)
{
	RUN(bytes_arrive);
	RUN(one_is_slower);
	return unit_end();
}
