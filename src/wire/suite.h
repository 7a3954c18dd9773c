/* SPDX-License-Identifier: ISC */
#ifndef WIRE_SUITE_H
#define WIRE_SUITE_H

/*
 * The cipher suites: TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 (RFC 7905),
 * which everybody has, and TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256 (RFC 8442),
 * four times as fast where the CPU has instructions for AES, and never used
 * elsewhere. Only for handshake.c; an engine is a br_ssl_engine_context (a type
 * without a tag to be declared by).
 */

enum { SUITE_CHAPOL = 0xccac, SUITE_AESGCM = 0xd001 };

/* Whether this CPU has what AES-GCM wants. */
int suite_has_aes(void);
/* Tells the engine how its records can be sealed. */
void suite_prepare(void *engine, int aes);
/* From now on records of that direction are sealed. */
void suite_switch_in(void *engine, unsigned suite, int is_client);
void suite_switch_out(void *engine, unsigned suite, int is_client);

#endif
