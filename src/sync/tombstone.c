/* SPDX-License-Identifier: ISC */
/*
 * Two walks over the state: how many, and where the newest begin; then those
 * before.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "pair.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "tombstone.h"

struct told {                   /* how far one peer has been told */
	const struct pair *pair;
	struct cursor cursor;
};

struct drop {
	struct state *state;
	struct told *told;
	size_t ntold;
	uint64_t *numbers;      /* of all tombstones */
	size_t n, cap, live;
	char **names;           /* of what goes */
	size_t nnames, names_cap;
};

size_t
tombstone_limit(size_t live, size_t min)
{
	return live > min ? live : min;
}

static int
each(struct drop *d, void (*take)(struct drop *d, const struct entry *entry),
    struct err *e)
{
	struct state_walk *w = state_walk_new(d->state, NULL, e);
	struct entry entry;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		take(d, &entry);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

static void
count(struct drop *d, const struct entry *entry)
{
	if (entry->v.kind != KIND_NONE) {
		d->live++;
		return;
	}
	d->numbers = mem_grow(d->numbers, d->n, &d->cap, sizeof(*d->numbers));
	d->numbers[d->n++] = entry->number;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
was_told(struct state *s, const struct told *t, const struct entry *entry)
{
	const char *peer = t->pair->peer;
	uint64_t number, replica;

	if (fact_owed(s, peer, entry->name, &number) || !t->cursor.replica)
		return 0;
	if (entry->number <= t->cursor.out)
		return 1;
	return fact_done(s, peer, entry->name, &number, &replica) &&
	    number == entry->number && replica == t->cursor.replica;
}

/* Whether no peer needs it any more, as far as it is for us to tell. */
static int
is_needless(const struct drop *d, const struct entry *entry)
{
	int member = 0, covered = 0, all = 1;
	size_t i;

	for (i = 0; i < d->ntold; i++) {
		const struct pair *p = d->told[i].pair;
		enum pair_right right = pair_right(p, p->self, entry->name);

		if (right == PAIR_NONE)
			continue;
		if (fact_conflict(d->state, p->peer, entry->name, NULL))
			return 0;
		covered = 1;
		member |= right == PAIR_MEMBER;
		all &= was_told(d->state, &d->told[i], entry);
	}
	if (!covered)
		return 0;
	if (!member || !entry->number)
		return 1;
	return all && !(entry->h.bits & HISTORY_QUIET);
}

/* What has no number was never told to anybody: it is older than all. */
static int
is_old(const struct drop *d, const struct entry *entry)
{
	return entry->v.kind == KIND_NONE &&
	    (!entry->number || entry->number < d->numbers[0]);
}

/* numbers[0] is the first one that stays in any case; UINT64_MAX: none. */
static void
collect(struct drop *d, const struct entry *entry)
{
	if (!is_old(d, entry) || entry->h.bits & HISTORY_KEPT ||
	    !is_needless(d, entry))
		return;
	d->names = mem_grow(d->names, d->nnames, &d->names_cap,
	    sizeof(*d->names));
	d->names[d->nnames++] = mem_strdup(entry->name);
}

/* Under the lock: what became a file again meanwhile stays. */
static int
forget(struct drop *d, const char *name, struct err *e)
{
	struct entry entry;
	int rc = state_get(d->state, name, &entry, e);

	if (rc <= 0)
		return rc;
	rc = is_old(d, &entry) ? state_forget(d->state, name, e) : 0;
	entry_free(&entry);
	return rc;
}

static int
forget_all(struct drop *d, unsigned lock_ms, struct err *e)
{
	size_t i;

	if (!d->nnames)
		return 0;
	if (state_lock(d->state, lock_ms, e))
		return -1;
	for (i = 0; i < d->nnames; i++)
		if (forget(d, d->names[i], e)) {
			state_abort(d->state);
			return -1;
		}
	return state_unlock(d->state, e);
}

static void
learn_cursors(struct drop *d, const struct pair *pairs)
{
	size_t i;

	d->told = mem_alloc((d->ntold + 1) * sizeof(*d->told));
	for (i = 0; i < d->ntold; i++) {
		d->told[i].pair = &pairs[i];
		fact_cursor(d->state, pairs[i].peer, pairs[i].scope,
		    &d->told[i].cursor);
	}
}

int
tombstone_drop(const struct conf *c, struct state *s, size_t min,
    unsigned lock_ms, struct err *e)
{
	struct drop d = { .state = s };
	struct pair *pairs;
	size_t limit;
	int rc;

	d.ntold = pair_list(c, &pairs);
	learn_cursors(&d, pairs);
	rc = each(&d, count, e);
	limit = tombstone_limit(d.live, min);
	if (!rc && d.n > limit) {
		qsort(d.numbers, d.n, sizeof(*d.numbers), by_number);
		d.numbers[0] = limit ? d.numbers[d.n - limit] : UINT64_MAX;
		rc = each(&d, collect, e);
		if (!rc)
			rc = forget_all(&d, lock_ms, e);
	}
	while (d.nnames)
		free(d.names[--d.nnames]);
	free(d.names);
	free(d.numbers);
	free(d.told);
	pair_list_free(pairs, d.ntold);
	return rc;
}
