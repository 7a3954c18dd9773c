/* SPDX-License-Identifier: ISC */
/*
 * Fuzzing of all that reads what a peer sends once the line stands: the first
 * byte chooses, the others are either a stream of frames, read in two pieces of
 * any length, whose messages are decoded by their types, or one message's body.
 * What a decoder accepts is encoded, and must then be accepted again and come
 * to the same bytes. Built with -fsanitize=fuzzer, or with -DFUZZ_MAIN as a
 * program that runs over the files named by its arguments.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "sync/message.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
hello(struct view in, struct buf *out)
{
	struct hello h;

	if (hello_decode(&h, in))
		return -1;
	assert(h.nknown <= HELLO_KNOWN_MAX && h.in < NUMBER_MAX);
	hello_encode(&h, out);
	return 0;
}

static int
parent(struct view in, struct buf *out)
{
	struct parent p;

	if (parent_decode(&p, in)) {
		assert(!p.name);
		return -1;
	}
	assert(path_valid(p.name) && p.mode <= 07777);
	parent_encode(&p, out);
	free(p.name);
	return 0;
}

static int
offer(struct view in, struct buf *out)
{
	struct offer o;

	if (offer_decode(&o, in)) {
		assert(!o.name && !o.v.target);
		return -1;
	}
	assert(strlen(o.name) <= PATH_BYTES_MAX);
	assert(!(o.h.bits & (HISTORY_TAKEN | HISTORY_DEVIATES)));
	offer_encode(o.eager, o.name, &o.v, &o.h, out);
	offer_free(&o);
	return 0;
}

static int
content(struct view in, struct buf *out)
{
	struct content_piece p;

	if (content_decode(&p, in))
		return -1;
	content_encode(&p, out);
	return 0;
}

static int
end(struct view in, struct buf *out)
{
	uint64_t n;

	if (end_decode(&n, in))
		return -1;
	end_encode(n, out);
	return 0;
}

static int
want(struct view in, struct buf *out)
{
	uint64_t n;
	int with;

	if (want_decode(&n, &with, in))
		return -1;
	want_encode(n, with, out);
	return 0;
}

static int
signature(struct view in, struct buf *out)
{
	struct signature_piece p;

	if (signature_decode(&p, in))
		return -1;
	signature_encode(&p, out);
	return 0;
}

static int
result(struct view in, struct buf *out)
{
	struct result r;

	if (result_decode(&r, in))
		return -1;
	assert(r.code < RESULT_CODES && r.kind < KIND_COUNT);
	assert(strlen(r.text) <= MESSAGE_TEXT_MAX);
	result_encode(&r, out);
	return 0;
}

static int
action(struct view in, struct buf *out)
{
	struct action_report a;

	if (action_decode(&a, in))
		return -1;
	action_encode(&a, out);
	return 0;
}

static int
error(struct view in, struct buf *out)
{
	char text[MESSAGE_TEXT_MAX + 1];

	if (error_decode(text, in))
		return -1;
	error_encode(text, out);
	return 0;
}

static int
digest(struct view in, struct buf *out)
{
	uint64_t sums[DIGEST_BUCKETS_MAX];
	unsigned bits;

	if (digest_decode(&bits, sums, in))
		return -1;
	digest_encode(bits, sums, out);
	return 0;
}

/* The number of buckets is not in the message: with each one. */
static int
buckets(struct view in, struct buf *out)
{
	unsigned char differs[DIGEST_BUCKETS_MAX];
	unsigned bits = 0;
	int all;

	while (buckets_decode(&all, bits, differs, in))
		if (++bits > DIGEST_BITS_MAX)
			return -1;
	buckets_encode(all, bits, differs, out);
	return 0;
}

static int
items(struct view in, struct buf *out)
{
	struct digest_item *list = mem_alloc(in.len + 1);
	size_t n = 0;
	int last, rc = items_begin(&last, &in);

	while (!rc && in.len >= sizeof(*list))
		items_next(&list[n++], &in);
	rc = rc || view_end(&in) ? -1 : 0;
	if (!rc)
		items_encode(last, list, n, out);
	free(list);
	return rc;
}

typedef int recoder(struct view in, struct buf *out);

/* Decodes as that type, and encodes what was accepted. */
static int
recode(unsigned type, struct view in, struct buf *out)
{
	static recoder *const by_type[MESSAGE_TYPES] = {
		NULL, hello, parent, offer, content, end, want, signature,
		result, action, end, error, digest, buckets, items
	};

	return type < MESSAGE_TYPES && by_type[type] ? by_type[type](in, out)
	    : -1;
}

static int
take(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct buf one = BUF_INIT, two = BUF_INIT;

	(void)ctx;
	(void)e;
	assert(body.len <= MESSAGE_MAX);
	if (!recode(type, body, &one)) {
		assert(one.len <= body.len);
		assert(!recode(type, view_of(one.p, one.len), &two));
		assert(one.len == two.len && !memcmp(one.p, two.p, one.len));
	}
	buf_free(&one);
	buf_free(&two);
	return 0;
}

/* From memory of just that size. */
static int
read_piece(struct frame_in *f, const uint8_t *p, size_t n)
{
	struct err e;
	void *exact = malloc(n ? n : 1);
	int rc;

	if (n)
		memcpy(exact, p, n);
	rc = frame_read(f, exact, n, take, NULL, &e);
	free(exact);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct frame_in *f;
	struct err e;
	size_t cut;

	if (!n)
		return 0;
	if (data[0] < MESSAGE_TYPES) {
		if (n - 1 <= MESSAGE_MAX)
			take(NULL, data[0], view_of(data + 1, n - 1), &e);
		return 0;
	}
	f = frame_in_new();
	cut = data[0] % n;
	if (!read_piece(f, data + 1, cut < n - 1 ? cut : n - 1) &&
	    cut < n - 1)
		read_piece(f, data + 1 + cut, n - 1 - cut);
	frame_in_free(f);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
