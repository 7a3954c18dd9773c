/* SPDX-License-Identifier: ISC */
/*
 * What stands in a rule's place.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/random.h"
#include "base/mem.h"
#include "disk.h"
#include "fs/change.h"
#include "fs/recover.h"
#include "fs/tree.h"
#include "knock.h"
#include "state/fact.h"
#include "state/head.h"
#include "state/state.h"
#include "sync/exchange.h"
#include "sync/judge.h"
#include "sync/living.h"
#include "sync/pair.h"
#include "sync/replica.h"
#include "sync/resolve.h"
#include "sync/tombstone.h"
#include "world.h"
#include "rules.h"

int world_knockout;

const struct knock knocks[KNOCKOUTS] = {
	[KNOCK_NONE] = { "none", "", 0, 0 },
	[KNOCK_CSYNC2] = { "csync2",
	    "a conflict only if the receiver is dirty", 100, 1 },
	[KNOCK_HEADS] = { "heads", "seen: the stamp alone", 1000, 1 },
	[KNOCK_MERGE] = { "merge",
	    "the same twice: one stamp is kept", 1000, 1 },
	[KNOCK_UNION] = { "union", "vectors are not united", 100, 0 },
	[KNOCK_STANDS] = { "stands", "what has seen the offer is replaced",
	    100, 1 },
	[KNOCK_TWINS] = { "twins",
	    "both seen, but unlike: the offer is taken", 0, 0 },
	[KNOCK_WINNER] = { "winner",
	    "a winner's vector stays its own", 1000, 0 },
	[KNOCK_STAMP] = { "stamp",
	    "a resolution has no stamp of its own", 100, 0 },
	[KNOCK_TIE] = { "tie", "ties: the offer wins", 0, 0 },
	[KNOCK_LOOK] = { "look", "no look at the disk before judging", 100, 0 },
	[KNOCK_COMMIT] = { "commit", "no look before a rename", 500, 0 },
	[KNOCK_ADOPT] = { "adopt",
	    "answers count though the disk has changed", 200, 0 },
	[KNOCK_CONTENT] = { "content", "a first check stamps by chance", 0, 1 },
	[KNOCK_KNOWN] = { "known", "who was rolled back is not told", 0, 1 },
	[KNOCK_TOLD] = { "told", "what may be told is not noted before", 0, 0 },
	[KNOCK_RESTAMP] = { "restamp", "a new id, but the old stamps", 0, 1 },
	[KNOCK_CLONE] = { "clone", "a copied state keeps its id", 200, 0 },
	[KNOCK_INTENTS] = { "intents", "intents are forgotten", 200, 0 },
	[KNOCK_OWED] = { "owed", "nothing is owed", 0, 0 },
	[KNOCK_TOMBSTONES] = { "tombstones", "tombstones go at once", 100, 1 },
	[KNOCK_LIVING] = { "living",
	    "a directory that has to stay is not said again", 100, 0 }
};

int
knock_find(const char *name)
{
	int i;

	for (i = 0; i < KNOCKOUTS; i++)
		if (!strcmp(knocks[i].name, name))
			return i;
	return -1;
}

static int
is_out(enum knockout k)
{
	return world_knockout == (int)k;
}

/* Whose offer is judged, for csync2's rule. */
static const struct exchange *judging;
static const char *judged;

int
__wrap_judge_offer(struct exchange *x, const struct offer *o,
    struct decision *d, struct words *words, struct err *e)
{
	judging = x;
	judged = o->name;
	return __real_judge_offer(x, o, d, words, e);
}

/* What csync2 would have marked for the peer. */
static int
is_dirty(void)
{
	struct cursor cursor;
	struct entry e;
	struct err ignored;
	int dirty;

	if (state_get(judging->state, judged, &e, &ignored) != 1)
		return 0;
	fact_cursor(judging->state, judging->pair->peer, judging->pair->scope,
	    &cursor);
	dirty = !(e.h.bits & HISTORY_TAKEN) &&
	    pair_pending(judging->pair, judging->state, &e, cursor.out,
	    cursor.replica) == PENDING_YES;
	entry_free(&e);
	return dirty;
}

static void
take(const struct side *ours, const struct side *offer, struct judgement *out)
{
	memset(out, 0, sizeof(*out));
	out->verdict = VERDICT_TAKE;
	out->merged = *offer->h;
	__real_history_unite(&out->merged, ours->h);
}

static void
resolve_as_csync2(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out)
{
	struct history a = *ours->h, b = *offer->h;
	struct side us = *ours, them = *offer;

	if (!is_dirty()) {
		take(ours, offer, out);
		return;
	}
	a.vector.n = b.vector.n = 0;
	us.h = &a;
	them.h = &b;
	__real_resolve(&us, &them, j, out);
}

void
__wrap_resolve(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out)
{
	__real_resolve(ours, offer, j, out);
	if (out->verdict == VERDICT_SAME)
		return;
	if (is_out(KNOCK_CSYNC2))
		resolve_as_csync2(ours, offer, j, out);
	if (is_out(KNOCK_STANDS) && out->verdict == VERDICT_OURS &&
	    !out->resolved)
		take(ours, offer, out);
	if (is_out(KNOCK_TWINS) &&
	    __real_history_seen(offer->h, ours->h) &&
	    __real_history_seen(ours->h, offer->h))
		take(ours, offer, out);
	if (is_out(KNOCK_WINNER) && out->resolved)
		out->merged.vector = out->verdict == VERDICT_OURS ?
		    ours->h->vector : offer->h->vector;
}

int
__wrap_history_seen(const struct history *w, const struct history *v)
{
	struct history one = *v;

	if (is_out(KNOCK_HEADS))
		one.nheads = 0;
	return __real_history_seen(w, &one);
}

int
__wrap_history_merge(struct history *out, const struct history *a,
    const struct history *b)
{
	int r = __real_history_merge(out, a, b);

	if (is_out(KNOCK_MERGE))
		out->nheads = 0;
	return r;
}

void
__wrap_history_unite(struct history *to, const struct history *from)
{
	if (!is_out(KNOCK_UNION))
		__real_history_unite(to, from);
}

void
__wrap_version_digest(const struct version *v, int with_mtime,
    unsigned char out[HASH_BYTES])
{
	__real_version_digest(v, with_mtime, out);
	if (is_out(KNOCK_TIE) && with_mtime)
		memset(out, 0, HASH_BYTES);
}

struct stamp
__wrap_version_stamp(const struct version *v)
{
	struct stamp s = __real_version_stamp(v);

	if (is_out(KNOCK_CONTENT))
		s.replica = random_u64();
	return s;
}

enum detected
__wrap_detect_name(struct tree *t, const char *name, const struct entry *old,
    struct version_ignore ignore, struct version *v, struct look *look,
    const struct pulse *pulse, struct err *e)
{
	if (is_out(KNOCK_LOOK) && old)
		return DETECT_SAME;
	return __real_detect_name(t, name, old, ignore, v, look, pulse, e);
}

int
__wrap_look_shows_same(const struct look *a, const struct look *b)
{
	if (is_out(KNOCK_COMMIT))
		return a->kind == b->kind;
	return __real_look_shows_same(a, b);
}

/* As the disk is now, so it was expected. */
static void
expect_now(struct exchange *x, struct change *c)
{
	const char *base;
	int dir = tree_parent(x->tree, c->want.name, &base);

	if (dir >= 0)
		look_read(dir, base, &c->expect);
}

int
__wrap_exchange_commit(struct exchange *x, struct change *changes, size_t n,
    struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_out(KNOCK_STAMP) &&
		    changes[i].want.bits & HISTORY_RESOLUTION)
			changes[i].stamp = 0;
		if (is_out(KNOCK_ADOPT) && changes[i].record &&
		    !changes[i].stamp && !changes[i].number)
			expect_now(x, &changes[i]);
	}
	return __real_exchange_commit(x, changes, n, e);
}

int
__wrap_hello_decode(struct hello *h, struct view in)
{
	int r = __real_hello_decode(h, in);

	if (is_out(KNOCK_KNOWN))
		h->nknown = 0;
	return r;
}

int
__wrap_replica_tell(struct exchange *x, struct err *e)
{
	return is_out(KNOCK_TOLD) ? 0 : __real_replica_tell(x, e);
}

static int
renew_alone(struct exchange *x, struct err *e)
{
	if (state_lock(x->state, x->lock_ms, e) || state_renew(x->state, e))
		return -1;
	return state_unlock(x->state, e);
}

int
__wrap_replica_renew(struct exchange *x, struct err *e)
{
	return is_out(KNOCK_RESTAMP) ? renew_alone(x, e) :
	    __real_replica_renew(x, e);
}

int
__wrap_head_decode(struct head *h, const unsigned char p[HEAD_BYTES],
    const char *path, struct err *e)
{
	int r = __real_head_decode(h, p, path, e);

	if (is_out(KNOCK_CLONE) && world_actor) {
		memset(&h->id.machine, 0, sizeof(h->id.machine));
		h->id.host[0] = (char)('a' + world_actor->h);
	}
	return r;
}

int
__wrap_recover_intents(struct tree *t, struct state *s,
    const struct commit_options *o, struct err *e)
{
	if (is_out(KNOCK_INTENTS))
		return state_drop_facts(s, FACT_INTENT, e);
	return __real_recover_intents(t, s, o, e);
}

int
__wrap_fact_set_owed(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e)
{
	return is_out(KNOCK_OWED) ? 0 :
	    __real_fact_set_owed(s, peer, name, number, replica, e);
}

static int
forget_removed(struct state *s, struct err *e)
{
	struct entry entry;
	char name[64];
	int p, r = state_lock(s, 1000, e);

	for (p = 0; p < PATHS && !r; p++) {
		snprintf(name, sizeof(name), "%%p%%/%s", script_paths[p]);
		if (state_get(s, name, &entry, e) != 1)
			continue;
		if (entry.v.kind == KIND_NONE)
			r = state_forget(s, name, e);
		entry_free(&entry);
	}
	return r ? -1 : state_unlock(s, e);
}

size_t
__wrap_tombstone_limit(size_t live, size_t min)
{
	(void)min;
	return is_out(KNOCK_TOMBSTONES) ? 0 : __real_tombstone_limit(live,
	    (size_t)world_actor->w->set.tombstones);
}

int
__wrap_tombstone_drop(const struct conf *c, struct state *s, size_t min,
    unsigned lock_ms, struct err *e)
{
	if (is_out(KNOCK_TOMBSTONES))
		return forget_removed(s, e);
	min = (size_t)world_actor->w->set.tombstones;
	return __real_tombstone_drop(c, s, min, lock_ms, e);
}

int
__wrap_living_stands(struct exchange *x, struct decision *d, struct err *e)
{
	if (!is_out(KNOCK_LIVING))
		return __real_living_stands(x, d, e);
	d->code = RESULT_LATER;
	d->owed = 0;
	return 0;
}
