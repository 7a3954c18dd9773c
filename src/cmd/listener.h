/* SPDX-License-Identifier: ISC */
#ifndef CMD_LISTENER_H
#define CMD_LISTENER_H

/*
 * The stand-alone server: accepts, and hands each connection to a process of
 * its own, at most max at once; more wait in the kernel's queue. Of those whose
 * handshake is not through there are at most LISTENER_HANDSHAKES of one address
 * (more are closed), and half of max in all: a newcomer ends the oldest, since
 * an honest handshake takes milliseconds.
 */

enum { LISTENER_HANDSHAKES = 4 };

struct options;

struct listener_options {
	const struct options *options;
	const char *host;               /* listen there only; NULL: anywhere */
	unsigned max, handshake_ms, idle_ms;
	int once;                       /* one connection, then the end */
};

/* Until SIGTERM or SIGINT; an exit code. */
int listener_run(const struct listener_options *o);

#endif
