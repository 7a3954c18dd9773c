/* SPDX-License-Identifier: ISC */
/*
 * Peers that misbehave in the handshake, and records of a wrong type after it.
 */
#include "refused.h"

#include "hex.h"
#include "lowpoints.h"

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
	return unit_end();
}
