/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes the way of a file's content from its signature to the patch: the third
 * byte and on are an old and a new content, the first says where the new one
 * begins (in 64ths), the second how long the pieces are. What is patched must
 * be the new content. With -DFUZZ_MAIN it runs the files named as arguments;
 * else it is for libFuzzer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "delta/delta.h"
#include "delta/ops.h"
#include "delta/patch.h"
#include "delta/signature.h"
#include "delta/sigtable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct world {
	struct view old, new;
	size_t piece;
	struct buf sig, ops, made;
};

typedef int adder(void *to, const void *p, size_t n, struct err *e);

static int
sign(struct world *w)
{
	struct signature *s;
	struct err e;
	size_t at, n;
	int rc;

	s = signature_new(w->old.len, SIGNATURE_LOG_MIN, 5, &e);
	assert(s);
	for (at = 0; at < w->old.len; at += n) {
		n = w->piece < w->old.len - at ? w->piece : w->old.len - at;
		signature_add(s, w->old.p + at, n, &w->sig);
	}
	rc = signature_end(s, &w->sig, &e);
	signature_free(s);
	return rc;
}

static struct sigtable *
tabulate(struct world *w)
{
	struct sigtable *t = sigtable_new();
	struct err e;
	size_t at, n;

	for (at = 0; at < w->sig.len; at += n) {
		n = w->piece < w->sig.len - at ? w->piece : w->sig.len - at;
		if (sigtable_add(t, w->sig.p + at, n, &e))
			abort();
	}
	assert(sigtable_ready(t) && sigtable_size(t) == w->old.len);
	return t;
}

static void
differ(struct world *w, struct sigtable *t)
{
	struct ops ops;
	struct delta *d;
	struct err e;
	size_t at, n;

	ops_init(&ops, &w->ops);
	d = delta_new(t, ops_sink(&ops), &e);
	assert(d);
	for (at = 0; at < w->new.len; at += n) {
		n = w->piece < w->new.len - at ? w->piece : w->new.len - at;
		delta_add(d, w->new.p + at, n);
	}
	delta_end(d);
	ops_end(&ops);
	delta_free(d);
	assert(ops.copied + ops.literal == w->new.len);
}

static int
read_old(void *ctx, uint64_t offset, unsigned char *p, size_t n,
    struct err *e)
{
	struct world *w = ctx;

	(void)e;
	assert(n && offset <= w->old.len && n <= w->old.len - offset);
	memcpy(p, w->old.p + offset, n);
	return 0;
}

static int
write_new(void *ctx, const unsigned char *p, size_t n, struct err *e)
{
	struct world *w = ctx;

	(void)e;
	buf_put(&w->made, p, n);
	return 0;
}

static void
patch(struct world *w)
{
	struct patch_io io = { w, read_old, write_new };
	struct patch *p = patch_new(w->old.len, w->new.len, io);
	struct err e;
	size_t at, n;

	for (at = 0; at < w->ops.len; at += n) {
		n = w->piece < w->ops.len - at ? w->piece : w->ops.len - at;
		if (patch_add(p, w->ops.p + at, n, &e))
			abort();
	}
	assert(patch_done(p) && w->made.len == w->new.len);
	assert(!w->made.len || !memcmp(w->made.p, w->new.p, w->new.len));
	patch_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world w = { .old = { NULL, 0, 0 } };
	struct sigtable *t;
	size_t cut;

	if (n < 2)
		return 0;
	w.piece = 1u + data[1];
	cut = (n - 2) * (data[0] & 63) / 63;
	w.old = view_of(data + 2, cut);
	w.new = view_of(data + 2 + cut, n - 2 - cut);
	if (sign(&w))
		abort();
	t = tabulate(&w);
	differ(&w, t);
	patch(&w);
	sigtable_free(t);
	buf_free(&w.sig);
	buf_free(&w.ops);
	buf_free(&w.made);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
