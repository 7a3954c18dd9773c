/* SPDX-License-Identifier: ISC */
/*
 * Frames, both ways. What comes in is bounded before it is kept: a frame's
 * length by FRAME_MAX, what it unpacks to likewise, a message's by MESSAGE_MAX.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "compress.h"
#include "frame.h"

enum {
	FLAG_DEFLATED = 1,
	PACK_MIN = 128,         /* shorter payloads are not worth a try */
	SKIP_MAX = 64           /* frames left alone after useless tries */
};

struct frame_out {
	struct buf open, wire;
	struct packer *packer;
	int compress;
	unsigned skip, back_off;
};

struct frame_out *
frame_out_new(void)
{
	return mem_alloc(sizeof(struct frame_out));
}

void
frame_out_free(struct frame_out *f)
{
	if (!f)
		return;
	buf_free(&f->open);
	buf_free(&f->wire);
	packer_free(f->packer);
	free(f);
}

/* Deflates the open payload into the wire buffer; 0 when it does not pay. */
static size_t
pack(struct frame_out *f)
{
	size_t n = f->open.len, got;

	if (!f->compress || n < PACK_MIN)
		return 0;
	if (f->skip) {
		f->skip--;
		return 0;
	}
	if (!f->packer && !(f->packer = packer_new()))
		return 0;
	got = packer_run(f->packer, f->open.p, n,
	    buf_room(&f->wire, FRAME_HEAD + n) + FRAME_HEAD, n - n / 16);
	f->back_off = got ? 0 : f->back_off ? f->back_off * 2 : 1;
	if (f->back_off > SKIP_MAX)
		f->back_off = SKIP_MAX;
	f->skip = f->back_off;
	return got;
}

void
frame_seal(struct frame_out *f)
{
	size_t n = pack(f);
	uint32_t head = n ? (uint32_t)n | (uint32_t)FLAG_DEFLATED << 24
	    : (uint32_t)f->open.len;

	if (!f->open.len)
		return;
	buf_u32(&f->wire, head);
	if (n)
		f->wire.len += n;
	else
		buf_put(&f->wire, f->open.p, f->open.len);
	buf_clear(&f->open);
}

void
frame_add(struct frame_out *f, unsigned type, const void *body, size_t n)
{
	assert(n <= MESSAGE_MAX);
	if (f->open.len + n + 4 > FRAME_MAX)
		frame_seal(f);
	buf_u8(&f->open, type);
	buf_blob(&f->open, body, n);
}

struct buf *
frame_wire(struct frame_out *f)
{
	return &f->wire;
}

size_t
frame_waiting(const struct frame_out *f)
{
	return f->open.len + f->wire.len;
}

void
frame_compress(struct frame_out *f, int on)
{
	f->compress = on;
}

struct frame_in {
	struct buf held;                /* an unfinished frame */
	unsigned char *plain;           /* FRAME_MAX bytes, once needed */
	struct unpacker *unpacker;
};

struct frame_in *
frame_in_new(void)
{
	return mem_alloc(sizeof(struct frame_in));
}

void
frame_in_free(struct frame_in *f)
{
	if (!f)
		return;
	buf_free(&f->held);
	free(f->plain);
	unpacker_free(f->unpacker);
	free(f);
}

static int
take_payload(struct view v, frame_taker *take, void *ctx, struct err *e)
{
	struct view body;
	unsigned type;

	while (v.len) {
		type = view_u8(&v);
		body = view_blob(&v, MESSAGE_MAX);
		if (v.bad)
			return err_set(e, "the peer sent a malformed frame");
		if (take(ctx, type, body, e))
			return -1;
	}
	return 0;
}

static int
take_frame(struct frame_in *f, struct view payload, unsigned flags,
    frame_taker *take, void *ctx, struct err *e)
{
	size_t n;

	if (!flags)
		return take_payload(payload, take, ctx, e);
	if (!f->plain)
		f->plain = mem_alloc(FRAME_MAX);
	if (!f->unpacker && !(f->unpacker = unpacker_new()))
		return err_set(e, "no memory for decompression");
	n = unpacker_run(f->unpacker, payload.p, payload.len, f->plain,
	    FRAME_MAX);
	if (!n)
		return err_set(e, "the peer sent a damaged compressed frame");
	return take_payload(view_of(f->plain, n), take, ctx, e);
}

/* Bytes that the frame at p needs in all; 0 when its head is malformed. */
static size_t
frame_size(const unsigned char *p, unsigned *flags)
{
	struct view v = view_of(p, FRAME_HEAD);
	uint32_t head = view_u32(&v);
	size_t n = head & 0xffffff;

	*flags = head >> 24;
	if (*flags & ~(unsigned)FLAG_DEFLATED || !n || n > FRAME_MAX)
		return 0;
	return FRAME_HEAD + n;
}

/* Moves bytes from *v until held has want of them; whether it has. */
static int
gather(struct frame_in *f, struct view *v, size_t want)
{
	size_t n = want > f->held.len ? want - f->held.len : 0;

	if (n > v->len)
		n = v->len;
	buf_put(&f->held, view_get(v, n), n);
	return f->held.len >= want;
}

int
frame_read(struct frame_in *f, const void *p, size_t n, frame_taker *take,
    void *ctx, struct err *e)
{
	struct view v = view_of(p, n), whole;
	unsigned flags;
	size_t want;

	while (v.len || f->held.len) {
		if (!gather(f, &v, FRAME_HEAD))
			return 0;
		want = frame_size(f->held.p, &flags);
		if (!want)
			return err_set(e, "the peer sent a malformed frame");
		if (!gather(f, &v, want))
			return 0;
		whole = view_of(f->held.p + FRAME_HEAD, want - FRAME_HEAD);
		f->held.len = 0;
		if (take_frame(f, whole, flags, take, ctx, e))
			return -1;
	}
	return 0;
}
