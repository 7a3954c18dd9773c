/* SPDX-License-Identifier: ISC */
/*
 * Handshake messages: a type, a length of three bytes, a body of big-endian
 * numbers and of vectors, which have their length in one or two bytes before
 * them. A hello ends with a vector of extensions: type, vector.
 */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "hello.h"
#include "suite.h"

enum {
	TLS12 = 0x0303,
	X25519 = 29,
	NAMED_CURVE = 3,
	EXT_GROUPS = 10, EXT_POINTS = 11, EXT_MASTER = 23, EXT_RENEG = 0xff01,
	SCSV_RENEG = 0x00ff             /* a suite that means EXT_RENEG */
};

/* Building */

static void
put_u16(struct buf *b, unsigned v)
{
	buf_u8(b, v >> 8);
	buf_u8(b, v & 255);
}

/* Begins a message; returns where its body is, for put_end. */
static size_t
put_start(struct buf *b, enum hello_type type)
{
	buf_u8(b, type);
	buf_u8(b, 0);
	put_u16(b, 0);
	return b->len;
}

static void
put_end(struct buf *b, size_t start)
{
	size_t n = b->len - start;

	assert(n <= 0xffff);
	b->p[start - 2] = (unsigned char)(n >> 8);
	b->p[start - 1] = (unsigned char)n;
}

static void
put_point(struct buf *b, const unsigned char point[32])
{
	buf_u8(b, 32);
	buf_put(b, point, 32);
}

void
hello_put_client(struct buf *b, const unsigned char random[32], int aes)
{
	static const unsigned char rest[] = {
		1, 0,                           /* no compression */
		0, 23,                          /* extensions: */
		0, EXT_GROUPS, 0, 4, 0, 2, 0, X25519,
		0, EXT_POINTS, 0, 2, 1, 0,
		0, EXT_MASTER, 0, 0,
		EXT_RENEG >> 8, EXT_RENEG & 255, 0, 1, 0
	};
	size_t start = put_start(b, HELLO_CLIENT);

	put_u16(b, TLS12);
	buf_put(b, random, 32);
	buf_u8(b, 0);                           /* no session */
	put_u16(b, aes ? 4 : 2);
	if (aes)
		put_u16(b, SUITE_AESGCM);
	put_u16(b, SUITE_CHAPOL);
	buf_put(b, rest, sizeof(rest));
	put_end(b, start);
}

void
hello_put_server(struct buf *b, const unsigned char random[32],
    unsigned suite, int reneg, const unsigned char point[32])
{
	size_t start = put_start(b, HELLO_SERVER);

	put_u16(b, TLS12);
	buf_put(b, random, 32);
	buf_u8(b, 0);                           /* no session */
	put_u16(b, suite);
	buf_u8(b, 0);                           /* no compression */
	put_u16(b, reneg ? 9 : 4);
	put_u16(b, EXT_MASTER);
	put_u16(b, 0);
	if (reneg) {
		put_u16(b, EXT_RENEG);
		put_u16(b, 1);
		buf_u8(b, 0);
	}
	put_end(b, start);

	start = put_start(b, HELLO_SERVER_KEY);
	put_u16(b, 0);                          /* no hint */
	buf_u8(b, NAMED_CURVE);
	put_u16(b, X25519);
	put_point(b, point);
	put_end(b, start);

	put_end(b, put_start(b, HELLO_DONE));
}

void
hello_put_client_key(struct buf *b, const char *identity,
    const unsigned char point[32])
{
	size_t n = strlen(identity);
	size_t start = put_start(b, HELLO_CLIENT_KEY);

	put_u16(b, (unsigned)n);
	buf_put(b, identity, n);
	put_point(b, point);
	put_end(b, start);
}

void
hello_put_finished(struct buf *b, const unsigned char proof[12])
{
	size_t start = put_start(b, HELLO_FINISHED);

	buf_put(b, proof, 12);
	put_end(b, start);
}

/* Taking apart */

static int
refuse(struct refusal *r, enum alert alert, const char *reason)
{
	r->alert = alert;
	r->reason = reason;
	return -1;
}

static int
unreadable(struct refusal *r)
{
	return refuse(r, ALERT_DECODE, "an unreadable handshake message");
}

static unsigned
get_u16(struct view *v)
{
	unsigned high = view_u8(v);

	return high << 8 | view_u8(v);
}

/* A vector whose length is in so many bytes (1 or 2). */
static struct view
get_vector(struct view *v, int bytes)
{
	size_t n = bytes == 2 ? get_u16(v) : view_u8(v);
	const unsigned char *p = view_get(v, n);

	return view_of(p, p ? n : 0);
}

static int
has_u16(struct view list, unsigned want)
{
	while (list.len >= 2)
		if (get_u16(&list) == want)
			return 1;
	return 0;
}

static int
has_u8(struct view list, int want)
{
	return list.len && memchr(list.p, want, list.len);
}

/* The extensions that we know, as bits, so that a second one is noticed. */
enum { SAW_GROUPS = 1, SAW_POINTS = 2, SAW_MASTER = 4, SAW_RENEG = 8 };

/* Takes one extension apart; returns its bit, 0 when unknown, or -1. */
static int
get_extension(unsigned type, struct view body, struct refusal *r)
{
	struct view list = view_of(NULL, 0);
	int bit = 0;

	if (type == EXT_GROUPS) {
		bit = SAW_GROUPS;
		list = get_vector(&body, 2);
	} else if (type == EXT_POINTS || type == EXT_RENEG) {
		bit = type == EXT_POINTS ? SAW_POINTS : SAW_RENEG;
		list = get_vector(&body, 1);
	} else if (type == EXT_MASTER) {
		bit = SAW_MASTER;
	}
	if (bit && (view_end(&body) || (bit == SAW_GROUPS && list.len % 2)))
		return unreadable(r);
	if (bit == SAW_GROUPS && !has_u16(list, X25519))
		return refuse(r, ALERT_HANDSHAKE, "no x25519");
	if (bit == SAW_POINTS && !has_u8(list, 0))
		return refuse(r, ALERT_HANDSHAKE, "no known point format");
	if (bit == SAW_RENEG && list.len)
		return refuse(r, ALERT_HANDSHAKE, "a renegotiation");
	return bit;
}

/* The rest of a hello: all that was seen in *saw, unknown ones counted. */
static int
get_extensions(struct view *v, int *saw, int *unknown, struct refusal *r)
{
	struct view all = view_of(NULL, 0), body;
	unsigned type;
	int bit;

	*saw = *unknown = 0;
	if (v->len)
		all = get_vector(v, 2);
	if (view_end(v))
		return unreadable(r);
	while (all.len) {
		type = get_u16(&all);
		body = get_vector(&all, 2);
		if (all.bad)
			return unreadable(r);
		bit = get_extension(type, body, r);
		if (bit < 0)
			return -1;
		if (bit & *saw)
			return refuse(r, ALERT_ILLEGAL, "an extension twice");
		*saw |= bit;
		*unknown += !bit;
	}
	return 0;
}

int
hello_get_client(struct view v, int aes, unsigned char random[32],
    unsigned *suite, int *reneg, struct refusal *r)
{
	struct view session, suites, compressions;
	unsigned version;
	int saw, unknown;

	version = get_u16(&v);
	view_copy(&v, random, 32);
	session = get_vector(&v, 1);
	suites = get_vector(&v, 2);
	compressions = get_vector(&v, 1);
	if (v.bad || session.len > 32 || suites.len % 2)
		return unreadable(r);
	if (version < TLS12)
		return refuse(r, ALERT_VERSION, "a TLS version before 1.2");
	*suite = aes && has_u16(suites, SUITE_AESGCM) ? SUITE_AESGCM
	    : SUITE_CHAPOL;
	if (!has_u16(suites, *suite) || !has_u8(compressions, 0))
		return refuse(r, ALERT_HANDSHAKE, "no cipher suite of ours");
	if (get_extensions(&v, &saw, &unknown, r))
		return -1;
	if (!(saw & SAW_GROUPS))
		return refuse(r, ALERT_HANDSHAKE, "no x25519");
	if (!(saw & SAW_MASTER))
		return refuse(r, ALERT_HANDSHAKE, "no extended master secret");
	*reneg = (saw & SAW_RENEG) || has_u16(suites, SCSV_RENEG);
	return 0;
}

int
hello_get_server(struct view v, int aes, unsigned char random[32],
    unsigned *suite, struct refusal *r)
{
	unsigned version, compression;
	struct view session;
	int saw, unknown;

	version = get_u16(&v);
	view_copy(&v, random, 32);
	session = get_vector(&v, 1);
	*suite = get_u16(&v);
	compression = view_u8(&v);
	if (v.bad || session.len > 32)
		return unreadable(r);
	if (version != TLS12)
		return refuse(r, ALERT_VERSION, "another TLS version than 1.2");
	if (compression || (*suite != SUITE_CHAPOL &&
	    (*suite != SUITE_AESGCM || !aes)))
		return refuse(r, ALERT_ILLEGAL, "a cipher suite that was not "
		    "offered");
	if (get_extensions(&v, &saw, &unknown, r))
		return -1;
	if (unknown)
		return refuse(r, ALERT_EXTENSION, "an extension that was not "
		    "offered");
	if (!(saw & SAW_MASTER))
		return refuse(r, ALERT_HANDSHAKE, "no extended master secret");
	if (!(saw & SAW_RENEG))
		return refuse(r, ALERT_HANDSHAKE, "no secure renegotiation");
	return 0;
}

/* The point that ends both key exchange messages. */
static int
get_point(struct view *v, unsigned char point[32], struct refusal *r)
{
	struct view p = get_vector(v, 1);

	if (view_end(v))
		return unreadable(r);
	if (p.len != 32)
		return refuse(r, ALERT_ILLEGAL, "a bad x25519 key");
	view_copy(&p, point, 32);
	return 0;
}

int
hello_get_server_key(struct view v, unsigned char point[32], struct refusal *r)
{
	unsigned kind, curve;

	get_vector(&v, 2);                      /* the hint tells us nothing */
	kind = view_u8(&v);
	curve = get_u16(&v);
	if (v.bad)
		return unreadable(r);
	if (kind != NAMED_CURVE || curve != X25519)
		return refuse(r, ALERT_ILLEGAL, "a curve that was not offered");
	return get_point(&v, point, r);
}

int
hello_get_client_key(struct view v, struct view *identity,
    unsigned char point[32], struct refusal *r)
{
	*identity = get_vector(&v, 2);
	return get_point(&v, point, r);
}
