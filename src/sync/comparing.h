/* SPDX-License-Identifier: ISC */
#ifndef SYNC_COMPARING_H
#define SYNC_COMPARING_H

#include <stdint.h>

#include "base/buf.h"

/*
 * The comparing half, on the client of a comparison: merges what the peer
 * offers, which comes in the order of names, with our own state. Both states
 * are as they are: no disk is looked at and nothing is recorded.
 */

struct comparing;
struct err;
struct exchange;
struct history;
struct version;

enum { COMPARING_CONTENT_MAX = 1 << 20 };

/* A name that is not the same; what it shows is borrowed for the call. */
struct difference {
	const char *name;
	const struct version *ours, *theirs;    /* NULL: not there */
	const struct history *history;          /* theirs; not to be trusted */
	/*
	 * Theirs, where it was asked for; NULL: no regular file, the same as
	 * ours, more than COMPARING_CONTENT_MAX, or changed meanwhile.
	 */
	const struct view *content;
};

struct comparing_options {
	int contents;           /* fetch what differs */
	/* Names that are compared; NULL: all. */
	int (*wants)(void *ctx, const char *name);
	/* Called for each difference, in the order of names. */
	void (*differs)(void *ctx, const struct difference *d);
	void *ctx;
};

int comparing_new(struct comparing **out, struct exchange *x,
    const struct comparing_options *o, struct err *e);
void comparing_free(struct comparing *c);       /* NULL is fine */

/* Takes OFFER, CONTENT and END. */
int comparing_input(struct comparing *c, unsigned type, struct view body,
    struct err *e);
/* Compares one offer: 1, or 0 when it waits for the peer, or -1. */
int comparing_output(struct comparing *c, struct err *e);
/* The peer's END came, and everything is compared. */
int comparing_finished(const struct comparing *c);

#endif
