/* SPDX-License-Identifier: ISC */
#ifndef CMD_LISTENER_H
#define CMD_LISTENER_H

#include <stddef.h>

#include "wire/net.h"

/*
 * The stand-alone server: accepts, and hands each connection to a process of
 * its own, at most max at once; more wait in the kernel's queue. Of those whose
 * handshake is not through there are at most LISTENER_HANDSHAKES of one address
 * (more are closed), and half of max in all: a newcomer ends the oldest, since
 * an honest handshake takes milliseconds. Who has the key may be silent, too:
 * one address has half of max at most. More of it wait, max in all; who finds
 * no room there is closed.
 */

enum {
	LISTENER_HANDSHAKES = 4,
	LISTENER_SOCKETS = NET_TRIES_MAX        /* besides one a connection */
};

struct err;
struct listener;
struct options;
struct pollfd;

struct listener_options {
	const struct options *options;
	const char *host;               /* listen there only; NULL: anywhere */
	unsigned max, handshake_ms, idle_ms;
	int once;                       /* one connection, then the end */
};

/* NULL: it cannot listen. Borrows o. */
struct listener *listener_new(const struct listener_options *o, struct err *e);
/*
 * Whoever waits for other things, too, asks what to poll for (at most max +
 * LISTENER_SOCKETS places), and then says what came of it.
 */
size_t listener_poll(struct listener *l, struct pollfd *at);
void listener_hear(struct listener *l, const struct pollfd *at);
/* Whether once is over: its connection has come. */
int listener_done(const struct listener *l);
/* In a child process of another kind: closes what is the listener's. */
void listener_leave(const struct listener *l);
/* Waits some seconds for the sessions that there are, then ends them. */
void listener_free(struct listener *l);         /* NULL is fine */

#endif
