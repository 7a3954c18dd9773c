/* SPDX-License-Identifier: ISC */
#ifndef FS_SPARE_H
#define FS_SPARE_H

/*
 * What is needed for each file that is read or written, kept from one to the
 * next: making it anew costs as much as a small file.
 */

struct content;

enum { SPARE_PIECE = 64 << 10 };

/* All zero before the first use. */
struct spare {
	struct content *content;
	unsigned char *piece;
};

/* A content id to begin; the caller's until it is given back. */
struct content *spare_take(struct spare *s);
/* Given back, at its beginning or not. NULL is fine. */
void spare_give(struct spare *s, struct content *c);
/* SPARE_PIECE bytes, for as long as nobody else asks. */
unsigned char *spare_piece(struct spare *s);
void spare_fini(struct spare *s);

#endif
