/* SPDX-License-Identifier: ISC */
#ifndef WIRE_COMPRESS_H
#define WIRE_COMPRESS_H

#include <stddef.h>

/*
 * Raw deflate (RFC 1951) of one frame at a time, window 8 KiB, nothing carried
 * from frame to frame: about 90 KiB while packing, 20 KiB while unpacking.
 */

struct packer;

struct packer *packer_new(void);
/*
 * Packs n bytes into out (room for size); returns the packed length, or 0 when
 * it does not fit.
 */
size_t packer_run(struct packer *p, const void *in, size_t n, void *out,
    size_t size);
void packer_free(struct packer *p);

struct unpacker;

struct unpacker *unpacker_new(void);
/* The other way round; 0 when the bytes are damaged or too long for out. */
size_t unpacker_run(struct unpacker *u, const void *in, size_t n, void *out,
    size_t size);
void unpacker_free(struct unpacker *u);

#endif
