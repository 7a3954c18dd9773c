/* SPDX-License-Identifier: ISC */
/*
 * What two hosts find out about each other's trees by digests: what is alike
 * costs next to nothing, what is not is offered, and nothing else.
 */
#include "twohosts.h"

#include "sync/digest.h"

/* A file that both had before they knew of each other. */
static void
born(struct host *h, const char *path, const char *text)
{
	edit_unseen(h, path, text);
	set_mtime(h, path, 1000000);
	check_path(h, path, 1);
}

/* A session in which a client reconciles: 0 when it is complete. */
static int
reconcile(struct host *client, struct host *server)
{
	struct session_options o = host_options(client, 1);

	o.reconcile = 1;
	if (!run_session(client, server, &o, 0))
		return 0;
	printf("# %s: %s; %s: %s\n", client->name, client->e.text,
	    server->name, server->e.text);
	return -1;
}

static void
born_many(int n)
{
	char path[32], text[32];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "f%d", i);
		snprintf(text, sizeof(text), "content %d", i);
		born(&ha, path, text);
		born(&hb, path, text);
	}
}

static void
alike(void)
{
	unsigned char before[HASH_BYTES], after[HASH_BYTES];

	hosts_new("");
	born_many(200);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK_INT(ha.said[MESSAGE_DIGEST], 1);
	CHECK_INT(hb.said[MESSAGE_BUCKETS], 1);
	CHECK_INT(ha.said[MESSAGE_ITEMS] + hb.said[MESSAGE_ITEMS], 0);
	CHECK_INT(ha.offers + hb.offers, 0);
	/* they know each other now, and the cursors have passed it all */
	CHECK(!sync_hosts(&hb, &ha));
	CHECK_INT(ha.said[MESSAGE_DIGEST] + hb.said[MESSAGE_DIGEST], 0);
	CHECK_INT(ha.offers + hb.offers, 0);
	tree_digest(before);
	CHECK(!reconcile(&ha, &hb) && !reconcile(&hb, &ha));
	CHECK_INT(hb.said[MESSAGE_DIGEST], 1);
	tree_digest(after);
	CHECK_MEM(after, before, HASH_BYTES);   /* not a byte of the states */
	hosts_end();
}

/* Each direction brings what the other lacks, and only that. */
static void
differences(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		hosts_new("auto younger;");
		born_many(200);
		edit(&ha, "f7", "edited");
		edit(&ha, "only a", "x");
		edit(&hb, "only b", "y");
		edit(&hb, "f9", "edited, too");
		CHECK(!(i ? sync_hosts(&ha, &hb) : sync_hosts(&hb, &ha)));
		CHECK(ha.said[MESSAGE_DIGEST] + hb.said[MESSAGE_DIGEST] == 1);
		CHECK(ha.offers + hb.offers <= 6);
		CHECK(holds(&ha, "only b", "y") && holds(&hb, "only a", "x"));
		CHECK(holds(&hb, "f7", "edited"));
		CHECK(holds(&ha, "f9", "edited, too"));
		CHECK(!sync_hosts(&ha, &hb) && !sync_hosts(&hb, &ha));
		CHECK_INT(ha.offers + hb.offers, 0);
		hosts_end();
	}
}

/* An entry that its host lost, which no cursor can tell. */
static void
lose(struct host *h, const char *path)
{
	scratch_need(!unlink(disk_path(h, path)), path);
	state_must(state_lock(h->state, LOCK_MS, &h->e), &h->e);
	state_must(state_forget(h->state, pname(path), &h->e), &h->e);
	state_must(state_unlock(h->state, &h->e), &h->e);
}

static void
lost_entry(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		hosts_new("");
		born_many(100);
		edit(&ha, "f3", "newer");
		CHECK(!sync_hosts(&ha, &hb));
		lose(&hb, "f3");
		lose(&hb, "f50");
		CHECK(!sync_hosts(&ha, &hb));
		CHECK(holds(&hb, "f3", NULL));
		CHECK(!(i ? reconcile(&ha, &hb) : reconcile(&hb, &ha)));
		CHECK_INT(ha.offers, 2);
		CHECK_INT(hb.offers, 0);
		CHECK(holds(&hb, "f3", "newer"));
		CHECK(holds(&hb, "f50", "content 50"));
		hosts_end();
	}
}

/* A removal that the other was not told wins over what lives on there. */
static void
removal_stands(void)
{
	struct cursor c;

	hosts_new("");
	born_many(20);
	CHECK(!sync_hosts(&ha, &hb));
	drop(&ha, "f4");
	/* a thinks that b knows: as if told to a state that was put back */
	fact_cursor(ha.state, "b", ha.pairs[0].scope, &c);
	c.out = state_high(ha.state);
	state_must(state_lock(ha.state, LOCK_MS, &ha.e), &ha.e);
	state_must(fact_set_cursor(ha.state, "b", ha.pairs[0].scope, &c,
	    &ha.e), &ha.e);
	state_must(state_unlock(ha.state, &ha.e), &ha.e);
	CHECK(!reconcile(&hb, &ha));
	CHECK(!reconcile(&hb, &ha));
	CHECK(holds(&ha, "f4", NULL) && holds(&hb, "f4", NULL));
	hosts_end();
}

static void
mark_quiet(struct host *h, const char *path)
{
	struct entry entry = host_entry(h, path);

	entry.h.bits |= HISTORY_QUIET;
	state_must(state_lock(h->state, LOCK_MS, &h->e), &h->e);
	state_must(state_put(h->state, &entry, &h->e), &h->e);
	state_must(state_unlock(h->state, &h->e), &h->e);
	entry_free(&entry);
}

/* What was recorded with -I is seen to differ, and left alone on both. */
static void
quiet(void)
{
	int i, k;

	for (i = 0; i < 2; i++) {
		hosts_new("auto younger;");
		born_many(20);
		CHECK(!sync_hosts(&ha, &hb));
		edit(&ha, "f5", "mine alone");
		mark_quiet(&ha, "f5");
		drop(&ha, "f6");
		mark_quiet(&ha, "f6");
		for (k = 0; k < 2; k++)
			CHECK(!(i ? reconcile(&ha, &hb)
			    : reconcile(&hb, &ha)));
		CHECK_INT(ha.offers + hb.offers, 0);
		CHECK(holds(&ha, "f5", "mine alone"));
		CHECK(holds(&hb, "f5", "content 5"));
		CHECK(holds(&hb, "f6", "content 6"));
		/* a later edit there is another matter */
		edit(&hb, "f5", "later");
		CHECK(!(i ? reconcile(&ha, &hb) : reconcile(&hb, &ha)));
		CHECK(ha.offers + hb.offers > 0);
		hosts_end();
	}
}

/* What a session cannot make alike is looked at once. */
static void
remembered(void)
{
	int i;

	hosts_new("auto none;");
	born_many(20);
	born(&ha, "x", "one");
	born(&hb, "x", "another");
	CHECK(!reconcile(&ha, &hb));
	CHECK(told(&ha, EVENT_CONFLICT, "x"));
	CHECK_INT(hb.said[MESSAGE_ITEMS], 1);
	for (i = 0; i < 2; i++) {
		CHECK(!reconcile(&ha, &hb));
		CHECK_INT(hb.said[MESSAGE_ITEMS], 0);
		CHECK(told(&ha, EVENT_CONFLICT, "x"));  /* still owed */
	}
	edit(&ha, "y", "z");
	CHECK(!reconcile(&ha, &hb));
	CHECK_INT(hb.said[MESSAGE_ITEMS], 1);
	hosts_end();
}

/* A receive-only host is filled, whoever asks, and its stamps stay its own. */
static void
receive_only(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		hosts_with("group g { host a (b); key /k; include %p%; }");
		born_many(50);
		edit(&ha, "f1", "edited");
		CHECK(!(i ? reconcile(&ha, &hb) : reconcile(&hb, &ha)));
		CHECK(holds(&hb, "f1", "edited"));
		lose(&hb, "f2");
		CHECK(!(i ? reconcile(&ha, &hb) : reconcile(&hb, &ha)));
		CHECK(holds(&hb, "f2", "content 2"));
		CHECK_INT(ha.offers, 1);
		CHECK(!(i ? reconcile(&ha, &hb) : reconcile(&hb, &ha)));
		CHECK_INT(ha.offers + hb.offers, 0);
		hosts_end();
	}
}

/* Only one side is new: nothing has to be compared first. */
static void
empty(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		hosts_new("");
		edit(&ha, "x", "text");
		CHECK(!(i ? sync_hosts(&ha, &hb) : sync_hosts(&hb, &ha)));
		CHECK_INT(ha.said[MESSAGE_DIGEST] + hb.said[MESSAGE_DIGEST],
		    0);
		CHECK(holds(&hb, "x", "text"));
		hosts_end();
	}
}

static void
folding(void)
{
	static struct digest d;
	uint64_t all = 0;
	unsigned i;

	memset(&d, 0, sizeof(d));
	CHECK_INT(digest_bits(&d), 0);
	d.bits = DIGEST_BITS_MAX;
	for (i = 0; i < DIGEST_BUCKETS_MAX; i++) {
		d.sum[i] = i * UINT64_C(0x9e3779b97f4a7c15);
		d.count[i] = 2;
		all += d.sum[i];
	}
	CHECK_INT(digest_bits(&d), 4);
	digest_fold(&d, 4);
	CHECK_INT(d.bits, 4);
	CHECK_INT(d.count[15], 64);
	digest_fold(&d, 0);
	CHECK(d.sum[0] == all);
	CHECK_INT(d.count[0], 2 * DIGEST_BUCKETS_MAX);
	CHECK_INT(digest_bucket(~UINT64_C(0), 0), 0);
	CHECK_INT(digest_bucket(~UINT64_C(0), 9), 511);
	CHECK_INT(digest_bucket(UINT64_C(1) << 55, 9), 1);
}

int
main(void)
{
	scratch_init();
	RUN(folding);
	RUN(alike);
	RUN(differences);
	RUN(lost_entry);
	RUN(removal_stands);
	RUN(quiet);
	RUN(remembered);
	RUN(receive_only);
	RUN(empty);
	scratch_fini();
	return unit_end();
}
