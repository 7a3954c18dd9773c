/* SPDX-License-Identifier: ISC */
/*
 * Sessions of two honest hosts over queues in memory, a message at a time: what
 * ends up on disk and in the states, what each side is told, what is offered
 * again. Hostile ones are in hostile.c.
 */
#include "agreed.h"

static void
nothing_to_do(void)
{
	unsigned char before[HASH_BYTES], after[HASH_BYTES];

	hosts_new("");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(ha.finished && hb.finished);
	tree_digest(before);
	CHECK(!sync_hosts(&ha, &hb));
	tree_digest(after);
	CHECK_MEM(after, before, HASH_BYTES);   /* not a byte of the states */
	hosts_end();
}

static void
take(void)
{
	hosts_new("");
	edit(&ha, "x", "hello");
	edit(&ha, "empty", "");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "hello"), NULL);
	CHECK_STR(unequal("empty", ""), NULL);
	CHECK(told(&ha, EVENT_DONE, "x") && told(&hb, EVENT_DONE, "x"));
	CHECK_INT(ha.offers, 2);
	CHECK_INT(hb.offers, 0);
	CHECK(settled());
	hosts_end();
}

/* The server's news come back in the same session; kinds of all sorts. */
static void
turn_around(void)
{
	hosts_new("");
	edit(&ha, "x", "from a");
	edit(&hb, "y", "from b");
	mkdir(disk_path(&hb, "d"), 0751);
	check_path(&hb, "d", 0);
	edit(&hb, "d/z", "below");
	scratch_need(!symlink("../y", disk_path(&hb, "d/l")), "symlink");
	check_path(&hb, "d/l", 0);
	scratch_need(!mkfifo(disk_path(&hb, "f"), 0600), "mkfifo");
	check_path(&hb, "f", 0);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(ha.offers, 1);
	CHECK_INT(hb.offers, 5);
	CHECK_STR(unequal("x", "from a"), NULL);
	CHECK_STR(unequal("y", "from b"), NULL);
	CHECK_STR(unequal("d/z", "below"), NULL);
	CHECK_STR(unequal("d/l", "from b"), NULL);      /* through the link */
	CHECK(settled());
	hosts_end();
}

static void
no_turn(void)
{
	struct session_options o;

	hosts_new("");
	edit(&ha, "x", "from a");
	edit(&hb, "y", "from b");
	o = host_options(&ha, 1);
	o.turn = 0;
	CHECK(!run_session(&ha, &hb, &o, 0));
	CHECK(holds(&hb, "x", "from a"));
	CHECK(holds(&ha, "y", NULL));
	CHECK(!sync_hosts(&hb, &ha));
	CHECK_STR(unequal("y", "from b"), NULL);
	hosts_end();
}

/* Longer than what goes unasked; then a change of it as a delta. */
static void
large_and_delta(void)
{
	static char text[300001];
	size_t i;

	for (i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + (i * i / 7 + i / 1000) % 26);
	hosts_new("");
	edit(&ha, "big", text);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("big", text), NULL);
	CHECK(ha.said[MESSAGE_CONTENT] > 9);
	text[150000] = '!';
	edit(&hb, "big", text);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("big", text), NULL);
	CHECK_INT(ha.said[MESSAGE_SIGNATURE] > 0, 1);
	CHECK_INT(hb.said[MESSAGE_CONTENT], 1);
	hosts_end();
}

/* Both orders of hearing and talking, and many files. */
static void
many(void)
{
	struct session_options o;
	char path[20], text[20];
	int order, i;

	for (order = 0; order < 2; order++) {
		hosts_new("");
		for (i = 0; i < 300; i++) {
			snprintf(path, sizeof(path), "f%d", i);
			snprintf(text, sizeof(text), "text %d", i % 7);
			edit(i & 1 ? &ha : &hb, path, text);
		}
		o = host_options(&ha, 1);
		CHECK(!run_session(&ha, &hb, &o, order));
		CHECK(all_answered(&ha, &hb) && all_answered(&hb, &ha));
		for (i = 0; i < 300; i++) {
			snprintf(path, sizeof(path), "f%d", i);
			snprintf(text, sizeof(text), "text %d", i % 7);
			CHECK_STR(unequal(path, text), NULL);
		}
		CHECK(settled());
		hosts_end();
	}
}

/* Found alike by both first checks: nothing but an answer. */
static void
same_by_first_check(void)
{
	hosts_new("");
	edit_unseen(&ha, "x", "alike");
	edit_unseen(&hb, "x", "alike");
	set_mtime(&ha, "x", 1000000);
	set_mtime(&hb, "x", 2000000);
	check_path(&ha, "x", 1);
	check_path(&hb, "x", 1);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(told(&ha, EVENT_SAME, "x"));
	CHECK_STR(unequal("x", "alike"), NULL);
	CHECK(settled());
	hosts_end();
}

/* The same edit made twice: both stamps live on, on both sides. */
static void
same_by_chance(void)
{
	struct entry x, y;

	shared_file("", "x", "old");
	edit(&ha, "x", "new");
	edit(&hb, "x", "new");
	set_mtime(&ha, "x", 1000000);
	set_mtime(&hb, "x", 2000000);
	check_path(&ha, "x", 0);
	check_path(&hb, "x", 0);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(hb.said[MESSAGE_WANT], 0);
	CHECK_STR(unequal("x", "new"), NULL);
	x = host_entry(&ha, "x");
	y = host_entry(&hb, "x");
	CHECK_INT(x.h.nheads, 1);
	CHECK_INT(y.h.nheads, 1);
	CHECK_INT(x.v.mtime.sec, 2000000);
	entry_free(&x);
	entry_free(&y);
	CHECK(settled());
	hosts_end();
}

#define RECEIVE_ONLY "group g { host a (b); key /k; include %p%; }"

static void
receive_only(void)
{
	hosts_with(RECEIVE_ONLY);
	edit(&ha, "x", "from a");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(holds(&hb, "x", "from a"));
	edit_unseen(&hb, "x", "own idea");
	edit(&ha, "x", "next from a");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(holds(&hb, "x", "next from a"));
	CHECK(settled());
	edit(&hb, "y", "not mine to send");
	CHECK(!sync_hosts(&hb, &ha));
	CHECK_INT(hb.offers, 0);
	CHECK(holds(&ha, "y", NULL));
	hosts_end();
}

/* Offers that one side's configuration does not know are denied, and owed. */
static void
denied(void)
{
	uint64_t number;

	hosts_with("group g { host a b; key /k; include %p%/in; }");
	host_close(&ha);
	host_open(&ha, "a", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; }");
	edit(&ha, "in", "welcome");
	edit(&ha, "out", "not welcome");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(holds(&hb, "in", "welcome") && holds(&hb, "out", NULL));
	CHECK(told(&ha, EVENT_DENIED, "out"));
	CHECK(fact_owed(ha.state, "b", pname("out"), &number));
	hosts_end();
}

/* Directories on the way are made for all that comes, not only the last. */
static void
parents(void)
{
	static char text[20001];
	static const char *const paths[] = { "1/2/x", "3/y", "5/6/z" };
	size_t i;

	memset(text, 't', sizeof(text) - 1);
	hosts_with("group g { host a b; key /k; include %p%/1/2/x %p%/3/y "
	    "%p%/5/6/z %p%/7/l; }");
	scratch_dir(disk_path(&ha, "1"));
	scratch_dir(disk_path(&ha, "1/2"));
	scratch_dir(disk_path(&ha, "3"));
	scratch_dir(disk_path(&ha, "5"));
	scratch_dir(disk_path(&ha, "5/6"));
	scratch_dir(disk_path(&ha, "7"));
	scratch_need(!chmod(disk_path(&ha, "5"), 0711), "chmod");
	for (i = 0; i < 3; i++)
		edit(&ha, paths[i], text);
	scratch_need(!symlink("x", disk_path(&ha, "7/l")), "symlink");
	check_path(&ha, "7/l", 0);
	CHECK(!sync_hosts(&ha, &hb));
	for (i = 0; i < 3; i++)
		CHECK_STR(unequal(paths[i], text), NULL);
	CHECK(told(&hb, EVENT_DONE, "7/l"));
	hosts_end();
}

/* A dry run is judged as a real one, and leaves nothing behind. */
static void
dry(void)
{
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	struct session_options o;

	shared_file("auto left;", "x", "old");
	edit(&ha, "x", "by a");
	edit(&ha, "y", "new");
	edit(&hb, "z", "b's");
	edit_unseen(&hb, "x", "by b");
	o = host_options(&ha, 1);
	o.dry = 1;
	o.turn = 0;
	tree_digest(before);
	CHECK(!run_session(&ha, &hb, &o, 0));
	tree_digest(after);
	CHECK_MEM(after, before, HASH_BYTES);
	CHECK(told(&ha, EVENT_RESOLVED, "x") && told(&ha, EVENT_DONE, "y"));
	hosts_end();
}

static int
only_x(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "%p%/x");
}

/* An incomplete session moves no cursor, and says done of what it did. */
static void
limited(void)
{
	struct session_options o;
	struct cursor c;
	uint64_t number, replica;

	hosts_new("");
	edit(&ha, "x", "one");
	edit(&ha, "y", "two");
	o = host_options(&ha, 1);
	o.complete = o.turn = 0;
	o.wants = only_x;
	CHECK(!run_session(&ha, &hb, &o, 0));
	CHECK(holds(&hb, "x", "one") && holds(&hb, "y", NULL));
	fact_cursor(ha.state, "b", ha.pairs[0].scope, &c);
	CHECK_INT(c.out, 0);
	CHECK(fact_done(ha.state, "b", pname("x"), &number, &replica));
	CHECK(replica == state_replica(hb.state));
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(ha.offers, 1);
	CHECK(holds(&hb, "y", "two"));
	CHECK(!fact_done(ha.state, "b", pname("x"), &number, &replica));
	hosts_end();
}

/* What was done for a peer that is another one now is not done. */
static void
limited_then_reinstalled(void)
{
	struct session_options o;

	hosts_new("");
	edit(&ha, "x", "one");
	o = host_options(&ha, 1);
	o.complete = o.turn = 0;
	o.wants = only_x;
	CHECK(!run_session(&ha, &hb, &o, 0));
	host_close(&hb);
	unlink("b/x");
	unlink("st-b/b.db");
	host_open(&hb, "b", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; }");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("x", "one"), NULL);
	hosts_end();
}

/* A new state's finds lose against a peer that has been here for long. */
static void
reinstalled(void)
{
	hosts_new("auto younger;");
	edit(&ha, "x", "the cluster's");
	CHECK(!sync_hosts(&ha, &hb));
	host_close(&hb);
	unlink("st-b/b.db");
	host_open(&hb, "b", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; auto younger; }");
	edit_unseen(&hb, "x", "the distribution's");
	check_path(&hb, "x", 1);
	CHECK(!sync_hosts(&hb, &ha));
	CHECK_STR(unequal("x", "the cluster's"), NULL);
	CHECK(settled());
	hosts_end();
}

/* A state from the past takes a new id; then all goes on as if it were one. */
static void
rolled_back(void)
{
	struct session_options o;
	struct buf old;
	uint64_t id;

	hosts_new("auto younger;");
	edit(&ha, "x", "one");
	CHECK(!sync_hosts(&ha, &hb));
	host_close(&ha);
	old = file_read("st-a/a.db");
	host_open(&ha, "a", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; auto younger; }");
	edit(&ha, "x", "two");
	edit(&ha, "y", "two");
	CHECK(!sync_hosts(&ha, &hb));
	host_close(&ha);
	file_write("st-a/a.db", old.p, old.len);
	buf_free(&old);
	host_open(&ha, "a", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; auto younger; }");
	id = state_replica(ha.state);
	o = host_options(&ha, 1);
	CHECK(run_session(&ha, &hb, &o, 0));
	CHECK(session_again(ha.session));
	CHECK(state_replica(ha.state) != id);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_STR(unequal("y", "two"), NULL);
	CHECK_STR(unequal("x", "two"), NULL);
	hosts_end();
}

/* A renewal that a crash cut short is finished before anything is offered. */
static void
half_renewed(void)
{
	struct entry entry;
	struct err e;
	uint64_t id;

	hosts_new("auto younger;");
	edit(&ha, "x", "one");
	CHECK(!sync_hosts(&ha, &hb));
	edit(&ha, "x", "two");
	id = state_replica(ha.state);
	state_must(state_lock(ha.state, LOCK_MS, &e), &e);
	state_must(fact_set_meta(ha.state, "restamp", id, &e), &e);
	state_must(state_unlock(ha.state, &e), &e);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(state_replica(ha.state) != id);
	CHECK(!fact_meta(ha.state, "restamp"));
	CHECK_STR(unequal("x", "two"), NULL);
	CHECK_INT(state_get(hb.state, "%p%/x", &entry, &e), 1);
	CHECK(entry.h.stamp.replica != id);
	entry_free(&entry);
	hosts_end();
}

static int
run_action(void *ctx, struct session *s, const struct pulse *pulse,
    struct err *e)
{
	struct action_report r = { 3, 1, "the command" };

	(void)ctx;
	(void)pulse;
	(void)e;
	session_report(s, &r);
	return 0;
}

static void
action_ran(void *ctx, const struct action_report *r)
{
	struct host *h = ctx;

	h->nnews = (size_t)r->status;
}

static void
actions(void)
{
	struct session_options o, so;

	hosts_new("");
	o = host_options(&ha, 1);
	o.action_ran = action_ran;
	so = host_options(&hb, 0);
	so.actions = run_action;
	host_begin(&ha, &o);
	host_begin(&hb, &so);
	while (host_hear(&ha, &hb) | host_hear(&hb, &ha) | host_talk(&ha) |
	    host_talk(&hb))
		continue;
	CHECK(session_complete(ha.session) && session_complete(hb.session));
	CHECK_INT(ha.nnews, 3);
	hosts_end();
}

/* An edit that shows when the peer offers that name is one all the same. */
static void
found_by_an_offer(void)
{
	struct view key, value;

	shared_file("auto younger; action { exec \"true\"; do-local-only; }",
	    "x", "base");
	state_must(state_lock(hb.state, LOCK_MS, &hb.e), &hb.e);
	state_must(state_drop_facts(hb.state, FACT_ACTION, &hb.e), &hb.e);
	state_must(state_unlock(hb.state, &hb.e), &hb.e);
	edit(&ha, "x", "a's");
	edit_unseen(&hb, "x", "b's, unseen");
	set_mtime(&hb, "x", 4000000000);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(holds(&ha, "x", "b's, unseen"));
	CHECK(state_fact_after(hb.state, FACT_ACTION, NULL, 0, &key, &value));
	hosts_end();
}

int
main(void)
{
	scratch_state_init();
	RUN(nothing_to_do);
	RUN(take);
	RUN(turn_around);
	RUN(no_turn);
	RUN(large_and_delta);
	RUN(many);
	RUN(same_by_first_check);
	RUN(same_by_chance);
	RUN(receive_only);
	RUN(denied);
	RUN(parents);
	RUN(dry);
	RUN(limited);
	RUN(limited_then_reinstalled);
	RUN(reinstalled);
	RUN(rolled_back);
	RUN(half_renewed);
	RUN(actions);
	RUN(found_by_an_offer);
	scratch_fini();
	return unit_end();
}
