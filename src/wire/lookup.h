/* SPDX-License-Identifier: ISC */
#ifndef WIRE_LOOKUP_H
#define WIRE_LOOKUP_H

#include <netdb.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * The addresses of a host's name, with a time limit, which getaddrinfo(3) does
 * not have: it is asked in a process of its own, that can be ended.
 */

struct err;

enum { LOOKUP_MAX = 8 };        /* addresses of one name */

struct lookup {
	struct addrinfo list[LOOKUP_MAX];       /* linked; the first is [0] */
	struct sockaddr_storage at[LOOKUP_MAX];
};

/* until: of clock_ms; 0, or -1 when there is no address or no answer. */
int lookup_host(struct lookup *l, const char *host, unsigned port,
    int64_t until, struct err *e);

#endif
