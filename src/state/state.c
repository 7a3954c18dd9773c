/* SPDX-License-Identifier: ISC */
/*
 * One process's view of the state file: which file it is, who may write, what
 * happens when writing fails. An index (index.h) stands for one file; it is
 * replaced by another one when the file is: by compaction, ours or another
 * process's, and when unsynced records are taken back.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "compact.h"
#include "draft.h"
#include "entries.h"
#include "entry.h"
#include "index.h"
#include "journal.h"
#include "machine.h"
#include "place.h"
#include "state.h"

enum {
	OPEN_TRIES = 8, OPEN_TIMEOUT_MS = 10000,
	/*
	 * A tail is as long as the rest at most, while a run goes on writing,
	 * or 1 MiB, for each compaction costs two syncs; it leaves a 16th part
	 * behind at most, or 64 KiB, since each one reads it all.
	 */
	PART_WITHIN = 1, LEAST_WITHIN = 1 << 20,
	PART_LEFT = 16, LEAST_LEFT = 64 << 10
};

struct state {
	char *path;
	struct identity us;     /* host and machine; no replica */
	int create;
	struct index *x;        /* NULL: there is no file */
	int locked;
	int stale;              /* the index must be made anew */
	uint64_t begun;         /* where the file ended when it was opened */
	int failed;             /* nothing can be written until the unlock, */
	struct err why;         /* for this reason */
};

/* The index shows another file from now on; numbers never go back. */
static void
adopt(struct state *s, struct index *x)
{
	if (s->x)
		journal_raise(x->journal, journal_high(s->x->journal));
	index_free(s->x);
	s->x = x;
	s->stale = 0;
}

static int
load(struct state *s, struct err *e)
{
	struct journal *j;
	struct index *x;
	int r = journal_open(&j, s->path, e);

	if (!r)
		r = index_open(&x, j, 0, e);
	if (!r)
		adopt(s, x);
	return r;
}

static int
make(struct state *s, struct err *e)
{
	struct identity id = s->us;

	id.replica = random_u64();
	return compact_create(s->path, &id, e) < 0 ? -1 : 0;
}

/* Another process may have done it: looks again under the directory's lock. */
static int
move_aside(struct state *s, struct err *e)
{
	int fd = draft_lock(s->path, e), r;

	if (fd < 0)
		return -1;
	r = load(s, e);
	if (r == JOURNAL_DAMAGED)
		r = place_aside(s->path, e);
	close(fd);
	return r < 0 ? -1 : 0;
}

/* Makes the index; where there is no file and none is made, it stays NULL. */
static int
attach(struct state *s, struct err *e)
{
	int i, r;

	for (i = 0; i < OPEN_TRIES; i++) {
		r = load(s, e);
		if (!r || r == -1)
			return r;
		if (!s->create)
			return r == JOURNAL_NONE ? 0 : -1;
		if (r == JOURNAL_NONE ? make(s, e) : move_aside(s, e))
			return -1;
	}
	return err_set(e, "%s: is taken away again and again", s->path);
}

/* Whether the file was made by another host, or on another machine. */
static int
is_clone(const struct state *s)
{
	static const unsigned char unknown[HASH_BYTES];
	const struct identity *id = &s->x->id;

	if (strcmp(id->host, s->us.host))
		return 1;
	return memcmp(id->machine, s->us.machine, HASH_BYTES) &&
	    memcmp(id->machine, unknown, HASH_BYTES) &&
	    memcmp(s->us.machine, unknown, HASH_BYTES);
}

static struct state *
state_new(const char *dir, const char *host, const char *config, int create)
{
	struct state *s = mem_alloc(sizeof(*s));

	s->create = create;
	s->path = place_path(dir, host, config);
	memcpy(s->us.host, host, strlen(host));
	machine_print(s->us.machine);
	return s;
}

int
state_open(struct state **out, const char *dir, const char *host,
    const char *config, int create, struct err *e)
{
	struct state *s;
	int r;

	*out = NULL;
	if (place_check(host, config, e))
		return -1;
	s = state_new(dir, host, config, create);
	r = create ? place_make_dir(dir, e) : 0;
	if (!r)
		r = attach(s, e);
	if (!r && create && is_clone(s)) {
		r = state_lock(s, OPEN_TIMEOUT_MS, e);
		if (!r)
			r = state_unlock(s, e);
	}
	if (r) {
		state_close(s);
		return -1;
	}
	s->begun = s->x ? journal_end(s->x->journal) : 0;
	*out = s;
	return 0;
}

void
state_close(struct state *s)
{
	if (!s)
		return;
	state_abort(s);
	index_free(s->x);
	free(s->path);
	free(s);
}

const char *
state_path(const struct state *s)
{
	return s->path;
}

/*
 * Back to what was synced; the lock stays. Where even that fails, the caller
 * has an error to report already, and the next lock begins anew.
 */
static void
roll_back(struct state *s)
{
	struct journal *j;
	struct index *x;
	struct err e;

	s->stale = 1;
	if (journal_rollback(s->x->journal, &j, &e) ||
	    index_open(&x, j, 1, &e)) {
		log_info("%s", e.text);
		return;
	}
	adopt(s, x);
}

static int
fail(struct state *s, const struct err *e)
{
	s->failed = 1;
	s->why = *e;
	roll_back(s);
	return -1;
}

static int
writable(struct state *s, struct err *e)
{
	if (!s->locked)
		return err_set(e, "%s: is written without a lock", s->path);
	if (!s->failed)
		return 0;
	*e = s->why;
	return -1;
}

/*
 * Cuts off what is not whole. Numbers in it may have been given, even told to
 * others if the disk lied: there are not more of them than bytes.
 */
static int
cut(struct state *s, struct err *e)
{
	struct journal *j = s->x->journal;
	int damaged;
	uint64_t n;

	if (journal_cut(j, &n, &damaged, e))
		return -1;
	if (!n)
		return 0;
	log_note("%s: cut off %llu bytes at its end: %s", s->path,
	    (unsigned long long)n, damaged ? "damaged" : "not fully written");
	journal_raise(j, journal_high(j) + n);
	journal_begin(j);
	s->x->damaged |= damaged;
	return journal_sync(j, e) ? fail(s, e) : 0;
}

int
state_renew(struct state *s, struct err *e)
{
	struct identity id = s->us;

	if (writable(s, e))
		return -1;
	id.replica = random_u64();
	if (state_drop_facts(s, FACT_INTENT, e))
		return -1;
	if (index_identify(s->x, &id, e) || journal_sync(s->x->journal, e))
		return fail(s, e);
	return 0;
}

/* What the holder of the lock does first. */
static int
take_over(struct state *s, struct err *e)
{
	if (index_read(s->x, 1, e)) {
		s->stale = 1;
		return -1;
	}
	if (cut(s, e))
		return -1;
	if (!s->x->damaged && !is_clone(s))
		return 0;
	log_note("%s: %s: goes on under a new replica id", s->path,
	    s->x->damaged ? "was damaged" : "comes from another host");
	return state_renew(s, e);
}

/* Locks the file that the path leads to. */
static int
lock_file(struct state *s, unsigned timeout_ms, struct err *e)
{
	int current;

	for (;;) {
		if ((!s->x || s->stale) && attach(s, e))
			return -1;
		if (!s->x || s->stale)
			return err_set(e, "%s: there is no state yet",
			    s->path);
		if (journal_lock(s->x->journal, timeout_ms, e))
			return -1;
		current = journal_current(s->x->journal, e);
		if (current > 0)
			return 0;
		journal_unlock(s->x->journal);
		if (current < 0)
			return -1;
		s->stale = 1;
	}
}

static void
unlock(struct state *s)
{
	journal_unlock(s->x->journal);
	s->locked = 0;
	s->failed = 0;
}

int
state_lock(struct state *s, unsigned timeout_ms, struct err *e)
{
	assert(!s->locked);
	if (lock_file(s, timeout_ms, e))
		return -1;
	s->locked = 1;
	if (!take_over(s, e))
		return 0;
	unlock(s);
	return -1;
}

int
state_sync(struct state *s, struct err *e)
{
	if (writable(s, e))
		return -1;
	return journal_sync(s->x->journal, e) ? fail(s, e) : 0;
}

int
state_compact(struct state *s, struct err *e)
{
	struct journal *j;
	struct index *x;
	struct err other;

	if (state_sync(s, e))
		return -1;
	if (!compact(s->x, s->path, &j, e) && !index_open(&x, j, 1, e)) {
		journal_unlock(s->x->journal);
		adopt(s, x);
		return 0;
	}
	/* Ours may be gone by now: nothing more may be written into it. */
	if (journal_current(s->x->journal, &other) <= 0) {
		s->failed = s->stale = 1;
		s->why = *e;
	}
	return -1;
}

int
state_unlock(struct state *s, struct err *e)
{
	struct err note;
	int r;

	if (!s->locked)
		return 0;
	r = state_sync(s, e);
	if (!r && compact_due(s->x, LEAST_WITHIN, PART_WITHIN) &&
	    state_compact(s, &note))
		log_note("%s: not compacted: %s", s->path, note.text);
	unlock(s);
	return r;
}

void
state_tidy(struct state *s)
{
	struct err note;

	if (!s->x || !s->create || s->locked || state_refresh(s, &note) ||
	    journal_end(s->x->journal) == s->begun ||
	    !compact_due(s->x, LEAST_LEFT, PART_LEFT) ||
	    state_lock(s, 0, &note))
		return;
	if (compact_due(s->x, LEAST_LEFT, PART_LEFT) &&
	    state_compact(s, &note))
		log_info("%s: not compacted: %s", s->path, note.text);
	unlock(s);
}

void
state_abort(struct state *s)
{
	if (!s->locked)
		return;
	if (!s->failed && journal_dirty(s->x->journal))
		roll_back(s);
	unlock(s);
}

int
state_refresh(struct state *s, struct err *e)
{
	int current = 0, r;

	if (s->locked)
		return 0;
	if (s->x && !s->stale)
		current = journal_current(s->x->journal, e);
	if (current < 0)
		return -1;
	if (!current) {
		r = load(s, e);
		return r < 0 ? -1 : 0;
	}
	s->stale = index_read(s->x, 0, e) != 0;
	return s->stale ? -1 : 0;
}

uint64_t
state_replica(const struct state *s)
{
	return s->x ? s->x->id.replica : 0;
}

uint64_t
state_high(const struct state *s)
{
	return s->x ? journal_high(s->x->journal) : 0;
}

uint64_t
state_next(struct state *s)
{
	assert(s->locked);
	journal_raise(s->x->journal, journal_high(s->x->journal) + 1);
	return journal_high(s->x->journal);
}

static int
decode(struct state *s, struct entry *out, struct view in, struct err *e)
{
	if (!entry_decode(out, in.p, in.len))
		return 1;
	return err_set(e, "%s: holds an entry that makes no sense: move it "
	    "away to begin a new state", s->path);
}

int
state_get(struct state *s, const char *name, struct entry *out,
    struct err *e)
{
	struct view found;
	int r = s->x ? index_find(s->x, name, &found, e) : 0;

	memset(out, 0, sizeof(*out));
	if (r <= 0)
		return r ? -1 : 0;
	return decode(s, out, found, e);
}

/* Encodes an entry; -1 if that could not be read again. */
static int
encode(const struct entry *entry, struct buf *b, struct err *e)
{
	struct entry again;

	entry_encode(entry, b);
	if (entry_decode(&again, b->p, b->len))
		return err_set(e, "%s: cannot be kept in the state",
		    entry->name);
	entry_free(&again);
	return 0;
}

int
state_put(struct state *s, const struct entry *entry, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = writable(s, e);

	if (!r)
		r = encode(entry, &b, e);
	if (!r) {
		journal_raise(s->x->journal, entry->number);
		r = index_put(s->x, entry->name, view_of(b.p, b.len), e);
		if (r)
			fail(s, e);
	}
	buf_free(&b);
	return r ? -1 : 0;
}

int
state_forget(struct state *s, const char *name, struct err *e)
{
	if (writable(s, e))
		return -1;
	return index_forget(s->x, name, e) ? fail(s, e) : 0;
}

size_t
state_count(const struct state *s)
{
	return s->x ? index_count(s->x) : 0;
}

struct state_walk *
state_walk_new(struct state *s, const char *from, struct err *e)
{
	return entries_walk(s->x, from, e);
}

int
state_fact(struct state *s, enum fact_kind kind, const void *key, size_t n,
    struct view *value)
{
	return s->x && facts_find(s->x->facts, kind, view_of(key, n), value);
}

int
state_set_fact(struct state *s, enum fact_kind kind, const void *key,
    size_t n, const void *value, size_t vn, struct err *e)
{
	struct fact f;

	assert(kind > 0 && kind < FACT_KINDS);
	if (writable(s, e))
		return -1;
	if (!n || n > FACT_KEY_MAX || vn > FACT_VALUE_MAX)
		return err_set(e, "%s: a fact is too long", s->path);
	f.kind = kind;
	f.key = view_of(key, n);
	f.value = view_of(value, vn);
	return index_put_fact(s->x, &f, e) ? fail(s, e) : 0;
}

int
state_drop_fact(struct state *s, enum fact_kind kind, const void *key,
    size_t n, struct err *e)
{
	if (writable(s, e))
		return -1;
	return index_drop_fact(s->x, kind, view_of(key, n), e) ? fail(s, e) : 0;
}

int
state_drop_facts(struct state *s, enum fact_kind kind, struct err *e)
{
	struct view key, value;
	void *copy;
	int rc = 0;

	while (!rc && state_fact_after(s, kind, NULL, 0, &key, &value)) {
		copy = mem_dup(key.p, key.len);
		rc = state_drop_fact(s, kind, copy, key.len, e);
		free(copy);
	}
	return rc;
}

int
state_fact_after(struct state *s, enum fact_kind kind, const void *key,
    size_t n, struct view *found, struct view *value)
{
	struct fact f;

	if (!s->x || !facts_after(s->x->facts, kind, view_of(key, n), &f) ||
	    f.kind != kind)
		return 0;
	*found = f.key;
	*value = f.value;
	return 1;
}
