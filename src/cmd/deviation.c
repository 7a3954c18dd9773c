/* SPDX-License-Identifier: ISC */
/*
 * One bit an entry. It is no change: it takes no number, and no version. The
 * look stays as it was, so that each check compares anew and sees when the disk
 * is as it should be again.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "deviation.h"
#include "setup.h"
#include "state/entry.h"
#include "state/state.h"

struct news {
	char *name;
	uint64_t number;
	int deviates;
};

struct deviations {
	struct setup *s;
	struct news *at;
	size_t n, cap;
};

struct deviations *
deviations_new(struct setup *s)
{
	struct deviations *d = mem_alloc(sizeof(*d));

	d->s = s;
	return d;
}

void
deviations_free(struct deviations *d)
{
	while (d->n)
		free(d->at[--d->n].name);
	free(d->at);
	free(d);
}

void
deviations_note(struct deviations *d, const struct entry *entry, int is)
{
	if (is)
		log_info("%s differs here, but this host only receives it",
		    entry->name);
	if (is == !!(entry->h.bits & HISTORY_DEVIATES))
		return;
	d->at = mem_grow(d->at, d->n, &d->cap, sizeof(*d->at));
	d->at[d->n++] = (struct news){ mem_strdup(entry->name), entry->number,
	    is };
}

/* What a session has brought since the check saw it is not touched. */
static int
record_one(struct state *s, const struct news *n, struct err *e)
{
	struct entry entry;
	int rc = state_get(s, n->name, &entry, e);

	if (rc <= 0)
		return rc;
	if (entry.number == n->number) {
		entry.h.bits &= ~(unsigned)HISTORY_DEVIATES;
		if (n->deviates)
			entry.h.bits |= HISTORY_DEVIATES;
		rc = state_put(s, &entry, e);
	}
	entry_free(&entry);
	return rc < 0 ? -1 : 0;
}

int
deviations_record(struct deviations *d, struct err *e)
{
	size_t i;

	if (!d->n)
		return 0;
	if (state_lock(d->s->state, d->s->lock_ms, e))
		return -1;
	for (i = 0; i < d->n; i++)
		if (record_one(d->s->state, &d->at[i], e)) {
			state_abort(d->s->state);
			return -1;
		}
	return state_unlock(d->s->state, e);
}
