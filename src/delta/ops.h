/* SPDX-License-Identifier: ISC */
#ifndef DELTA_OPS_H
#define DELTA_OPS_H

#include <stddef.h>
#include <stdint.h>

#include "delta.h"

/*
 * A delta on the wire: operations that together give the new content.
 *
 *   varint 2n          n > 0: a literal; n bytes follow, n <= OPS_LITERAL_MAX
 *   varint 2n + 1      n > 0: a copy of n bytes of the old content; follows
 *     svarint          where, counted from the end of the copy before (from 0
 *                      for the first)
 *   varint 1           a gap: what stands there comes apart from the others
 *     varint           so many bytes of the new content, n > 0
 *     svarint          what stood there: where, counted as for a copy, and
 *     varint           how much of it; 0: nothing of use
 *   varint 0           the end
 *
 * A gap is filled by operations of its own, without gaps, whose old content is
 * what stood there: its signature, much finer than that of the whole, is asked
 * for by the gap. Gaps are filled in their order. While one is open, copies and
 * gaps may follow, no literals, and not more than OPS_STEPS_MAX; the old
 * content of those that are open has OPS_OPEN_MAX bytes at most, that of all
 * of them not more than there is.
 *
 * We make no copies that are much longer than OPS_COPY_MAX, so that who carries
 * them out may begin early. All of a content as literals has 3 bytes for 32 KiB
 * above the content, so a delta never is much longer than the whole.
 */

enum {
	OPS_LITERAL_MAX = 32768,
	OPS_COPY_MAX = 4 << 20,
	OPS_STEPS_MAX = 1024,
	OPS_OPEN_MAX = 1 << 20
};

struct buf;

struct ops {
	struct buf *out;                /* borrowed; the caller empties it */
	uint64_t from, len;             /* a copy that may yet become longer */
	uint64_t end;                   /* of the last copy written */
	uint64_t copied, literal;       /* bytes so far */
	uint64_t count;                 /* operations written so far */
};

void ops_init(struct ops *o, struct buf *out);
void ops_copy(struct ops *o, uint64_t from, uint64_t n);
void ops_literal(struct ops *o, const unsigned char *p, size_t n);
/* n bytes of the new content, where `len` at `from` of the old one stood. */
void ops_gap(struct ops *o, uint64_t n, uint64_t from, uint64_t len);
void ops_end(struct ops *o);

/* For delta_new: what is found is appended to o. */
struct delta_sink ops_sink(struct ops *o);

#endif
