/* SPDX-License-Identifier: ISC */
#ifndef WIRE_HANDSHAKE_H
#define WIRE_HANDSHAKE_H

#include <stddef.h>

/*
 * The handshake that BearSSL lacks: TLS 1.2 with a pre-shared key and ephemeral
 * x25519 (RFC 5489). It runs inside BearSSL's engine, in the place of BearSSL's
 * own handshake processor, and ends when both Finished have been checked. Only
 * for tls.c, which gives the engine its buffers and moves the bytes.
 */

struct handshake;

/* The server's question, as tls_lookup. */
typedef int handshake_lookup(void *ctx, const char *identity, size_t n,
    unsigned char psk[32]);

struct handshake *handshake_client(const char *identity,
    const unsigned char psk[32]);
struct handshake *handshake_server(handshake_lookup *lookup, void *ctx);
void handshake_free(struct handshake *h);       /* wipes; NULL is fine */

/* The br_ssl_engine_context (a type without a tag to be declared by). */
void *handshake_engine(struct handshake *h);
/* Begins, once the engine has its buffers. */
void handshake_start(struct handshake *h);
/*
 * The line ended: BR_ERR_IO, unless the peer has said close_notify or we have
 * an alert for it, which may still leave.
 */
void handshake_eof(struct handshake *h);

struct handshake_status {
	int done;               /* the peer has proved that it has the key */
	int proving;            /* its proof is due: a failure is a wrong key */
	int clear;              /* what we send is not encrypted yet */
	/*
	 * 0, or why it failed: one of BearSSL's BR_ERR_, which for an alert is
	 * BR_ERR_RECV_FATAL_ALERT or BR_ERR_SEND_FATAL_ALERT plus its number.
	 * Known before our own alert has left.
	 */
	int error;
	const char *doing;      /* as in "while ..." */
	const char *reason;     /* what made us send an alert: "it sent ..." */
	unsigned suite;         /* agreed on; 0 before */
};
struct handshake_status handshake_status(const struct handshake *h);

#endif
