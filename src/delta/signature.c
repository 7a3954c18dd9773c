/* SPDX-License-Identifier: ISC */
/*
 * Making a signature. A block that lies whole in what was given is hashed
 * where it is; only a block that is split between two pieces is gathered.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "blockhash.h"
#include "signature.h"

struct signature {
	uint64_t seed, size;
	uint64_t left;                  /* bytes still to come */
	unsigned log, strong;
	int begun;                      /* the header is out */
	size_t block, held;
	unsigned char *hold;            /* the first bytes of a split block */
};

static unsigned
log2_ceil(uint64_t n)
{
	unsigned k = 0;

	while (k < 63 && UINT64_C(1) << k < n)
		k++;
	return k;
}

uint64_t
signature_blocks(uint64_t size, unsigned log)
{
	return (size >> log) + !!(size & ((UINT64_C(1) << log) - 1));
}

int
signature_pays(uint64_t blocks, uint64_t size)
{
	return blocks <= size / (4 + SIGNATURE_STRONG_MIN);
}

unsigned
signature_log(uint64_t size)
{
	unsigned log = log2_ceil(size) / 2;

	while (signature_blocks(size, log) > SIGNATURE_BLOCKS_MAX)
		log++;
	if (log < SIGNATURE_LOG_MIN)
		return SIGNATURE_LOG_MIN;
	return log < SIGNATURE_LOG_MAX ? log : SIGNATURE_LOG_MAX;
}

unsigned
signature_strong(uint64_t size, unsigned log)
{
	unsigned blocks = log2_ceil(signature_blocks(size, log));
	unsigned both = log2_ceil(size) + blocks + 10;
	unsigned bits = both > 32 ? both - 32 : 0;
	unsigned bytes;

	if (bits < blocks + 8)
		bits = blocks + 8;
	bytes = (bits + 7) / 8;
	if (bytes < SIGNATURE_STRONG_MIN)
		return SIGNATURE_STRONG_MIN;
	return bytes < SIGNATURE_STRONG_MAX ? bytes : SIGNATURE_STRONG_MAX;
}

static void
put_header(struct buf *out, uint64_t size, unsigned log, uint64_t seed)
{
	buf_u8(out, SIGNATURE_VERSION);
	buf_u8(out, log);
	buf_u8(out, signature_strong(size, log));
	buf_u64(out, seed);
	buf_var(out, size);
}

struct signature *
signature_new(uint64_t size, unsigned log, uint64_t seed, struct err *e)
{
	struct signature *s;

	if (size > SIGNATURE_SIZE_MAX ||
	    log < SIGNATURE_LOG_MIN || log > SIGNATURE_LOG_MAX ||
	    signature_blocks(size, log) > SIGNATURE_BLOCKS_MAX) {
		err_set(e, "signature: too many blocks");
		return NULL;
	}
	s = mem_alloc(sizeof(*s));
	s->block = (size_t)1 << log;
	s->hold = malloc(s->block);
	if (!s->hold) {
		err_set(e, "signature: no memory for a block of %lu bytes",
		    (unsigned long)s->block);
		free(s);
		return NULL;
	}
	s->seed = seed;
	s->size = s->left = size;
	s->log = log;
	s->strong = signature_strong(size, log);
	return s;
}

void
signature_free(struct signature *s)
{
	if (!s)
		return;
	free(s->hold);
	free(s);
}

static void
put_block(const struct signature *s, const unsigned char *p, size_t n,
    struct buf *out)
{
	uint64_t strong = blockhash_strong(s->seed, p, n);
	unsigned i;

	buf_u32(out, blockhash_sum(p, n));
	for (i = 0; i < s->strong; i++)
		buf_u8(out, (unsigned)(strong >> (8 * i)) & 0xff);
}

static void
begin(struct signature *s, struct buf *out)
{
	if (!s->begun)
		put_header(out, s->size, s->log, s->seed);
	s->begun = 1;
}

void
signature_add(struct signature *s, const void *data, size_t n,
    struct buf *out)
{
	const unsigned char *p = data;
	size_t take;

	begin(s, out);
	if (n > s->left)
		n = (size_t)s->left;
	s->left -= n;
	for (; n; n -= take, p += take) {
		if (!s->held && n >= s->block) {
			take = s->block;
			put_block(s, p, take, out);
			continue;
		}
		take = s->block - s->held < n ? s->block - s->held : n;
		memcpy(s->hold + s->held, p, take);
		s->held += take;
		if (s->held == s->block) {
			put_block(s, s->hold, s->held, out);
			s->held = 0;
		}
	}
}

int
signature_end(struct signature *s, struct buf *out, struct err *e)
{
	begin(s, out);
	if (s->left)
		return err_set(e, "signature: the content became shorter");
	if (s->held)
		put_block(s, s->hold, s->held, out);
	s->held = 0;
	return 0;
}
