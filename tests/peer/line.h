/* SPDX-License-Identifier: ISC */
/*
 * The honest part of a peer: TLS and frames over a socket, messages counted as
 * they come. Everything here is done in small steps with a time limit, so that
 * whatever the other side does, the program ends. To be included once.
 */
#ifndef PEER_LINE_H
#define PEER_LINE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "sync/message.h"
#include "wire/frame.h"
#include "wire/key.h"
#include "wire/tls.h"

enum { TYPES = 256, PATIENCE_MS = 8000 };

struct line {
	int fd, client;
	int deaf;                       /* reads nothing any more */
	int ended;
	struct tls *tls;
	struct frame_in *in;
	struct buf wire;                /* to be sent */
	unsigned got[TYPES];
	uint64_t wanted, offered;       /* index of the last */
	int wants_signed;
	unsigned hello_bits, digest_bits;
	char error[MESSAGE_TEXT_MAX + 1];
};

static void
die(const char *what)
{
	perror(what);
	exit(2);
}

static int
hear(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct line *l = ctx;
	struct hello h;

	(void)e;
	l->got[type]++;
	if (type == MESSAGE_HELLO && !hello_decode(&h, body))
		l->hello_bits = h.bits;
	if (type == MESSAGE_DIGEST)
		l->digest_bits = view_u8(&body);
	if (type == MESSAGE_WANT)
		want_decode(&l->wanted, &l->wants_signed, body);
	else if (type == MESSAGE_OFFER)
		l->offered = l->got[MESSAGE_OFFER] - 1;
	else if (type == MESSAGE_ERROR)
		error_decode(l->error, body);
	return 0;
}

static void
hear_all(struct line *l)
{
	const unsigned char *p;
	struct err e;
	size_t n;

	while ((p = tls_data_in(l->tls, &n))) {
		if (frame_read(l->in, p, n, hear, l, &e))
			l->ended = 1;
		tls_data_read(l->tls, n);
	}
}

static void
fill(struct line *l)
{
	unsigned char *to;
	size_t n;

	while (l->wire.len && (to = tls_data_out(l->tls, &n))) {
		if (n > l->wire.len)
			n = l->wire.len;
		memcpy(to, l->wire.p, n);
		tls_data_written(l->tls, n);
		tls_flush(l->tls);
		buf_drop(&l->wire, n);
	}
}

static void
write_some(struct line *l)
{
	const unsigned char *p;
	size_t n;
	ssize_t done;

	fill(l);
	while ((p = tls_record_out(l->tls, &n))) {
		done = write(l->fd, p, n);
		if (done < 0 && errno != EAGAIN)
			l->ended = 1;
		if (done <= 0)
			return;
		tls_record_sent(l->tls, (size_t)done);
		fill(l);
	}
}

static void
read_some(struct line *l)
{
	unsigned char *p;
	size_t n;
	ssize_t got;

	if (!(p = tls_record_in(l->tls, &n))) {
		l->ended |= !!(tls_state(l->tls) & TLS_CLOSED);
		return;
	}
	got = read(l->fd, p, n);
	if (got > 0)
		tls_record_got(l->tls, (size_t)got);
	else if (!got || errno != EAGAIN)
		l->ended = 1;
	hear_all(l);
	if (tls_state(l->tls) & TLS_CLOSED)
		l->ended = 1;
}

/* One step of at most so long. */
static void
step(struct line *l, int ms)
{
	struct pollfd at = { l->fd, 0, 0 };
	size_t n;

	write_some(l);
	if (!l->deaf)
		at.events |= POLLIN;
	if (tls_record_out(l->tls, &n))
		at.events |= POLLOUT;
	if (l->ended || poll(&at, 1, ms) <= 0)
		return;
	if (!l->deaf && at.revents & (POLLIN | POLLHUP | POLLERR))
		read_some(l);
	else if (at.revents & (POLLHUP | POLLERR))
		l->ended = 1;
	write_some(l);
}

/* Until n messages of that type came: whether they did. */
static int
until(struct line *l, unsigned type, unsigned n)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (l->got[type] < n && !l->ended && clock_ms() < end)
		step(l, 100);
	return l->got[type] >= n;
}

/* Until all is sent. */
static void
send_off(struct line *l, int ms)
{
	int64_t end = clock_ms() + ms;
	size_t n;

	step(l, 0);
	while (!l->ended && clock_ms() < end &&
	    (l->wire.len || tls_record_out(l->tls, &n)))
		step(l, 20);
}

/* For so long, or until the other side has ended the line. */
static void
idle(struct line *l, int ms)
{
	int64_t end = clock_ms() + ms;

	while (!l->ended && clock_ms() < end)
		step(l, 50);
}

/* Queues a message in a frame of its own, and frees the body. */
static void
say(struct line *l, unsigned type, struct buf *body)
{
	struct frame_out *f = frame_out_new();

	frame_add(f, type, body->p, body->len);
	frame_seal(f);
	buf_put(&l->wire, frame_wire(f)->p, frame_wire(f)->len);
	frame_out_free(f);
	buf_free(body);
}

static int
lookup(void *ctx, const char *identity, size_t n, unsigned char psk[32])
{
	(void)identity;
	(void)n;
	memcpy(psk, ctx, PSK_BYTES);
	return 0;
}

/* Brings the handshake to its end: 0, or -1. */
static int
shake_hands(struct line *l)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (!tls_established(l->tls) && !l->ended && clock_ms() < end)
		step(l, 100);
	return tls_established(l->tls) ? 0 : -1;
}

static struct line
line_of(int fd, int client, struct tls *tls)
{
	struct line l = { .fd = fd, .client = client, .tls = tls,
		.in = frame_in_new() };

	fcntl(fd, F_SETFL, O_NONBLOCK);
	return l;
}

static void
line_close(struct line *l)
{
	close(l->fd);
	tls_free(l->tls);
	frame_in_free(l->in);
	buf_free(&l->wire);
}

static struct sockaddr_in
place(const char *address, const char *port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((unsigned short)strtol(port, NULL, 10));
	if (inet_pton(AF_INET, address, &a.sin_addr) != 1)
		die(address);
	return a;
}

static int
dial(const char *address, const char *port)
{
	struct sockaddr_in a = place(address, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (void *)&a, sizeof(a)))
		die("connect");
	return fd;
}

static int
answer_one(const char *address, const char *port)
{
	struct sockaddr_in a = place(address, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, got;
	struct pollfd at = { fd, POLLIN, 0 };

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (void *)&a, sizeof(a)) || listen(fd, 5))
		die("listen");
	puts("ready");
	fflush(stdout);
	got = poll(&at, 1, PATIENCE_MS) > 0 ? accept(fd, NULL, NULL) : -1;
	if (got < 0)
		die("accept");
	close(fd);
	return got;
}

#endif
