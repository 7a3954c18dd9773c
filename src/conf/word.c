/* SPDX-License-Identifier: ISC */
/*
 * The edit distance of Levenshtein (1965), row by row, over words of a bounded
 * length.
 */
#include <string.h>

#include "word.h"

enum { WORD_MAX = 32 };

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[WORD_MAX + 1], i, j, diagonal, above;

	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= na; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

const char *
word_suggest(const char *s, size_t n, const char *const *list)
{
	const char *best = NULL;
	size_t d, found = n > 3 ? 3 : 2;

	if (!n || n > WORD_MAX)
		return NULL;
	for (; *list; list++) {
		if (strlen(*list) > WORD_MAX)
			continue;
		d = distance(s, n, *list, strlen(*list));
		if (d && d < found) {
			found = d;
			best = *list;
		}
	}
	return best;
}
