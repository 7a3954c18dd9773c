/* SPDX-License-Identifier: ISC */
/*
 * Frames that are none, silence, and talk that says nothing.
 */
#include <zlib.h>

#include "wicked.h"

static void
frame_long(struct line *l)
{
	greet(l);
	buf_u32(&l->wire, FRAME_MAX + 1);
}

static void
frame_empty(struct line *l)
{
	greet(l);
	buf_u32(&l->wire, 0);
}

static void
frame_flags(struct line *l)
{
	greet(l);
	raw_frame(l, 0x80, "x", 1);
}

static void
frame_half(struct line *l)
{
	greet(l);
	buf_u32(&l->wire, 1000);
	buf_put(&l->wire, "half", 4);
}

static void
frame_damaged(struct line *l)
{
	greet(l);
	raw_frame(l, 1, "damaged", 7);
}

/* 64 KB that would become 60 MB. */
static void
bomb(struct line *l)
{
	static unsigned char packed[FRAME_MAX], zeros[FRAME_MAX];
	z_stream z;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, 1, Z_DEFLATED, -13, 9, Z_DEFAULT_STRATEGY))
		exit(2);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	while (z.avail_out > 1000) {
		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		deflate(&z, Z_NO_FLUSH);
	}
	deflate(&z, Z_FINISH);
	greet(l);
	raw_frame(l, 1, packed, sizeof(packed) - z.avail_out);
	deflateEnd(&z);
}

static void
unknown_type(struct line *l)
{
	greet(l);
	say(l, 200, (struct buf)BUF_INIT);
}

static void
silence(struct line *l)
{
	greet(l);
}

static void
working(struct line *l)
{
	greet(l);
	flood(l, MESSAGE_WORKING, (struct buf)BUF_INIT, 1000, 1000);
}

static void
error_lines(struct line *l)
{
	greet(l);
	say(l, MESSAGE_ERROR,
	    made_error("first\nnobody: second\r\033[2J line"));
}

const struct misbehaviour wicked_frames[] = {
	{ "frame-long", frame_long, BOTH, 1, "malformed frame" },
	{ "frame-empty", frame_empty, BOTH, 1, "malformed frame" },
	{ "frame-flags", frame_flags, BOTH, 1, "malformed frame" },
	{ "frame-half", frame_half, BOTH, 1, "no answer" },
	{ "frame-damaged", frame_damaged, BOTH, 1, "damaged compressed" },
	{ "bomb", bomb, BOTH, 1, "damaged compressed" },
	{ "unknown-type", unknown_type, BOTH, 1, "message 200" },
	{ "silence", silence, BOTH, 1, "no answer" },
	{ "working", working, BOTH, 1, "only says" },
	{ "error-lines", error_lines, BOTH, 1, "the peer says: first" },
	{ NULL, NULL, 0, 0, NULL }
};
