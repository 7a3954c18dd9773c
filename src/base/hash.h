/* SPDX-License-Identifier: ISC */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * BLAKE2s-256 (RFC 7693), and the content id of a file, built on it:
 *
 *   up to 4,096 bytes   BLAKE2s-256(00 | data)
 *   above               BLAKE2s-256(01 | size, 8 bytes LE | leaf 0 .. leaf 7)
 *
 * leaf i being the BLAKE2s-256 of the 64-byte blocks i, i+8, i+16, ... of the
 * data, in order; the last block may be short.
 */

enum { HASH_BYTES = 32, CONTENT_PLAIN_MAX = 4096 };

/* BLAKE2s-256 of the n bytes at p. */
void hash_bytes(const void *p, size_t n, unsigned char out[HASH_BYTES]);

/* The first 8 bytes of that, little-endian. */
uint64_t hash_short(const void *p, size_t n);

struct content;                 /* a content id under way */

struct content *content_new(void);
void content_add(struct content *c, const void *p, size_t n);
/* Gives the id of all that was added; starts anew. */
void content_final(struct content *c, unsigned char id[HASH_BYTES]);
/* Forgets what was added. */
void content_reset(struct content *c);
void content_free(struct content *c);

#endif
