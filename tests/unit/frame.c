/* SPDX-License-Identifier: ISC */
/*
 * Frames and their compression: messages there and back in pieces of any size,
 * deflated or not, and bytes that are no frames.
 */
#include <stdlib.h>

#include "unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/compress.h"
#include "wire/frame.h"

static uint32_t seed = 1;

static uint32_t
next(void)
{
	seed = seed * 1103515245 + 12345;
	return seed >> 8;
}

/* What came, as bytes: type, length, body. */
static int
gather_message(void *ctx, unsigned type, struct view v, struct err *e)
{
	struct buf *got = ctx;

	(void)e;
	buf_u8(got, type);
	buf_blob(got, v.p, v.len);
	return 0;
}

static int
refuse(void *ctx, unsigned type, struct view v, struct err *e)
{
	(void)v;
	return ++*(int *)ctx == 2 ? err_set(e, "no more of %u", type) : 0;
}

/* Reads all in pieces of that size (0: any) from memory of just that size. */
static int
read_pieces(struct frame_in *f, struct view wire, size_t size,
    struct buf *got, struct err *e)
{
	size_t at = 0, n;
	int rc = 0;

	while (!rc && at < wire.len) {
		unsigned char *p;

		n = size ? size : 1 + next() % 5000;
		if (n > wire.len - at)
			n = wire.len - at;
		p = mem_dup(wire.p + at, n);
		rc = frame_read(f, p, n, gather_message, got, e);
		free(p);
		at += n;
	}
	return rc;
}

/* A body of n bytes; smooth ones deflate well. */
static void
fill(struct buf *b, size_t n, unsigned smooth)
{
	buf_clear(b);
	while (b->len < n)
		buf_u8(b, smooth ? b->len / 100 % 256 : next() & 255);
}

static void
round_trip(void)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 7, 1000, 70000, 0 };
	struct buf sent = BUF_INIT, got = BUF_INIT, b = BUF_INIT;
	struct frame_out *out;
	struct frame_in *in;
	struct err e;
	size_t i;
	unsigned k;
	int on;

	for (i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		out = frame_out_new();
		in = frame_in_new();
		on = (int)i & 1;
		frame_compress(out, on);
		buf_clear(&sent);
		buf_clear(&got);
		for (k = 0; k < 60; k++) {
			fill(&b, k % 9 ? next() % 300 : k % 2 ?
			    (size_t)MESSAGE_MAX : next() % MESSAGE_MAX, k % 4);
			frame_add(out, k % 13, b.p, b.len);
			gather_message(&sent, k % 13, view_of(b.p, b.len), &e);
			if (k % 7 == 6)
				frame_seal(out);
		}
		frame_seal(out);
		CHECK_INT(frame_waiting(out), frame_wire(out).len);
		CHECK(!on || frame_wire(out).len < sent.len * 9 / 10);
		CHECK(!read_pieces(in, frame_wire(out), sizes[i / 2], &got,
		    &e));
		CHECK_INT(got.len, sent.len);
		CHECK_MEM(got.p, sent.p, sent.len);
		frame_out_free(out);
		frame_in_free(in);
	}
	buf_free(&sent);
	buf_free(&got);
	buf_free(&b);
}

static void
by_the_byte(void)
{
	static const unsigned char bytes[] = {
		6, 0, 0, 0, 5, 2, 'h', 'i', 9, 0
	};
	struct frame_out *out = frame_out_new();

	frame_add(out, 5, "hi", 2);
	CHECK_INT(frame_waiting(out), 8);
	CHECK_INT(frame_wire(out).len, 0);
	frame_add(out, 9, NULL, 0);
	frame_seal(out);
	frame_seal(out);                        /* nothing to seal */
	CHECK_INT(frame_wire(out).len, sizeof(bytes));
	CHECK_MEM(frame_wire(out).p, bytes, sizeof(bytes));
	frame_out_free(out);
}

/* Each frame is at most FRAME_MAX, whatever is added. */
static void
frames_are_bounded(void)
{
	struct frame_out *out = frame_out_new();
	struct buf b = BUF_INIT;
	struct view v;
	size_t n;
	int i;

	fill(&b, MESSAGE_MAX, 0);
	for (i = 0; i < 10; i++)
		frame_add(out, 1, b.p, MESSAGE_MAX - (size_t)i * 1000);
	frame_seal(out);
	v = view_of(frame_wire(out).p, frame_wire(out).len);
	for (i = 0; v.len; i++) {
		n = view_u32(&v);
		CHECK(n && n <= FRAME_MAX);
		view_get(&v, n);
		CHECK(!v.bad);
	}
	CHECK(i >= 5);
	buf_free(&b);
	frame_out_free(out);
}

/* Random bytes are tried now and then only, and travel as they are. */
static void
useless_tries(void)
{
	struct frame_out *out = frame_out_new();
	struct buf b = BUF_INIT, text = BUF_INIT;
	size_t before;
	int i;

	frame_compress(out, 1);
	fill(&text, 20000, 1);
	for (i = 0; i < 300; i++) {
		fill(&b, 1000, 0);
		frame_add(out, 1, b.p, b.len);
		frame_seal(out);
	}
	CHECK_INT(frame_wire(out).len, 300 * (FRAME_HEAD + 3 + 1000));
	before = frame_wire(out).len;
	for (i = 0; i < 66; i++) {              /* and it is found again */
		frame_add(out, 1, text.p, text.len);
		frame_seal(out);
	}
	CHECK(frame_wire(out).len - before < 66 * 20000);
	buf_free(&b);
	buf_free(&text);
	frame_out_free(out);
}

static int
read_bytes(const void *p, size_t n)
{
	struct frame_in *in = frame_in_new();
	struct buf got = BUF_INIT, wire = BUF_INIT;
	struct err e;
	int rc;

	buf_put(&wire, p, n);
	rc = read_pieces(in, view_of(wire.p, wire.len), 3, &got, &e);
	rc = rc ? -1 : !got.len;        /* 1: what came is no whole frame */
	frame_in_free(in);
	buf_free(&got);
	buf_free(&wire);
	return rc;
}

static void
no_frames(void)
{
	CHECK_INT(read_bytes("\0\0\0\0", 4), -1);       /* empty */
	CHECK_INT(read_bytes("\1\0\1\0", 4), -1);       /* too long */
	CHECK_INT(read_bytes("\0\0\1\0", 4), 1);        /* just not */
	CHECK_INT(read_bytes("\2\0\0\2\1\0", 6), -1);   /* unknown flag */
	CHECK_INT(read_bytes("\2\0\0\x80\1\0", 6), -1);
	CHECK_INT(read_bytes("\1\0\0\0\1", 5), -1);     /* half a message */
	CHECK_INT(read_bytes("\3\0\0\0\1\2x", 7), -1);
	CHECK_INT(read_bytes("\3\0\0\0\1\200\0", 7), -1); /* a long zero */
	CHECK_INT(read_bytes("\2\0\0\0\1\0", 6), 0);
	CHECK_INT(read_bytes("\2\0\0\1\1\0", 6), -1);   /* not deflated */
	CHECK_INT(read_bytes("\2\0\0\1\3\0", 6), -1);   /* of nothing */
	CHECK_INT(read_bytes("\2\0\0", 3), 1);
}

/* A message that is too long, in a frame that is not. */
static void
message_too_long(void)
{
	struct frame_in *in = frame_in_new();
	struct buf wire = BUF_INIT, got = BUF_INIT, b = BUF_INIT;
	struct err e;
	size_t n;

	for (n = MESSAGE_MAX; n <= MESSAGE_MAX + 1; n++) {
		fill(&b, n, 0);
		buf_clear(&wire);
		buf_u32(&wire, (uint32_t)n + 4);
		buf_u8(&wire, 1);
		buf_blob(&wire, b.p, b.len);
		CHECK_INT(read_pieces(in, view_of(wire.p, wire.len), 0, &got,
		    &e), n > MESSAGE_MAX ? -1 : 0);
	}
	frame_in_free(in);
	buf_free(&wire);
	buf_free(&got);
	buf_free(&b);
}

static void
taker_ends(void)
{
	struct frame_in *in = frame_in_new();
	struct err e;
	int n = 0;

	CHECK(frame_read(in, "\6\0\0\0\1\0\2\0\3\0", 10, refuse, &n, &e));
	CHECK_STR(e.text, "no more of 2");
	CHECK_INT(n, 2);
	frame_in_free(in);
}

/* What unpacks to more than a frame may hold. */
static void
bomb(void)
{
	static unsigned char zeros[FRAME_MAX + 1], packed[FRAME_MAX];
	struct packer *p = packer_new();
	struct unpacker *u = unpacker_new();
	struct buf wire = BUF_INIT;
	size_t n;

	CHECK(p && u);
	n = packer_run(p, zeros, sizeof(zeros), packed, sizeof(packed));
	CHECK(n && n < 1000);
	buf_u32(&wire, (uint32_t)n | 1u << 24);
	buf_put(&wire, packed, n);
	CHECK_INT(read_bytes(wire.p, wire.len), -1);
	CHECK_INT(unpacker_run(u, packed, n, zeros, FRAME_MAX), 0);
	CHECK_INT(unpacker_run(u, packed, n, zeros, FRAME_MAX + 1),
	    FRAME_MAX + 1);
	packer_free(p);
	unpacker_free(u);
	buf_free(&wire);
}

static void
packing(void)
{
	static unsigned char in[FRAME_MAX], out[FRAME_MAX], back[FRAME_MAX];
	struct packer *p = packer_new();
	struct unpacker *u = unpacker_new();
	size_t n, k, i;

	CHECK(p && u);
	for (n = 1; n < sizeof(in); n = n * 3 + 1) {
		for (i = 0; i < n; i++)
			in[i] = (unsigned char)(i / 50);
		k = packer_run(p, in, n, out, sizeof(out));
		CHECK(k);
		CHECK_INT(unpacker_run(u, out, k, back, sizeof(back)), n);
		CHECK_MEM(back, in, n);
		CHECK_INT(unpacker_run(u, out, k - 1, back, sizeof(back)), 0);
		CHECK_INT(unpacker_run(u, out, k + 1, back, sizeof(back)), 0);
		CHECK_INT(unpacker_run(u, out, k, back, n - 1), 0);
		CHECK_INT(packer_run(p, in, n, out, k - 1), 0);
	}
	for (i = 0; i < 10000; i++)
		in[i] = (unsigned char)next();
	CHECK_INT(packer_run(p, in, 10000, out, 9400), 0);
	packer_free(p);
	unpacker_free(u);
	packer_free(NULL);
	unpacker_free(NULL);
}

/* Damage anywhere is refused or gives other bytes, never more of them. */
static void
damaged(void)
{
	static unsigned char in[2000], out[2000], back[3000];
	struct packer *p = packer_new();
	struct unpacker *u = unpacker_new();
	size_t k, i, n;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(next() % 5);
	k = packer_run(p, in, sizeof(in), out, sizeof(out));
	CHECK(k);
	for (i = 0; i < k * 8; i++) {
		out[i / 8] ^= (unsigned char)(1 << i % 8);
		n = unpacker_run(u, out, k, back, sizeof(back));
		CHECK(n <= sizeof(back));
		out[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	CHECK_INT(unpacker_run(u, out, k, back, sizeof(back)), sizeof(in));
	CHECK_MEM(back, in, sizeof(in));
	packer_free(p);
	unpacker_free(u);
}

int
main(void)
{
	RUN(round_trip);
	RUN(by_the_byte);
	RUN(frames_are_bounded);
	RUN(useless_tries);
	RUN(no_frames);
	RUN(message_too_long);
	RUN(taker_ends);
	RUN(bomb);
	RUN(packing);
	RUN(damaged);
	return unit_end();
}
