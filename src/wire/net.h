/* SPDX-License-Identifier: ISC */
#ifndef WIRE_NET_H
#define WIRE_NET_H

#include <stddef.h>

/*
 * TCP sockets, IPv4 and IPv6. All descriptors are non-blocking, close-on-exec
 * and without Nagle's delay.
 */

struct err;

enum {
	NET_PORT = 30865,
	NET_ADDRESS_MAX = 64,   /* text of an address with its NUL */
	NET_TRIES_MAX = 8       /* addresses of one name */
};

/*
 * Connects to host, whose addresses are tried one after the other, a new one
 * each quarter of a second; the first that answers wins. The time to find them
 * counts, too. local: the host whose
 * address is used on our side, if it is one of ours; or NULL. Returns the
 * descriptor or -1.
 */
int net_connect(const char *host, unsigned port, const char *local,
    unsigned timeout_ms, struct err *e);

/*
 * Listens on all addresses (one dual-stack socket where there is IPv6), or on
 * those of host. Fills fds (room for NET_TRIES_MAX); returns how many, or -1.
 */
int net_listen(int *fds, const char *host, unsigned port, struct err *e);

/* Accepts: the descriptor and the peer's address as text, or -1 with errno. */
int net_accept(int fd, char address[NET_ADDRESS_MAX]);

/* Whether two such addresses may be one host's: IPv6 ones by their /64. */
int net_same_source(const char *a, const char *b);

/* Makes a descriptor that came from outside (stdin, inetd) fit for use. */
int net_prepare(int fd, struct err *e);

#endif
