/* SPDX-License-Identifier: ISC */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Messages in frames. A frame is 3 bytes of length (little-endian, of the
 * payload as it travels), 1 byte of flags (1: the payload is deflated), and the
 * payload: whole messages, one after the other, at most FRAME_MAX bytes of
 * them. A message is a type byte, a varint length and the body.
 */

struct err;

enum {
	FRAME_MAX = 64 << 10,
	FRAME_HEAD = 4,
	MESSAGE_MAX = 33 << 10  /* of one body */
};

struct frame_out;

struct frame_out *frame_out_new(void);
void frame_out_free(struct frame_out *f);
/* Adds a message; when a frame is full it is sealed by itself. */
void frame_add(struct frame_out *f, unsigned type, const void *body, size_t n);
/* Seals what was added into a frame. */
void frame_seal(struct frame_out *f);
/* Sealed bytes, to be sent, and that so many of them were. */
struct view frame_wire(const struct frame_out *f);
void frame_sent(struct frame_out *f, size_t n);
/* All bytes that wait, sealed or not. */
size_t frame_waiting(const struct frame_out *f);
/* From the next frame on: try to deflate or not. */
void frame_compress(struct frame_out *f, int on);

struct frame_in;

/* Takes a message; -1 with e set ends the reading. */
typedef int frame_taker(void *ctx, unsigned type, struct view body,
    struct err *e);

struct frame_in *frame_in_new(void);
void frame_in_free(struct frame_in *f);
/* Takes received bytes in any pieces and hands on each complete message. */
int frame_read(struct frame_in *f, const void *p, size_t n, frame_taker *take,
    void *ctx, struct err *e);

#endif
