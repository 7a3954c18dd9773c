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
 *   varint 0           the end
 *
 * All of a content as literals has 3 bytes for 32 KiB above the content, so a
 * delta never is much longer than the whole.
 */

enum { OPS_LITERAL_MAX = 32768 };

struct buf;

struct ops {
	struct buf *out;                /* borrowed; the caller empties it */
	uint64_t from, len;             /* a copy that may yet become longer */
	uint64_t end;                   /* of the last copy written */
	uint64_t copied, literal;       /* bytes so far */
};

void ops_init(struct ops *o, struct buf *out);
void ops_copy(struct ops *o, uint64_t from, uint64_t n);
void ops_literal(struct ops *o, const unsigned char *p, size_t n);
void ops_end(struct ops *o);

/* For delta_new: what is found is appended to o. */
struct delta_sink ops_sink(struct ops *o);

#endif
