/* SPDX-License-Identifier: ISC */
/*
 * Rules of versions that only show between two whole hosts: receive-only hosts
 * leave no trace in what members remember, sessions are frugal with
 * descriptors, what others know of a replica is remembered.
 */
#include <sys/resource.h>

#include "fs/change.h"
#include "sync/action.h"
#include "stamps.h"
#include "twohosts.h"

#define RECEIVE_ONLY "group g { host a (b); key /k; include %p%; }"

static const char *
filled(char byte)
{
	static char text[20001];

	memset(text, byte, sizeof(text) - 1);
	return text;
}

/* Equal files that nobody has sent: the member's history stands on both. */
static void
unstamped_is_no_head(void)
{
	struct entry x, y;

	hosts_with(RECEIVE_ONLY);
	edit(&ha, "x", "text");
	edit_unseen(&hb, "x", "text");
	CHECK(!sync_hosts(&ha, &hb));
	x = host_entry(&ha, "x");
	y = host_entry(&hb, "x");
	CHECK_INT(x.h.nheads, 0);
	CHECK_INT(y.h.nheads, 0);
	CHECK(stamp_equal(x.h.stamp, y.h.stamp));
	entry_free(&x);
	entry_free(&y);
	edit(&ha, "x", "more");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(told(&hb, EVENT_DONE, "x"));
	CHECK(holds(&hb, "x", "more"));
	hosts_end();
}

/* As on a slow line: each side says all that it can, then the other. */
static int
sync_in_bursts(void)
{
	struct session_options co = host_options(&ha, 1);
	struct session_options so = host_options(&hb, 0);
	int moved;

	host_begin(&ha, &co);
	host_begin(&hb, &so);
	do {
		for (moved = 0; host_talk(&ha); moved = 1)
			continue;
		for (; host_hear(&hb, &ha); moved = 1)
			continue;
		for (; host_talk(&hb); moved = 1)
			continue;
		for (; host_hear(&ha, &hb); moved = 1)
			continue;
	} while (moved);
	return session_complete(ha.session) && session_complete(hb.session) ?
	    0 : -1;
}

/* What is signed for a delta is open only while it is read. */
static void
few_descriptors(void)
{
	enum { FILES = 200 };
	struct rlimit old, few;
	char name[16];
	int i, rc;

	hosts_new("");
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		edit(&ha, name, filled('a'));
	}
	CHECK(!sync_hosts(&ha, &hb));
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		edit(&ha, name, filled('b'));
	}
	CHECK(!getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = 64;
	CHECK(!setrlimit(RLIMIT_NOFILE, &few));
	rc = sync_in_bursts();
	CHECK(!setrlimit(RLIMIT_NOFILE, &old));
	CHECK(!rc);
	CHECK_INT(hb.said[MESSAGE_SIGNATURE], FILES);
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		CHECK(holds(&hb, name, filled('b')));
	}
	hosts_end();
}

/* A state put back, with more edits since than the peer ever heard of. */
static void
rolled_back_and_edited(void)
{
	struct session_options o;
	struct buf old;
	uint64_t id;
	char name[16];
	int i;

	hosts_new("auto younger;");
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		edit(&ha, name, "one");
	}
	CHECK(!sync_hosts(&ha, &hb));
	host_close(&ha);
	old = file_read("st-a/a.db");
	host_open(&ha, "a", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; auto younger; }");
	edit(&ha, "f0", "two");
	CHECK(!sync_hosts(&ha, &hb));
	host_close(&ha);
	file_write("st-a/a.db", old.p, old.len);
	buf_free(&old);
	host_open(&ha, "a", HOSTS_PREFIX
	    "group g { host a b; key /k; include %p%; auto younger; }");
	edit(&ha, "f1", "three");
	edit(&ha, "f2", "three");
	id = state_replica(ha.state);
	o = host_options(&ha, 1);
	CHECK(run_session(&ha, &hb, &o, 0));
	CHECK(session_again(ha.session));
	CHECK(state_replica(ha.state) != id);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(holds(&hb, "f1", "three"));
	CHECK(holds(&hb, "f2", "three"));
	CHECK(holds(&hb, "f0", "two"));
	hosts_end();
}

static int
break_off(void *ctx, struct session *s, const struct pulse *pulse,
    struct err *e)
{
	(void)ctx;
	(void)s;
	(void)pulse;
	return err_set(e, "restarted by an action");
}

/* A server that goes while its actions run: what was done is done. */
static void
broken_by_action(void)
{
	struct session_options o, so;

	hosts_new("");
	edit(&ha, "x", "text");
	o = host_options(&ha, 1);
	so = host_options(&hb, 0);
	so.actions = break_off;
	host_begin(&ha, &o);
	host_begin(&hb, &so);
	CHECK_INT(session_settle(ha.session, &ha.e), -1);
	while (host_hear(&ha, &hb) | host_hear(&hb, &ha) | host_talk(&ha) |
	    host_talk(&hb))
		continue;
	CHECK_INT(hb.rc, -1);
	CHECK(!session_complete(ha.session));
	CHECK_INT(session_settle(ha.session, &ha.e), 0);
	CHECK(session_complete(ha.session));
	CHECK(holds(&hb, "x", "text"));
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(ha.offers, 0);
	hosts_end();
}

/* What was not carried out fires nothing. */
static void
failed_fires_nothing(void)
{
	struct action_source source;
	struct change c;
	struct view key, value;

	hosts_new("action { exec \"true\"; }");
	source = (struct action_source){ ha.conf, ha.state, "b" };
	memset(&c, 0, sizeof(c));
	c.want.name = mem_strdup(pname("x"));
	c.number = 1;
	c.result = CHANGE_FAILED;
	state_must(state_lock(ha.state, LOCK_MS, &ha.e), &ha.e);
	CHECK(!action_fire(&source, &c, 1, &ha.e));
	CHECK(!state_fact_after(ha.state, FACT_ACTION, NULL, 0, &key, &value));
	c.result = CHANGE_DONE;
	CHECK(!action_fire(&source, &c, 1, &ha.e));
	CHECK(state_fact_after(ha.state, FACT_ACTION, NULL, 0, &key, &value));
	state_must(state_unlock(ha.state, &ha.e), &ha.e);
	change_free(&c);
	hosts_end();
}

int
main(void)
{
	scratch_init();
	RUN(unstamped_is_no_head);
	RUN(few_descriptors);
	RUN(rolled_back_and_edited);
	RUN(broken_by_action);
	RUN(failed_fires_nothing);
	scratch_fini();
	return unit_end();
}
