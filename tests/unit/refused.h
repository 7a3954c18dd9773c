/* SPDX-License-Identifier: ISC */
/*
 * A server that refuses what it is fed; ends that send what they should not.
 */
#ifndef REFUSED_H
#define REFUSED_H

#include "line.h"

/* Whether b ends with this fatal alert in the clear. */
static inline int
ends_with_alert(const struct buf *b, unsigned alert)
{
	unsigned char want[7] = { 21, 3, 3, 0, 2, 2, 0 };

	want[6] = (unsigned char)alert;
	return b->len >= 7 && !memcmp(b->p + b->len - 7, want, 7);
}

/* Feeds a server these bytes; whether it refuses with this alert. */
static inline int
server_refuses(const struct buf *b, unsigned alert)
{
	struct tls *s = tls_server(lookup, NULL);
	struct buf out = BUF_INIT;
	size_t done = 0, n;
	int ok;

	do {
		n = feed(s, b->p + done, b->len - done, 0);
		done += n;
	} while (take(s, &out) || n);
	ok = ends_with_alert(&out, alert) && tls_state(s) == TLS_CLOSED &&
	    tls_failure(s) == TLS_BROKEN && !tls_established(s);
	buf_free(&out);
	tls_free(s);
	return ok;
}

/* A client's hello as it goes out. */
static inline void
hello(struct buf *b)
{
	struct tls *c = tls_client(IDENTITY, psk);

	buf_clear(b);
	take(c, b);
	tls_free(c);
}

/* Where the parts of that hello are, without AES. */
enum {
	AT_LENGTH = 3, AT_BODY_LENGTH = 6, AT_VERSION = 9, AT_SESSION = 43,
	AT_SUITE = 46, AT_COMPRESSION = 49, AT_EXT_LENGTH = 50,
	AT_GROUPS = 52, AT_CURVE = 58, AT_POINTS = 60, AT_MASTER = 66,
	AT_RENEG = 70, HELLO_LENGTH = 75
};

/* Where a part is now: with AES there is a suite more. */
static inline size_t
part(size_t at)
{
	return line_aes && at >= AT_SUITE ? at + 2 : at;
}

/* Runs a line until the client's key exchange is on its way, but not there. */
static inline void
to_client_key(struct line *l)
{
	open_line(l, IDENTITY, 0);
	take(l->c, &l->up);
	give(l, 1);
	take(l->s, &l->down);
	give(l, 0);
	take(l->c, &l->up);
}

/* How long that is. */
enum { KEY_LENGTH = 5 + 4 + 2 + sizeof(IDENTITY) - 1 + 1 + 32 };

/* Makes an open end send a record of another type, with its real keys. */
static inline void
forge(struct tls *t, unsigned char type, const char *p, size_t n)
{
	size_t room;
	unsigned char *to = tls_data_out(t, &room);

	memcpy(to, p, n);
	t->eng->record_type_out = type;
	tls_data_written(t, n);
	tls_flush(t);
	t->eng->record_type_out = 23;
}

#endif
