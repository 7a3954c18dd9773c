/* SPDX-License-Identifier: ISC */
/*
 * From records to what they say; journal.c has the format. A record whose bytes
 * are whole but make no sense ends the reading like one that is not whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "base/err.h"
#include "base/mem.h"
#include "entry.h"
#include "index.h"
#include "journal.h"
#include "tail.h"

void
index_encode_fact(const struct fact *f, struct buf *b)
{
	buf_u8(b, f->kind);
	buf_blob(b, f->key.p, f->key.len);
	buf_put(b, f->value.p, f->value.len);
}

static int
fact_decode(struct fact *f, struct view in)
{
	f->kind = view_u8(&in);
	f->key = view_blob(&in, FACT_KEY_MAX);
	f->value = in;
	return in.bad || !f->key.len || !f->kind || f->kind >= FACT_KINDS ||
	    in.len > FACT_VALUE_MAX ? -1 : 0;
}

static void
identity_encode(const struct identity *id, struct buf *b)
{
	buf_u64(b, id->replica);
	buf_str(b, id->host);
	buf_put(b, id->machine, sizeof(id->machine));
}

static int
identity_decode(struct identity *id, struct view in)
{
	char *host;

	memset(id, 0, sizeof(*id));
	id->replica = view_u64(&in);
	host = view_str(&in, HEAD_HOST_MAX);
	if (host)
		memcpy(id->host, host, strlen(host));
	free(host);
	view_copy(&in, id->machine, sizeof(id->machine));
	return view_end(&in);
}

static int
entry_sane(struct view in)
{
	char name[ENTRY_NAME_SIZE];
	struct glance g;

	return !entry_glance(&g, in) && !entry_name(in.p, in.len, name);
}

static int
forget_sane(struct view in)
{
	char name[ENTRY_NAME_SIZE];
	struct view whole = in;

	view_blob(&in, ENTRY_NAME_SIZE - 1);
	return !view_end(&in) && !entry_name(whole.p, whole.len, name);
}

static int
sane(const struct record *r)
{
	struct identity id;
	struct fact f;

	switch (r->type) {
	case RECORD_ENTRY:
		return entry_sane(r->payload);
	case RECORD_FORGET:
		return forget_sane(r->payload);
	case RECORD_FACT:
		return !fact_decode(&f, r->payload);
	case RECORD_DROP:
		return !fact_decode(&f, r->payload) && !f.value.len;
	case RECORD_IDENTITY:
		return !identity_decode(&id, r->payload);
	}
	return 0;
}

/* Puts a name's newest record into the tail. */
static int
place(struct index *x, uint64_t off, const struct record *r, struct err *e)
{
	char name[ENTRY_NAME_SIZE];
	struct slot s;

	s.off = off;
	s.size = (uint32_t)r->size;
	s.forget = r->type == RECORD_FORGET;
	entry_name(r->payload.p, r->payload.len, name);
	return tail_put(x->tail, name, s, e);
}

/* Takes in one sane record. */
static int
apply(struct index *x, uint64_t off, const struct record *r, struct err *e)
{
	struct fact f;

	switch (r->type) {
	case RECORD_IDENTITY:
		return identity_decode(&x->id, r->payload);
	case RECORD_FACT:
		fact_decode(&f, r->payload);
		facts_put(x->facts, &f);
		return 0;
	case RECORD_DROP:
		fact_decode(&f, r->payload);
		facts_drop(x->facts, f.kind, f.key);
		return 0;
	}
	return place(x, off, r, e);
}

static int
batch_sane(const struct index *x, const struct journal_batch *b)
{
	struct view in = view_of(b->bytes.p, b->bytes.len);
	uint64_t off = b->off;
	struct record r;

	for (; in.len; off += r.size)
		if (record_get(&r, journal_seal(x->journal), off, &in) ||
		    !sane(&r))
			return 0;
	return 1;
}

/* One that is sane. */
static int
apply_batch(struct index *x, const struct journal_batch *b, struct err *e)
{
	struct view in = view_of(b->bytes.p, b->bytes.len);
	uint64_t off = b->off;
	struct record r;

	journal_take(x->journal, b);
	for (; in.len && !record_cut(&r, &in); off += r.size)
		if (apply(x, off, &r, e))
			return -1;
	return 0;
}

static int
read_batches(struct index *x, uint64_t limit, struct err *e)
{
	struct journal_batch b;
	int more;

	memset(&b, 0, sizeof(b));
	while ((more = journal_next(x->journal, limit, &b, e)) > 0) {
		if (!batch_sane(x, &b)) {
			more = 0;
			break;
		}
		more = apply_batch(x, &b, e);
		if (more)
			break;
	}
	buf_free(&b.bytes);
	return more;
}

/*
 * A writer that died may have left records that are whole, but not synced: what
 * was read under a lock is synced before anybody is told.
 */
int
index_read(struct index *x, int locked, struct err *e)
{
	int shared = !locked && journal_share(x->journal), r = 0;
	uint64_t limit = UINT64_MAX;

	if (!locked && !shared)
		r = journal_settled(x->journal, &limit, e);
	if (!r)
		r = read_batches(x, limit, e);
	if (!r && (locked || shared) && journal_dirty(x->journal))
		r = journal_settle(x->journal, e);
	if (shared)
		journal_unlock(x->journal);
	return r;
}

/* The facts of the fixed part. Losing some of them is no reason to stop. */
static void
read_facts(struct index *x)
{
	const struct head *h = journal_head(x->journal);
	struct reader in;
	struct record r;
	struct err e;
	int more;

	reader_init(&in, x->journal, h->facts, h->tail);
	while ((more = reader_next(&in, &r, &e)) > 0)
		if (r.type != RECORD_FACT || !sane(&r) ||
		    apply(x, in.at, &r, &e))
			x->damaged = 1;
	if (more < 0)
		x->damaged = 1;
	reader_fini(&in);
}

int
index_open(struct index **out, struct journal *j, int locked, struct err *e)
{
	struct index *x = mem_alloc(sizeof(*x));
	int r;

	x->journal = j;
	x->facts = facts_new();
	x->tail = tail_new(j);
	x->id = journal_head(j)->id;
	r = base_open(&x->base, j, e);
	if (!r) {
		read_facts(x);
		r = index_read(x, locked, e);
	}
	*out = r ? NULL : x;
	if (r)
		index_free(x);
	return r;
}

void
index_free(struct index *x)
{
	if (!x)
		return;
	base_unref(x->base);
	tail_free(x->tail);
	facts_free(x->facts);
	journal_unref(x->journal);
	buf_free(&x->buf);
	free(x);
}

int
index_find(struct index *x, const char *name, struct view *found,
    struct err *e)
{
	struct record r;
	struct slot s;
	int there = tail_find(x->tail, name, &s, e);

	if (!there)
		return base_find(x->base, name, found, e);
	if (there < 0)
		return -1;
	if (s.forget)
		return 0;
	if (journal_record(x->journal, s.off, s.size, &x->buf, &r, e))
		return -1;
	*found = r.payload;
	return 1;
}

size_t
index_count(const struct index *x)
{
	return (size_t)journal_head(x->journal)->count + tail_count(x->tail);
}

/* Appends a record about a name, and puts it into the tail. */
static int
append(struct index *x, unsigned type, const char *name, struct view payload,
    struct err *e)
{
	struct slot s;

	if (journal_append(x->journal, type, payload.p, payload.len, &s.off, e))
		return -1;
	s.size = (uint32_t)(payload.len + RECORD_FRAME);
	s.forget = type == RECORD_FORGET;
	return tail_put(x->tail, name, s, e);
}

int
index_put(struct index *x, const char *name, struct view entry, struct err *e)
{
	struct view old;
	int there = index_find(x, name, &old, e);

	if (there < 0)
		return -1;
	if (there && old.len == entry.len && !memcmp(old.p, entry.p, old.len))
		return 0;
	return append(x, RECORD_ENTRY, name, entry, e);
}

int
index_forget(struct index *x, const char *name, struct err *e)
{
	struct buf b = BUF_INIT;
	struct view old;
	int r = index_find(x, name, &old, e);

	if (r <= 0)
		return r;
	buf_str(&b, name);
	r = append(x, RECORD_FORGET, name, view_of(b.p, b.len), e);
	buf_free(&b);
	return r;
}

static int
append_fact(struct index *x, unsigned type, const struct fact *f,
    struct err *e)
{
	struct buf b = BUF_INIT;
	uint64_t off;
	int r;

	index_encode_fact(f, &b);
	r = journal_append(x->journal, type, b.p, b.len, &off, e);
	buf_free(&b);
	return r;
}

int
index_put_fact(struct index *x, const struct fact *f, struct err *e)
{
	struct view old;

	if (facts_find(x->facts, f->kind, f->key, &old) &&
	    old.len == f->value.len &&
	    (!old.len || !memcmp(old.p, f->value.p, old.len)))
		return 0;
	if (append_fact(x, RECORD_FACT, f, e))
		return -1;
	facts_put(x->facts, f);
	return 0;
}

int
index_drop_fact(struct index *x, unsigned kind, struct view key, struct err *e)
{
	struct fact f;

	f.kind = kind;
	f.key = key;
	if (!facts_find(x->facts, kind, key, &f.value))
		return 0;
	f.value = view_of(NULL, 0);
	if (append_fact(x, RECORD_DROP, &f, e))
		return -1;
	facts_drop(x->facts, kind, key);
	return 0;
}

int
index_identify(struct index *x, const struct identity *id, struct err *e)
{
	struct buf b = BUF_INIT;
	uint64_t off;
	int r;

	identity_encode(id, &b);
	r = journal_append(x->journal, RECORD_IDENTITY, b.p, b.len, &off, e);
	buf_free(&b);
	if (!r)
		x->id = *id;
	return r;
}
