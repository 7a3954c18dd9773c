/* SPDX-License-Identifier: ISC */
/*
 * Which tombstones go, and which stay.
 */
#include "twohosts.h"

#include "sync/tombstone.h"

/* So many removals of files that the other knew; they keep their order. */
static void
removals(int from, int n)
{
	char path[32];
	int i;

	for (i = from; i < from + n; i++) {
		snprintf(path, sizeof(path), "t%02d", i);
		edit(&ha, path, "x");
	}
	scratch_need(!sync_hosts(&ha, &hb), "sync");
	for (i = from; i < from + n; i++) {
		snprintf(path, sizeof(path), "t%02d", i);
		drop(&ha, path);
	}
}

static size_t
count(struct host *h)
{
	struct state_walk *w = state_walk_new(h->state, NULL, &h->e);
	struct entry entry;
	size_t n = 0;

	scratch_need(w != NULL, "walk");
	while (state_walk_next(w, &entry, &h->e) > 0) {
		n += entry.v.kind == KIND_NONE;
		entry_free(&entry);
	}
	state_walk_free(w);
	return n;
}

static int
there(struct host *h, const char *path)
{
	struct entry entry = host_entry(h, path);
	int there = entry.name != NULL;

	entry_free(&entry);
	return there;
}

static void
drop_tombstones(struct host *h, size_t min)
{
	state_must(tombstone_drop(h->conf, h->state, min, LOCK_MS, &h->e),
	    &h->e);
}

static void
limit(void)
{
	CHECK_INT(tombstone_limit(5, 1000), 1000);
	CHECK_INT(tombstone_limit(5000, 1000), 5000);
}

static void
told_oldest_first(void)
{
	hosts_new("");
	removals(0, 8);
	drop_tombstones(&ha, 0);
	CHECK_INT(count(&ha), 8);       /* b was told nothing */
	CHECK(!sync_hosts(&ha, &hb));
	drop_tombstones(&ha, 8);
	CHECK_INT(count(&ha), 8);
	drop_tombstones(&ha, 3);
	CHECK_INT(count(&ha), 3);
	CHECK(!there(&ha, "t04") && there(&ha, "t05") && there(&ha, "t07"));
	/* as many as there are files */
	edit(&ha, "live1", "x");
	edit(&ha, "live2", "x");
	drop_tombstones(&ha, 0);
	CHECK_INT(count(&ha), 2);
	CHECK(!sync_hosts(&ha, &hb) && !sync_hosts(&hb, &ha));
	CHECK(holds(&hb, "live1", "x") && holds(&hb, "t00", NULL));
	CHECK(holds(&ha, "t00", NULL));
	hosts_end();
}

static void
locked(struct host *h, int (*put)(struct host *h))
{
	state_must(state_lock(h->state, LOCK_MS, &h->e), &h->e);
	state_must(put(h), &h->e);
	state_must(state_unlock(h->state, &h->e), &h->e);
}

static int
put_owed(struct host *h)
{
	return fact_set_owed(h->state, "b", pname("t00"), 1, 1, &h->e);
}

static int
put_conflict(struct host *h)
{
	struct conflict c = { KIND_REG, 1, { 1, 0 } };

	return fact_set_conflict(h->state, "b", pname("t01"), &c, &h->e);
}

static int
put_quiet(struct host *h)
{
	struct entry entry = host_entry(h, "t02");
	int rc;

	entry.h.bits |= HISTORY_QUIET;
	rc = state_put(h->state, &entry, &h->e);
	entry_free(&entry);
	return rc;
}

static int
put_kept(struct host *h)
{
	struct entry entry = host_entry(h, "t03");
	int rc;

	entry.h.bits |= HISTORY_KEPT;
	rc = state_put(h->state, &entry, &h->e);
	entry_free(&entry);
	return rc;
}

static void
exceptions(void)
{
	hosts_new("");
	removals(0, 6);
	CHECK(!sync_hosts(&ha, &hb));
	locked(&ha, put_owed);
	locked(&ha, put_conflict);
	locked(&ha, put_quiet);
	locked(&ha, put_kept);
	drop_tombstones(&ha, 0);
	CHECK(there(&ha, "t00") && there(&ha, "t01") && there(&ha, "t02") &&
	    there(&ha, "t03"));
	CHECK(!there(&ha, "t04"));
	hosts_end();
}

/* What one of two peers was not told stays for it. */
static void
third(void)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%s", HOSTS_PREFIX,
	    "group g { host a b; key /k; include %p%; }\n");
	hosts_new("");
	removals(0, 3);
	CHECK(!sync_hosts(&ha, &hb));
	conf_free(ha.conf);
	ha.conf = host_conf("a", HOSTS_PREFIX
	    "group g { host a b c; key /k; include %p%; }\n");
	drop_tombstones(&ha, 0);
	CHECK_INT(count(&ha), 3);
	conf_free(ha.conf);
	ha.conf = host_conf("a", text);
	hosts_end();
}

/* A removal of what was never here, and those of a receive-only host. */
static void
by_count(void)
{
	hosts_new("");
	edit(&ha, "t00", "x");
	drop(&ha, "t00");
	edit(&ha, "t01", "x");
	drop(&ha, "t01");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(count(&hb), 2);
	drop_tombstones(&hb, 2);
	CHECK_INT(count(&hb), 2);
	drop_tombstones(&hb, 1);
	CHECK_INT(count(&hb), 0);       /* neither has a number */
	hosts_end();
	hosts_with("group g { host a (b); key /k; include %p%; }");
	removals(0, 4);
	CHECK(!sync_hosts(&ha, &hb));
	drop_tombstones(&hb, 1);
	CHECK_INT(count(&hb), 1);
	hosts_end();
}

/*
 * The same removal on both, made without knowing: that the sender has one of
 * its own is no sign that it knows of ours.
 */
static void
unheard(void)
{
	hosts_new("");
	removals(0, 1);
	drop(&hb, "t00");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(ha.offers, 1);
	CHECK_INT(hb.offers, 1);        /* offered as well */
	drop_tombstones(&hb, 0);
	CHECK_INT(count(&hb), 0);
	hosts_end();
}

int
main(void)
{
	scratch_init();
	RUN(limit);
	RUN(told_oldest_first);
	RUN(exceptions);
	RUN(third);
	RUN(by_count);
	RUN(unheard);
	scratch_fini();
	return unit_end();
}
