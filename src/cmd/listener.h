/* SPDX-License-Identifier: ISC */
#ifndef CMD_LISTENER_H
#define CMD_LISTENER_H

/*
 * The stand-alone server: accepts, and hands each connection to a process of
 * its own. At most max at once, and LISTENER_HANDSHAKES of one address whose
 * handshake is not through; more wait in the kernel's queue or are closed.
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
