/* SPDX-License-Identifier: ISC */
#ifndef CMD_SERVE_H
#define CMD_SERVE_H

/*
 * One served connection.
 */

struct options;

enum { SERVE_HANDSHAKE_MS = 10000, SERVE_IDLE_MS = 60000 };

struct serve_options {
	const struct options *options;
	int in, out;
	const char *address;            /* of the peer, as text */
	unsigned handshake_ms, idle_ms;
	void (*ready)(void *ctx);       /* the peer holds the key; or NULL */
	void *ctx;
};

/* Serves to the end; an exit code. */
int serve_connection(const struct serve_options *o);

#endif
