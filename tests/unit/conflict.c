/* SPDX-License-Identifier: ISC */
/*
 * Sessions of two honest hosts that do not agree: edits and removals on both
 * sides, forced ones, methods, what one side has not seen.
 */
#include "agreed.h"

static void
conflict(void)
{
	shared_file("", "x", "old");
	edit(&ha, "x", "by a");
	edit(&hb, "x", "by b");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(told(&ha, EVENT_CONFLICT, "x") && told(&hb, EVENT_CONFLICT, "x"));
	CHECK(holds(&ha, "x", "by a") && holds(&hb, "x", "by b"));
	CHECK(fact_conflict(ha.state, "b", pname("x"), NULL));
	CHECK(fact_conflict(hb.state, "a", pname("x"), NULL));
	CHECK(!sync_hosts(&ha, &hb));             /* again, every time */
	CHECK(told(&ha, EVENT_CONFLICT, "x"));
	edit(&hb, "x", "by a");                  /* the admin decides */
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "by a"), NULL);
	CHECK(!fact_conflict(ha.state, "b", pname("x"), NULL));
	CHECK(settled());
	hosts_end();
}

static void
forced(void)
{
	struct entry x;

	shared_file("", "x", "old");
	edit(&ha, "x", "by a");
	edit(&hb, "x", "by b");
	CHECK(!sync_hosts(&ha, &hb));
	state_must(state_lock(hb.state, LOCK_MS, &hb.e), &hb.e);
	x = host_entry(&hb, "x");
	x.number = state_next(hb.state);
	history_change(&x.h, (struct stamp){ state_replica(hb.state),
	    x.number }, "b");
	x.h.bits = HISTORY_FORCED;
	state_must(state_put(hb.state, &x, &hb.e), &hb.e);
	state_must(state_unlock(hb.state, &hb.e), &hb.e);
	entry_free(&x);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "by b"), NULL);
	CHECK(told(&ha, EVENT_RESOLVED, "x") && told(&hb, EVENT_RESOLVED, "x"));
	CHECK(!fact_conflict(ha.state, "b", pname("x"), NULL));
	CHECK(!fact_conflict(hb.state, "a", pname("x"), NULL));
	CHECK(settled());
	hosts_end();
}

/* Every method, whoever connects; "younger" with a's the younger one. */
static void
resolved(void)
{
	static const struct {
		const char *method, *winner;
	} t[] = {
		{ "younger", "by a, longer" }, { "older", "by b" },
		{ "bigger", "by a, longer" }, { "smaller", "by b" },
		{ "left", "by a, longer" }, { "right", "by b" }
	};
	char more[40];
	size_t i;

	for (i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
		snprintf(more, sizeof(more), "auto %s;", t[i / 2].method);
		shared_file(more, "x", "old");
		edit_unseen(&ha, "x", "by a, longer");
		edit_unseen(&hb, "x", "by b");
		set_mtime(&ha, "x", 2000000);
		set_mtime(&hb, "x", 1000000);
		check_path(&ha, "x", 0);
		check_path(&hb, "x", 0);
		CHECK(!(i & 1 ? sync_hosts(&hb, &ha) : sync_hosts(&ha, &hb)));
		CHECK_STR(unequal("x", t[i / 2].winner), NULL);
		CHECK(told(&ha, EVENT_RESOLVED, "x"));
		CHECK(told(&hb, EVENT_RESOLVED, "x"));
		CHECK(settled());
		hosts_end();
	}
}

static void
first_wins(void)
{
	shared_file("auto first;", "x", "old");
	edit(&ha, "x", "by a");
	edit(&hb, "x", "by b");
	CHECK(!sync_hosts(&hb, &ha));
	CHECK_STR(unequal("x", "by b"), NULL);
	CHECK(settled());
	hosts_end();
}

static void
removal(void)
{
	struct entry y;

	shared_file("", "x", "old");
	drop(&ha, "x");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", NULL), NULL);
	y = host_entry(&hb, "x");
	CHECK_INT(y.v.kind, KIND_NONE);
	entry_free(&y);
	CHECK(settled());
	edit(&hb, "x", "again");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "again"), NULL);
	hosts_end();
}

/* A whole tree goes, deepest first, and a file takes a directory's place. */
static void
removed_tree(void)
{
	hosts_new("");
	scratch_dir(disk_path(&ha, "d"));
	scratch_dir(disk_path(&ha, "d/e"));
	check_path(&ha, "d", 0);
	check_path(&ha, "d/e", 0);
	edit(&ha, "d/e/x", "deep");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("d/e/x", "deep"), NULL);
	drop(&ha, "d/e/x");
	scratch_need(!rmdir(disk_path(&ha, "d/e")) &&
	    !rmdir(disk_path(&ha, "d")), "rmdir");
	check_path(&ha, "d/e", 0);
	scratch_file(disk_path(&ha, "d"), "a file now");
	check_path(&ha, "d", 0);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(holds(&hb, "d", "a file now"));
	CHECK(settled());
	hosts_end();
}

/* Removed here, edited there: a conflict, and files beat removals. */
static void
removal_against_edit(void)
{
	shared_file("auto younger;", "x", "old");
	drop(&ha, "x");
	edit(&hb, "x", "edited");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "edited"), NULL);
	CHECK(settled());
	hosts_end();
}

/* A removal of what the peer never had is recorded, not passed on. */
static void
unknown_removal(void)
{
	struct entry y;

	hosts_new("");
	edit(&ha, "x", "short-lived");
	drop(&ha, "x");
	CHECK(!sync_hosts(&ha, &hb));
	y = host_entry(&hb, "x");
	CHECK(y.name && y.v.kind == KIND_NONE);
	CHECK_INT(y.number, 0);
	entry_free(&y);
	CHECK(settled());
	edit(&ha, "x", "back");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "back"), NULL);
	hosts_end();
}

/* What no check has seen at the receiver is an edit like any other. */
static void
unseen_edit(void)
{
	struct entry y;

	shared_file("", "x", "old");
	y = host_entry(&hb, "x");
	CHECK(y.h.bits & HISTORY_TAKEN);
	entry_free(&y);
	edit(&ha, "x", "by a");
	edit_unseen(&hb, "x", "by b");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(told(&ha, EVENT_CONFLICT, "x"));
	CHECK(holds(&hb, "x", "by b"));
	y = host_entry(&hb, "x");
	CHECK_INT(y.h.bits, 0);
	CHECK_STR(y.h.author, "b");
	CHECK(y.h.stamp.replica == state_replica(hb.state));
	entry_free(&y);
	hosts_end();
}

/* The same, of what the sender only resolved or forced earlier. */
static void
unseen_edit_after_force(void)
{
	struct entry y;

	shared_file("auto left;", "x", "old");
	edit(&ha, "x", "by a");
	edit(&hb, "x", "by b");
	CHECK(!sync_hosts(&ha, &hb));             /* a's, a resolution now */
	edit(&ha, "x", "again by a");
	edit_unseen(&hb, "x", "again by b");
	CHECK(!sync_hosts(&hb, &ha));
	CHECK_STR(unequal("x", "again by a"), NULL);
	edit(&ha, "x", "third");
	edit_unseen(&hb, "x", "third by b");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "third"), NULL);
	y = host_entry(&hb, "x");
	CHECK_STR(y.h.author, "a");
	entry_free(&y);
	hosts_end();
}

int
main(void)
{
	scratch_state_init();
	RUN(conflict);
	RUN(forced);
	RUN(resolved);
	RUN(first_wins);
	RUN(removal);
	RUN(removed_tree);
	RUN(removal_against_edit);
	RUN(unknown_removal);
	RUN(unseen_edit);
	RUN(unseen_edit_after_force);
	scratch_fini();
	return unit_end();
}
