/* SPDX-License-Identifier: ISC */
#ifndef WIRE_SECRET_H
#define WIRE_SECRET_H

#include <stddef.h>

/*
 * The secrets of one TLS handshake, as functions over memory:
 *
 *   premaster = 0020 | x25519 | 0020 | psk                   RFC 5489, 2
 *   master = PRF(premaster, "extended master secret",
 *       hash of the messages through ClientKeyExchange)      RFC 7627, 4
 *   proof = PRF(master, "client finished" or "server finished",
 *       hash of the messages before it)                      RFC 5246, 7.4.9
 *
 * PRF is that of TLS 1.2 with SHA-256 (RFC 5246, 5), x25519 is RFC 7748. An
 * x25519 private key must be random: BearSSL's releases do not agree in which
 * order its bytes are read.
 */

enum { SECRET_MASTER = 48, SECRET_PROOF = 12 };

void secret_public(const unsigned char private[32], unsigned char point[32]);
/*
 * What both sides share. -1 when it is zero, which a point of low order makes
 * it (RFC 7748, 6.1); BearSSL does not look.
 */
int secret_shared(const unsigned char private[32],
    const unsigned char point[32], unsigned char shared[32]);
void secret_master(const unsigned char shared[32], const unsigned char psk[32],
    const unsigned char hash[32], unsigned char master[SECRET_MASTER]);
void secret_proof(const unsigned char master[SECRET_MASTER], int of_client,
    const unsigned char hash[32], unsigned char proof[SECRET_PROOF]);
/* Compares without telling by its duration where the difference is. */
int secret_equal(const void *a, const void *b, size_t n);

#endif
