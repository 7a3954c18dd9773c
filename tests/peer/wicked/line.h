/* SPDX-License-Identifier: ISC */
#ifndef PEER_LINE_H
#define PEER_LINE_H

#include <stdint.h>

#include "base/buf.h"
#include "sync/message.h"

/*
 * The honest part of a peer: TLS and frames over a socket, messages counted as
 * they come. Everything here is done in small steps with a time limit, so that
 * whatever the other side does, the program ends.
 */

enum { TYPES = 256, PATIENCE_MS = 8000 };
#define KNOWN_NOT UINT64_MAX

struct line {
	int fd, client;
	int deaf;                       /* reads nothing any more */
	int ended;
	struct tls *tls;
	struct frame_in *in;
	struct buf wire;                /* to be sent */
	unsigned got[TYPES];
	uint64_t known;                 /* offer of .../known, or KNOWN_NOT */
	unsigned fills;                 /* contents that fill a gap */
	unsigned hello_bits, digest_bits;
	char error[MESSAGE_TEXT_MAX + 1];
};

/* One step of at most so long. */
void step(struct line *l, int ms);
/* Until n messages of that type came: whether they did. */
int until(struct line *l, unsigned type, unsigned n);
/* Until all is sent. */
void send_off(struct line *l, int ms);
/* For so long, or until the other side has ended the line. */
void idle(struct line *l, int ms);
/* Queues a message in a frame of its own, and frees the body. */
void say(struct line *l, unsigned type, struct buf body);
/* Brings the handshake to its end: 0, or -1. */
int shake_hands(struct line *l);

/*
 * A socket to there, from an address of ours (0: any), or one that was accepted
 * there; or the program ends.
 */
int dial(const char *address, const char *port, uint32_t from);
int answer_one(const char *address, const char *port);
/* Both become the line's. */
struct line line_of(int fd, int client, struct tls *tls);
void line_close(struct line *l);

#endif
