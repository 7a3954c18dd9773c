/* SPDX-License-Identifier: ISC */
/*
 * Frames, both ways. What comes in is bounded before it is kept: a frame's
 * length by FRAME_MAX, what it unpacks to likewise, a message's by MESSAGE_MAX.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "compress.h"
#include "frame.h"

enum {
	FLAG_DEFLATED = 1,
	PACK_MIN = 128,         /* shorter payloads are not worth a try */
	SKIP_MAX = 64,          /* frames left alone after useless tries */
	SENT_MAX = 128 << 10    /* bytes kept in front of what waits */
};

struct frame_out {
	struct buf wire;                /* frames; the last one may be open */
	size_t sent, sealed;            /* bytes of them */
	struct buf packed;              /* room for one that is deflated */
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
	buf_free(&f->wire);
	buf_free(&f->packed);
	packer_free(f->packer);
	free(f);
}

/* Deflates a payload into f->packed; 0 when it does not pay. */
static size_t
pack(struct frame_out *f, const unsigned char *p, size_t n)
{
	size_t got;

	if (!f->compress || n < PACK_MIN)
		return 0;
	if (f->skip) {
		f->skip--;
		return 0;
	}
	if (!f->packer && !(f->packer = packer_new()))
		return 0;
	got = packer_run(f->packer, p, n, buf_room(&f->packed, n),
	    n - n / 16);
	f->back_off = got ? 0 : f->back_off ? f->back_off * 2 : 1;
	if (f->back_off > SKIP_MAX)
		f->back_off = SKIP_MAX;
	f->skip = f->back_off;
	return got;
}

void
frame_seal(struct frame_out *f)
{
	unsigned char *head = f->wire.p + f->sealed;
	size_t len, packed;

	if (f->wire.len == f->sealed)
		return;
	len = f->wire.len - f->sealed - FRAME_HEAD;
	packed = pack(f, head + FRAME_HEAD, len);
	if (packed) {
		memcpy(head + FRAME_HEAD, f->packed.p, packed);
		f->wire.len -= len - packed;
		len = packed;
	}
	head[0] = (unsigned char)len;
	head[1] = (unsigned char)(len >> 8);
	head[2] = (unsigned char)(len >> 16);
	head[3] = packed ? FLAG_DEFLATED : 0;
	f->sealed = f->wire.len;
}

void
frame_add(struct frame_out *f, unsigned type, const void *body, size_t n)
{
	assert(n <= MESSAGE_MAX);
	if (f->wire.len - f->sealed + n + 4 > FRAME_HEAD + FRAME_MAX)
		frame_seal(f);
	if (f->wire.len == f->sealed)
		buf_u32(&f->wire, 0);   /* known when it is sealed */
	buf_u8(&f->wire, type);
	buf_blob(&f->wire, body, n);
}

struct view
frame_wire(const struct frame_out *f)
{
	return view_of(f->wire.p + f->sent, f->sealed - f->sent);
}

void
frame_sent(struct frame_out *f, size_t n)
{
	f->sent += n;
	assert(f->sent <= f->sealed);
	if (f->sent != f->wire.len && f->sent < SENT_MAX)
		return;
	buf_drop(&f->wire, f->sent);
	f->sealed -= f->sent;
	f->sent = 0;
}

size_t
frame_waiting(const struct frame_out *f)
{
	return f->wire.len - f->sent;
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
