/* SPDX-License-Identifier: ISC */
/*
 * TLS and frames over a socket that does not block, moved by step alone.
 */
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

#include "base/clock.h"
#include "base/err.h"
#include "line.h"
#include "wire/frame.h"
#include "wire/key.h"
#include "wire/tls.h"

void
die(const char *what)
{
	perror(what);
	exit(2);
}

static void
note_known(struct line *l, struct view body)
{
	struct offer o;
	const char *last;

	if (offer_decode(&o, body))
		return;
	last = strrchr(o.name, '/');
	if (last && !strcmp(last, "/known"))
		l->known = l->got[MESSAGE_OFFER] - 1;
	offer_free(&o);
}

static int
hear(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct line *l = ctx;
	struct content_piece piece;
	struct hello h;

	(void)e;
	l->got[type]++;
	if (type == MESSAGE_HELLO && !hello_decode(&h, body))
		l->hello_bits = h.bits;
	if (type == MESSAGE_DIGEST)
		l->digest_bits = view_u8(&body);
	if (type == MESSAGE_OFFER)
		note_known(l, body);
	if (type == MESSAGE_CONTENT && !content_decode(&piece, body))
		l->fills += !!(piece.bits & CONTENT_GAP);
	if (type == MESSAGE_ERROR)
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

void
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

int
until(struct line *l, unsigned type, unsigned n)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (l->got[type] < n && !l->ended && clock_ms() < end)
		step(l, 100);
	return l->got[type] >= n;
}

void
send_off(struct line *l, int ms)
{
	int64_t end = clock_ms() + ms;
	size_t n;

	step(l, 0);
	while (!l->ended && clock_ms() < end &&
	    (l->wire.len || tls_record_out(l->tls, &n)))
		step(l, 20);
}

void
idle(struct line *l, int ms)
{
	int64_t end = clock_ms() + ms;

	while (!l->ended && clock_ms() < end)
		step(l, 50);
}

void
say(struct line *l, unsigned type, struct buf body)
{
	struct frame_out *f = frame_out_new();

	frame_add(f, type, body.p, body.len);
	frame_seal(f);
	buf_put(&l->wire, frame_wire(f).p, frame_wire(f).len);
	frame_out_free(f);
	buf_free(&body);
}

int
shake_hands(struct line *l)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (!tls_established(l->tls) && !l->ended && clock_ms() < end)
		step(l, 100);
	return tls_established(l->tls) ? 0 : -1;
}

struct line
line_of(int fd, int client, struct tls *tls)
{
	struct line l = { .fd = fd, .client = client, .tls = tls,
		.known = KNOWN_NOT,
		.in = frame_in_new() };

	fcntl(fd, F_SETFL, O_NONBLOCK);
	return l;
}

void
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

int
dial(const char *address, const char *port, uint32_t from)
{
	struct sockaddr_in a = place(address, port);
	struct sockaddr_in own = { .sin_family = AF_INET,
		.sin_addr = { htonl(from) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (void *)&own, sizeof(own)) ||
	    connect(fd, (void *)&a, sizeof(a)))
		die("connect");
	return fd;
}

int
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
