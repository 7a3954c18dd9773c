/* SPDX-License-Identifier: ISC */
/*
 * The end of each world.
 */
#include <stdio.h>

#include "conf/conf.h"
#include "disk.h"
#include "meeting.h"
#include "reading.h"
#include "rounds.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/pair.h"
#include "world.h"

enum { ROUNDS_MAX = 10 };

static void
name_of(int p, char out[64])
{
	snprintf(out, 64, "%%p%%/%s", script_paths[p]);
}

/* What only receives and nobody sent; it may stand in the way. */
static int
has_own(struct world *w, int h, int p)
{
	int64_t ignored;

	if (p == PATH_D && has_own(w, h, PATH_DX))
		return 1;
	return w->set.receive_only >> h & 1 &&
	    !w->oracle.hosts[h].path[p].digest &&
	    oracle_value(h, p, &ignored).kind != VALUE_NONE;
}

/*
 * Or it got what lives in a directory from one host that serves it, and another
 * one, which does not know of that, wants the directory away.
 */
static int
in_the_way(struct world *w, int h, int p)
{
	return has_own(w, h, p) || (w->stuck && p >= PATH_D &&
	    w->set.receive_only >> h & 1);
}

/* Whether b gets p from a. */
static int
serves(struct world *w, int a, int b, int p)
{
	const struct setting *s = &w->set;
	int c = CONFS - 1, g, q = p == PATH_DX ? PATH_D : p;

	if (s->receive_only >> a & 1)
		return 0;
	for (g = 0; g < s->ngroups[c]; g++)
		if (s->group[c][g].members >> a & 1 &&
		    s->group[c][g].members >> b & 1 &&
		    s->group[c][g].paths >> q & 1)
			return 1;
	return 0;
}

static int
same_on(int a, int b, int p)
{
	int64_t ignored;

	return value_same(oracle_value(a, p, &ignored),
	    oracle_value(b, p, &ignored));
}

/* Whether a host remembers a conflict of p, or of what p stands and falls by */
static int
remembers(struct world *w, int h, int p)
{
	struct actor a;
	int q, peer, found = 0;
	char name[64];

	if (!actor_begin(&a, w, h))
		for (q = 0; q < PATHS; q++) {
			if (q != p && (q < PATH_D || p < PATH_D))
				continue;
			name_of(q, name);
			for (peer = 0; peer < w->set.hosts; peer++) {
				char text[2] = { (char)('a' + peer), 0 };

				found |= fact_conflict(a.state, text, name,
				    NULL);
			}
		}
	actor_end(&a);
	return found;
}

static int
excused(struct world *w, int p)
{
	int h;

	if (w->oracle.quiet >> p & 1 ||
	    (p == PATH_DX && w->oracle.quiet >> PATH_D & 1))
		return 1;
	for (h = 0; h < w->set.hosts; h++)
		if (remembers(w, h, p))
			return 1;
	return 0;
}

static void
differ(struct world *w, int a, int b, int p)
{
	int64_t ignored;

	if (!excused(w, p))
		oracle_alarm(&w->oracle, "after quiet rounds %s is %s on %c, "
		    "%s on %c", script_paths[p],
		    value_text(oracle_value(a, p, &ignored)), 'a' + a,
		    value_text(oracle_value(b, p, &ignored)), 'a' + b);
}

/*
 * Who only receives has what some of those have who serve it; what nobody else
 * ever had may stay, and what it knows of better than hosts that lost their
 * memory.
 */
static void
compare_receiver(struct world *w, int h, int p)
{
	int k, served = -1;

	if (in_the_way(w, h, p))
		return;

	for (k = 0; k < w->set.hosts; k++)
		if (k != h && serves(w, k, h, p)) {
			served = k;
			if (same_on(k, h, p))
				return;
		}
	if (served >= 0 && !w->lossy)
		differ(w, h, served, p);
}

static void
compare_hosts(struct world *w)
{
	int p, a, b;

	for (p = 0; p < PATHS; p++)
		for (a = 0; a < w->set.hosts; a++) {
			if (w->set.receive_only >> a & 1) {
				compare_receiver(w, a, p);
				continue;
			}
			for (b = 0; b < a; b++)
				if (serves(w, a, b, p) &&
				    serves(w, b, a, p) && !same_on(a, b, p))
					differ(w, a, b, p);
		}
}

static void
find_pending(struct world *w, struct actor *a, const struct pair *pair)
{
	struct cursor cursor;
	struct entry e;
	struct err err;
	char name[64];
	int p;

	if (w->lossy && (w->set.receive_only >> a->h & 1 ||
	    w->set.receive_only >> (pair->peer[0] - 'a') & 1))
		return;         /* nobody may have it any more */
	fact_cursor(a->state, pair->peer, pair->scope, &cursor);
	for (p = 0; p < PATHS; p++) {
		name_of(p, name);
		if (state_get(a->state, name, &e, &err) != 1)
			continue;
		if (pair_pending(pair, a->state, &e, cursor.out,
		    cursor.replica) >= PENDING_DEVIATES && !excused(w, p) &&
		    !in_the_way(w, a->h, p) &&
		    !in_the_way(w, pair->peer[0] - 'a', p))
			oracle_alarm(&w->oracle, "after quiet rounds %s is "
			    "pending on %c for %s", script_paths[p],
			    'a' + a->h, pair->peer);
		entry_free(&e);
	}
}

static void
look_for_pending(struct world *w)
{
	const struct pair *pair;
	struct actor a;
	int h, peer;

	for (h = 0; h < w->set.hosts; h++) {
		if (!actor_begin(&a, w, h))
			for (peer = 0; peer < w->set.hosts; peer++) {
				pair = world_pair(w, h, peer);
				if (pair)
					find_pending(w, &a, pair);
			}
		actor_end(&a);
	}
}

/* Of all disks and entries. */
static uint64_t
all_digest(const struct world *w)
{
	uint64_t d = disk_digest("/n");
	int h, p;

	for (h = 0; h < w->set.hosts; h++)
		for (p = 0; p < PATHS; p++)
			d = d * 31 + w->oracle.hosts[h].path[p].digest;
	return d;
}

static void
one_round(struct world *w)
{
	int a, b;

	for (a = 0; a < w->set.hosts; a++)
		world_check(w, a, 0);
	for (a = 0; a < w->set.hosts; a++)
		for (b = 0; b < w->set.hosts; b++)
			if (a != b && world_pair(w, a, b))
				world_sync(w, a, b,
				    MEET_TURN | MEET_RECONCILE);
}

void
rounds_run(struct world *w)
{
	unsigned long before;
	uint64_t was;
	int i, h;

	w->apart = 0;
	for (h = 0; h < w->set.hosts; h++) {
		w->hosts[h].which = CONFS - 1;
		w->hosts[h].kill_at = w->hosts[h].hit_at = 0;
	}
	for (i = 0; i < ROUNDS_MAX && !*w->oracle.alarm; i++) {
		before = disk_changes;
		was = all_digest(w);
		w->stuck = 0;
		world_say(w, "round %d", i + 1);
		one_round(w);
		if (disk_changes == before)
			break;
		/* what cannot be settled is tried each time */
		if (w->stuck && all_digest(w) == was)
			break;
	}
	if (i == ROUNDS_MAX)
		oracle_alarm(&w->oracle, "%d quiet rounds, and still "
		    "something is written", i);
	if (*w->oracle.alarm)
		return;
	compare_hosts(w);
	look_for_pending(w);
}
