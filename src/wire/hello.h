/* SPDX-License-Identifier: ISC */
#ifndef WIRE_HELLO_H
#define WIRE_HELLO_H

#include <stddef.h>

/*
 * The messages of the TLS 1.2 handshake with ECDHE_PSK and x25519 as bytes
 * (RFC 5246, 7.4; RFC 5489, 2; extensions RFC 5746, 7627, 8422): building and
 * taking apart, without state and without secrets. handshake.c knows their
 * order. Taking apart is strict: lengths close exactly, a known extension comes
 * once, and the server answers with nothing that was not asked for.
 */

struct buf;
struct view;

enum hello_type {
	HELLO_CLIENT = 1, HELLO_SERVER = 2, HELLO_SERVER_KEY = 12,
	HELLO_DONE = 14, HELLO_CLIENT_KEY = 16, HELLO_FINISHED = 20
};

enum alert {                    /* RFC 5246, 7.2 */
	ALERT_CLOSE = 0, ALERT_UNEXPECTED = 10, ALERT_RECORD_MAC = 20,
	ALERT_HANDSHAKE = 40, ALERT_ILLEGAL = 47, ALERT_DECODE = 50,
	ALERT_DECRYPT = 51, ALERT_VERSION = 70, ALERT_EXTENSION = 110,
	ALERT_IDENTITY = 115
};

struct refusal {                /* what a parser does not like */
	enum alert alert;
	const char *reason;
};

/* aes: offer AES-GCM, too. */
void hello_put_client(struct buf *b, const unsigned char random[32], int aes);
/* The server's three messages; reneg: the client knows RFC 5746. */
void hello_put_server(struct buf *b, const unsigned char random[32],
    unsigned suite, int reneg, const unsigned char point[32]);
void hello_put_client_key(struct buf *b, const char *identity,
    const unsigned char point[32]);
void hello_put_finished(struct buf *b, const unsigned char proof[12]);

/*
 * These take a message's body; 0, or -1 with *r filled. aes: we would take it,
 * or have offered it; *suite is what both then use.
 */
int hello_get_client(struct view body, int aes, unsigned char random[32],
    unsigned *suite, int *reneg, struct refusal *r);
int hello_get_server(struct view body, int aes, unsigned char random[32],
    unsigned *suite, struct refusal *r);
int hello_get_server_key(struct view body, unsigned char point[32],
    struct refusal *r);
/* The identity is as the peer sent it, of any length. */
int hello_get_client_key(struct view body, struct view *identity,
    unsigned char point[32], struct refusal *r);

#endif
