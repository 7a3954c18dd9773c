/* SPDX-License-Identifier: ISC */
/*
 * The sorted base. One path costs a binary search over the blocks' first names
 * and one block, which is kept for the next path: most come in order.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "draft.h"
#include "journal.h"

enum { BLOCK = 16384, NO_BLOCK = -1 };

struct block {
	uint64_t off;
	char *first;
};

struct base {
	unsigned refs;
	struct journal *journal;
	struct block *blocks;
	size_t n, cap;
	struct buf buf;         /* the block read last */
	long held;              /* its number, or NO_BLOCK */
	struct view entries;    /* in it */
	struct view near;       /* the same from the one found last on */
};

struct base *
base_ref(struct base *b)
{
	b->refs++;
	return b;
}

void
base_unref(struct base *b)
{
	size_t i;

	if (!b || --b->refs)
		return;
	for (i = 0; i < b->n; i++)
		free(b->blocks[i].first);
	free(b->blocks);
	buf_free(&b->buf);
	journal_unref(b->journal);
	free(b);
}

/* Where block i ends. */
static uint64_t
block_end(const struct base *b, size_t i)
{
	return i + 1 < b->n ? b->blocks[i + 1].off :
	    journal_head(b->journal)->index;
}

static int
add_block(struct base *b, uint64_t off, char *first)
{
	const struct block *last = b->n ? &b->blocks[b->n - 1] : NULL;

	if (last ? off <= last->off || path_cmp(last->first, first) >= 0 :
	    off != HEAD_BYTES)
		return -1;
	b->blocks = mem_grow(b->blocks, b->n, &b->cap, sizeof(*b->blocks));
	b->blocks[b->n].off = off;
	b->blocks[b->n++].first = first;
	return 0;
}

static int
add_blocks(struct base *b, struct view in)
{
	uint64_t off;
	char *first;

	while (in.len) {
		off = view_var(&in);
		first = view_str(&in, PATH_BYTES_MAX);
		if (!first)
			return -1;
		if (add_block(b, off, first)) {
			free(first);
			return -1;
		}
	}
	return view_end(&in);
}

static int
load(struct base *b, struct err *e)
{
	const struct head *h = journal_head(b->journal);
	struct reader in;
	struct record r;
	int more;
	size_t i;

	reader_init(&in, b->journal, h->index, h->facts);
	while ((more = reader_next(&in, &r, e)) > 0)
		if (r.type != RECORD_INDEX || add_blocks(b, r.payload)) {
			more = journal_damaged(b->journal, in.at, e);
			break;
		}
	reader_fini(&in);
	if (more)
		return more;
	for (i = 0; i < b->n; i++)
		if (block_end(b, i) <= b->blocks[i].off ||
		    block_end(b, i) - b->blocks[i].off >
		    RECORD_MAX + RECORD_FRAME)
			return journal_damaged(b->journal, h->index, e);
	if (!b->n && h->index != HEAD_BYTES)
		return journal_damaged(b->journal, h->index, e);
	return 0;
}

int
base_open(struct base **out, struct journal *j, struct err *e)
{
	struct base *b = mem_alloc(sizeof(*b));
	int r;

	b->refs = 1;
	b->held = NO_BLOCK;
	b->journal = journal_ref(j);
	r = load(b, e);
	*out = r ? NULL : b;
	if (r)
		base_unref(b);
	return r;
}

/* The last block whose first name is not after the name; 0 without one. */
static size_t
block_of(const struct base *b, const char *name)
{
	size_t lo = 0, hi = b->n, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (path_cmp(b->blocks[mid].first, name) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static int
hold(struct base *b, size_t i, struct err *e)
{
	uint64_t off = b->blocks[i].off;
	struct record r;

	if (b->held == (long)i)
		return 0;
	b->held = NO_BLOCK;
	if (journal_record(b->journal, off, (size_t)(block_end(b, i) - off),
	    &b->buf, &r, e))
		return -1;
	if (r.type != RECORD_BLOCK)
		return journal_damaged(b->journal, off, e);
	b->entries = b->near = r.payload;
	b->held = (long)i;
	return 0;
}

/* Takes the next entry and its name off a block; -1 for nonsense. */
static int
take(struct view *block, struct view *entry, char *name)
{
	*entry = view_blob(block, BLOCK);
	return block->bad ? -1 : entry_name(entry->p, entry->len, name);
}

/* The first entry from *from on that is not before the name is *found. */
static int
find_from(struct view *from, const char *name, struct view *found, int *c)
{
	char at[ENTRY_NAME_SIZE];
	struct view rest = *from;

	for (*c = -1; rest.len && *c < 0; ) {
		*from = rest;
		if (take(&rest, found, at))
			return -1;
		*c = path_cmp(at, name);
	}
	return 0;
}

int
base_find(struct base *b, const char *name, struct view *found, struct err *e)
{
	struct view from;
	int c;
	size_t i;

	if (!b->n)
		return 0;
	i = block_of(b, name);
	if (hold(b, i, e))
		return -1;
	from = b->near;
	if (find_from(&from, name, found, &c))
		return journal_damaged(b->journal, b->blocks[i].off, e);
	if (c > 0 && from.p == b->near.p && from.p != b->entries.p) {
		from = b->entries;
		if (find_from(&from, name, found, &c))
			return journal_damaged(b->journal, b->blocks[i].off, e);
	}
	b->near = from;
	return !c;
}

void
base_stream_init(struct base_stream *s, struct base *b, const char *from)
{
	uint64_t end = journal_head(b->journal)->index, off = end;

	if (b->n)
		off = b->blocks[from ? block_of(b, from) : 0].off;
	s->base = base_ref(b);
	s->from = from;
	s->block = view_of(NULL, 0);
	s->name[0] = 0;
	reader_init(&s->reader, b->journal, off, end);
}

void
base_stream_fini(struct base_stream *s)
{
	reader_fini(&s->reader);
	base_unref(s->base);
}

static int
next_block(struct base_stream *s, struct err *e)
{
	struct record r;
	int more = reader_next(&s->reader, &r, e);

	if (more <= 0)
		return more;
	if (r.type != RECORD_BLOCK)
		return journal_damaged(s->base->journal, s->reader.at, e);
	s->block = r.payload;
	return 1;
}

/* The next entry, whether it is before from or not. */
static int
step(struct base_stream *s, struct view *entry, struct err *e)
{
	char name[ENTRY_NAME_SIZE];
	int more;

	while (!s->block.len) {
		more = next_block(s, e);
		if (more <= 0)
			return more;
	}
	if (take(&s->block, entry, name) ||
	    (s->name[0] && path_cmp(s->name, name) >= 0))
		return journal_damaged(s->base->journal, s->reader.at, e);
	memcpy(s->name, name, strlen(name) + 1);
	return 1;
}

int
base_stream_next(struct base_stream *s, struct view *entry, struct err *e)
{
	int more;

	do
		more = step(s, entry, e);
	while (more > 0 && s->from && path_cmp(s->name, s->from) < 0);
	s->from = NULL;
	return more;
}

void
base_writer_init(struct base_writer *w, struct draft *d)
{
	memset(w, 0, sizeof(*w));
	w->draft = d;
}

static void
end_piece(struct base_writer *w)
{
	if (w->piece.len)
		buf_blob(&w->index, w->piece.p, w->piece.len);
	buf_clear(&w->piece);
}

/* The block goes out, and its line into the index: offset and first name. */
static int
end_block(struct base_writer *w, struct err *e)
{
	if (!w->block.len)
		return 0;
	buf_var(&w->piece, w->draft->off);
	buf_blob(&w->piece, w->first.p, w->first.len);
	if (w->piece.len >= BLOCK)
		end_piece(w);
	if (draft_record(w->draft, RECORD_BLOCK, w->block.p, w->block.len, e))
		return -1;
	buf_clear(&w->block);
	return 0;
}

int
base_writer_add(struct base_writer *w, const char *name, struct view entry,
    struct err *e)
{
	if (w->block.len && w->block.len + entry.len > BLOCK && end_block(w, e))
		return -1;
	if (!w->block.len) {
		buf_clear(&w->first);
		buf_put(&w->first, name, strlen(name));
	}
	buf_blob(&w->block, entry.p, entry.len);
	w->count++;
	return 0;
}

int
base_writer_end(struct base_writer *w, uint64_t *index, struct err *e)
{
	struct view in, piece;

	if (end_block(w, e))
		return -1;
	*index = w->draft->off;
	end_piece(w);
	in = view_of(w->index.p, w->index.len);
	while (in.len) {
		piece = view_blob(&in, RECORD_MAX);
		if (draft_record(w->draft, RECORD_INDEX, piece.p, piece.len, e))
			return -1;
	}
	return 0;
}

void
base_writer_fini(struct base_writer *w)
{
	buf_free(&w->block);
	buf_free(&w->piece);
	buf_free(&w->index);
	buf_free(&w->first);
}
