/* SPDX-License-Identifier: ISC */
#ifndef WIRE_LINK_H
#define WIRE_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * A line to a peer: messages over frames over TLS over a descriptor, in one
 * poll loop that reads whatever it writes. What is queued is bounded by the
 * handler: it is asked for more only while less than LINK_QUEUE_MAX waits. What
 * it answers to a peer that goes on talking and does not listen has a limit.
 */

struct err;
struct link;
struct tls;

enum {
	LINK_QUEUE_MAX = 256 << 10,
	LINK_UNHEARD_MAX = 2 << 20,     /* waiting, for a deaf peer */
	LINK_BEATS_MAX = 10000, /* in a row, from a peer that does nothing */
	LINK_BEAT_MS = 10000,   /* silence while working, before a beat; or a
				   third of the idle limit */
	LINK_WORKING = 0        /* message type of a beat; never handed on */
};

enum link_compress { LINK_PLAIN, LINK_AUTO, LINK_PACKED };

struct link_count {
	uint64_t sent, received;        /* bytes of TLS records */
};

struct link_options {
	int in, out;            /* not closed by the link */
	struct tls *tls;        /* borrowed */
	unsigned handshake_ms, idle_ms;
	enum link_compress compress;
	struct link_count *count;       /* counted there, from 0; or NULL */
};

struct link_handler {
	/* The line stands: both sides hold the key. */
	int (*ready)(void *ctx, struct err *e);
	int (*input)(void *ctx, unsigned type, struct view body, struct err *e);
	/* Queues some more: 1, or 0 when it has nothing to say now, or -1. */
	int (*output)(void *ctx, struct err *e);
};

struct link *link_new(const struct link_options *o);
void link_free(struct link *l);

/*
 * Runs the conversation until link_finish was called and all is sent (0), or
 * until the line or the handler fails (-1). The end of the line is a failure
 * unless link_finish came first.
 */
int link_run(struct link *l, const struct link_handler *h, void *ctx,
    struct err *e);
void link_send(struct link *l, unsigned type, const struct buf *body);
void link_finish(struct link *l);
/* During long work: keeps the peer from giving up on us. */
void link_beat(struct link *l);

struct link_count link_counts(const struct link *l);

#endif
