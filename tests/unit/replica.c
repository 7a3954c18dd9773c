/* SPDX-License-Identifier: ISC */
/*
 * A new replica id, killed at each system call on the way to it: afterwards
 * either nothing happened, or a session can finish it, and no stamp of the old
 * id is left which that may have given to something else.
 */
#define _GNU_SOURCE
#include "scratchstate.h"
#include "killat.h"

#include "state/fact.h"
#include "sync/exchange.h"
#include "sync/pair.h"
#include "sync/replica.h"

enum { FILES = 80, OTHER = 77 };        /* more than goes into one batch */

static struct pair pair = { .self = "a" };
static struct exchange x = { .pair = &pair, .lock_ms = LOCK_MS };
static uint64_t old;

/* Long, so that few system calls write a lot. */
static const char *
name_of(unsigned i)
{
	static char name[4000];
	size_t n;

	for (n = 0; n < sizeof(name) - 16; n++)
		name[n] = n % 200 ? 'd' : '/';
	snprintf(name + n, sizeof(name) - n, "/%u", i);
	return name;
}

static void
put(unsigned i, uint64_t author)
{
	struct entry entry = entry_make(name_of(i), state_next(x.state));
	struct err e;

	entry.h.vector.n = 0;
	vector_add(&entry.h.vector, (struct stamp){ old, i + 1 }, NULL);
	history_change(&entry.h, (struct stamp){ author, entry.number }, "a");
	state_must(state_put(x.state, &entry, &e), &e);
	entry_free(&entry);
}

/* All are ours but the first, which another one changed after us. */
static void
scene(void)
{
	struct err e;
	unsigned i;

	scratch_clear();
	x.state = state_must_open("a");
	old = state_replica(x.state);
	state_must(state_lock(x.state, LOCK_MS, &e), &e);
	for (i = 0; i < FILES; i++)
		put(i, i ? old : OTHER);
	state_must(state_unlock(x.state, &e), &e);
	state_close(x.state);
}

static void
begin(void)
{
	x.state = state_must_open("a");
}

static int
renew(void)
{
	struct err e;

	return replica_renew(&x, &e);
}

/* A check between the crash and the next session. */
static void
edit(void)
{
	struct entry entry;
	struct err e;

	state_must(state_lock(x.state, LOCK_MS, &e), &e);
	CHECK_INT(state_get(x.state, name_of(5), &entry, &e), 1);
	entry.number = state_next(x.state);
	history_change(&entry.h, (struct stamp){ state_replica(x.state),
	    entry.number }, "a");
	entry.h.bits = HISTORY_FORCED;
	state_must(state_put(x.state, &entry, &e), &e);
	state_must(state_unlock(x.state, &e), &e);
	entry_free(&entry);
}

/* How many stamps and counters of the old id there are. */
static unsigned
olds(void)
{
	struct state_walk *w;
	struct entry entry;
	struct err e;
	unsigned n = 0, i;
	int ours;

	w = state_walk_new(x.state, NULL, &e);
	while (state_walk_next(w, &entry, &e) > 0) {
		ours = strcmp(entry.name, name_of(0)) != 0;
		n += entry.h.stamp.replica == old;
		for (i = 0; i < entry.h.vector.n; i++)
			n += ours && entry.h.vector.at[i].replica == old;
		entry_free(&entry);
	}
	state_walk_free(w);
	return n;
}

static void
check_others(void)
{
	struct entry entry;
	struct err e;

	CHECK_INT(olds(), 0);
	CHECK_INT(fact_meta(x.state, "restamp"), 0);
	CHECK_INT(state_get(x.state, name_of(0), &entry, &e), 1);
	CHECK_INT(entry.h.stamp.replica, OTHER);
	CHECK_INT(entry.h.vector.n, 2);
	entry_free(&entry);
}

/* After the kill; whether it had begun. */
static int
complete(void)
{
	struct err e;
	int began;

	begin();
	began = fact_meta(x.state, "restamp") || state_replica(x.state) != old;
	edit();
	state_must(replica_finish(&x, &e), &e);
	if (began)
		check_others();
	if (began == (state_replica(x.state) == old))
		began = -1;
	state_close(x.state);
	return began;
}

static void
killed_at_every_call(void)
{
	int when, r = 1, began = 0, now;

	for (when = 1; r > 0 && !unit.failed; when++) {
		scene();
		r = kill_at(when, begin, renew);
		if (r == -KILL_UNABLE) {
			printf("skip replica: ptrace: not permitted\n");
			return;
		}
		CHECK(r >= 0);
		now = complete();
		CHECK(now >= 0);
		began += now;
	}
	printf("killed at %d system calls, %d after it began\n", when - 2,
	    began);
	CHECK(began > 5 && began < when - 2);
}

static void
twice(void)
{
	struct err e;
	uint64_t second;

	scene();
	begin();
	state_must(replica_renew(&x, &e), &e);
	CHECK_INT(olds(), 0);
	second = old = state_replica(x.state);
	state_must(replica_renew(&x, &e), &e);
	CHECK(state_replica(x.state) != second);
	CHECK_INT(olds(), 0);
	state_close(x.state);
}

int
main(void)
{
	scratch_state_init();
	RUN(killed_at_every_call);
	RUN(twice);
	scratch_fini();
	return unit_end();
}
