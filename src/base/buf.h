/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

/*
 * Building and parsing bytes. All foreign bytes are read through a view, which
 * goes bad at the first thing that is not there and stays bad: a decoder reads
 * everything, then asks once (view_end). Integers are little-endian; a varint
 * has seven bits a byte, lowest first, at most ten bytes, and must be the
 * shortest form.
 */

struct buf {                    /* grows; the owner calls buf_free */
	unsigned char *p;
	size_t len, cap;
};

#define BUF_INIT { NULL, 0, 0 }

void buf_free(struct buf *b);
void buf_clear(struct buf *b);                    /* keeps the memory */
unsigned char *buf_room(struct buf *b, size_t n); /* n more bytes, uncounted */
void buf_put(struct buf *b, const void *p, size_t n);
void buf_u8(struct buf *b, unsigned v);
void buf_u16(struct buf *b, unsigned v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_var(struct buf *b, uint64_t v);
void buf_svar(struct buf *b, int64_t v);          /* zigzag varint */
void buf_blob(struct buf *b, const void *p, size_t n); /* varint, bytes */
void buf_str(struct buf *b, const char *s);       /* the same, for a string */
/* Drops n bytes from the front. */
void buf_drop(struct buf *b, size_t n);

struct view {                   /* borrows the bytes */
	const unsigned char *p;
	size_t len;
	int bad;
};

struct view view_of(const void *p, size_t n);
const unsigned char *view_get(struct view *v, size_t n); /* NULL when bad */
void view_copy(struct view *v, void *to, size_t n);      /* zeros when bad */
unsigned view_u8(struct view *v);
unsigned view_u16(struct view *v);
uint32_t view_u32(struct view *v);
uint64_t view_u64(struct view *v);
uint64_t view_var(struct view *v);
int64_t view_svar(struct view *v);
/* A varint that must be at most max. */
uint64_t view_max(struct view *v, uint64_t max);
/* Passes n varints, of whatever form. */
void view_skip(struct view *v, unsigned n);
/* A blob of at most max bytes, as a view of its own. */
struct view view_blob(struct view *v, size_t max);
/*
 * A string of at most max bytes without a NUL inside, allocated with a NUL
 * behind; NULL when bad.
 */
char *view_str(struct view *v, size_t max);
/* 0 when all was read and nothing was missing, else -1. */
int view_end(const struct view *v);

#endif
