/* SPDX-License-Identifier: ISC */
/*
 * Pairs and their scopes, who may send what, what is pending; and the set of
 * settled names.
 */
#include "scratchstate.h"

#include "conf/conf.h"
#include "state/fact.h"
#include "sync/pair.h"
#include "sync/settled.h"

static struct conf *conf;
static struct pair *pairs;
static size_t npairs;

static void
load_as(const char *host, const char *text)
{
	struct err e;

	pair_list_free(pairs, npairs);
	conf_free(conf);
	if (conf_parse(&conf, "f", text, strlen(text), "/s", host, NULL, NULL,
	    &e) < 0)
		scratch_need(0, e.text);
	npairs = pair_list(conf, &pairs);
}

static void
load(const char *text)
{
	load_as("a", text);
}

static void
unload(void)
{
	pair_list_free(pairs, npairs);
	conf_free(conf);
	pairs = NULL;
	conf = NULL;
	npairs = 0;
}

static void
one_group(void)
{
	load("group g { host a b c; key k; include /x; }");
	CHECK_INT(npairs, 2);
	CHECK_STR(pairs[0].self, "a");
	CHECK_STR(pairs[0].peer, "b");
	CHECK_STR(pairs[1].peer, "c");
	CHECK_INT(pairs[0].ngroups, 1);
	CHECK_STR(pairs[0].keys[0], "/s/k");
	CHECK(pairs[0].scope != pairs[1].scope);
	load("group g { host b c; key k; include /x; }");
	CHECK_INT(npairs, 0);
	load("group g { host a; key k; include /x; }");
	CHECK_INT(npairs, 0);
}

/* Groups of the same two hosts and key are one session's; others are not. */
static void
several_groups(void)
{
	load("group g { host a b; key k; include /x; }\n"
	    "group h { host b a c; key k; include /y; }\n"
	    "group i { host a b; key other; include /z; }\n"
	    "group j { host c b; key k; include /w; }\n");
	CHECK_INT(npairs, 3);
	CHECK_STR(pairs[0].peer, "b");
	CHECK_INT(pairs[0].ngroups, 2);
	CHECK_STR(pairs[0].groups[0]->name, "g");
	CHECK_STR(pairs[0].groups[1]->name, "h");
	CHECK_STR(pairs[1].peer, "c");
	CHECK_INT(pairs[1].ngroups, 1);
	CHECK_STR(pairs[2].keys[0], "/s/other");
	CHECK_INT(pair_right(&pairs[0], "a", "/x"), PAIR_MEMBER);
	CHECK_INT(pair_right(&pairs[0], "a", "/y/z"), PAIR_MEMBER);
	CHECK_INT(pair_right(&pairs[0], "a", "/z"), PAIR_NONE);
	CHECK_INT(pair_right(&pairs[0], "a", "/w"), PAIR_NONE);
	CHECK_STR(pair_group(&pairs[0], "/y")->name, "h");
	CHECK(!pair_group(&pairs[0], "/z"));
	CHECK_STR(pair_group(&pairs[2], "/z")->name, "i");
}

/* Two keys: those that all groups of the pair have. */
static void
two_keys(void)
{
	load("group g { host a b; key k; key new; include /x; }\n"
	    "group h { host a b; key k; key new; include /y; }\n");
	CHECK_INT(npairs, 1);
	CHECK_INT(pairs[0].nkeys, 2);
	CHECK_STR(pairs[0].keys[1], "/s/new");
	load("group g { host a b; key k; include /x; }\n"
	    "group h { host a b; key k; key new; include /y; }\n");
	CHECK_INT(npairs, 1);
	CHECK_INT(pairs[0].nkeys, 1);
	load("group h { host a b; key k; key new; include /y; }\n"
	    "group g { host a b; key k; key other; include /x; }\n");
	CHECK_INT(pairs[0].nkeys, 1);
	CHECK_STR(pairs[0].keys[0], "/s/k");
}

/* The groups that a key opens between two hosts, or "none". */
static const char *
opened_by(const char *self, const char *peer, const char *key)
{
	static char names[100];
	struct pair *p;
	size_t i;

	names[0] = '\0';
	if (pair_of_key(conf, self, peer, key, &p))
		return "none";
	for (i = 0; i < p->ngroups; i++)
		strncat(names, p->groups[i]->name, 9);
	pair_list_free(p, 1);
	return names;
}

/* What one key opens, the other does not. */
static void
opened(void)
{
	static const char two[] = "group g { host a b; key k; include /x; }\n"
	    "group h { host a b c; key k; key new; include /y; }\n"
	    "group i { host a b; key other; include /z; }\n"
	    "group j { host c b; key k; include /w; }\n"
	    "group l { host (a) (c) (d) b; key k; include /v; }\n";
	struct pair *p;

	load(two);
	CHECK_STR(opened_by("a", "b", "/s/k"), "ghl");
	CHECK_STR(opened_by("a", "b", "/s/new"), "h");
	CHECK_STR(opened_by("a", "b", "/s/other"), "i");
	CHECK_STR(opened_by("a", "c", "/s/k"), "hl");
	CHECK_STR(opened_by("a", "c", "/s/other"), "none");
	CHECK_STR(opened_by("a", "a", "/s/k"), "none");
	CHECK_STR(opened_by("b", "a", "/s/k"), "none");
	CHECK_STR(opened_by("b", "c", "/s/k"), "none");
	CHECK_STR(opened_by("a", "x", "/s/k"), "none");
	CHECK_STR(opened_by("a", "d", "/s/k"), "none");
	CHECK_STR(opened_by("a", "b", "/s/no"), "none");
	CHECK_INT(pair_of_key(conf, "a", "b", "/s/k", &p), 0);
	CHECK(p->scope == pairs[0].scope && p->scope);
	CHECK_INT(pair_right(p, "b", "/z"), PAIR_NONE);
	pair_list_free(p, 1);
	load_as("d", two);
	CHECK_STR(opened_by("d", "a", "/s/k"), "none");
	CHECK_STR(opened_by("d", "b", "/s/k"), "l");
}

static const char *
key_host(const char *self, const char *peer, const char *key)
{
	const char *host;
	struct pair *p;

	if (pair_of_key(conf, self, peer, key, &p))
		return "none";
	host = pair_key_host(p, key);
	pair_list_free(p, 1);
	return host ? host : "";
}

/* Who has a key of its own: by all groups of the key, ours or not. */
static void
key_hosts(void)
{
	load("group g { host a b (c) (d); key k; include /x; }\n"
	    "group h { host b c; key k; include /y; }\n"
	    "group i { host d b; key new; include /z; }\n");
	CHECK_STR(key_host("a", "b", "/s/k"), "");
	CHECK_STR(key_host("a", "c", "/s/k"), "");
	CHECK_STR(key_host("a", "d", "/s/k"), "d");
	load_as("d", "group g { host a b (c) (d); key k; include /x; }\n");
	CHECK_STR(key_host("d", "a", "/s/k"), "d");
	CHECK_STR(key_host("d", "c", "/s/k"), "none");
	load("group g { host a b (c); key k; key new; include /x; }\n"
	    "group h { host b c; key new; include /y; }\n");
	CHECK_STR(key_host("a", "c", "/s/k"), "c");
	CHECK_STR(key_host("a", "c", "/s/new"), "");
}

/* A host has another name for its address in some groups. */
static void
address_names(void)
{
	load("group g { host a b; key k; include /x; }\n"
	    "group h { host a@a-dsl b@b-dsl; key k; include /y; }\n");
	CHECK_INT(npairs, 2);
	CHECK_STR(pairs[1].self, strcmp(pairs[1].self, "a") ? "a-dsl" : "a");
	CHECK(strcmp(pairs[0].peer, pairs[1].peer));
	CHECK_INT(pairs[0].ngroups, 1);
	CHECK_INT(pairs[1].ngroups, 1);
}

static void
receive_only(void)
{
	load("group g { host a (b) (c); key k; include /x; }\n"
	    "group h { host (a) b (c); key k; include /y; }\n");
	CHECK_INT(npairs, 2);
	CHECK_INT(pair_right(&pairs[0], "a", "/x"), PAIR_MEMBER);
	CHECK_INT(pair_right(&pairs[0], "b", "/x"), PAIR_RECEIVE_ONLY);
	CHECK_INT(pair_right(&pairs[0], "a", "/y"), PAIR_RECEIVE_ONLY);
	CHECK_INT(pair_right(&pairs[0], "b", "/y"), PAIR_MEMBER);
	CHECK(!pair_receives_only(&pairs[0], "a"));
	CHECK(!pair_receives_only(&pairs[0], "b"));
	CHECK(pair_receives_only(&pairs[1], "c"));
	load_as("b", "group g { host a (b) (c); key k; include /x; }");
	CHECK_INT(npairs, 1);
	CHECK_STR(pairs[0].peer, "a");
}

static uint64_t
scope_with(const char *text)
{
	load(text);
	return npairs ? pairs[0].scope : 0;
}

/* The scope is of what decides which names are shared, and of nothing else. */
static void
scopes(void)
{
	static const char *const others[] = {
		"group g { host a b; key k; include /y; }",
		"group g { host a b; key k; include /x; exclude /x/y; }",
		"group g { host a b; key k; include /x /y; }",
		"group g { host a b c; key k; include /x; }",
		"group g { host a (b); key k; include /x; }",
		("group g { host a b; key k; include /x; }"
		    "group h { host a b; key k; include /y; }")
	};
	static const char *const alike[] = {
		"group g { host a b; key k; include /x; }",
		"# a comment\ngroup g {\n\thost a b;\n\tkey k;\n"
		    "\tinclude /x;\n}\n",
		"group g { host a b; key k; include /x; auto younger; }",
		"group g { host a b; key k; include /x; "
		    "backup-directory /bak; }",
		"group g { host a b; key k; include /x; "
		    "action { exec \"true\"; } }",
		"group g { host a b; key k; include /x; }"
		    "group h { host a c; key k; include /y; }",
		"group g { host a b; key k; include /x; }"
		    "group h { host c b; key k; include /y; }"
	};
	uint64_t scope = scope_with(alike[0]);
	size_t i;

	CHECK(scope);
	for (i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (scope_with(alike[i]) != scope)
			CHECK_STR(alike[i], "alike");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (scope_with(others[i]) == scope)
			CHECK_STR(others[i], "another scope");
}

static enum pending
pending_now(struct state *s, const char *name, unsigned bits, uint64_t out)
{
	struct entry e = entry_make(name, 10);
	enum pending p;

	e.h.bits = bits;
	p = pair_pending(&pairs[0], s, &e, out, 99);
	entry_free(&e);
	return p;
}

static void
pending(void)
{
	struct state *s;
	struct err e;

	scratch_clear();
	s = state_must_open("a");
	load("group g { host a b; key k; include /x; }\n"
	    "group h { host (a) b; key k; include /y; }\n");
	CHECK_INT(pending_now(s, "/x", 0, 9), PENDING_YES);
	CHECK_INT(pending_now(s, "/x", 0, 10), PENDING_NO);
	CHECK_INT(pending_now(s, "/x", HISTORY_QUIET, 9), PENDING_NO);
	CHECK_INT(pending_now(s, "/y", 0, 9), PENDING_NO);
	CHECK_INT(pending_now(s, "/y", HISTORY_DEVIATES, 10),
	    PENDING_DEVIATES);
	CHECK_INT(pending_now(s, "/z", 0, 9), PENDING_NO);
	state_must(state_lock(s, LOCK_MS, &e), &e);
	state_must(fact_set_owed(s, "b", "/x", 10, 99, &e), &e);
	CHECK_INT(pending_now(s, "/x", 0, 10), PENDING_YES);
	CHECK_INT(pending_now(s, "/x", HISTORY_QUIET, 10), PENDING_YES);
	CHECK_INT(pending_now(s, "/x", HISTORY_TAKEN, 10), PENDING_YES);
	CHECK_INT(pending_now(s, "/x/y", 0, 10), PENDING_NO);
	state_must(fact_set_done(s, "b", "/x", 10, 99, &e), &e);
	CHECK_INT(pending_now(s, "/x", 0, 9), PENDING_NO);
	state_must(fact_set_done(s, "b", "/x", 9, 99, &e), &e);
	CHECK_INT(pending_now(s, "/x", 0, 9), PENDING_YES);     /* changed */
	state_must(fact_set_done(s, "b", "/x", 10, 98, &e), &e);
	CHECK_INT(pending_now(s, "/x", 0, 9), PENDING_YES);     /* reborn */
	state_must(fact_set_done(s, "c", "/x", 10, 99, &e), &e);
	CHECK_INT(pending_now(s, "/x", 0, 9), PENDING_YES);     /* another */
	state_must(state_unlock(s, &e), &e);
	state_close(s);
	unload();
}

static enum pending
taken_from(struct state *s, const char *author)
{
	struct entry e = entry_make("/x", 10);
	enum pending p;

	e.h.bits = HISTORY_TAKEN;
	snprintf(e.h.author, sizeof(e.h.author), "%s", author);
	p = pair_pending(&pairs[0], s, &e, 9, 99);
	entry_free(&e);
	return p;
}

/* What came from elsewhere waits only where its author cannot bring it. */
static void
relayed(void)
{
	struct state *s;

	scratch_clear();
	s = state_must_open("a");
	load("group g { host a b@b-dsl (r); key k; include /x; }\n"
	    "group h { host a c; key k; include /x; }\n"
	    "group i { host c@c-dsl b; key k; include /x; exclude /x/y; }\n"
	    "group j { host d b; key k; include /other; }\n");
	CHECK_STR(pairs[0].peer, "b-dsl");
	CHECK_INT(taken_from(s, "b"), PENDING_RELAY);
	CHECK_INT(taken_from(s, "c"), PENDING_RELAY);
	CHECK_INT(taken_from(s, "c-dsl"), PENDING_RELAY);
	CHECK_INT(taken_from(s, "d"), PENDING_YES);
	CHECK_INT(taken_from(s, "r"), PENDING_YES);
	CHECK_INT(taken_from(s, ""), PENDING_YES);
	state_close(s);
	unload();
}

static void
settled(void)
{
	struct settled *s = settled_new();
	char name[20];
	int i;

	CHECK(!settled_has(s, "/x"));
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "/f/%d", i);
		settled_add(s, name);
		settled_add(s, name);
	}
	for (i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "/f/%d", i);
		CHECK_INT(settled_has(s, name), i < 5000);
	}
	CHECK(!settled_has(s, ""));
	settled_add(s, "");
	CHECK(settled_has(s, ""));
	settled_free(s);
	settled_free(NULL);
}

int
main(void)
{
	scratch_state_init();
	RUN(one_group);
	RUN(several_groups);
	RUN(two_keys);
	RUN(opened);
	RUN(key_hosts);
	RUN(address_names);
	RUN(receive_only);
	RUN(relayed);
	RUN(scopes);
	RUN(pending);
	RUN(settled);
	unload();
	scratch_fini();
	return unit_end();
}
