/* SPDX-License-Identifier: ISC */
/*
 * One of each is kept; who needs more at a time makes and frees them.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "spare.h"

struct content *
spare_take(struct spare *s)
{
	struct content *c = s->content;

	s->content = NULL;
	return c ? c : content_new();
}

void
spare_give(struct spare *s, struct content *c)
{
	if (s->content) {
		content_free(c);
		return;
	}
	if (c)
		content_reset(c);
	s->content = c;
}

unsigned char *
spare_piece(struct spare *s)
{
	if (!s->piece)
		s->piece = mem_realloc(NULL, SPARE_PIECE);
	return s->piece;
}

void
spare_fini(struct spare *s)
{
	content_free(s->content);
	free(s->piece);
	s->content = NULL;
	s->piece = NULL;
}
