/* SPDX-License-Identifier: ISC */
#ifndef PEER_WICKED_H
#define PEER_WICKED_H

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../unit/madeup.h"
#include "line.h"
#include "wire/frame.h"
#include "wire/tls.h"

/*
 * What a wicked peer can do, a table a file, and the scenes before it, which
 * an honest peer brings about. A function that says something queues it; what
 * awaits something has its time limit, and then goes on all the same.
 */

enum { CLIENT = 1, SERVER = 2, BOTH = 3, RAW = 4, OTHER_KEY = 8 };

struct misbehaviour {
	const char *name;
	void (*run)(struct line *l);
	int who;                /* RAW: before any handshake */
	int lines;              /* that the other side logs; 0: any number */
	const char *says;       /* in one of them */
};

/* Each ends with one that has no name. */
extern const struct misbehaviour wicked_names[], wicked_numbers[],
    wicked_turns[], wicked_signatures[], wicked_deltas[], wicked_gaps[],
    wicked_fine[], wicked_contents[], wicked_frames[], wicked_digests[],
    wicked_ends[];

/* The greetings; a client asks to be offered something, too. */
void greet_as(struct line *l, const struct hello *like);
/* A client that asks for a digest is told that all is to be offered. */
void greet(struct line *l);
/* To where we offer; a server hears the client's offers first. */
void to_offering(struct line *l);
/* To where the other side offers, and has ended its offers. */
void to_answering(struct line *l);
/* After our offers: the rest as it should be. */
void to_the_end(struct line *l);

/* A name below BASE; static memory. */
const char *below(const char *name);
/* Offers of a file with that text. */
void offer(struct line *l, int eager, const char *name, const char *text);
void offer_version(struct line *l, int eager, const void *name, size_t n,
    const struct version *v, uint64_t number);
/* Offers /srv/t/evil, and waits until the other side wants it. */
void to_content(struct line *l);
void content(struct line *l, uint64_t index, unsigned bits, const void *p,
    size_t n);
/* All of a content. */
void text_content(struct line *l, uint64_t index, const char *text);
/* Offers another /srv/t/big, and hears the signature of the one there. */
enum { DELTA_OLD = 200000 };    /* its size, old and new */
void to_delta(struct line *l);
/* A piece of operations for it, which are freed. */
void delta(struct line *l, unsigned bits, struct buf *ops);
/* Asked once more: whole content that is no better, and the end. */
void after_delta(struct line *l);
void parent(struct line *l, const char *name);
void want(struct line *l, uint64_t index, int with_signature);
void signature(struct line *l, uint64_t index, int last, const void *p,
    size_t n);
void result(struct line *l, uint64_t index, enum result_code code);
void end(struct line *l);
void bye(struct line *l);
/* A frame of that payload, whatever it is. */
void raw_frame(struct line *l, unsigned flags, const void *p, size_t n);
/* The same frame again and again. */
void flood(struct line *l, unsigned type, struct buf body, int in_a_frame,
    int frames);

#endif
