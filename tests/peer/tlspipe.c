/* SPDX-License-Identifier: ISC */
/*
 * tlspipe client PORT IDENTITY PSKHEX
 * tlspipe server IDENTITY PSKHEX
 *
 * A pipe through wire/tls.h on the loopback, to speak with other people's TLS:
 * stdin goes to the peer, what it says to stdout. The server says on stderr
 * `port N` first. Ends when the peer closes; with -e as the last argument the
 * end of stdin closes, too. Then on stderr: `ok`, or the failure's number and
 * reason; exit 0 or 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/tls.h"

struct expected {
	const char *identity;
	unsigned char psk[32];
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
read_hex(const char *hex, unsigned char psk[32])
{
	static const char digits[] = "0123456789abcdef";
	const char *a, *b;
	int i;

	for (i = 0; i < 32; i++) {
		a = hex[0] ? strchr(digits, hex[0]) : NULL;
		b = a && hex[1] ? strchr(digits, hex[1]) : NULL;
		if (!b) {
			fprintf(stderr, "tlspipe: bad psk\n");
			exit(1);
		}
		psk[i] = (unsigned char)((a - digits) << 4 | (b - digits));
		hex += 2;
	}
}

static int
lookup(void *ctx, const char *identity, size_t n, unsigned char psk[32])
{
	const struct expected *x = ctx;

	if (n != strlen(x->identity) || memcmp(identity, x->identity, n))
		return -1;
	memcpy(psk, x->psk, 32);
	return 0;
}

static int
get_line(const char *port)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on;

	if (fd < 0)
		die("socket");
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (port) {
		a.sin_port = htons((unsigned short)strtoul(port, NULL, 10));
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

static int
write_all(int fd, const unsigned char *p, size_t n)
{
	ssize_t done;

	for (; n; p += done, n -= (size_t)done) {
		done = write(fd, p, n);
		if (done < 0 && errno != EINTR)
			return -1;
		if (done < 0)
			done = 0;
	}
	return 0;
}

/* Reads into one of t's rooms; -1 at the end. */
static int
fill(int fd, unsigned char *to, size_t n, struct tls *t,
    void (*got)(struct tls *, size_t))
{
	ssize_t r = read(fd, to, n);

	if (r <= 0)
		return -1;
	got(t, (size_t)r);
	return 0;
}

static void
pipe_through(struct tls *t, int fd, int close_at_end)
{
	struct pollfd p[2] = { { fd, 0, 0 }, { 0, 0, 0 } };
	const unsigned char *from;
	unsigned char *to;
	size_t n;

	while (!(tls_state(t) & TLS_CLOSED)) {
		while ((from = tls_record_out(t, &n))) {
			if (write_all(fd, from, n)) {
				tls_eof(t);
				return;
			}
			tls_record_sent(t, n);
		}
		while ((from = tls_data_in(t, &n))) {
			if (write_all(1, from, n))
				die("write");
			tls_data_read(t, n);
		}
		if (tls_state(t) & TLS_CLOSED)
			return;
		p[0].events = tls_state(t) & TLS_RECORD_IN ? POLLIN : 0;
		p[1].events = tls_state(t) & TLS_DATA_OUT ? POLLIN : 0;
		if (!p[1].events || p[1].fd < 0)
			p[1].revents = 0;
		if (poll(p, p[1].events ? 2 : 1, 20000) <= 0) {
			fprintf(stderr, "tlspipe: nothing happens\n");
			exit(1);
		}
		if (p[0].revents && (to = tls_record_in(t, &n)) &&
		    fill(fd, to, n, t, tls_record_got))
			tls_eof(t);
		if (!p[1].revents || !(to = tls_data_out(t, &n)))
			continue;
		if (fill(0, to, n, t, tls_data_written)) {
			p[1].fd = -1;
			if (close_at_end)
				tls_close(t);
		}
		tls_flush(t);
	}
}

int
main(int argc, char **argv)
{
	struct expected x;
	struct tls *t;
	int fd, client, close_at_end = 0;

	if (argc > 1 && !strcmp(argv[argc - 1], "-e"))
		close_at_end = argc--;
	client = argc == 5 && !strcmp(argv[1], "client");
	if (!client && (argc != 4 || strcmp(argv[1], "server"))) {
		fprintf(stderr, "usage: see the source\n");
		return 1;
	}
	x.identity = argv[argc - 2];
	read_hex(argv[argc - 1], x.psk);
	fd = get_line(client ? argv[2] : NULL);
	t = client ? tls_client(x.identity, x.psk) : tls_server(lookup, &x);
	pipe_through(t, fd, close_at_end);
	if (tls_failure(t))
		fprintf(stderr, "failure %d: %s\n", (int)tls_failure(t),
		    tls_reason(t));
	else
		fprintf(stderr, "ok\n");
	close(fd);
	fd = tls_failure(t) != TLS_OK;
	tls_free(t);
	return fd;
}
