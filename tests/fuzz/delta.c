/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes what reads a peer's bytes in src/delta: the table of a signature, a
 * delta made with the table that came out, and the patch. The first byte of
 * the input says how long the pieces are, the second how long the signature
 * is, in units of 8 bytes; the rest are operations, and once more some of them,
 * followed by those that fill gaps. With -DFUZZ_MAIN it runs
 * the files named as arguments; else it is for libFuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "delta/delta.h"
#include "delta/patch.h"
#include "delta/sigtable.h"

enum { OLD = 3000, NEW = 100000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct world {
	uint64_t old, got;
};

static void
on_copy(void *ctx, uint64_t from, size_t n)
{
	struct world *w = ctx;

	if (!n || from > w->old || n > w->old - from)
		abort();
	w->got += n;
}

static void
on_literal(void *ctx, const unsigned char *p, size_t n)
{
	struct world *w = ctx;

	if (!n || !p)
		abort();
	w->got += n;
}

/* The whole input, twice, is the new content of a delta. */
static void
try_signature(const uint8_t *sig, size_t n, size_t piece,
    const uint8_t *data, size_t data_len)
{
	struct world w = { 0, 0 };
	struct delta_sink sink = { &w, on_copy, on_literal };
	struct sigtable *t = sigtable_new();
	struct delta *d;
	struct err e;
	size_t take;
	int bad = 0;

	for (; n && !bad; n -= take, sig += take) {
		take = piece < n ? piece : n;
		bad = sigtable_add(t, sig, take, &e);
	}
	if (!bad && sigtable_ready(t)) {
		w.old = sigtable_size(t);
		d = delta_new(t, sink, &e);
		if (d) {
			delta_add(d, data, data_len);
			delta_add(d, data, data_len);
			delta_end(d);
			if (w.got != 2 * (uint64_t)data_len)
				abort();
		}
		delta_free(d);
	}
	sigtable_free(t);
}

static int
read_old(void *ctx, uint64_t offset, unsigned char *p, size_t n,
    struct err *e)
{
	(void)ctx;
	(void)e;
	if (!n || offset > OLD || n > OLD - offset)
		abort();
	memset(p, 'o', n);
	return 0;
}

static int
write_new(void *ctx, const unsigned char *p, size_t n, struct err *e)
{
	struct world *w = ctx;

	(void)e;
	if (!n || !p || n > NEW - w->got)
		abort();
	w->got += n;
	return 0;
}

static int
on_gap(void *ctx, uint64_t offset, size_t n, struct err *e)
{
	(void)ctx;
	(void)e;
	if (!n || offset > OLD || n > OLD - offset)
		abort();
	return 0;
}

/* The first `main` bytes of them, and what fills their gaps. */
static void
try_ops(const uint8_t *ops, size_t n, size_t piece, size_t main)
{
	struct world w = { 0, 0 };
	struct patch_io io = { &w, read_old, write_new, on_gap };
	struct patch *p = patch_new(OLD, NEW, io);
	struct err e;
	size_t take;
	int bad = 0;

	for (; n && !bad; n -= take, ops += take) {
		take = piece < n ? piece : n;
		if (main && take > main)
			take = main;
		bad = main ? patch_add(p, ops, take, &e)
		    : patch_fill(p, ops, take, &e);
		main -= main ? take : 0;
	}
	patch_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t piece, sig;

	if (n < 2)
		return 0;
	piece = 1 + (size_t)data[0];
	sig = 8 * (size_t)data[1];
	if (sig > n - 2)
		sig = n - 2;
	try_signature(data + 2, sig, piece, data, n);
	try_ops(data + 2 + sig, n - 2 - sig, piece, SIZE_MAX);
	try_ops(data + 2 + sig, n - 2 - sig, 1 + piece / 2, piece);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
