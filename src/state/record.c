/* SPDX-License-Identifier: ISC */
/*
 * Frames and their checksum. Four bits a step: the table is 64 bytes, and fast
 * enough for what a flash delivers.
 */
#include <assert.h>

#include "record.h"

uint32_t
record_crc(uint32_t crc, const void *p, size_t n)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
	};
	const unsigned char *s = p;

	for (crc = ~crc; n; n--, s++) {
		crc = crc >> 4 ^ table[(crc ^ *s) & 15];
		crc = crc >> 4 ^ table[(crc ^ (uint32_t)(*s >> 4)) & 15];
	}
	return ~crc;
}

static uint32_t
seed(uint64_t salt, uint64_t off)
{
	unsigned char s[16];
	int i;

	for (i = 0; i < 8; i++) {
		s[i] = (unsigned char)(salt >> (8 * i));
		s[8 + i] = (unsigned char)(off >> (8 * i));
	}
	return record_crc(0, s, sizeof(s));
}

void
record_put(struct buf *b, uint64_t salt, uint64_t off, unsigned type,
    const void *p, size_t n)
{
	size_t at = b->len;

	assert(n <= RECORD_MAX);
	buf_u32(b, (uint32_t)n);
	buf_u8(b, type);
	buf_put(b, p, n);
	buf_u32(b, record_crc(seed(salt, off), b->p + at, b->len - at));
}

size_t
record_size(const unsigned char *head)
{
	struct view in = view_of(head, RECORD_HEAD);
	uint32_t n = view_u32(&in);

	return n > RECORD_MAX ? 0 : (size_t)n + RECORD_FRAME;
}

int
record_get(struct record *r, uint64_t salt, uint64_t off, struct view *in)
{
	struct view v = *in, all;
	size_t n;

	if (v.bad || v.len < RECORD_FRAME)
		return -1;
	n = record_size(v.p);
	if (!n || n > v.len)
		return -1;
	all = view_of(v.p, n - 4);
	view_u32(&v);
	r->type = view_u8(&v);
	r->payload = view_of(view_get(&v, n - RECORD_FRAME), n - RECORD_FRAME);
	r->size = n;
	if (record_crc(seed(salt, off), all.p, all.len) != view_u32(&v))
		return -1;
	*in = v;
	return 0;
}
