/* SPDX-License-Identifier: ISC */
/*
 * Lines are cut and hashed first; what both texts begin and end with alike is
 * left aside. Row d of the search holds, for each diagonal k = x - y that d
 * edits can reach (-d, -d + 2, .. d), how far they get in x; the way back
 * through the rows marks the lines that change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unified.h"

struct line {
	const unsigned char *p;
	size_t len;             /* with its newline */
	uint32_t hash;
};

struct text {
	struct line *lines;
	size_t n, cap;
	unsigned char *changed; /* of each line: whether the other lacks it */
};

/* The part of both texts that differs. */
struct part {
	const struct line *a, *b;
	long n, m;
};

int
unified_binary(struct view bytes)
{
	return bytes.len && memchr(bytes.p, 0, bytes.len);
}

/* FNV-1a */
static uint32_t
hash_of(const unsigned char *p, size_t n)
{
	uint32_t h = 2166136261u;

	while (n--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static void
cut(struct text *t, struct view in)
{
	const unsigned char *end;
	size_t n;

	memset(t, 0, sizeof(*t));
	while (in.len) {
		end = memchr(in.p, '\n', in.len);
		n = end ? (size_t)(end - in.p) + 1 : in.len;
		t->lines = mem_grow(t->lines, t->n, &t->cap,
		    sizeof(*t->lines));
		t->lines[t->n++] = (struct line){ in.p, n, hash_of(in.p, n) };
		view_get(&in, n);
	}
	t->changed = mem_alloc(t->n + 1);
}

static void
text_free(struct text *t)
{
	free(t->lines);
	free(t->changed);
}

static int
equal(const struct line *a, const struct line *b)
{
	return a->hash == b->hash && a->len == b->len &&
	    !memcmp(a->p, b->p, a->len);
}

/* Whether place i of row d is best reached by a line of b, from d - 1. */
static int
goes_down(const long *before, long d, long i)
{
	return i == 0 || (i != d && before[i - 1] < before[i]);
}

/* Computes row d; the place of the end when that is reached, or -1. */
static long
search(const struct part *p, const long *before, long *row, long d)
{
	long i, x, y;

	for (i = 0; i <= d; i++) {
		if (!d)
			x = 0;
		else
			x = goes_down(before, d, i) ? before[i]
			    : before[i - 1] + 1;
		y = x - (2 * i - d);
		while (x < p->n && y < p->m && equal(&p->a[x], &p->b[y])) {
			x++;
			y++;
		}
		row[i] = x;
		if (x >= p->n && y >= p->m)
			return i;
	}
	return -1;
}

/* From the end, place i of row d, back to the beginning. */
static void
mark(long *const *rows, long d, long i, unsigned char *in_a,
    unsigned char *in_b)
{
	long x;

	for (; d; d--) {
		if (goes_down(rows[d - 1], d, i)) {
			x = rows[d - 1][i];
			in_b[x - (2 * i - d) - 1] = 1;
		} else {
			x = rows[d - 1][--i];
			in_a[x] = 1;
		}
	}
}

static void
compare(const struct part *p, unsigned char *in_a, unsigned char *in_b)
{
	long **rows = mem_alloc((UNIFIED_EDITS + 1) * sizeof(*rows));
	long d, end = -1;

	for (d = 0; d <= UNIFIED_EDITS && end < 0; d++) {
		rows[d] = mem_alloc((size_t)(d + 1) * sizeof(**rows));
		end = search(p, d ? rows[d - 1] : NULL, rows[d], d);
	}
	d--;
	if (end >= 0) {
		mark(rows, d, end, in_a, in_b);
	} else {
		memset(in_a, 1, (size_t)p->n);
		memset(in_b, 1, (size_t)p->m);
	}
	for (; d >= 0; d--)
		free(rows[d]);
	free(rows);
}

static void
mark_changes(struct text *a, struct text *b)
{
	size_t start = 0, n = a->n, m = b->n;
	struct part p;

	while (start < n && start < m &&
	    equal(&a->lines[start], &b->lines[start]))
		start++;
	while (n > start && m > start &&
	    equal(&a->lines[n - 1], &b->lines[m - 1])) {
		n--;
		m--;
	}
	p.a = a->lines + start;
	p.b = b->lines + start;
	p.n = (long)(n - start);
	p.m = (long)(m - start);
	compare(&p, a->changed + start, b->changed + start);
}

/* A place in both texts. */
struct spot {
	size_t i, j;
};

/* Moves on over the lines that both have: how many there were, max at most. */
static size_t
skip_equal(const struct text *a, const struct text *b, struct spot *s,
    size_t max)
{
	size_t n;

	for (n = 0; n < max && s->i < a->n && s->j < b->n &&
	    !a->changed[s->i] && !b->changed[s->j]; n++) {
		s->i++;
		s->j++;
	}
	return n;
}

static void
skip_changed(const struct text *a, const struct text *b, struct spot *s)
{
	while (s->i < a->n && a->changed[s->i])
		s->i++;
	while (s->j < b->n && b->changed[s->j])
		s->j++;
}

static int
at_end(const struct text *a, const struct text *b, const struct spot *s)
{
	return s->i == a->n && s->j == b->n;
}

/* Where the hunk ends whose first change is at s. */
static struct spot
hunk_end(const struct text *a, const struct text *b, struct spot s)
{
	struct spot end;
	size_t n;

	do {
		skip_changed(a, b, &s);
		end = s;
		n = skip_equal(a, b, &s, 2 * UNIFIED_CONTEXT + 1);
	} while (n <= 2 * UNIFIED_CONTEXT && !at_end(a, b, &s));
	if (n > UNIFIED_CONTEXT)
		n = UNIFIED_CONTEXT;
	end.i += n;
	end.j += n;
	return end;
}

static void
put_text(struct buf *out, const char *text)
{
	buf_put(out, text, strlen(text));
}

static void
put_range(struct buf *out, char sign, size_t from, size_t to)
{
	char text[64];

	/* an empty range is named by the line before it */
	snprintf(text, sizeof(text), "%c%zu", sign, from + (to > from));
	put_text(out, text);
	if (to - from == 1)
		return;
	snprintf(text, sizeof(text), ",%zu", to - from);
	put_text(out, text);
}

static void
put_line(struct buf *out, char sign, const struct line *l)
{
	buf_u8(out, (unsigned char)sign);
	buf_put(out, l->p, l->len);
	if (l->p[l->len - 1] != '\n')
		put_text(out, "\n\\ No newline at end of file\n");
}

static void
put_hunk(struct buf *out, const struct text *a, const struct text *b,
    struct spot s, const struct spot *end)
{
	put_text(out, "@@ ");
	put_range(out, '-', s.i, end->i);
	buf_u8(out, ' ');
	put_range(out, '+', s.j, end->j);
	put_text(out, " @@\n");
	while (s.i < end->i || s.j < end->j) {
		while (s.i < end->i && a->changed[s.i])
			put_line(out, '-', &a->lines[s.i++]);
		while (s.j < end->j && b->changed[s.j])
			put_line(out, '+', &b->lines[s.j++]);
		for (; s.i < end->i && !a->changed[s.i] &&
		    !b->changed[s.j]; s.j++)
			put_line(out, ' ', &a->lines[s.i++]);
	}
}

static void
put_hunks(struct buf *out, const struct text *a, const struct text *b)
{
	struct spot s = { 0, 0 }, start, end;
	size_t n;

	for (;;) {
		n = skip_equal(a, b, &s, a->n);
		if (at_end(a, b, &s))
			return;
		if (n > UNIFIED_CONTEXT)
			n = UNIFIED_CONTEXT;
		start.i = s.i - n;
		start.j = s.j - n;
		end = hunk_end(a, b, s);
		put_hunk(out, a, b, start, &end);
		s = end;
	}
}

void
unified_diff(struct view from, struct view to, struct buf *out)
{
	struct text a, b;

	cut(&a, from);
	cut(&b, to);
	mark_changes(&a, &b);
	put_hunks(out, &a, &b);
	text_free(&a);
	text_free(&b);
}
