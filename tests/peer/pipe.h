/* SPDX-License-Identifier: ISC */
#ifndef PEER_PIPE_H
#define PEER_PIPE_H

/*
 * What the TLS pipes of tests/peer have in common: the command line, the line
 * on the loopback.
 *
 *   PROGRAM client PORT IDENTITY PSKHEX
 *   PROGRAM server IDENTITY PSKHEX
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pipe_options {
	int client;
	const char *port;               /* the client's; NULL: listen */
	const char *identity;
	unsigned char psk[32];
};

static inline void
die(const char *what)
{
	perror(what);
	exit(1);
}

static inline void
read_hex(const char *hex, unsigned char psk[32])
{
	static const char digits[] = "0123456789abcdef";
	const char *a, *b;
	int i;

	for (i = 0; i < 32; i++) {
		a = hex[0] ? strchr(digits, hex[0]) : NULL;
		b = a && hex[1] ? strchr(digits, hex[1]) : NULL;
		if (!b) {
			fprintf(stderr, "bad psk\n");
			exit(1);
		}
		psk[i] = (unsigned char)((a - digits) << 4 | (b - digits));
		hex += 2;
	}
}

static inline void
pipe_arguments(struct pipe_options *o, int argc, char **argv)
{
	o->client = argc == 5 && !strcmp(argv[1], "client");
	if (!o->client && (argc != 4 || strcmp(argv[1], "server"))) {
		fprintf(stderr, "usage: see the source\n");
		exit(1);
	}
	o->port = o->client ? argv[2] : NULL;
	o->identity = argv[argc - 2];
	read_hex(argv[argc - 1], o->psk);
}

/* The line; a server says its port on stderr and waits. */
static inline int
pipe_line(const struct pipe_options *o)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on;

	if (fd < 0)
		die("socket");
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (o->port) {
		a.sin_port = htons((unsigned short)strtoul(o->port, NULL, 10));
		if (connect(fd, (struct sockaddr *)&a, n))
			die("connect");
		return fd;
	}
	if (bind(fd, (struct sockaddr *)&a, n) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)&a, &n))
		die("listen");
	fprintf(stderr, "port %u\n", (unsigned)ntohs(a.sin_port));
	on = accept(fd, NULL, NULL);
	if (on < 0)
		die("accept");
	close(fd);
	return on;
}

static inline void
pipe_hex(FILE *f, const char *name, const unsigned char *p, size_t n)
{
	if (!f)
		return;
	fprintf(f, "%s ", name);
	while (n--)
		fprintf(f, "%02x", *p++);
	fprintf(f, "\n");
	fflush(f);
}

#endif
