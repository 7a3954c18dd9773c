/* SPDX-License-Identifier: ISC */
/*
 * Comparisons of two honest hosts over queues in memory, then of one with a
 * peer that does not keep to the rules. Whatever happens, both trees and states
 * stay byte for byte as they were.
 */
#include "twohosts.h"

#include "sync/comparing.h"

/* What a client is told: "X name", with the content behind "=" if it is. */
struct seen {
	struct buf text;
	int n;
};

static void
differs(void *ctx, const struct difference *d)
{
	struct seen *s = ctx;
	char sign = d->ours && d->theirs ? 'X' : d->ours ? 'L' : 'R';

	scratch_need(d->theirs ? d->history != NULL : !d->history, "history");
	buf_u8(&s->text, (unsigned char)sign);
	buf_put(&s->text, d->name + 3, strlen(d->name) - 3);
	if (d->content) {
		buf_u8(&s->text, '=');
		buf_put(&s->text, d->content->p, d->content->len);
	}
	buf_u8(&s->text, ' ');
	s->n++;
}

static int
wants_d(void *ctx, const char *name)
{
	(void)ctx;
	return path_within(name, "%p%/d");
}

/* Compares client with server: what it was told, or NULL; both must be well. */
static const char *
compare(struct host *client, struct host *server, int contents,
    int (*wants)(void *, const char *), int order)
{
	static char text[2000];
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	struct seen seen = { BUF_INIT, 0 };
	struct comparing_options c = { contents, wants, differs, &seen };
	struct session_options o = host_options(client, 1);
	int rc;

	o.compare = &c;
	tree_digest(before);
	rc = run_session(client, server, &o, order);
	tree_digest(after);
	snprintf(text, sizeof(text), "%.*s", (int)seen.text.len,
	    seen.text.len ? (char *)seen.text.p : "");
	buf_free(&seen.text);
	if (rc || !all_answered(server, client) || client->offers ||
	    server->said[MESSAGE_PARENT] || client->nnews || server->nnews) {
		printf("# %s; %s\n", client->e.text, server->e.text);
		return NULL;
	}
	return memcmp(before, after, HASH_BYTES) ? "a change" : text;
}

static void
alike(void)
{
	hosts_new("");
	CHECK_STR(compare(&ha, &hb, 0, NULL, 0), "");
	edit(&ha, "x", "text");
	edit(&ha, "gone", "text");
	scratch_need(!sync_hosts(&ha, &hb), "sync");
	drop(&ha, "gone");
	scratch_need(!sync_hosts(&ha, &hb), "sync");
	CHECK_STR(compare(&ha, &hb, 1, NULL, 0), "");
	CHECK_STR(compare(&hb, &ha, 1, NULL, 1), "");
	CHECK_INT(ha.offers, 1);        /* no tombstone */
	set_mtime(&ha, "x", 1000000);
	check_path(&ha, "x", 0);
	CHECK_STR(compare(&ha, &hb, 0, NULL, 0), "");
	hosts_end();
}

/* Every kind of difference, in order; what is pending stays so. */
static void
different(int order)
{
	hosts_new("");
	edit(&ha, "d.x", "same");
	edit(&ha, "e", "same");
	edit(&ha, "gone", "text");
	edit(&ha, "m", "same");
	scratch_need(!sync_hosts(&ha, &hb), "sync");
	drop(&ha, "gone");
	edit(&ha, "a", "ours");
	edit(&ha, "e", "by a");
	mkdir(disk_path(&ha, "d"), 0755);
	check_path(&ha, "d", 0);
	edit(&ha, "d/l", "below");
	chmod(disk_path(&hb, "m"), 0640);
	check_path(&hb, "m", 0);
	edit(&hb, "z", "theirs");
	edit(&hb, "k", "by b");
	scratch_need(!symlink("k", disk_path(&ha, "k")), "symlink");
	check_path(&ha, "k", 0);
	CHECK_STR(compare(&ha, &hb, 0, NULL, order),
	    "L/a L/d L/d/l X/e R/gone X/k X/m R/z ");
	CHECK_STR(compare(&hb, &ha, 0, NULL, order),
	    "R/a R/d R/d/l X/e L/gone X/k X/m L/z ");
	CHECK_STR(compare(&ha, &hb, 1, NULL, order), "L/a L/d L/d/l "
	    "X/e=same R/gone=text X/k=by b X/m R/z=theirs ");
	CHECK_STR(compare(&hb, &ha, 1, wants_d, order), "R/d R/d/l=below ");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(told(&hb, EVENT_DONE, "a") && told(&hb, EVENT_DONE, "gone"));
	hosts_end();
}

static void
differences(void)
{
	different(0);
	different(1);
}

/* What is too long, or is no longer as its state knows it, is not shown. */
static void
no_content(void)
{
	static char text[COMPARING_CONTENT_MAX + 2];
	const char *got;

	hosts_new("");
	memset(text, 'x', COMPARING_CONTENT_MAX + 1);
	edit(&hb, "big", text);
	edit(&hb, "empty", "");
	edit(&hb, "moves", "text");
	edit_unseen(&hb, "moves", "another text");
	CHECK_STR(compare(&ha, &hb, 1, NULL, 0), "R/big R/empty= R/moves ");
	CHECK_INT(ha.said[MESSAGE_WANT], 2);
	text[COMPARING_CONTENT_MAX] = 0;
	edit(&hb, "big", text);
	got = compare(&ha, &hb, 1, NULL, 1);
	CHECK(got && !strncmp(got, "R/big=xxx", 9));
	hosts_end();
}

/* Entries that only the states know, the same on both hosts. */
static void
put_many(struct host *h, int n)
{
	char path[20];
	int i;

	state_must(state_lock(h->state, LOCK_MS, &h->e), &h->e);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "f%04d", i);
		put_name(h->state, pname(path), (uint64_t)i + 1);
	}
	state_must(state_unlock(h->state, &h->e), &h->e);
}

/* More than the window, mostly alike. */
static void
many(void)
{
	hosts_new("");
	put_many(&ha, 3500);
	put_many(&hb, 3500);
	edit(&hb, "f0000", "0");
	edit(&hb, "f1600", "1600");
	edit(&ha, "f3499", "3499");
	CHECK_STR(compare(&ha, &hb, 0, NULL, 1), "X/f0000 X/f1600 X/f3499 ");
	CHECK_STR(compare(&ha, &hb, 1, NULL, 0),
	    "X/f0000=0 X/f1600=1600 X/f3499 ");
	CHECK_INT(hb.offers, 3500);
	hosts_end();
}

/* Compare patterns count; what neither could send to the other does not. */
static void
covered(void)
{
	hosts_with("group g { host a b; key /k; include %p%/in; "
	    "compare %p%/cmp %p%/deep/*; exclude %p%/in/out; }\n"
	    "group h { host (a) b; key /k; include %p%/ro; }\n"
	    "group i { host (a) (b); key /k; include %p%/none; }\n");
	edit(&hb, "cmp", "text");
	edit(&hb, "else", "text");
	edit(&hb, "none", "text");
	edit(&hb, "ro", "text");
	mkdir(disk_path(&hb, "in"), 0755);
	check_path(&hb, "in", 0);
	edit(&hb, "in/out", "text");
	mkdir(disk_path(&hb, "deep"), 0755);
	edit(&hb, "deep/f", "text");
	edit(&ha, "else", "other");
	CHECK_STR(compare(&ha, &hb, 1, NULL, 0),
	    "R/cmp=text R/deep/f=text R/in R/ro=text ");
	CHECK_INT(hb.offers, 4);
	CHECK_STR(compare(&hb, &ha, 1, NULL, 0), "L/cmp L/deep/f L/in L/ro ");
	hosts_end();
}

/* One that is older than its peer knows it compares, and keeps its replica. */
static void
rolled_back(void)
{
	uint64_t replica;

	hosts_new("");
	edit(&ha, "x", "text");
	scratch_need(!sync_hosts(&ha, &hb), "sync");
	replica = state_replica(ha.state);
	state_must(state_lock(hb.state, LOCK_MS, &hb.e), &hb.e);
	state_must(fact_set_known(hb.state, replica, 4711, &hb.e), &hb.e);
	state_must(state_unlock(hb.state, &hb.e), &hb.e);
	CHECK_STR(compare(&ha, &hb, 0, NULL, 0), "");
	CHECK_STR(compare(&hb, &ha, 0, NULL, 0), "");
	CHECK(state_replica(ha.state) == replica);
	hosts_end();
}

/* One real side, which must end well or with an error, and change nothing. */
struct trial {
	struct host *victim;
	struct seen seen;
	struct comparing_options c;
	unsigned char before[HASH_BYTES];
};

static int
say(struct trial *t, unsigned type, struct buf *body)
{
	struct host *h = t->victim;

	if (!h->rc)
		h->rc = session_handler.input(h->session, type,
		    view_of(body->p, body->len), &h->e);
	buf_free(body);
	while (host_talk(h))
		continue;
	return h->rc;
}

static void
trial_begin(struct trial *t, struct host *victim, int contents)
{
	struct session_options o = host_options(victim, victim == &ha);
	struct hello h;
	struct buf b = BUF_INIT;

	memset(t, 0, sizeof(*t));
	t->victim = victim;
	t->c = (struct comparing_options){ contents, NULL, differs, &t->seen };
	tree_digest(t->before);
	o.compare = o.client ? &t->c : NULL;
	host_begin(victim, &o);
	memset(&h, 0, sizeof(h));
	h.version = PROTOCOL_VERSION;
	h.bits = o.client ? 0 : HELLO_COMPARE;
	h.replica = 4711;
	hello_encode(&h, &b);
	scratch_need(!say(t, MESSAGE_HELLO, &b), "greet");
}

/* How it ended; -1 also where something changed. */
static int
trial_end(struct trial *t)
{
	unsigned char after[HASH_BYTES];

	tree_digest(after);
	buf_free(&t->seen.text);
	return memcmp(t->before, after, HASH_BYTES) ? -2 : t->victim->rc;
}

static int
say_offer(struct trial *t, const char *name, enum kind kind, int eager)
{
	struct version v = { .kind = kind };
	struct history h;
	struct buf b = BUF_INIT;

	if (kind == KIND_REG) {
		v.mode = 0644;
		v.size = 4;
	}
	memset(&h, 0, sizeof(h));
	history_change(&h, (struct stamp){ 4711, 1 }, "b");
	offer_encode(eager, name, &v, &h, &b);
	return say(t, MESSAGE_OFFER, &b);
}

static int
say_content(struct trial *t, uint64_t index, unsigned bits, const char *text)
{
	struct content_piece p = { index, bits, view_of(text, strlen(text)) };
	struct buf b = BUF_INIT;

	content_encode(&p, &b);
	return say(t, MESSAGE_CONTENT, &b);
}

static int
say_number(struct trial *t, unsigned type, uint64_t number)
{
	struct buf b = BUF_INIT;

	end_encode(number, &b);
	return say(t, type, &b);
}

static int
say_want(struct trial *t, uint64_t index)
{
	struct buf b = BUF_INIT;

	want_encode(index, 0, &b);
	return say(t, MESSAGE_WANT, &b);
}

/* A rule of the peer's offers each; the last one is kept to. */
static void
bad_offers(void)
{
	static const struct {
		const char *first, *second;
		enum kind kind;
		int eager, rc;
	} t[] = {
		{ "%p%/b", "%p%/a", KIND_REG, 0, -1 },
		{ "%p%/b", "%p%/b", KIND_REG, 0, -1 },
		{ "%p%/b.c", "%p%/b/c", KIND_REG, 0, -1 },
		{ "%p%/b", "%p%/../c", KIND_REG, 0, -1 },
		{ "%p%/b", "no name", KIND_REG, 0, -1 },
		{ "%p%/b", "%p%/c", KIND_NONE, 0, -1 },
		{ "%p%/b", "%p%/c", KIND_REG, 1, -1 },
		{ "%p%/b", "/not/ours", KIND_REG, 0, -1 },
		{ "%p%/b/c", "%p%/b.c", KIND_REG, 0, 0 }
	};
	struct trial one;
	size_t i;

	hosts_new("");
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		trial_begin(&one, &ha, 0);
		CHECK_INT(say_offer(&one, t[i].first, KIND_REG, 0), 0);
		CHECK_INT(say_offer(&one, t[i].second, t[i].kind, t[i].eager),
		    t[i].rc);
		CHECK_INT(one.seen.n, t[i].rc ? 1 : 2);
		if (!t[i].rc) {
			CHECK(!say_number(&one, MESSAGE_END, 9));
			CHECK(!say_number(&one, MESSAGE_BYE, 9));
			CHECK(session_complete(ha.session));
		}
		CHECK_INT(trial_end(&one), t[i].rc);
	}
	/* a name that no group of ours has is nobody's business */
	trial_begin(&one, &ha, 1);
	CHECK_INT(say_offer(&one, "/not/ours", KIND_REG, 0), 0);
	CHECK_INT(one.seen.n, 0);
	CHECK_INT(ha.said[MESSAGE_WANT], 0);
	CHECK_INT(ha.said[MESSAGE_RESULT], 1);
	CHECK_INT(trial_end(&one), 0);
	hosts_end();
}

static void
bad_contents(void)
{
	static const struct {
		uint64_t index;
		unsigned bits;
		const char *text;
		int rc;
	} t[] = {
		{ 0, 0, "long!", -1 },
		{ 0, CONTENT_LAST, "long!", -1 },
		{ 0, CONTENT_LAST, "sho", -1 },
		{ 0, CONTENT_LAST | CONTENT_DELTA, "text", -1 },
		{ 1, CONTENT_LAST, "text", -1 },
		{ 0, CONTENT_LAST | CONTENT_GIVEN_UP, "", 0 },
		{ 0, CONTENT_LAST, "text", 0 }
	};
	struct trial one;
	size_t i;

	hosts_new("");
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		trial_begin(&one, &ha, 1);
		CHECK_INT(say_offer(&one, "%p%/x", KIND_REG, 0), 0);
		CHECK_INT(ha.said[MESSAGE_WANT], 1);
		CHECK_INT(say_content(&one, t[i].index, t[i].bits, t[i].text),
		    t[i].rc);
		CHECK_INT(one.seen.n, !t[i].rc);
		/* once is enough */
		CHECK_INT(say_content(&one, 0, CONTENT_LAST, "text"), -1);
		CHECK_INT(trial_end(&one), -1);
	}
	/* what nobody asked for */
	trial_begin(&one, &ha, 0);
	CHECK_INT(say_offer(&one, "%p%/x", KIND_REG, 0), 0);
	CHECK_INT(say_content(&one, 0, CONTENT_LAST, "text"), -1);
	CHECK_INT(trial_end(&one), -1);
	trial_begin(&one, &ha, 1);
	CHECK_INT(say_content(&one, 0, CONTENT_LAST, "text"), -1);
	CHECK_INT(trial_end(&one), -1);
	hosts_end();
}

/* Offers without end while we wait for a content. */
static void
too_many(void)
{
	struct trial one;
	char name[30];
	int i;

	hosts_new("");
	trial_begin(&one, &ha, 1);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "%%p%%/%08d", i);
		if (say_offer(&one, name, KIND_REG, 0))
			break;
	}
	CHECK_INT(i, 4096);
	CHECK_INT(trial_end(&one), -1);
	hosts_end();
}

/* To the client: everything that has no place there, before and after END. */
static void
out_of_turn(void)
{
	static const unsigned types[] = { MESSAGE_HELLO, MESSAGE_PARENT,
		MESSAGE_WANT, MESSAGE_SIGNATURE, MESSAGE_RESULT,
		MESSAGE_ACTION, MESSAGE_BYE };
	struct trial one;
	struct buf b;
	size_t i;

	hosts_new("");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		trial_begin(&one, &ha, 0);
		b = (struct buf)BUF_INIT;
		buf_u8(&b, 0);
		CHECK_INT(say(&one, types[i], &b), -1);
		CHECK_INT(trial_end(&one), -1);
	}
	for (i = 0; i < 2; i++) {
		trial_begin(&one, &ha, 0);
		CHECK_INT(say_number(&one, MESSAGE_END, 9), 0);
		CHECK_INT(i ? say_number(&one, MESSAGE_END, 9) :
		    say_offer(&one, "%p%/x", KIND_REG, 0), -1);
		CHECK_INT(trial_end(&one), -1);
	}
	hosts_end();
}

/* To the server: it takes nothing, and gives what it offered thrice at most. */
static void
bad_client(void)
{
	struct trial one;
	int i;

	hosts_new("");
	edit(&hb, "x", "text");
	trial_begin(&one, &hb, 0);
	CHECK_INT(hb.offers, 1);
	CHECK_INT(say_offer(&one, "%p%/y", KIND_REG, 0), -1);
	CHECK_INT(trial_end(&one), -1);
	trial_begin(&one, &hb, 0);
	CHECK_INT(say_number(&one, MESSAGE_END, 9), -1);
	CHECK_INT(trial_end(&one), -1);
	trial_begin(&one, &hb, 0);
	for (i = 0; i < 4; i++)
		CHECK_INT(say_want(&one, 0), i < 3 ? 0 : -1);
	CHECK_INT(hb.said[MESSAGE_CONTENT], 3);
	CHECK_INT(trial_end(&one), -1);
	trial_begin(&one, &hb, 0);
	CHECK_INT(say_want(&one, 1), -1);
	CHECK_INT(trial_end(&one), -1);
	hosts_end();
}

int
main(void)
{
	scratch_state_init();
	RUN(alike);
	RUN(differences);
	RUN(no_content);
	RUN(many);
	RUN(covered);
	RUN(rolled_back);
	RUN(bad_offers);
	RUN(bad_contents);
	RUN(too_many);
	RUN(out_of_turn);
	RUN(bad_client);
	return unit_end();
}
