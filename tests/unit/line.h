/* SPDX-License-Identifier: ISC */
#ifndef UNIT_LINE_H
#define UNIT_LINE_H

/*
 * TLS over memory: a client and a server of ours with a line between them that
 * can be cut, changed and fed by single bytes. The sources are included, so
 * that a test can make the engine send what it should not, and say whether a
 * CPU has instructions for AES.
 */
#include <stdlib.h>

#include "unit.h"

#define suite_has_aes line_has_aes

#include "../../src/wire/handshake.c"
#include "../../src/wire/tls.c"

#undef suite_has_aes

/* What the next ends that are made believe of their CPU. */
static int line_aes;

int
suite_has_aes(void);

int
line_has_aes(void)
{
	return line_aes;
}

/* Runs a test with each suite that this machine has. */
#define RUN_BOTH(test) do { \
	line_aes = 0; \
	RUN(test); \
	line_aes = 1; \
	if (suite_has_aes()) \
		unit_run(__FILE__, #test " (AES)", test); \
	else \
		printf("skip " __FILE__ ": no AES in this CPU\n"); \
} while (0)

#define IDENTITY "c1/5c88/alpha/beta/"

static const unsigned char psk[PSK_BYTES] = "0123456789abcdef0123456789abcdef";

static inline int
lookup(void *ctx, const char *identity, size_t n, unsigned char to[PSK_BYTES])
{
	if (!n || n > IDENTITY_MAX)
		abort();
	if (n != strlen(IDENTITY) || memcmp(identity, IDENTITY, n))
		return -1;
	memcpy(to, psk, PSK_BYTES);
	if (ctx)
		to[31] ^= 1;
	return 0;
}

/* A line: both ends, and what is under way in each direction. */
struct line {
	struct tls *c, *s;
	struct buf up, down;            /* to the server, to the client */
	size_t step;                    /* bytes fed at once, 0: no limit */
	size_t up_sum, down_sum;        /* fed so far */
	size_t change;                  /* this byte (from 1) of a direction */
	unsigned char mask;             /* is xored with this, */
	int change_up;                  /* on this way */
	size_t cut;                     /* no more than this is fed */
};

static inline void
open_line(struct line *l, const char *identity, int other_key)
{
	static int yes;

	memset(l, 0, sizeof(*l));
	l->c = tls_client(identity, psk);
	l->s = tls_server(lookup, other_key ? &yes : NULL);
	l->cut = SIZE_MAX;
}

static inline void
close_line(struct line *l)
{
	tls_free(l->c);
	tls_free(l->s);
	buf_free(&l->up);
	buf_free(&l->down);
}

/* Takes what t has to send. */
static inline int
take(struct tls *t, struct buf *b)
{
	const unsigned char *p;
	size_t n;
	int moved = 0;

	while ((p = tls_record_out(t, &n))) {
		buf_put(b, p, n);
		tls_record_sent(t, n);
		moved = 1;
	}
	return moved;
}

/* Feeds bytes to t as long as it wants some; returns how many. */
static inline size_t
feed(struct tls *t, const unsigned char *p, size_t n, size_t step)
{
	unsigned char *to;
	size_t room, done = 0;

	while (done < n && (to = tls_record_in(t, &room))) {
		if (step && room > step)
			room = step;
		if (room > n - done)
			room = n - done;
		memcpy(to, p + done, room);
		tls_record_got(t, room);
		done += room;
	}
	return done;
}

static inline int
give(struct line *l, int up)
{
	struct buf *b = up ? &l->up : &l->down;
	size_t *sum = up ? &l->up_sum : &l->down_sum;
	size_t at = l->change - 1 - *sum, n = b->len;

	if (up == l->change_up && l->change && at < b->len) {
		b->p[at] ^= l->mask;
		l->change = 0;
	}
	if (up == l->change_up && *sum + n > l->cut)
		n = l->cut - *sum;
	n = feed(up ? l->s : l->c, b->p, n, l->step);
	*sum += n;
	buf_drop(b, n);
	return n != 0;
}

/* Moves what there is until nothing moves any more. */
static inline void
pump(struct line *l)
{
	int moved;

	do {
		moved = take(l->c, &l->up);
		moved |= give(l, 1);
		moved |= take(l->s, &l->down);
		moved |= give(l, 0);
	} while (moved);
}

static inline int
both(const struct line *l)
{
	return tls_established(l->c) && tls_established(l->s);
}

static inline void
say(struct tls *t, const char *text)
{
	size_t n;
	unsigned char *to = tls_data_out(t, &n);

	if (!to || n < strlen(text))
		return;
	memcpy(to, text, strlen(text));
	tls_data_written(t, strlen(text));
	tls_flush(t);
}

static inline const char *
heard(struct tls *t)
{
	static char text[100];
	size_t n;
	const unsigned char *p = tls_data_in(t, &n);

	if (!p || n >= sizeof(text))
		return "nothing";
	memcpy(text, p, n);
	text[n] = '\0';
	tls_data_read(t, n);
	return text;
}

#endif
