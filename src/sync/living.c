/* SPDX-License-Identifier: ISC */
/*
 * The new version is a resolution like others: our entry, united vectors, a
 * stamp of ours.
 */
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "exchange.h"
#include "fs/change.h"
#include "judge.h"
#include "living.h"
#include "pair.h"
#include "state/entry.h"
#include "state/state.h"

static int
left_alone(const struct exchange *x, const struct change *c)
{
	const struct group *g = pair_group(x->pair, c->want.name);

	return !g || g->method == AUTO_NONE ||
	    c->want.bits & HISTORY_FORCED;
}

/* Our entry again, having seen what c wants. */
static int
stamp_again(struct exchange *x, struct decision *d, struct entry *entry,
    struct err *e)
{
	const struct change *c = &d->change;
	struct change again = { .number = 1, .stamp = 1, .record = 1,
		.expect = c->expect, .entry_seen = entry_digest(entry) };
	struct history theirs;
	int rc;

	change_history(c, &theirs);
	history_unite(&entry->h, &theirs);
	entry->h.bits &= ~(unsigned)(HISTORY_TAKEN | HISTORY_QUIET);
	entry->h.bits |= HISTORY_RESOLUTION;
	change_take(&again, entry);
	rc = exchange_commit(x, &again, 1, e);
	if (!rc && again.result == CHANGE_DONE) {
		d->code = RESULT_OURS;
		d->bits = RESULT_RESOLVED | RESULT_SIDES;
		d->owed = 1;
		d->number = again.want.number;
	}
	change_free(&again);
	return rc;
}

int
living_stands(struct exchange *x, struct decision *d, struct err *e)
{
	const char *name = d->change.want.name;
	struct entry entry;
	int rc;

	d->code = RESULT_LATER;
	d->owed = 0;
	if (pair_right(x->pair, x->pair->self, name) != PAIR_MEMBER)
		return 0;
	if (left_alone(x, &d->change)) {
		d->code = RESULT_CONFLICT;
		d->bits = RESULT_SIDES;
		d->number = 0;  /* nothing of ours is owed: it has been seen */
		return 0;
	}
	rc = state_get(x->state, name, &entry, e);
	if (rc <= 0)
		return rc;
	rc = entry.v.kind == KIND_DIR ? stamp_again(x, d, &entry, e) : 0;
	entry_free(&entry);
	return rc;
}
