/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes frames. The first byte says in pieces of how many bytes the others are
 * read, as frames; the same messages and the same verdict must come out when
 * they are read at once. Then they are taken as messages, put into frames,
 * packed, and must be the same when they come out. With -DFUZZ_MAIN it runs
 * the files named as arguments; else it is for libFuzzer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
take(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct buf *got = ctx;

	assert(body.len <= MESSAGE_MAX && type < 256);
	if (got->len > 1 << 20)
		return err_set(e, "enough");
	buf_u8(got, type);
	buf_blob(got, body.p, body.len);
	return 0;
}

/* Each piece in memory of just its size. */
static int
read_all(const uint8_t *p, size_t n, size_t piece, struct buf *got)
{
	struct frame_in *f = frame_in_new();
	struct err e = { "" };
	size_t part;
	void *exact;
	int rc = 0;

	for (; n && !rc; n -= part, p += part) {
		part = piece < n ? piece : n;
		exact = malloc(part);
		memcpy(exact, p, part);
		rc = frame_read(f, exact, part, take, got, &e);
		free(exact);
	}
	assert(!rc || e.text[0]);
	frame_in_free(f);
	return rc;
}

static void
any_pieces(const uint8_t *p, size_t n, size_t piece)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	int rc = read_all(p, n, n, &one);

	assert(rc == read_all(p, n, piece, &two));
	assert(one.len == two.len &&
	    (!one.len || !memcmp(one.p, two.p, one.len)));
	buf_free(&one);
	buf_free(&two);
}

static void
there_and_back(const uint8_t *p, size_t n, size_t piece)
{
	struct frame_out *f = frame_out_new();
	struct buf want = BUF_INIT, got = BUF_INIT;
	struct view wire;
	struct err e;
	size_t part;

	frame_compress(f, 1);
	for (; n; n -= part, p += part) {
		part = piece * 7 < n ? piece * 7 : n;
		frame_add(f, *p, p, part);
		take(&want, *p, view_of(p, part), &e);
	}
	frame_seal(f);
	wire = frame_wire(f);
	assert(!read_all(wire.p, wire.len, 1000, &got));
	assert(want.len == got.len &&
	    (!want.len || !memcmp(want.p, got.p, want.len)));
	frame_out_free(f);
	buf_free(&want);
	buf_free(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2)
		return 0;
	any_pieces(data + 1, n - 1, 1u + data[0]);
	there_and_back(data + 1, n - 1, 1u + data[0]);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
