/* SPDX-License-Identifier: ISC */
/*
 * TLS over memory: a client and a server of ours with a line between them that
 * can be cut, changed and fed by single bytes; and peers that misbehave. The
 * source is included, so that a test can make the engine send what it should
 * not. Against other people's TLS: tests/t/20-tls.sh.
 */
#include <stdlib.h>

#include "unit.h"

#include "../../src/wire/tls.c"

#include "base/buf.h"
#include "wire/key.h"
#include "wire/secret.h"

#define IDENTITY "c1/5c88/alpha/beta/"

static const unsigned char psk[PSK_BYTES] = "0123456789abcdef0123456789abcdef";

static int
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

static void
open_line(struct line *l, const char *identity, int other_key)
{
	static int yes;

	memset(l, 0, sizeof(*l));
	l->c = tls_client(identity, psk);
	l->s = tls_server(lookup, other_key ? &yes : NULL);
	l->cut = SIZE_MAX;
}

static void
close_line(struct line *l)
{
	tls_free(l->c);
	tls_free(l->s);
	buf_free(&l->up);
	buf_free(&l->down);
}

/* Takes what t has to send. */
static int
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
static size_t
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

static int
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
static void
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

static int
both(const struct line *l)
{
	return tls_established(l->c) && tls_established(l->s);
}

static void
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

static const char *
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

/* Primitives */

static const char *
hex(const unsigned char *p, size_t n)
{
	static char text[201];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < n && i < 100; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	return text;
}

static void
unhex(const char *text, unsigned char *to, int reversed)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, n = strlen(text) / 2;

	for (i = 0; i < n; i++)
		to[reversed ? n - 1 - i : i] = (unsigned char)(
		    (strchr(digits, text[2 * i]) - digits) << 4 |
		    (strchr(digits, text[2 * i + 1]) - digits));
}

/*
 * RFC 7748, 5.2 and 6.1. BearSSL 0.6 reads a private key in the order of that
 * RFC, later versions in the other one; which does not matter for random keys.
 */
static int
x25519(const char *private, const char *point, const char *want)
{
	unsigned char k[32], u[32], z[32];
	int reversed;

	unhex(point, u, 0);
	for (reversed = 0; reversed < 2; reversed++) {
		unhex(private, k, reversed);
		if (!secret_shared(k, u, z) && !strcmp(hex(z, 32), want))
			return 1;
	}
	return 0;
}

static void
x25519_of_rfc7748(void)
{
	static const char bob[] = "5dab087e624a8a4b79e17f8b83800ee6"
	    "6f3bb1292618b6fd1c2f8b27ff88e0eb";
	static const char nine[] = "09000000000000000000000000000000"
	    "00000000000000000000000000000000";

	CHECK(x25519("a546e36bf0527c9d3b16154b82465edd"
	    "62144c0ac1fc5a18506a2244ba449ac4",
	    "e6db6867583030db3594c1a424b15f7c"
	    "726624ec26b3353b10a903a6d0ab1c4c",
	    "c3da55379de9c6908e94ea4df28d084f"
	    "32eccf03491c71f754b4075577a28552"));
	CHECK(x25519(bob, "8520f0098930a754748b7ddcb43ef75a"
	    "0dbf3a0d26381af4eba4a98eaa9b4e6a",
	    "4a5d9d5ba4ce2de1728e3bf480350f25"
	    "e07e21c947d19e3376f09b3c1e161742"));
	CHECK(x25519(bob, nine, "de9edb7d7b7dc1b4d35b61c2ece43537"
	    "3f8343c85b78674dadfc7e146f882b4f"));
}

static void
public_is_shared_with_nine(void)
{
	unsigned char k[32], nine[32] = { 9 }, a[32], b[32];
	int i;

	for (i = 0; i < 32; i++)
		k[i] = (unsigned char)(i * 7 + 1);
	secret_public(k, a);
	CHECK_INT(secret_shared(k, nine, b), 0);
	CHECK_MEM(a, b, 32);
}

/* The points of small order, and some of them plus the prime. */
static const char *const low_points[] = {
	"00000000000000000000000000000000"
	    "00000000000000000000000000000000",
	"01000000000000000000000000000000"
	    "00000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46a"
	    "da098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b"
	    "04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffffffffffffff7f",
	"00000000000000000000000000000000"
	    "00000000000000000000000000000080"
};

enum { LOW_POINTS = sizeof(low_points) / sizeof(low_points[0]) };

static void
low_points_share_nothing(void)
{
	unsigned char k[32] = { 1, 2, 3 }, u[32], z[32];
	int i;

	for (i = 0; i < LOW_POINTS; i++) {
		unhex(low_points[i], u, 0);
		CHECK_INT(secret_shared(k, u, z), -1);
	}
}

/* The vector of the IETF TLS list. */
static void
prf_with_sha256(void)
{
	unsigned char secret[16], seed[16], out[100];
	br_tls_prf_seed_chunk chunk = { seed, sizeof(seed) };

	unhex("9bbe436ba940f017b17652849a71db35", secret, 0);
	unhex("a0ba9f936cda311827a6f796ffd5198c", seed, 0);
	br_tls12_sha256_prf(out, sizeof(out), secret, sizeof(secret),
	    "test label", 1, &chunk);
	CHECK_STR(hex(out, sizeof(out)), "e3f229ba727be17b8d122620557cd453"
	    "c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
	    "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba"
	    "a48082d122ee42c5a72e5a5110fff70187347b66");
}

/* Good lines */

static void
handshake(void)
{
	size_t step;

	for (step = 0; step < 8; step++) {
		struct line l;

		open_line(&l, IDENTITY, 0);
		l.step = step;
		CHECK_INT(tls_state(l.c), TLS_RECORD_OUT | TLS_RECORD_IN);
		CHECK_INT(tls_state(l.s), TLS_RECORD_IN);
		CHECK(!both(&l));
		pump(&l);
		CHECK(both(&l));
		CHECK_INT(tls_state(l.c), TLS_RECORD_IN | TLS_DATA_OUT);
		CHECK_INT(tls_state(l.s), TLS_RECORD_IN | TLS_DATA_OUT);
		say(l.c, "ping");
		say(l.s, "pong");
		pump(&l);
		CHECK_INT(tls_state(l.s), TLS_DATA_IN | TLS_DATA_OUT);
		CHECK_STR(heard(l.s), "ping");
		CHECK_STR(heard(l.c), "pong");
		CHECK_INT(tls_failure(l.c), TLS_OK);
		CHECK_INT(tls_failure(l.s), TLS_OK);
		close_line(&l);
	}
}

static unsigned char
pattern(size_t i, unsigned salt)
{
	return (unsigned char)(i * 31 + (i >> 8) * 7 + (i >> 16) + salt);
}

/* Writes what there is room for, of a pattern of max bytes. */
static void
fill(struct tls *t, size_t *done, size_t max, unsigned salt)
{
	size_t n, i;
	unsigned char *to = tls_data_out(t, &n);

	if (!to || *done == max)
		return;
	if (n > max - *done)
		n = max - *done;
	for (i = 0; i < n; i++)
		to[i] = pattern(*done + i, salt);
	*done += n;
	tls_data_written(t, n);
	if (*done == max)
		tls_flush(t);
}

static int
check(struct tls *t, size_t *done, unsigned salt)
{
	const unsigned char *p;
	size_t n, i;

	while ((p = tls_data_in(t, &n))) {
		for (i = 0; i < n; i++)
			if (p[i] != pattern(*done + i, salt))
				return -1;
		*done += n;
		tls_data_read(t, n);
	}
	return 0;
}

static void
bulk_both_ways(void)
{
	static const size_t steps[] = { 0, 1, 1000 };
	const size_t max = 1 << 20;
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t up = 0, down = 0, up_got = 0, down_got = 0;
		struct line l;

		open_line(&l, IDENTITY, 0);
		l.step = steps[i];
		while (up_got < max || down_got < max) {
			fill(l.c, &up, max, 1);
			fill(l.s, &down, max, 2);
			pump(&l);
			CHECK_INT(check(l.s, &up_got, 1), 0);
			CHECK_INT(check(l.c, &down_got, 2), 0);
			CHECK_INT(tls_failure(l.c), TLS_OK);
			CHECK_INT(tls_failure(l.s), TLS_OK);
		}
		CHECK_INT(up_got, max);
		CHECK_INT(down_got, max);
		close_line(&l);
	}
}

/*
 * Data that comes right behind the peer's Finished, in one run of bytes; from
 * the server, which may send it at once.
 */
static void
data_behind_finished(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	while (!tls_established(l.s)) {
		take(l.c, &l.up);
		give(&l, 1);
		take(l.s, &l.down);
		if (!tls_established(l.s))
			give(&l, 0);
	}
	say(l.s, "early");
	take(l.s, &l.down);
	CHECK(!tls_established(l.c));
	give(&l, 0);
	CHECK(tls_established(l.c));
	CHECK_STR(heard(l.c), "early");
	close_line(&l);
}

/*
 * A client that sends data without waiting for the server's Finished (RFC
 * 7918): its bytes are there when the server has all its records still to send.
 */
static void
data_before_our_finished(void)
{
	struct line l;
	struct buf data = BUF_INIT;

	open_line(&l, IDENTITY, 0);
	while (l.c->eng->out.vtable == &br_sslrec_out_clear_vtable ||
	    take(l.c, &l.up)) {
		take(l.c, &l.up);
		if (l.c->eng->out.vtable != &br_sslrec_out_clear_vtable)
			continue;
		give(&l, 1);
		take(l.s, &l.down);
		give(&l, 0);
	}
	l.c->eng->application_data = 1;
	l.c->eng->record_type_out = 23;
	say(l.c, "false start");
	take(l.c, &data);
	l.c->eng->application_data = 0;
	buf_put(&l.up, data.p, data.len);
	give(&l, 1);
	CHECK(l.up.len == data.len);
	CHECK_INT(tls_state(l.s), TLS_RECORD_OUT);
	pump(&l);
	CHECK(tls_established(l.s));
	CHECK_STR(heard(l.s), "false start");
	buf_free(&data);
	close_line(&l);
}

/* OpenSSL's first record says TLS 1.0 and its second one 1.2. */
static void
first_record_of_tls10(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	l.up.p[2] = 1;
	pump(&l);
	CHECK(both(&l));
	close_line(&l);
}

/* Ends */

static void
closed_by(int who)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.c, "last words");
	if (who & 1)
		tls_close(l.c);
	if (who & 2)
		tls_close(l.s);
	CHECK(!(tls_state(l.c) & TLS_DATA_OUT) || !(who & 1));
	pump(&l);
	if (who == 1)
		CHECK_STR(heard(l.s), "last words");
	pump(&l);
	CHECK_INT(tls_state(l.c), TLS_CLOSED);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	tls_eof(l.c);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.c), TLS_OK);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	CHECK_STR(tls_reason(l.c), "");
	CHECK(both(&l));
	close_line(&l);
}

static void
close_by_client(void)
{
	closed_by(1);
}

static void
close_by_server(void)
{
	closed_by(2);
}

static void
close_by_both(void)
{
	closed_by(3);
}

/* BearSSL 0.6 hangs here when left alone. */
static void
close_with_unread_data(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.s, "nobody reads this");
	pump(&l);
	say(l.s, "nor that");
	pump(&l);
	CHECK(tls_state(l.c) & TLS_DATA_IN);
	tls_close(l.c);
	pump(&l);
	CHECK_INT(tls_state(l.c), TLS_CLOSED);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.c), TLS_OK);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	close_line(&l);
}

static void
close_flushes(void)
{
	struct line l;
	unsigned char *to;
	size_t n;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	to = tls_data_out(l.c, &n);
	CHECK(to && n >= 16384);
	memcpy(to, "unflushed", 9);
	tls_data_written(l.c, 9);
	tls_close(l.c);
	pump(&l);
	CHECK_STR(heard(l.s), "unflushed");
	pump(&l);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	close_line(&l);
}

static void
close_in_the_handshake(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	give(&l, 1);
	tls_close(l.s);
	take(l.s, &l.down);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	pump(&l);
	CHECK_INT(tls_failure(l.c), TLS_BROKEN);
	CHECK(strstr(tls_reason(l.c), "alert 0 (it closed the line)"));
	CHECK(!tls_established(l.c) && !tls_established(l.s));
	close_line(&l);
}

static void
eof_when_open(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	tls_eof(l.c);
	CHECK_INT(tls_state(l.c), TLS_CLOSED);
	CHECK_INT(tls_failure(l.c), TLS_TRUNCATED);
	CHECK_STR(tls_reason(l.c), "the line broke off");
	CHECK(tls_established(l.c));
	tls_close(l.s);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.s), TLS_TRUNCATED);
	close_line(&l);
}

static void
eof_at_once(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.s), TLS_TRUNCATED);
	CHECK_STR(tls_reason(l.s), "the line broke off while waiting for the "
	    "client's hello");
	take(l.c, &l.up);
	tls_eof(l.c);
	CHECK_STR(tls_reason(l.c), "the line broke off while waiting for the "
	    "server's hello");
	close_line(&l);
}

/* The end of the line does not take back what was known before. */
static void
eof_after_the_verdict(void)
{
	struct line l;
	struct buf out = BUF_INIT;

	open_line(&l, IDENTITY, 0);
	feed(l.s, (const unsigned char *)"\26\3\3\0\1\7", 6, 0);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "the peer sent an unexpected message");
	CHECK_INT(tls_state(l.s), TLS_RECORD_OUT);
	take(l.s, &out);
	CHECK_INT(out.len, 7);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	close_line(&l);

	open_line(&l, IDENTITY, 0);
	pump(&l);
	tls_close(l.c);
	take(l.c, &l.up);
	give(&l, 1);
	tls_eof(l.s);
	CHECK_INT(tls_state(l.s), TLS_RECORD_OUT);
	take(l.s, &out);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	buf_free(&out);
	close_line(&l);
}

/* Each direction cut behind each of its bytes of the handshake. */
static void
cut_anywhere(void)
{
	size_t cut;
	int up, uncut;

	for (up = 0; up < 2; up++) {
		for (cut = 0, uncut = 0; !uncut; cut++) {
			struct line l;

			open_line(&l, IDENTITY, 0);
			l.change_up = up;
			l.cut = cut;
			pump(&l);
			uncut = both(&l);
			if (uncut) {
				close_line(&l);
				break;
			}
			CHECK(!tls_established(up ? l.s : l.c));
			CHECK_INT(tls_failure(l.c), TLS_OK);
			CHECK_INT(tls_failure(l.s), TLS_OK);
			tls_eof(up ? l.s : l.c);
			CHECK_INT(tls_failure(up ? l.s : l.c), TLS_TRUNCATED);
			CHECK(strstr(tls_reason(up ? l.s : l.c), " while "));
			CHECK_INT(tls_state(up ? l.s : l.c), TLS_CLOSED);
			close_line(&l);
		}
		CHECK(cut > 100);
	}
}

/*
 * Each byte of the handshake changed: who receives it must not be content. The
 * minor version of a direction's first record is free (RFC 5246, E.1).
 */
static void
changed_anywhere(void)
{
	static const unsigned char masks[] = { 1, 0x80, 0xff };
	size_t at, m;
	int up, end;

	for (up = 0; up < 2; up++) {
		for (at = 1, end = 0; !end; at++) {
			for (m = 0; m < sizeof(masks); m++) {
				struct line l;

				open_line(&l, IDENTITY, 0);
				l.change_up = up;
				l.change = at;
				l.mask = masks[m];
				pump(&l);
				end = l.change != 0;
				if (!end && at != 3)
					CHECK(!tls_established(up ? l.s : l.c));
				if (!end && at != 3 && up)
					CHECK(!tls_established(l.c));
				close_line(&l);
			}
		}
		CHECK(at > 147);
	}
}

/* Keys and identities */

static void
wrong_key(void)
{
	size_t step;

	for (step = 0; step < 2; step++) {
		struct line l;

		open_line(&l, IDENTITY, 1);
		l.step = step;
		pump(&l);
		CHECK_INT(tls_failure(l.s), TLS_BAD_KEY);
		CHECK_INT(tls_failure(l.c), TLS_BAD_KEY);
		CHECK_STR(tls_reason(l.c), "the peer has another key");
		CHECK_STR(tls_reason(l.s), "the peer has another key");
		CHECK_INT(tls_state(l.c), TLS_CLOSED);
		CHECK_INT(tls_state(l.s), TLS_CLOSED);
		CHECK(!tls_established(l.c) && !tls_established(l.s));
		close_line(&l);
	}
}

static void
unknown_identity(void)
{
	static const char *const ids[] = {
		"x", "c1/5c88/alpha/beta/x", "c1/5c88/beta/alpha/"
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		struct line l;

		open_line(&l, ids[i], 0);
		pump(&l);
		CHECK_INT(tls_failure(l.c), TLS_UNKNOWN);
		CHECK_INT(tls_failure(l.s), TLS_BROKEN);
		CHECK_STR(tls_reason(l.s), "the peer sent an identity that is "
		    "not known here");
		CHECK_INT(tls_state(l.c), TLS_CLOSED);
		CHECK_INT(tls_state(l.s), TLS_CLOSED);
		CHECK(!tls_established(l.c) && !tls_established(l.s));
		close_line(&l);
	}
}

/* Peers that misbehave */

/* Whether b ends with this fatal alert in the clear. */
static int
ends_with_alert(const struct buf *b, unsigned alert)
{
	unsigned char want[7] = { 21, 3, 3, 0, 2, 2, 0 };

	want[6] = (unsigned char)alert;
	return b->len >= 7 && !memcmp(b->p + b->len - 7, want, 7);
}

/* Feeds a server these bytes; whether it refuses with this alert. */
static int
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

/* A client's hello as it goes out: a record of 80 bytes. */
static void
hello(struct buf *b)
{
	struct tls *c = tls_client(IDENTITY, psk);

	buf_clear(b);
	take(c, b);
	tls_free(c);
}

/* Where the parts of that hello are. */
enum {
	AT_LENGTH = 3, AT_BODY_LENGTH = 6, AT_VERSION = 9, AT_SESSION = 43,
	AT_SUITE = 46, AT_COMPRESSION = 49, AT_EXT_LENGTH = 50,
	AT_GROUPS = 52, AT_CURVE = 58, AT_POINTS = 60, AT_MASTER = 66,
	AT_RENEG = 70, HELLO_LENGTH = 75
};

static void
client_hellos(void)
{
	static const struct {
		size_t at;
		unsigned char value;
		unsigned alert;
	} bad[] = {
		{ AT_VERSION + 1, 2, ALERT_VERSION },
		{ AT_VERSION, 2, ALERT_VERSION },
		{ AT_SESSION, 33, ALERT_DECODE },
		{ AT_SUITE, 0xcd, ALERT_HANDSHAKE },
		{ AT_SUITE - 1, 3, ALERT_DECODE },
		{ AT_COMPRESSION, 1, ALERT_HANDSHAKE },
		{ AT_EXT_LENGTH + 1, 22, ALERT_DECODE },
		{ AT_EXT_LENGTH + 1, 24, ALERT_DECODE },
		{ AT_CURVE + 1, 0x17, ALERT_HANDSHAKE },
		{ AT_GROUPS + 1, 99, ALERT_HANDSHAKE },
		{ AT_POINTS + 5, 1, ALERT_HANDSHAKE },
		{ AT_MASTER + 1, 99, ALERT_HANDSHAKE },
		{ AT_MASTER + 1, 11, ALERT_DECODE },
		{ AT_POINTS + 1, 10, ALERT_DECODE },
		{ AT_RENEG + 4, 1, ALERT_DECODE },
		{ AT_BODY_LENGTH + 1, 8, ALERT_ILLEGAL },
		{ 5, 2, ALERT_UNEXPECTED },
		{ 5, 0, ALERT_UNEXPECTED },
		{ 5, 16, ALERT_UNEXPECTED },
		{ 0, 20, ALERT_UNEXPECTED }
	};
	struct buf b = BUF_INIT;
	size_t i;

	hello(&b);
	CHECK_INT(b.len, HELLO_LENGTH);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hello(&b);
		b.p[bad[i].at] = bad[i].value;
		if (!server_refuses(&b, bad[i].alert))
			CHECK_INT(bad[i].at, -(int)bad[i].alert);
	}
	buf_free(&b);
}

static void
extension_twice(void)
{
	struct buf b = BUF_INIT;

	hello(&b);
	buf_put(&b, "\0\27\0\0", 4);
	b.p[AT_LENGTH + 1] = (unsigned char)(b.p[AT_LENGTH + 1] + 4);
	b.p[AT_BODY_LENGTH + 2] = (unsigned char)(b.p[AT_BODY_LENGTH + 2] + 4);
	b.p[AT_EXT_LENGTH + 1] = (unsigned char)(b.p[AT_EXT_LENGTH + 1] + 4);
	CHECK(server_refuses(&b, ALERT_ILLEGAL));
	b.p[b.len - 3] = 99;                    /* an unknown one is fine */
	CHECK(!server_refuses(&b, ALERT_ILLEGAL));
	buf_free(&b);
}

static void
no_extensions(void)
{
	struct buf b = BUF_INIT;

	hello(&b);
	b.len = AT_EXT_LENGTH;
	b.p[AT_LENGTH + 1] = AT_EXT_LENGTH - 5;
	b.p[AT_BODY_LENGTH + 2] = AT_EXT_LENGTH - 9;
	CHECK(server_refuses(&b, ALERT_HANDSHAKE));
	buf_free(&b);
}

static void
oversized_message(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_put(&b, "\26\3\1\40\0\1\0\7\374", 9);
	for (i = 0; i < 8192 - 4; i++)
		buf_u8(&b, 0);
	CHECK(server_refuses(&b, ALERT_VERSION));       /* 2,048: is read */
	b.p[8] = 0xfd;
	CHECK(server_refuses(&b, ALERT_ILLEGAL));
	b.p[6] = 0xff;
	CHECK(server_refuses(&b, ALERT_ILLEGAL));
	buf_free(&b);
}

static void
early_ccs(void)
{
	static const unsigned char ccs[] = { 20, 3, 3, 0, 1, 1 };
	struct buf b = BUF_INIT;
	size_t cut;

	buf_put(&b, ccs, sizeof(ccs));
	CHECK(server_refuses(&b, ALERT_UNEXPECTED));
	hello(&b);
	buf_put(&b, ccs, sizeof(ccs));
	CHECK(server_refuses(&b, ALERT_UNEXPECTED));
	/* In the middle of a message. */
	for (cut = 1; cut < HELLO_LENGTH - 5; cut++) {
		hello(&b);
		b.len = 5 + cut;
		b.p[AT_LENGTH + 1] = (unsigned char)cut;
		buf_put(&b, ccs, sizeof(ccs));
		CHECK(server_refuses(&b, ALERT_UNEXPECTED));
	}
	buf_free(&b);
}

/* Runs a line until the client's key exchange is on its way, but not there. */
static void
to_client_key(struct line *l)
{
	open_line(l, IDENTITY, 0);
	take(l->c, &l->up);
	give(l, 1);
	take(l->s, &l->down);
	give(l, 0);
	take(l->c, &l->up);
}

/* Feeds what is on its way to the server, and looks for this alert of it. */
static int
up_refused(struct line *l, unsigned alert)
{
	give(l, 1);
	take(l->s, &l->down);
	return ends_with_alert(&l->down, alert) &&
	    tls_state(l->s) == TLS_CLOSED && !tls_established(l->s);
}

enum { KEY_LENGTH = 5 + 4 + 2 + sizeof(IDENTITY) - 1 + 1 + 32 };

static void
client_keys(void)
{
	struct line l;

	to_client_key(&l);
	l.up.p[KEY_LENGTH - 33] = 31;           /* does not close */
	CHECK(up_refused(&l, ALERT_DECODE));
	close_line(&l);
	to_client_key(&l);
	l.up.p[10] += 2;                        /* a shorter point */
	l.up.p[KEY_LENGTH - 31] = 30;
	CHECK(up_refused(&l, ALERT_ILLEGAL));
	close_line(&l);
	to_client_key(&l);
	l.up.p[10] = 255;
	CHECK(up_refused(&l, ALERT_DECODE));
	close_line(&l);
	to_client_key(&l);
	l.up.p[5] = HELLO_CLIENT;               /* a second hello */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
	to_client_key(&l);
	l.up.p[5] = 11;                         /* a certificate */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
	to_client_key(&l);
	l.up.p[5] = HELLO_FINISHED;             /* the key left out */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
}

static void
identity_lengths(void)
{
	struct buf b = BUF_INIT;
	size_t n;

	for (n = 0; n < 300; n += 129) {
		hello(&b);
		buf_put(&b, "\26\3\3", 3);
		buf_u8(&b, (unsigned)(n + 39) >> 8);
		buf_u8(&b, (n + 39) & 255);
		buf_put(&b, "\20\0", 2);
		buf_u8(&b, (unsigned)(n + 35) >> 8);
		buf_u8(&b, (n + 35) & 255);
		buf_u8(&b, (unsigned)n >> 8);
		buf_u8(&b, n & 255);
		memset(buf_room(&b, n + 33), 32, n + 33);
		b.len += n + 33;
		CHECK(server_refuses(&b, ALERT_IDENTITY));
	}
	buf_free(&b);
}

/* Puts n bytes between the client's key and what follows. */
static void
insert(struct line *l, const void *p, size_t n)
{
	struct buf b = BUF_INIT;

	buf_put(&b, l->up.p, KEY_LENGTH);
	buf_put(&b, p, n);
	buf_put(&b, l->up.p + KEY_LENGTH, l->up.len - KEY_LENGTH);
	buf_free(&l->up);
	l->up = b;
}

static void
odd_ccs(void)
{
	struct line l;

	to_client_key(&l);
	insert(&l, "\24\3\3\0\2\1\1", 7);       /* of two bytes */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
	to_client_key(&l);
	insert(&l, "\24\3\3\0\1\2", 6);         /* of another value */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
	to_client_key(&l);
	insert(&l, "\26\3\3\0\1\24", 6);        /* Finished before CCS */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
	to_client_key(&l);
	insert(&l, "\25\3\3\0\1\1", 6);         /* half an alert */
	CHECK(up_refused(&l, ALERT_UNEXPECTED));
	close_line(&l);
	to_client_key(&l);
	insert(&l, "\25\3\3\0\2\1\132", 7);     /* a warning: no matter */
	pump(&l);
	CHECK(both(&l));
	close_line(&l);
	to_client_key(&l);
	insert(&l, "\26\3\3\0\0", 5);           /* nothing: no matter */
	pump(&l);
	CHECK(both(&l));
	close_line(&l);
}

/* Once in the clear and once more: the second is no encrypted record. */
static void
second_ccs(void)
{
	struct line l;

	to_client_key(&l);
	insert(&l, "\24\3\3\0\1\1", 6);
	pump(&l);
	CHECK(tls_state(l.s) & TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK(!tls_established(l.c) && !tls_established(l.s));
	close_line(&l);
}

static void
data_in_the_handshake(void)
{
	struct line l;

	to_client_key(&l);
	insert(&l, "\27\3\3\0\1x", 6);
	pump(&l);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK(!tls_established(l.c) && !tls_established(l.s));
	close_line(&l);
}

static void
low_points_refused(void)
{
	unsigned char u[32];
	struct line l;
	int i;

	for (i = 0; i < LOW_POINTS; i++) {
		unhex(low_points[i], u, 0);
		to_client_key(&l);
		memcpy(l.up.p + KEY_LENGTH - 32, u, 32);
		CHECK(up_refused(&l, ALERT_ILLEGAL));
		CHECK(!strcmp(tls_reason(l.s), "the peer sent a key that hides "
		    "nothing"));
		close_line(&l);

		open_line(&l, IDENTITY, 0);
		take(l.c, &l.up);
		give(&l, 1);
		take(l.s, &l.down);
		memcpy(l.down.p + l.down.len - 4 - 32, u, 32);
		give(&l, 0);
		take(l.c, &l.up);
		CHECK(ends_with_alert(&l.up, ALERT_ILLEGAL));
		CHECK_INT(tls_failure(l.c), TLS_BROKEN);
		CHECK_INT(tls_state(l.c), TLS_CLOSED);
		close_line(&l);
	}
}

/* What the server says, changed in one byte, and the client's alert. */
static void
server_hellos(void)
{
	/* 5 + 4: version, random, session, suite, compression, extensions */
	static const struct {
		size_t at;
		unsigned char value;
		unsigned alert;
	} bad[] = {
		{ 5, HELLO_CLIENT, ALERT_UNEXPECTED },
		{ 5, 0, ALERT_UNEXPECTED },     /* HelloRequest */
		{ 10, 2, ALERT_VERSION },
		{ 43, 33, ALERT_DECODE },
		{ 45, 0xad, ALERT_ILLEGAL },
		{ 46, 1, ALERT_ILLEGAL },
		{ 48, 8, ALERT_DECODE },
		{ 50, 22, ALERT_EXTENSION },
		{ 50, 1, ALERT_EXTENSION },
		{ 54, 23, ALERT_EXTENSION },
		{ 57, 1, ALERT_DECODE },
		{ 58, 11, ALERT_UNEXPECTED },   /* Certificate */
		{ 58, HELLO_DONE, ALERT_UNEXPECTED },
		{ 63, 1, ALERT_ILLEGAL },
		{ 64, 2, ALERT_ILLEGAL },
		{ 66, 0x17, ALERT_ILLEGAL },
		{ 67, 31, ALERT_DECODE },
		{ 100, 13, ALERT_UNEXPECTED },  /* CertificateRequest */
		{ 103, 1, 0 }                   /* waits for one byte more */
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct line l;

		open_line(&l, IDENTITY, 0);
		take(l.c, &l.up);
		give(&l, 1);
		take(l.s, &l.down);
		CHECK_INT(l.down.len, 104);
		l.down.p[bad[i].at] = bad[i].value;
		give(&l, 0);
		take(l.c, &l.up);
		if (bad[i].alert && !ends_with_alert(&l.up, bad[i].alert))
			CHECK_INT(bad[i].at, -(int)bad[i].alert);
		CHECK(!bad[i].alert || tls_state(l.c) == TLS_CLOSED);
		close_line(&l);
	}
}

/* Makes an open end send a record of another type, with its real keys. */
static void
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

static void
records_when_open(void)
{
	static const struct {
		unsigned char type;
		size_t n;
		const char *bytes;
		unsigned alert;
	} bad[] = {
		{ 22, 4, "\0\0\0\0", ALERT_UNEXPECTED },    /* HelloRequest */
		{ 22, 4, "\1\0\0\0", ALERT_UNEXPECTED },    /* ClientHello */
		{ 22, 1, "\24", ALERT_UNEXPECTED },
		{ 20, 1, "\1", ALERT_UNEXPECTED },
		{ 24, 3, "\1\0\0", 0 },                     /* heartbeat */
		{ 21, 2, "\2\120", 0 }
	};
	size_t i;
	int up;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (up = 0; up < 2; up++) {
			struct line l;
			struct tls *from, *to;

			open_line(&l, IDENTITY, 0);
			pump(&l);
			from = up ? l.c : l.s;
			to = up ? l.s : l.c;
			forge(from, bad[i].type, bad[i].bytes, bad[i].n);
			pump(&l);
			CHECK_INT(tls_failure(to), TLS_BROKEN);
			CHECK_INT(tls_state(to), TLS_CLOSED);
			if (bad[i].alert) {
				CHECK_INT(tls_failure(from), TLS_BROKEN);
				CHECK_STR(tls_reason(from), "the peer "
				    "refused: alert 10 (unexpected message)");
			}
			close_line(&l);
		}
	}
}

/*
 * The client's own Finished with one byte more behind it, sealed anew: what the
 * cipher makes of zeros gives the proof away.
 */
static void
behind_finished_in_its_record(void)
{
	struct line l;
	unsigned char *sealed, plain[17] = { 0 };
	struct buf zeros = BUF_INIT;
	int i;

	to_client_key(&l);
	CHECK_INT(l.up.len, KEY_LENGTH + 6 + 5 + 16 + 16);
	sealed = l.up.p + KEY_LENGTH + 6 + 5;
	l.c->eng->application_data = 1;
	l.c->eng->out.chapol.seq = 0;
	forge(l.c, 22, (char *)plain, 16);
	take(l.c, &zeros);
	for (i = 0; i < 16; i++)
		plain[i] = sealed[i] ^ zeros.p[5 + i];
	CHECK_MEM(plain, "\24\0\0\14", 4);
	l.c->eng->out.chapol.seq = 0;
	forge(l.c, 22, (char *)plain, 17);
	l.up.len = KEY_LENGTH + 6;
	take(l.c, &l.up);
	give(&l, 1);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "the peer sent more behind its proof");
	CHECK(!tls_established(l.s));
	buf_free(&zeros);
	close_line(&l);
}

static void
replayed_record(void)
{
	struct line l;
	struct buf copy = BUF_INIT;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.c, "once");
	take(l.c, &copy);
	feed(l.s, copy.p, copy.len, 0);
	CHECK_STR(heard(l.s), "once");
	feed(l.s, copy.p, copy.len, 0);
	CHECK_STR(heard(l.s), "nothing");
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "a record was changed on its way (error 7)");
	buf_free(&copy);
	close_line(&l);
}

/* A client's flight sent back to it, and a captured one to another server. */
static void
reflected_and_captured(void)
{
	struct line l;
	struct buf flight = BUF_INIT, out = BUF_INIT;
	struct tls *s;
	size_t n;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	buf_put(&flight, l.up.p, l.up.len);
	feed(l.c, l.up.p, l.up.len, 0);
	CHECK_INT(tls_failure(l.c), TLS_BROKEN);
	close_line(&l);

	buf_clear(&flight);
	open_line(&l, IDENTITY, 0);
	while (!tls_established(l.c)) {
		take(l.c, &l.up);
		buf_put(&flight, l.up.p, l.up.len);
		give(&l, 1);
		take(l.s, &l.down);
		give(&l, 0);
	}
	s = tls_server(lookup, NULL);
	n = feed(s, flight.p, HELLO_LENGTH, 0);
	take(s, &out);
	feed(s, flight.p + n, flight.len - n, 0);
	CHECK_INT(tls_failure(s), TLS_BAD_KEY);
	CHECK(!tls_established(s));
	CHECK_INT(tls_state(s), TLS_RECORD_OUT);
	tls_free(s);

	/* All at once: no alert into the middle of the server's own record. */
	s = tls_server(lookup, NULL);
	feed(s, flight.p, n, 0);
	tls_record_out(s, &n);
	tls_record_sent(s, 10);
	feed(s, flight.p + HELLO_LENGTH, flight.len - HELLO_LENGTH, 0);
	CHECK_INT(tls_failure(s), TLS_BAD_KEY);
	CHECK_INT(tls_state(s), TLS_CLOSED);
	tls_free(s);
	buf_free(&flight);
	buf_free(&out);
	close_line(&l);
}

/* Another protocol knocks. */
static void
not_tls(void)
{
	struct tls *s = tls_server(lookup, NULL);
	const char *get = "GET / HTTP/1.0\r\n\r\n";

	feed(s, (const unsigned char *)get, strlen(get), 0);
	CHECK_INT(tls_state(s), TLS_CLOSED);
	CHECK_INT(tls_failure(s), TLS_BROKEN);
	CHECK_STR(tls_reason(s), "what the peer sent is not TLS 1.2 while "
	    "waiting for the client's hello (error 3)");
	tls_eof(s);
	tls_close(s);
	tls_flush(s);
	CHECK_INT(tls_state(s), TLS_CLOSED);
	tls_free(s);
	tls_free(NULL);
}

int
main(void)
{
	RUN(x25519_of_rfc7748);
	RUN(public_is_shared_with_nine);
	RUN(low_points_share_nothing);
	RUN(prf_with_sha256);
	RUN(handshake);
	RUN(bulk_both_ways);
	RUN(data_behind_finished);
	RUN(data_before_our_finished);
	RUN(first_record_of_tls10);
	RUN(close_by_client);
	RUN(close_by_server);
	RUN(close_by_both);
	RUN(close_with_unread_data);
	RUN(close_flushes);
	RUN(close_in_the_handshake);
	RUN(eof_when_open);
	RUN(eof_at_once);
	RUN(eof_after_the_verdict);
	RUN(cut_anywhere);
	RUN(changed_anywhere);
	RUN(wrong_key);
	RUN(unknown_identity);
	RUN(client_hellos);
	RUN(extension_twice);
	RUN(no_extensions);
	RUN(oversized_message);
	RUN(early_ccs);
	RUN(client_keys);
	RUN(identity_lengths);
	RUN(odd_ccs);
	RUN(second_ccs);
	RUN(data_in_the_handshake);
	RUN(low_points_refused);
	RUN(server_hellos);
	RUN(records_when_open);
	RUN(behind_finished_in_its_record);
	RUN(replayed_record);
	RUN(reflected_and_captured);
	RUN(not_tls);
	return unit_end();
}
