/* SPDX-License-Identifier: ISC */
/*
 * Compaction: the old file is only read. Entries keep their numbers, and the
 * header the highest number, so that none is given twice.
 */
#include <string.h>

#include "base.h"
#include "base/err.h"
#include "compact.h"
#include "draft.h"
#include "index.h"
#include "journal.h"
#include "scan.h"

int
compact_create(const char *path, const struct identity *id, struct err *e)
{
	struct journal *j;
	struct draft d;
	struct head h;
	int r = draft_begin(&d, path, NULL, e);

	if (r)
		return r;
	memset(&h, 0, sizeof(h));
	h.id = *id;
	h.index = h.facts = h.tail = d.off;
	r = draft_finish(&d, &h, &j, e);
	journal_unref(j);
	return r;
}

int
compact_due(const struct index *x, uint64_t least, unsigned part)
{
	uint64_t rest = journal_head(x->journal)->tail, size;

	size = journal_end(x->journal) - rest;
	return x->damaged || (size > least && size > rest / part);
}

static int
put_entries(struct draft *d, struct index *x, struct head *h, struct err *e)
{
	struct scan *w = scan_new(x, NULL, e);
	struct base_writer out;
	const char *name;
	struct view entry;
	int more = -1;

	if (!w)
		return -1;
	base_writer_init(&out, d);
	while ((more = scan_next(w, &name, &entry, e)) > 0)
		if (base_writer_add(&out, name, entry, e)) {
			more = -1;
			break;
		}
	if (!more)
		more = base_writer_end(&out, &h->index, e);
	h->count = out.count;
	base_writer_fini(&out);
	scan_free(w);
	return more;
}

static int
put_facts(struct draft *d, const struct index *x, struct err *e)
{
	struct fact f = { 0, { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct buf b = BUF_INIT;
	int r = 0;

	while (!r && facts_after(x->facts, f.kind, f.key, &f)) {
		buf_clear(&b);
		index_encode_fact(&f, &b);
		r = draft_record(d, RECORD_FACT, b.p, b.len, e);
	}
	buf_free(&b);
	return r;
}

int
compact(struct index *x, const char *path, struct journal **out, struct err *e)
{
	struct draft d;
	struct head h;
	int r = draft_begin(&d, path, x->journal, e);

	*out = NULL;
	if (r > 0)
		return err_set(e, "%s: another file has taken its place", path);
	if (r)
		return -1;
	memset(&h, 0, sizeof(h));
	h.id = x->id;
	h.high = journal_high(x->journal);
	r = put_entries(&d, x, &h, e);
	h.facts = d.off;
	if (!r)
		r = put_facts(&d, x, e);
	h.tail = d.off;
	if (!r)
		return draft_finish(&d, &h, out, e);
	draft_drop(&d);
	return -1;
}
