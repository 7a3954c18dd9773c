/* SPDX-License-Identifier: ISC */
#ifndef WIRE_TLS_H
#define WIRE_TLS_H

#include <stddef.h>

/*
 * One TLS 1.2 connection with a pre-shared key, x25519 and extended master
 * secret (RFC 5489, 7748, 7627), sealed by ChaCha20-Poly1305 or AES-128-GCM
 * (suite.h), on BearSSL's engine. No I/O happens here: the owner moves bytes
 * between the socket and the record side, and data on the application side, as
 * tls_state says. A failed connection stays failed.
 */

struct err;
struct tls;

/* The server's question: fills psk for this identity, or -1 to refuse it. */
typedef int tls_lookup(void *ctx, const char *identity, size_t n,
    unsigned char psk[32]);

struct tls *tls_client(const char *identity, const unsigned char psk[32]);
struct tls *tls_server(tls_lookup *lookup, void *ctx);
void tls_free(struct tls *t);                   /* wipes; NULL is fine */

enum {
	TLS_RECORD_OUT = 1,     /* bytes for the peer are ready */
	TLS_RECORD_IN = 2,      /* bytes from the peer are welcome */
	TLS_DATA_OUT = 4,       /* room for application data */
	TLS_DATA_IN = 8,        /* application data is there */
	TLS_CLOSED = 16         /* ended: by tls_close, the peer, or an error */
};
unsigned tls_state(const struct tls *t);
/* Both Finished have been checked: the peer holds the key. */
int tls_established(const struct tls *t);
/* What seals the records; "nothing" before it is agreed on. */
const char *tls_cipher(const struct tls *t);

/* Bytes to send: NULL or a run of *n bytes; then how many went out. */
const unsigned char *tls_record_out(struct tls *t, size_t *n);
void tls_record_sent(struct tls *t, size_t n);
/* Room for received bytes: NULL or *n bytes; then how many came in. */
unsigned char *tls_record_in(struct tls *t, size_t *n);
void tls_record_got(struct tls *t, size_t n);

/* Room for data to the peer, and data from it, in the same manner. */
unsigned char *tls_data_out(struct tls *t, size_t *n);
void tls_data_written(struct tls *t, size_t n);
const unsigned char *tls_data_in(struct tls *t, size_t *n);
void tls_data_read(struct tls *t, size_t n);

/* Makes a record of what was written so far. */
void tls_flush(struct tls *t);
/* Begins the closing: sends close_notify, waits for the peer's. */
void tls_close(struct tls *t);
/* The peer's line ended. An error unless close_notify was seen before. */
void tls_eof(struct tls *t);

enum tls_failure {
	TLS_OK,                 /* none, or properly closed */
	TLS_BAD_KEY,            /* the peer has another key */
	TLS_UNKNOWN,            /* the peer does not know our identity */
	TLS_TRUNCATED,          /* the line ended without close_notify */
	TLS_BROKEN              /* anything else; tls_reason says what */
};
enum tls_failure tls_failure(const struct tls *t);
/* The failure in words, without names; static text or owned by t. */
const char *tls_reason(const struct tls *t);

#endif
