/* SPDX-License-Identifier: ISC */
/*
 * Values, sets, rings.
 */
#include <stdio.h>
#include <string.h>

#include "sight.h"

void
set_add(struct set *s, int i)
{
	s->bits[i / 64] |= (uint64_t)1 << i % 64;
}

void
set_unite(struct set *to, const struct set *from)
{
	int i;

	for (i = 0; i < EDITS / 64; i++)
		to->bits[i] |= from->bits[i];
}

int
set_missing(const struct set *a, const struct set *b)
{
	int i;

	for (i = 0; i < EDITS; i++)
		if ((a->bits[i / 64] & ~b->bits[i / 64]) >> i % 64 & 1)
			return i;
	return -1;
}

void
ring_push(struct ring *r, const struct sight *v)
{
	r->at[r->n++ % RING] = *v;
}

struct sight *
ring_last(struct ring *r)
{
	static struct sight nothing;

	if (r->n)
		return &r->at[(r->n - 1) % RING];
	memset(&nothing, 0, sizeof(nothing));
	return &nothing;
}

const struct sight *
ring_find(const struct ring *r, sight_fits *fits, const struct sight *like)
{
	unsigned i, n = r->n < RING ? r->n : RING;

	for (i = 1; i <= n; i++)
		if (fits(&r->at[(r->n - i) % RING], like))
			return &r->at[(r->n - i) % RING];
	return NULL;
}

int
value_same(struct value a, struct value b)
{
	return a.kind == b.kind && a.mode == b.mode && a.content == b.content;
}

int
same_value(const struct sight *a, const struct sight *b)
{
	return value_same(a->v, b->v);
}

int
same_time(const struct sight *a, const struct sight *b)
{
	return a->v.kind == VALUE_NONE || a->v.kind == VALUE_DIR ||
	    a->mtime == b->mtime;
}

int
same_view(const struct sight *a, const struct sight *b)
{
	return same_value(a, b) && same_time(a, b);
}

int
same_key(const struct sight *a, const struct sight *b)
{
	return a->key == b->key;
}

const char *
value_text(struct value v)
{
	static char text[4][40];
	static unsigned turn;
	static const char *const kind[] = { "nothing", "file", "dir", "link" };
	char *t = text[++turn % 4];

	if (v.kind == VALUE_FILE || v.kind == VALUE_LINK)
		snprintf(t, sizeof(text[0]), "%s %d (%o)", kind[v.kind],
		    v.content, v.mode);
	else
		snprintf(t, sizeof(text[0]), "%s", kind[v.kind]);
	return t;
}
