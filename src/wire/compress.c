/* SPDX-License-Identifier: ISC */
/*
 * Compression by zlib, bounded in memory and in what comes out.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "compress.h"

enum { WINDOW_BITS = 13, MEM_LEVEL = 6, LEVEL = 3 };

struct packer {
	z_stream z;
};

struct unpacker {
	z_stream z;
};

struct packer *
packer_new(void)
{
	struct packer *p = mem_alloc(sizeof(*p));

	if (deflateInit2(&p->z, LEVEL, Z_DEFLATED, -WINDOW_BITS, MEM_LEVEL,
	    Z_DEFAULT_STRATEGY) == Z_OK)
		return p;
	free(p);
	return NULL;
}

static void
aim(z_stream *z, const void *in, size_t n, void *out, size_t size)
{
	z->next_in = (unsigned char *)(size_t)in;
	z->avail_in = (unsigned)n;
	z->next_out = out;
	z->avail_out = (unsigned)size;
}

size_t
packer_run(struct packer *p, const void *in, size_t n, void *out, size_t size)
{
	deflateReset(&p->z);
	aim(&p->z, in, n, out, size);
	if (deflate(&p->z, Z_FINISH) != Z_STREAM_END)
		return 0;
	return size - p->z.avail_out;
}

void
packer_free(struct packer *p)
{
	if (!p)
		return;
	deflateEnd(&p->z);
	free(p);
}

struct unpacker *
unpacker_new(void)
{
	struct unpacker *u = mem_alloc(sizeof(*u));

	if (inflateInit2(&u->z, -WINDOW_BITS) == Z_OK)
		return u;
	free(u);
	return NULL;
}

size_t
unpacker_run(struct unpacker *u, const void *in, size_t n, void *out,
    size_t size)
{
	inflateReset(&u->z);
	aim(&u->z, in, n, out, size);
	if (inflate(&u->z, Z_FINISH) != Z_STREAM_END || u->z.avail_in)
		return 0;
	return size - u->z.avail_out;
}

void
unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	inflateEnd(&u->z);
	free(u);
}
