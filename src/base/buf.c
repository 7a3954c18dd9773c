/* SPDX-License-Identifier: ISC */
/*
 * The checked buffer: the only place with pointer arithmetic on foreign bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

void
buf_free(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->len = b->cap = 0;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

unsigned char *
buf_room(struct buf *b, size_t n)
{
	size_t want = b->len + n;

	if (want > b->cap) {
		size_t cap = b->cap ? b->cap : 64;

		while (cap < want)
			cap += cap / 2 + 64;
		b->p = mem_realloc(b->p, cap);
		b->cap = cap;
	}
	return b->p ? b->p + b->len : NULL;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	if (!n)
		return;
	memcpy(buf_room(b, n), p, n);
	b->len += n;
}

static void
put_le(struct buf *b, uint64_t v, int bytes)
{
	unsigned char *p = buf_room(b, (size_t)bytes);
	int i;

	for (i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> (8 * i));
	b->len += (size_t)bytes;
}

void
buf_u8(struct buf *b, unsigned v)
{
	*buf_room(b, 1) = (unsigned char)v;
	b->len++;
}

void
buf_u16(struct buf *b, unsigned v)
{
	put_le(b, v, 2);
}

void
buf_u32(struct buf *b, uint32_t v)
{
	put_le(b, v, 4);
}

void
buf_u64(struct buf *b, uint64_t v)
{
	put_le(b, v, 8);
}

void
buf_var(struct buf *b, uint64_t v)
{
	while (v >= 0x80) {
		buf_u8(b, (unsigned)(v & 0x7f) | 0x80);
		v >>= 7;
	}
	buf_u8(b, (unsigned)v);
}

void
buf_svar(struct buf *b, int64_t v)
{
	uint64_t u = (uint64_t)v << 1;

	buf_var(b, v < 0 ? ~u : u);
}

void
buf_blob(struct buf *b, const void *p, size_t n)
{
	buf_var(b, n);
	buf_put(b, p, n);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_blob(b, s, strlen(s));
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	b->len -= n;
	if (b->len)
		memmove(b->p, b->p + n, b->len);
}

struct view
view_of(const void *p, size_t n)
{
	struct view v = { p, n, 0 };

	return v;
}

const unsigned char *
view_get(struct view *v, size_t n)
{
	const unsigned char *p = v->p;

	if (v->bad || n > v->len) {
		v->bad = 1;
		return NULL;
	}
	if (n)
		v->p += n;
	v->len -= n;
	return p;
}

void
view_copy(struct view *v, void *to, size_t n)
{
	const unsigned char *p = view_get(v, n);

	if (!n)
		return;
	if (p)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

static uint64_t
get_le(struct view *v, size_t bytes)
{
	const unsigned char *p = view_get(v, bytes);
	uint64_t x = 0;

	if (!p)
		return 0;
	while (bytes--)
		x = x << 8 | p[bytes];
	return x;
}

unsigned
view_u8(struct view *v)
{
	const unsigned char *p = view_get(v, 1);

	return p ? *p : 0;
}

unsigned
view_u16(struct view *v)
{
	return (unsigned)get_le(v, 2);
}

uint32_t
view_u32(struct view *v)
{
	return (uint32_t)get_le(v, 4);
}

uint64_t
view_u64(struct view *v)
{
	return get_le(v, 8);
}

/* What does not fit into eight bytes. */
static uint64_t
long_var(struct view *v)
{
	uint64_t x = 0;
	unsigned c, shift;

	for (shift = 0; shift < 64; shift += 7) {
		c = view_u8(v);
		if (shift == 63 && c > 1)
			break;
		x |= (uint64_t)(c & 0x7f) << shift;
		if (c & 0x80)
			continue;
		if (!c && shift)
			break;
		return v->bad ? 0 : x;
	}
	v->bad = 1;
	return 0;
}

enum { GROUP = 4 };

/* Of GROUP bytes at most: how many there were, or 0 where it goes on. */
static size_t
group(const unsigned char *p, size_t n, uint32_t *x)
{
	unsigned shift = 0;
	size_t i = 0;

	*x = 0;
	while (i < n && i < GROUP) {
		*x |= (uint32_t)(p[i] & 0x7f) << shift;
		shift += 7;
		if (p[i++] < 0x80)
			return i;
	}
	return 0;
}

/* In groups, since shifts of 64 bits are dear on a small CPU. */
uint64_t
view_var(struct view *v)
{
	uint32_t low = 0, high = 0;
	size_t n = v->bad ? 0 : group(v->p, v->len, &low);

	if (!n && !v->bad && v->len > GROUP) {
		n = group(v->p + GROUP, v->len - GROUP, &high);
		n += n ? GROUP : 0;
	}
	if (!n || (n > 1 && !v->p[n - 1]))
		return long_var(v);
	v->p += n;
	v->len -= n;
	return low | (uint64_t)high << 7 * GROUP;
}

void
view_skip(struct view *v, unsigned n)
{
	size_t i = 0;

	while (n && i < v->len)
		n -= v->p[i++] < 0x80;
	v->bad |= n != 0;
	view_get(v, i);
}

int64_t
view_svar(struct view *v)
{
	uint64_t u = view_var(v);

	return (int64_t)(u >> 1 ^ (0 - (u & 1)));
}

uint64_t
view_max(struct view *v, uint64_t max)
{
	uint64_t x = view_var(v);

	if (x <= max)
		return x;
	v->bad = 1;
	return 0;
}

struct view
view_blob(struct view *v, size_t max)
{
	size_t n = (size_t)view_max(v, max);
	const unsigned char *p = view_get(v, n);
	struct view sub = { p, v->bad ? 0 : n, v->bad };

	return sub;
}

char *
view_str(struct view *v, size_t max)
{
	struct view s = view_blob(v, max);

	if (!s.bad && s.len && memchr(s.p, 0, s.len))
		v->bad = s.bad = 1;
	return s.bad ? NULL : mem_strndup((const char *)s.p, s.len);
}

int
view_end(const struct view *v)
{
	return v->bad || v->len ? -1 : 0;
}
