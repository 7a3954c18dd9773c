/* SPDX-License-Identifier: ISC */
/*
 * The merge of two sorted streams; the tail's word goes before the base's.
 * What both stand on is counted, so that it outlives the index.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "index.h"
#include "journal.h"
#include "record.h"
#include "tail.h"
#include "scan.h"

struct scan {
	struct journal *journal;
	struct base_stream base;
	struct slots *slots;
	size_t i;                       /* the next slot */
	char *from;
	int no_base;                    /* nobody asks for what it has */
	int has_base, has_slot;         /* one of these is at hand */
	struct view base_entry, slot_entry;
	int forget;                     /* what the slot at hand says */
	char slot_name[ENTRY_NAME_SIZE];
	struct buf buf;
	int in_file;                    /* all that the slots say */
	struct buf ahead;               /* of the file, from ahead_off on */
	uint64_t ahead_off;
};

enum { AHEAD = 8192 };

struct scan *
scan_new(struct index *x, const char *from, struct err *e)
{
	struct slots *slots = tail_slots(x->tail, e);
	struct scan *w;

	if (!slots)
		return NULL;
	w = mem_alloc(sizeof(*w));
	w->slots = slots;
	w->journal = journal_ref(x->journal);
	w->in_file = !journal_dirty(x->journal);
	w->from = from ? mem_strdup(from) : NULL;
	base_stream_init(&w->base, x->base, w->from);
	if (!from || !slots_from(slots, w->journal, from, &w->i, e))
		return w;
	scan_free(w);
	return NULL;
}

void
scan_free(struct scan *w)
{
	if (!w)
		return;
	base_stream_fini(&w->base);
	slots_unref(w->slots);
	journal_unref(w->journal);
	buf_free(&w->buf);
	buf_free(&w->ahead);
	free(w->from);
	free(w);
}

void
scan_above(struct scan *w, uint64_t number)
{
	w->no_base = journal_head(w->journal)->high <= number;
}

/* Whether the slot's record is in what was read ahead, and whole. */
static int
is_ahead(const struct scan *w, const struct slot *s, struct record *r)
{
	uint64_t at = s->off - w->ahead_off;
	struct view in;

	if (s->off < w->ahead_off || at + s->size > w->ahead.len)
		return 0;
	in = view_of(w->ahead.p + at, s->size);
	return !record_get(r, journal_seal(w->journal), s->off, &in) &&
	    !in.len;
}

/*
 * Records were mostly written in the order of names: what follows one in the
 * file is what is wanted next. Whatever is not found so is read by itself.
 */
static int
read_slot(struct scan *w, const struct slot *s, struct record *r,
    struct err *e)
{
	long got;

	if (!w->in_file)
		return journal_record(w->journal, s->off, s->size, &w->buf, r,
		    e);
	if (is_ahead(w, s, r))
		return 0;
	buf_clear(&w->ahead);
	w->ahead_off = s->off;
	got = journal_read(w->journal, s->off, buf_room(&w->ahead, AHEAD),
	    AHEAD, e);
	if (got > 0)
		w->ahead.len = (size_t)got;
	if (is_ahead(w, s, r))
		return 0;
	return journal_record(w->journal, s->off, s->size, &w->buf, r, e);
}

static int
take_slot(struct scan *w, struct err *e)
{
	const struct slot *s = &w->slots->at[w->i];
	struct record r;

	if (read_slot(w, s, &r, e))
		return -1;
	if (entry_name(r.payload.p, r.payload.len, w->slot_name))
		return journal_damaged(w->journal, s->off, e);
	w->slot_entry = r.payload;
	w->forget = (int)s->forget;
	w->has_slot = 1;
	w->i++;
	return 0;
}

/* Has both streams' next at hand, where they have one. */
static int
fill(struct scan *w, struct err *e)
{
	if (!w->has_slot && w->i < w->slots->n && take_slot(w, e))
		return -1;
	if (w->has_base || w->no_base)
		return 0;
	w->has_base = base_stream_next(&w->base, &w->base_entry, e);
	if (w->has_base >= 0)
		return 0;
	w->has_base = 0;
	return -1;
}

static int
order(const struct scan *w)
{
	if (!w->has_base || !w->has_slot)
		return w->has_base ? -1 : 1;
	return path_cmp(w->base.name, w->slot_name);
}

int
scan_next(struct scan *w, const char **name, struct view *entry,
    struct err *e)
{
	int c;

	for (;;) {
		if (fill(w, e))
			return -1;
		if (!w->has_base && !w->has_slot)
			return 0;
		c = order(w);
		if (c <= 0)
			w->has_base = 0;
		if (c < 0) {
			*name = w->base.name;
			*entry = w->base_entry;
			return 1;
		}
		w->has_slot = 0;
		if (w->forget)
			continue;
		*name = w->slot_name;
		*entry = w->slot_entry;
		return 1;
	}
}
