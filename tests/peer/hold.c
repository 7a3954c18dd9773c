/* SPDX-License-Identifier: ISC */
/*
 * hold ADDRESS PORT COUNT SOURCES [DRIP]
 *
 * Opens COUNT connections from each of SOURCES addresses 127.9.0.1, 127.9.0.2,
 * ... and holds them, silent; with DRIP each says a byte every so many
 * milliseconds, those of a hello first. Says `open` when all are there, and
 * `over MS` when the peer has ended the last one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct pollfd held[1000];
static int n;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
hold(const char *address, unsigned port, unsigned source)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(0x7f090000 + source);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("bind");
	a.sin_port = htons((unsigned short)port);
	a.sin_addr.s_addr = inet_addr(address);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)))
		die("connect");
	held[n++] = (struct pollfd){ fd, POLLIN, 0 };
}

/* What the peer says is dropped; those that it ended are closed. */
static void
hear(void)
{
	char dropped[1000];
	int i;

	for (i = n; i-- > 0; ) {
		if (!held[i].revents ||
		    read(held[i].fd, dropped, sizeof(dropped)) > 0)
			continue;
		close(held[i].fd);
		held[i] = held[--n];
	}
}

int
main(int argc, char **argv)
{
	static const unsigned char hello[] = { 22, 3, 3, 2, 0, 1, 0, 1, 252 };
	struct timespec start, now;
	unsigned i, sources, drip;
	size_t said = 0;
	int k;

	if (argc < 5)
		return 1;
	sources = (unsigned)atoi(argv[4]);
	drip = argc > 5 ? (unsigned)atoi(argv[5]) : 0;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < (unsigned)atoi(argv[3]) * sources; i++)
		hold(argv[1], (unsigned)atoi(argv[2]), 1 + i % sources);
	puts("open");
	fflush(stdout);
	while (n) {
		if (poll(held, (nfds_t)n, drip ? (int)drip : -1) > 0)
			hear();
		for (k = 0; drip && k < n; k++)
			if (send(held[k].fd, said < sizeof(hello) ?
			    (const void *)(hello + said) : "", 1,
			    MSG_NOSIGNAL) < 0 && errno != EPIPE)
				break;
		said++;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("over %ld\n", (now.tv_sec - start.tv_sec) * 1000L +
	    (now.tv_nsec - start.tv_nsec) / 1000000);
	return 0;
}
