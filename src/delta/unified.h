/* SPDX-License-Identifier: ISC */
#ifndef DELTA_UNIFIED_H
#define DELTA_UNIFIED_H

#include "base/buf.h"

/*
 * What differs between two texts, line by line, as diff -u shows it, for hosts
 * that have no diff. E. Myers, "An O(ND) Difference Algorithm and Its
 * Variations", Algorithmica 1 (1986), the greedy one. Work and memory are
 * bounded: texts that are more than UNIFIED_EDITS lines apart are shown as one
 * replaced by the other, but for what they begin and end with alike.
 */

enum {
	UNIFIED_EDITS = 1000,
	UNIFIED_CONTEXT = 3
};

/* Whether the bytes are no text: they have a zero byte. */
int unified_binary(struct view bytes);
/* Appends the hunks, without the two lines of names; none for equal texts. */
void unified_diff(struct view from, struct view to, struct buf *out);

#endif
