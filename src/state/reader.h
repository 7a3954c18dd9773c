/* SPDX-License-Identifier: ISC */
#ifndef STATE_READER_H
#define STATE_READER_H

#include <stdint.h>

#include "base/buf.h"
#include "record.h"

/*
 * The records between two offsets of a journal one after the other, read in
 * pieces of 64 KiB.
 */

struct err;
struct journal;

struct reader {
	struct journal *journal;        /* borrowed */
	uint64_t off, end;              /* of the next record; where to stop */
	uint64_t at;                    /* of the record shown last */
	struct buf buf;
	size_t pos;
};

void reader_init(struct reader *r, struct journal *j, uint64_t off,
    uint64_t end);
void reader_fini(struct reader *r);
/*
 * 1 and a record that lasts until the next call; 0 at the end; -1 with *e when
 * there is no whole record, or on an error.
 */
int reader_next(struct reader *r, struct record *record, struct err *e);

#endif
