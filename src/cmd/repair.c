/* SPDX-License-Identifier: ISC */
/*
 * Removals are recorded first, through the commit, which sees to it that
 * nothing stands there; then all is owed. With -U a removal that is new gets
 * the quiet bit, so that being owed is all that makes it pending. With -F all
 * gets the forced bit before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "force.h"
#include "fs/commit.h"
#include "guard.h"
#include "owe.h"
#include "repair.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/comparing.h"
#include "sync/pair.h"

struct mark {
	char *name;
	struct history *theirs;         /* only they have it */
};

struct repair {
	struct setup *s;
	struct pair *pairs;
	size_t npairs;
	struct mark *marks;
	size_t n, cap;
};

struct repair *
repair_new(struct setup *s)
{
	struct repair *r = mem_alloc(sizeof(*r));

	r->s = s;
	r->npairs = pair_list(s->conf, &r->pairs);
	return r;
}

static void
clear(struct repair *r)
{
	while (r->n) {
		free(r->marks[--r->n].name);
		free(r->marks[r->n].theirs);
	}
}

void
repair_free(struct repair *r)
{
	if (!r)
		return;
	clear(r);
	free(r->marks);
	pair_list_free(r->pairs, r->npairs);
	free(r);
}

/* What a receive-only peer says of its history counts for nothing. */
static struct history *
history_of(const struct pair *p, const struct difference *d)
{
	struct history *h = mem_alloc(sizeof(*h));

	if (pair_right(p, p->peer, d->name) == PAIR_MEMBER)
		*h = *d->history;
	return h;
}

void
repair_add(struct repair *r, const struct pair *p, const struct difference *d)
{
	struct mark *m;

	if (pair_right(p, p->self, d->name) != PAIR_MEMBER ||
	    (!d->ours && !r->s->o->removals))
		return;
	r->marks = mem_grow(r->marks, r->n, &r->cap, sizeof(*r->marks));
	m = &r->marks[r->n++];
	m->name = mem_strdup(d->name);
	m->theirs = d->ours ? NULL : history_of(p, d);
}

/* Whether our entry is a removal that the peer's version cannot outlive. */
static int
removes(const struct entry *entry, const struct history *theirs)
{
	return entry->v.kind != KIND_NONE || !theirs->vector.n ||
	    history_seen(&entry->h, theirs);
}

/*
 * The change by which a name becomes a removal of ours that knows their
 * version; 0 when none is needed, -1.
 */
static int
new_removal(const struct repair *r, const struct mark *m, struct change *c,
    struct err *e)
{
	struct entry entry;
	int known = state_get(r->s->state, m->name, &entry, e);

	if (known < 0)
		return -1;
	if (!known)
		memset(&entry, 0, sizeof(entry));
	if (known && removes(&entry, m->theirs)) {
		entry_free(&entry);
		return 0;
	}
	memset(c, 0, sizeof(*c));
	c->number = c->stamp = c->record = 1;
	c->expect = entry.look;
	c->entry_seen = known ? entry_digest(&entry) : 0;
	if (!known)
		entry.name = mem_strdup(m->name);
	entry.v.mtime = clock_real();
	entry.h.bits &= HISTORY_KEPT;
	if (r->s->o->one_peer)
		entry.h.bits |= HISTORY_QUIET;
	history_unite(&entry.h, m->theirs);
	change_take(c, &entry);
	return 1;
}

/* 0, 1 when the guard or the disk is against it, -1. */
static int
commit(const struct repair *r, struct change *changes, size_t n,
    struct err *e)
{
	const struct setup *s = r->s;
	struct commit_options o = { .conf = s->conf, .host = s->host,
		.lock_ms = s->lock_ms };
	int failed = 0;
	size_t i;

	if (guard_too_many(s, n, state_count(s->state) + n))
		return 1;
	if (commit_changes(s->tree, s->state, changes, n, &o, e))
		return -1;
	for (i = 0; i < n; i++) {
		if (changes[i].result == CHANGE_DONE)
			continue;
		log_error("%s is there, but no check has seen it: check it "
		    "first (-c %s)", changes[i].want.name,
		    changes[i].want.name);
		failed = 1;
	}
	return failed;
}

static int
record_removals(const struct repair *r, struct err *e)
{
	struct change *changes = mem_alloc((r->n + 1) * sizeof(*changes));
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; i < r->n && rc >= 0; i++) {
		if (!r->marks[i].theirs)
			continue;
		rc = new_removal(r, &r->marks[i], &changes[n], e);
		n += rc > 0;
	}
	if (rc >= 0)
		rc = n ? commit(r, changes, n, e) : 0;
	while (n)
		change_free(&changes[--n]);
	free(changes);
	return rc;
}

/* Whether some peer waits for the entry. */
static int
is_pending(const struct repair *r, const struct entry *entry)
{
	struct state *s = r->s->state;
	const struct pair *p;
	struct cursor cursor;

	for (p = r->pairs; p < r->pairs + r->npairs; p++) {
		fact_cursor(s, p->peer, p->scope, &cursor);
		if (pair_pending(p, s, entry, cursor.out, cursor.replica))
			return 1;
	}
	return 0;
}

/* With -F; with -U a new stamp is not for those who wait for nothing. */
static int
force_all(const struct repair *r, struct err *e)
{
	struct entry entry;
	int failed = 0, rc;
	size_t i;

	for (i = 0; i < r->n; i++) {
		rc = state_get(r->s->state, r->marks[i].name, &entry, e);
		if (rc < 0)
			return -1;
		if (!rc)
			continue;
		if (force_entry(r->s, &entry, r->s->o->one_peer &&
		    !is_pending(r, &entry) ? HISTORY_QUIET : 0, e)) {
			log_error("%s", e->text);
			failed = 1;
		}
		entry_free(&entry);
	}
	return failed;
}

static int
owe_all(const struct repair *r, const struct pair *p, struct err *e)
{
	struct entry entry;
	size_t i;
	int rc = 0;

	for (i = 0; i < r->n && rc >= 0; i++) {
		rc = state_get(r->s->state, r->marks[i].name, &entry, e);
		if (rc <= 0)
			continue;
		if (r->s->o->one_peer)
			rc = owe(r->s, p, 1, &entry, e);
		else
			rc = owe(r->s, r->pairs, r->npairs, &entry, e);
		if (!rc)
			log_info("Marked: %s", entry.name);
		entry_free(&entry);
	}
	return rc < 0 ? -1 : 0;
}

int
repair_record(struct repair *r, const struct pair *p, struct err *e)
{
	struct state *s = r->s->state;
	int failed = 0;

	if (r->n) {
		failed = record_removals(r, e);
		if (failed >= 0 && r->s->o->force_new)
			failed |= force_all(r, e);
		if (failed < 0 || state_lock(s, r->s->lock_ms, e))
			return -1;
		if (owe_all(r, p, e)) {
			state_abort(s);
			return -1;
		}
		if (state_unlock(s, e))
			return -1;
	}
	clear(r);
	return failed;
}
