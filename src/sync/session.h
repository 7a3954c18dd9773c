/* SPDX-License-Identifier: ISC */
#ifndef SYNC_SESSION_H
#define SYNC_SESSION_H

#include <stddef.h>

#include "wire/link.h"

/*
 * The conversation of two hosts over one line (message.h): greetings, the
 * client's offers, the server's if the client asked, actions, goodbye. Cursors
 * move only when all that came before went well.
 *
 * A session is driven from outside through session_handler: ready once, input
 * with each message that came, output as long as it gives 1; each call takes
 * one step. What it has to say goes to its line, in order.
 */

struct action_report;
struct comparing_options;
struct err;
struct event;
struct pair;
struct pulse;
struct session;
struct state;
struct tree;

struct session_options {
	int client;
	int dry;                /* judge only, change nothing at either end */
	/* Client: compare only (implies dry); NULL: bring up to date. */
	const struct comparing_options *compare;
	int turn;               /* client: take what the peer has for us */
	int complete;           /* client: nothing is left out by wants */
	int reconcile;          /* client: see that all is alike (it does so
				   by itself with a state that is new) */
	int (*wants)(void *ctx, const char *name);      /* NULL: all */
	/* Server: after the commits; runs the actions, and reports each. */
	int (*actions)(void *ctx, struct session *s, const struct pulse *pulse,
	    struct err *e);
	/* Client: an action ran at the peer. */
	void (*action_ran)(void *ctx, const struct action_report *report);
	void (*tell)(void *ctx, const struct event *event);
	void *ctx;
	unsigned lock_ms;
};

/* Where messages go: a link, or whatever else carries them to the peer. */
struct session_line {
	void (*send)(void *ctx, unsigned type, const struct buf *body);
	void (*beat)(void *ctx);        /* long work is under way */
	void (*finish)(void *ctx);      /* nothing more will be sent */
	void *ctx;
};
struct session_line session_link(struct link *l);

/* All but line and o is borrowed. */
struct session *session_new(const struct pair *p, struct state *s,
    struct tree *t, const struct session_line *line,
    const struct session_options *o);
void session_free(struct session *s);

extern const struct link_handler session_handler;       /* ctx: the session */

/* Whether everything that was to be done was done. */
int session_complete(const struct session *s);
/*
 * After the line broke off: ends a client's session of which only the peer's
 * actions were left. -1 when that is not so (*e is set, or as it was).
 */
int session_settle(struct session *s, struct err *e);
/* The state turned out to be older than the peer remembers; it has a new
 * replica id now, and the session should be begun again. */
int session_again(const struct session *s);
/* Whether it is complete, and has compared all (reconcile.h). */
int session_reconciled(const struct session *s);
/* Whether it changes nothing: the client's wish, or at its request. */
int session_dry(const struct session *s);
/* Sends the report of an action to the client. */
void session_report(struct session *s, const struct action_report *report);

#endif
