/* SPDX-License-Identifier: ISC */
/*
 * Peers that misbehave in the handshake and after it.
 */
#include "line.h"

#include "hex.h"
#include "lowpoints.h"

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

/* A client's hello as it goes out. */
static void
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
static size_t
part(size_t at)
{
	return line_aes && at >= AT_SUITE ? at + 2 : at;
}

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
	CHECK_INT(b.len, part(HELLO_LENGTH));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hello(&b);
		b.p[part(bad[i].at)] = bad[i].value;
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
	b.p[AT_LENGTH + 1] += 4;
	b.p[AT_BODY_LENGTH + 2] += 4;
	b.p[part(AT_EXT_LENGTH) + 1] += 4;
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
	b.len = part(AT_EXT_LENGTH);
	b.p[AT_LENGTH + 1] = (unsigned char)(b.len - 5);
	b.p[AT_BODY_LENGTH + 2] = (unsigned char)(b.len - 9);
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
	for (cut = 1; cut < part(HELLO_LENGTH) - 5; cut++) {
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

/*
 * AES only where both CPUs have it; a client gets what it offered; and who
 * takes it out of the hello on the way is found out.
 */
static void
suites(void)
{
	static const char *const words[] = {
		"ChaCha20-Poly1305", "AES-128-GCM"
	};
	struct line l;
	int c, s;

	if (!suite_has_aes())
		return;
	for (c = 0; c < 2; c++) {
		for (s = 0; s < 2; s++) {
			line_aes = c;
			open_line(&l, IDENTITY, 0);
			tls_free(l.s);
			line_aes = s;
			l.s = tls_server(lookup, NULL);
			CHECK_STR(tls_cipher(l.c), "nothing");
			pump(&l);
			CHECK(both(&l));
			CHECK_STR(tls_cipher(l.c), words[c && s]);
			CHECK_STR(tls_cipher(l.s), words[c && s]);
			close_line(&l);
		}
	}
	line_aes = 1;
	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	l.up.p[AT_SUITE] = 0xfa;            /* one that nobody knows */
	pump(&l);
	CHECK_STR(tls_cipher(l.s), words[0]);
	CHECK_INT(tls_failure(l.s), TLS_BAD_KEY);
	CHECK_INT(tls_failure(l.c), TLS_BAD_KEY);
	close_line(&l);

	line_aes = 0;                           /* what was not offered */
	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	give(&l, 1);
	take(l.s, &l.down);
	l.down.p[44] = SUITE_AESGCM >> 8;
	l.down.p[45] = SUITE_AESGCM & 255;
	give(&l, 0);
	take(l.c, &l.up);
	CHECK(ends_with_alert(&l.up, ALERT_ILLEGAL));
	close_line(&l);

	line_aes = 0;                           /* neither */
	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	l.up.p[AT_SUITE] = 0xcd;
	CHECK(up_refused(&l, ALERT_HANDSHAKE));
	CHECK_STR(tls_reason(l.s), "the peer sent no cipher suite of ours");
	close_line(&l);
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
		{ 44, 0xcd, ALERT_ILLEGAL },
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

/* Seals the next record under the nonce of the first. */
static void
again(struct tls *t)
{
	if (line_aes)
		t->eng->out.gcm.seq = 0;
	else
		t->eng->out.chapol.seq = 0;
}

/*
 * The client's own Finished, but of so many bytes (up to 17) and sealed anew:
 * what the cipher makes of zeros gives the proof away.
 */
static void
finish_with(struct line *l, size_t n)
{
	unsigned char *sealed, plain[17] = { 0 };
	const size_t nonce = line_aes ? 8 : 0;
	struct buf zeros = BUF_INIT;
	size_t i;

	to_client_key(l);
	CHECK_INT(l->up.len, KEY_LENGTH + 6 + 5 + nonce + 16 + 16);
	sealed = l->up.p + KEY_LENGTH + 6 + 5 + nonce;
	l->c->eng->application_data = 1;
	again(l->c);
	forge(l->c, 22, (char *)plain, 16);
	take(l->c, &zeros);
	for (i = 0; i < 16; i++)
		plain[i] = sealed[i] ^ zeros.p[5 + nonce + i];
	CHECK_MEM(plain, "\24\0\0\14", 4);
	if (n < 16)
		plain[3] = (unsigned char)(n - 4);
	again(l->c);
	forge(l->c, 22, (char *)plain, n);
	l->up.len = KEY_LENGTH + 6;
	take(l->c, &l->up);
	give(l, 1);
	buf_free(&zeros);
}

static void
behind_finished_in_its_record(void)
{
	struct line l;

	finish_with(&l, 16);
	CHECK(tls_established(l.s));
	close_line(&l);
	finish_with(&l, 17);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "the peer sent more behind its proof");
	CHECK(!tls_established(l.s));
	close_line(&l);
}

static void
short_finished(void)
{
	struct line l;
	size_t n;

	for (n = 4; n < 16; n++) {
		finish_with(&l, n);
		CHECK_INT(tls_failure(l.s), TLS_BROKEN);
		CHECK_STR(tls_reason(l.s), "the peer sent an unreadable proof");
		CHECK(!tls_established(l.s));
		close_line(&l);
	}
}

/*
 * In the clear record that ends b, cuts the message that begins at byte `at` to
 * so many bytes of its body (one more than it has: adds a zero), all lengths
 * being right; what comes behind it goes. Returns the body's length.
 */
static size_t
cut_message(struct buf *b, size_t record, size_t at, size_t keep)
{
	size_t n = (size_t)b->p[at + 2] << 8 | b->p[at + 3];

	if (keep > n) {
		buf_room(b, 1);
		b->p[at + 4 + n] = 0;
	}
	b->len = at + 4 + keep;
	b->p[at + 2] = (unsigned char)(keep >> 8);
	b->p[at + 3] = (unsigned char)keep;
	b->p[record + 3] = (unsigned char)((b->len - record - 5) >> 8);
	b->p[record + 4] = (unsigned char)(b->len - record - 5);
	return n;
}

/* Whether who hears this message, cut, refuses it with an alert. */
static int
refuses_cut(struct line *l, int up, size_t at, size_t keep, size_t *n)
{
	struct buf *b = up ? &l->up : &l->down;
	struct buf *answer = up ? &l->down : &l->up;
	struct tls *t = up ? l->s : l->c;

	*n = cut_message(b, 0, at, keep);
	give(l, up);
	buf_clear(answer);
	take(t, answer);
	return (*n == keep && *n) || (answer->len == 7 &&
	    !memcmp(answer->p, "\25\3\3\0\2\2", 6) &&
	    tls_state(t) == TLS_CLOSED && !tls_established(t));
}

static void
cut_messages(void)
{
	size_t keep, n, at;
	struct line l;
	int i;

	for (keep = 0, n = 1; keep < n + 2; keep++) {
		open_line(&l, IDENTITY, 0);
		take(l.c, &l.up);
		if (!refuses_cut(&l, 1, 5, keep, &n))
			CHECK_INT(keep, -1);
		close_line(&l);
	}
	CHECK(n > 60);
	for (keep = 0, n = 1; keep < n + 2; keep++) {
		to_client_key(&l);
		if (!refuses_cut(&l, 1, 5, keep, &n))
			CHECK_INT(keep, -2);
		close_line(&l);
	}
	CHECK_INT(n, KEY_LENGTH - 9);
	for (i = 0, at = 5; i < 3; i++, at += 4 + n) {
		for (keep = 0, n = 1; keep < n + 2; keep++) {
			open_line(&l, IDENTITY, 0);
			take(l.c, &l.up);
			give(&l, 1);
			take(l.s, &l.down);
			if (i == 2 && !keep) {          /* it is empty */
				n = 0;
				close_line(&l);
				continue;
			}
			if (!refuses_cut(&l, 0, at, keep, &n))
				CHECK_INT(keep, -3 - i);
			close_line(&l);
		}
	}
}

/* Makes each clear handshake record of b many records of one byte. */
static void
shred(struct buf *b)
{
	struct buf out = BUF_INIT;
	size_t at, n, i;
	int clear = 1;

	for (at = 0; at < b->len; at += 5 + n) {
		n = (size_t)b->p[at + 3] << 8 | b->p[at + 4];
		clear &= b->p[at] == 22;
		for (i = 0; clear && i < n; i++) {
			buf_put(&out, "\26\3\3\0\1", 5);
			buf_u8(&out, b->p[at + 5 + i]);
		}
		if (!clear)
			buf_put(&out, b->p + at, 5 + n);
	}
	buf_free(b);
	*b = out;
}

static void
records_of_one_byte(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	shred(&l.up);
	give(&l, 1);
	take(l.s, &l.down);
	shred(&l.down);
	give(&l, 0);
	take(l.c, &l.up);
	shred(&l.up);
	CHECK(l.up.len > 6 * 60);
	pump(&l);
	CHECK(both(&l));
	say(l.c, "whole");
	pump(&l);
	CHECK_STR(heard(l.s), "whole");
	close_line(&l);
}

/* Each bit of a record of data, and of the one that closes the line. */
static void
flipped_bits(void)
{
	struct tls *from, *to;
	struct line l;
	struct buf b = BUF_INIT;
	size_t bit, bits;
	int kind;

	for (kind = 0; kind < 4; kind++) {
		for (bit = 0, bits = 8; bit < bits; bit++) {
			open_line(&l, IDENTITY, 0);
			pump(&l);
			from = kind & 1 ? l.c : l.s;
			to = kind & 1 ? l.s : l.c;
			if (kind & 2)
				say(from, "secret");
			else
				tls_close(from);
			buf_clear(&b);
			take(from, &b);
			bits = b.len * 8;
			b.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			feed(to, b.p, b.len, 0);
			CHECK_STR(heard(to), "nothing");
			tls_eof(to);
			CHECK(tls_failure(to) == TLS_BROKEN ||
			    tls_failure(to) == TLS_TRUNCATED);
			close_line(&l);
		}
		CHECK(bits >= 8 * (5 + 2 + 16));
	}
	buf_free(&b);
}

/* A record that is left out, or comes after the next one. */
static void
lost_record(void)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.c, "one");
	take(l.c, &one);
	say(l.c, "two");
	take(l.c, &two);
	feed(l.s, two.p, two.len, 0);
	CHECK_STR(heard(l.s), "nothing");
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_INT(feed(l.s, one.p, one.len, 0), 0);
	buf_free(&one);
	buf_free(&two);
	close_line(&l);
}

/* Records of one line in another one of the same hosts and key. */
static void
record_of_another_line(void)
{
	struct buf b = BUF_INIT;
	struct line l, other;

	open_line(&l, IDENTITY, 0);
	open_line(&other, IDENTITY, 0);
	pump(&l);
	pump(&other);
	say(other.c, "stray");
	take(other.c, &b);
	feed(l.s, b.p, b.len, 0);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	/* and what it said itself */
	say(other.s, "echo");
	buf_clear(&b);
	take(other.s, &b);
	feed(other.s, b.p, b.len, 0);
	CHECK_STR(heard(other.s), "nothing");
	CHECK_INT(tls_failure(other.s), TLS_BROKEN);
	buf_free(&b);
	close_line(&l);
	close_line(&other);
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
	n = feed(s, flight.p, part(HELLO_LENGTH), 0);
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
	feed(s, flight.p + part(HELLO_LENGTH),
	    flight.len - part(HELLO_LENGTH), 0);
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
	    "waiting for the client's hello (error 3); is it ucsync at the "
	    "other end?");
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
	RUN_BOTH(client_hellos);
	RUN(suites);
	RUN_BOTH(extension_twice);
	RUN_BOTH(no_extensions);
	RUN_BOTH(oversized_message);
	RUN_BOTH(early_ccs);
	RUN_BOTH(client_keys);
	RUN_BOTH(identity_lengths);
	RUN_BOTH(odd_ccs);
	RUN_BOTH(second_ccs);
	RUN_BOTH(data_in_the_handshake);
	RUN_BOTH(low_points_refused);
	RUN_BOTH(server_hellos);
	RUN_BOTH(records_when_open);
	RUN_BOTH(behind_finished_in_its_record);
	RUN_BOTH(short_finished);
	RUN_BOTH(cut_messages);
	RUN_BOTH(records_of_one_byte);
	RUN_BOTH(flipped_bits);
	RUN_BOTH(lost_record);
	RUN_BOTH(record_of_another_line);
	RUN_BOTH(replayed_record);
	RUN_BOTH(reflected_and_captured);
	RUN_BOTH(not_tls);
	return unit_end();
}
