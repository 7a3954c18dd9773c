/* SPDX-License-Identifier: ISC */
/*
 * Sequential reading: what is left of a piece moves to the front, and the piece
 * is filled up again, when it no longer holds a whole record.
 */
#include <string.h>

#include "base/err.h"
#include "journal.h"
#include "reader.h"

enum { PIECE = 65536 };         /* more than the longest record */

void
reader_init(struct reader *r, struct journal *j, uint64_t off, uint64_t end)
{
	memset(r, 0, sizeof(*r));
	r->journal = j;
	r->off = off;
	r->end = end;
}

void
reader_fini(struct reader *r)
{
	buf_free(&r->buf);
}

static int
holds_record(const struct reader *r)
{
	size_t have = r->buf.len - r->pos, n;

	if (have < RECORD_HEAD)
		return 0;
	n = record_size(r->buf.p + r->pos);
	return n && n <= have;
}

static int
fill(struct reader *r, struct err *e)
{
	uint64_t left;
	size_t room;
	long got;

	buf_drop(&r->buf, r->pos);
	r->pos = 0;
	left = r->end - r->off - r->buf.len;
	room = PIECE - r->buf.len;
	if (room > left)
		room = (size_t)left;
	buf_room(&r->buf, PIECE - r->buf.len);
	got = journal_read(r->journal, r->off + r->buf.len,
	    r->buf.p + r->buf.len, room, e);
	if (got < 0)
		return -1;
	r->buf.len += (size_t)got;
	return 0;
}

int
reader_next(struct reader *r, struct record *record, struct err *e)
{
	struct view in;

	if (r->off >= r->end)
		return 0;
	if (!holds_record(r) && fill(r, e))
		return -1;
	in = view_of(r->buf.p + r->pos, r->buf.len - r->pos);
	if (record_get(record, journal_seal(r->journal), r->off, &in))
		return journal_damaged(r->journal, r->off, e);
	r->at = r->off;
	r->off += record->size;
	r->pos += record->size;
	return 1;
}
