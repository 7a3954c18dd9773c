/* SPDX-License-Identifier: ISC */
/*
 * The ordered map in memory against a plain list, and the typed facts, each
 * before and after the state was opened anew and compacted.
 */
#include "scratchstate.h"
#include "state/fact.h"
#include "state/facts.h"

enum { MAP_STEPS = 20000, MAP_KEYS = 300 };

static struct {
	struct state *s;
	struct err e;
} world;

static void
map_key(char *key, size_t n, unsigned i)
{
	/* Some are the beginning of others. */
	snprintf(key, n, "%.*s%u", (int)(i % 7), "abcdef", i / 7);
}

static int
map_agrees(const struct facts *f, char (*model)[8], size_t n)
{
	struct fact at = { 0, { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct view v;
	char key[32];
	size_t i, alive = 0, seen = 0;

	for (i = 0; i < n; i++) {
		map_key(key, sizeof(key), (unsigned)i);
		if (!facts_find(f, (unsigned)(1 + i % 3),
		    view_of(key, strlen(key)), &v)) {
			if (model[i][0])
				return 0;
			continue;
		}
		alive++;
		if (v.len != strlen(model[i]) || memcmp(v.p, model[i], v.len))
			return 0;
	}
	while (facts_after(f, at.kind, at.key, &at))
		seen++;
	return seen == alive;
}

static void
map(void)
{
	static char model[MAP_KEYS][8];
	struct facts *f = facts_new();
	uint32_t x = 1;
	struct fact fact;
	char key[32];
	unsigned step, i;

	for (step = 0; step < MAP_STEPS; step++) {
		x = x * 1664525 + 1013904223;
		i = (x >> 8) % MAP_KEYS;
		map_key(key, sizeof(key), i);
		fact.kind = 1 + i % 3;
		fact.key = view_of(key, strlen(key));
		if (x >> 31) {
			snprintf(model[i], sizeof(model[i]), "%u", step);
			fact.value = view_of(model[i], strlen(model[i]));
			facts_put(f, &fact);
		} else {
			model[i][0] = 0;
			facts_drop(f, fact.kind, fact.key);
		}
		if (step % 500 == 0)
			CHECK(map_agrees(f, model, MAP_KEYS));
	}
	CHECK(map_agrees(f, model, MAP_KEYS));
	facts_free(f);
}

static void
map_order(void)
{
	static const char *const keys[] = { "a", "aa", "ab", "b" };
	struct facts *f = facts_new();
	struct fact at = { 0, { NULL, 0, 0 }, { NULL, 0, 0 } };
	int i;

	for (i = 7; i >= 0; i--) {
		struct fact fact = { 1u + (unsigned)i / 4,
		    view_of(keys[i % 4], strlen(keys[i % 4])),
		    view_of(NULL, 0) };

		facts_put(f, &fact);
	}
	for (i = 0; i < 8; i++) {
		CHECK_INT(facts_after(f, at.kind, at.key, &at), 1);
		CHECK_INT(at.kind, 1 + i / 4);
		CHECK_INT(at.key.len, strlen(keys[i % 4]));
		CHECK_MEM(at.key.p, keys[i % 4], at.key.len);
	}
	CHECK_INT(facts_after(f, at.kind, at.key, &at), 0);
	facts_free(f);
}

/* Sorted keys are what makes a plain search tree a list. */
static void
map_sorted_keys(void)
{
	struct facts *f = facts_new();
	struct fact fact;
	char key[16];
	int i;

	for (i = 0; i < 50000; i++) {
		snprintf(key, sizeof(key), "%08d", i);
		fact.kind = 1;
		fact.key = view_of(key, 8);
		fact.value = fact.key;
		facts_put(f, &fact);
	}
	for (i = 0; i < 50000; i++) {
		snprintf(key, sizeof(key), "%08d", i);
		facts_drop(f, 1, view_of(key, 8));
	}
	CHECK_INT(facts_after(f, 0, view_of(NULL, 0), &fact), 0);
	facts_free(f);
}

static void
begin(void)
{
	world.s = state_must_open("a");
	state_must(state_lock(world.s, LOCK_MS, &world.e), &world.e);
}

static void
end(void)
{
	state_must(state_unlock(world.s, &world.e), &world.e);
	state_close(world.s);
}

static void
again(int compact)
{
	if (compact)
		state_must(state_compact(world.s, &world.e), &world.e);
	end();
	begin();
}

static void
cursors(void)
{
	struct cursor c = { 0x1122334455667788, 5, 6 }, d;
	int i;

	begin();
	CHECK_INT(fact_cursor(world.s, "b", 7, &d), 0);
	CHECK_INT(fact_set_cursor(world.s, "b", 7, &c, &world.e), 0);
	for (i = 0; i < 3; i++) {
		CHECK_INT(fact_cursor(world.s, "b", 7, &d), 1);
		CHECK(d.replica == c.replica && d.out == 5 && d.in == 6);
		CHECK_INT(fact_cursor(world.s, "b", 8, &d), 0);
		CHECK_INT(fact_cursor(world.s, "bb", 7, &d), 0);
		CHECK_INT(d.replica, 0);
		again(i);
	}
	end();
}

static void
owed_and_done(void)
{
	uint64_t n, r;
	struct err e;
	int i;

	begin();
	CHECK_INT(fact_any_owed(world.s, "b"), 0);
	CHECK_INT(fact_set_owed(world.s, "b", "/x", 3, 9, &e), 0);
	CHECK_INT(fact_set_done(world.s, "b", "/y", 4, 9, &e), 0);
	CHECK_INT(fact_set_done(world.s, "b", "/z", 8, 9, &e), 0);
	CHECK_INT(fact_set_done(world.s, "bb", "/y", 1, 9, &e), 0);
	for (i = 0; i < 2; i++) {
		CHECK_INT(fact_owed(world.s, "b", "/x", &n), 1);
		CHECK_INT(n, 3);
		CHECK_INT(fact_done(world.s, "b", "/y", &n, &r), 1);
		CHECK(n == 4 && r == 9);
		CHECK_INT(fact_owed(world.s, "b", "/y", &n), 0);
		CHECK_INT(fact_any_owed(world.s, "b"), 1);
		CHECK_INT(fact_any_owed(world.s, "bb"), 0);
		again(1);
	}
	CHECK_INT(fact_set_done(world.s, "b", "/x", 5, 9, &e), 0);
	CHECK_INT(fact_owed(world.s, "b", "/x", &n), 0);
	CHECK_INT(fact_any_owed(world.s, "b"), 0);
	CHECK_INT(fact_prune_done(world.s, "b", 5, &e), 0);
	CHECK_INT(fact_done(world.s, "b", "/x", &n, &r), 0);
	CHECK_INT(fact_done(world.s, "b", "/y", &n, &r), 0);
	CHECK_INT(fact_done(world.s, "b", "/z", &n, &r), 1);
	CHECK_INT(fact_done(world.s, "bb", "/y", &n, &r), 1);
	CHECK_INT(fact_set_owed(world.s, "b", "/z", 9, 9, &e), 0);
	CHECK_INT(fact_set_owed(world.s, "b", "/z", 0, 0, &e), 0);
	CHECK_INT(fact_owed(world.s, "b", "/z", &n), 0);
	CHECK_INT(fact_done(world.s, "b", "/z", &n, &r), 0);
	end();
}

static void
hints(void)
{
	char *name;
	int recursive;
	struct err e;

	begin();
	CHECK_INT(fact_hint_after(world.s, NULL, &name, &recursive), 0);
	CHECK_INT(fact_set_hint(world.s, "/b", 1, &e), 0);
	CHECK_INT(fact_set_hint(world.s, "/a", 0, &e), 0);
	again(1);
	CHECK_INT(fact_hint_after(world.s, NULL, &name, &recursive), 1);
	CHECK_STR(name, "/a");
	CHECK_INT(recursive, 0);
	free(name);
	CHECK_INT(fact_hint_after(world.s, "/a", &name, &recursive), 1);
	CHECK_STR(name, "/b");
	CHECK_INT(recursive, 1);
	free(name);
	CHECK_INT(fact_hint_after(world.s, "/b", &name, &recursive), 0);
	CHECK_INT(fact_take_hint(world.s, "/a", &e), 0);
	CHECK_INT(fact_drop_hint(world.s, "/a", &e), 0);
	CHECK_INT(fact_hint_after(world.s, NULL, &name, &recursive), 1);
	CHECK_STR(name, "/b");
	free(name);
	/* What is set again after it was taken stays; so does what is not. */
	CHECK_INT(fact_drop_hint(world.s, "/b", &e), 0);
	CHECK_INT(fact_take_hint(world.s, "/b", &e), 0);
	CHECK_INT(fact_set_hint(world.s, "/b", 0, &e), 0);
	CHECK_INT(fact_drop_hint(world.s, "/b", &e), 0);
	CHECK_INT(fact_hint_after(world.s, "/a", &name, &recursive), 1);
	CHECK_INT(recursive, 1);
	free(name);
	CHECK_INT(fact_take_hint(world.s, "/b", &e), 0);
	CHECK_INT(fact_drop_hint(world.s, "/b", &e), 0);
	CHECK_INT(fact_hint_after(world.s, NULL, &name, &recursive), 0);
	end();
}

static void
actions(void)
{
	char *name, *peer;
	struct err e;

	begin();
	CHECK_INT(fact_set_action(world.s, "g/1", "/y", "", &e), 0);
	CHECK_INT(fact_set_action(world.s, "g/1", "/x", "b", &e), 0);
	CHECK_INT(fact_set_action(world.s, "g/12", "/z", "c", &e), 0);
	again(0);
	CHECK_INT(fact_action_after(world.s, "g/1", NULL, &name, &peer), 1);
	CHECK_STR(name, "/x");
	CHECK_STR(peer, "b");
	free(name);
	free(peer);
	CHECK_INT(fact_action_after(world.s, "g/1", "/x", &name, &peer), 1);
	CHECK_STR(name, "/y");
	CHECK_STR(peer, "");
	free(name);
	free(peer);
	CHECK_INT(fact_action_after(world.s, "g/1", "/y", &name, &peer), 0);
	CHECK_INT(fact_drop_actions(world.s, "g/1", &e), 0);
	CHECK_INT(fact_action_after(world.s, "g/1", NULL, &name, &peer), 0);
	CHECK_INT(fact_action_after(world.s, "g/12", NULL, &name, &peer), 1);
	CHECK_STR(name, "/z");
	free(name);
	free(peer);
	end();
}

static void
set_conflict(const char *peer, const char *name, uint64_t size)
{
	struct conflict c = { KIND_REG, size, { -5, 999999999 } };
	struct err e;

	CHECK_INT(fact_set_conflict(world.s, peer, name, &c, &e), 0);
}

static void
conflicts(void)
{
	struct conflict c;
	struct err e;

	begin();
	set_conflict("b", "/x", 1);
	set_conflict("b", "/x", (uint64_t)1 << 40);
	set_conflict("c", "/x", 2);
	set_conflict("c", "/y", 2);
	again(1);
	CHECK_INT(fact_conflict(world.s, "b", "/x", &c), 1);
	CHECK_INT(c.kind, KIND_REG);
	CHECK_INT(c.size == (uint64_t)1 << 40, 1);
	CHECK_INT(c.mtime.sec, -5);
	CHECK_INT(c.mtime.nsec, 999999999);
	CHECK_INT(fact_conflict(world.s, "b", "/y", NULL), 0);
	CHECK_INT(fact_drop_conflict(world.s, NULL, "/x", &e), 0);
	CHECK_INT(fact_conflict(world.s, "b", "/x", NULL), 0);
	CHECK_INT(fact_conflict(world.s, "c", "/x", &c), 0);
	CHECK_INT(fact_drop_conflict(world.s, "c", "/y", &e), 0);
	CHECK_INT(fact_conflict(world.s, "c", "/y", NULL), 0);
	/* what is no such value is read as nothing */
	CHECK_INT(state_set_fact(world.s, FACT_CONFLICT, "b\0/x", 5,
	    "\377\377\377", 3, &e), 0);
	CHECK_INT(fact_conflict(world.s, "b", "/x", &c), 1);
	CHECK_INT(c.kind, KIND_NONE);
	CHECK_INT(c.size, 0);
	end();
}

static void
intents(void)
{
	struct entry a = entry_make("/d/x", 12), b = entry_make("/d/y", 13), c;
	char *temporary;
	struct err e;

	begin();
	CHECK_INT(fact_set_intent(world.s, &b, "", &e), 0);
	CHECK_INT(fact_set_intent(world.s, &a, ".ucsync-1", &e), 0);
	again(0);
	CHECK_INT(fact_intent_after(world.s, NULL, &temporary, &c), 1);
	CHECK_STR(temporary, ".ucsync-1");
	CHECK_STR(c.name, "/d/x");
	CHECK_INT(c.number, 12);
	CHECK(!memcmp(c.v.id, a.v.id, HASH_BYTES));
	free(temporary);
	entry_free(&c);
	CHECK_INT(fact_intent_after(world.s, "/d/x", &temporary, &c), 1);
	CHECK_STR(temporary, "");
	free(temporary);
	entry_free(&c);
	CHECK_INT(fact_intent_after(world.s, "/d/y", &temporary, &c), 0);
	CHECK_INT(fact_drop_intent(world.s, "/d/x", &e), 0);
	CHECK_INT(fact_drop_intent(world.s, "/d/y", &e), 0);
	CHECK_INT(fact_intent_after(world.s, NULL, &temporary, &c), 0);
	entry_free(&a);
	entry_free(&b);
	end();
}

static void
small_ones(void)
{
	struct err e;
	char *mount;

	begin();
	CHECK_INT(fact_known(world.s, 77), 0);
	CHECK_INT(fact_set_known(world.s, 77, 1ull << 40, &e), 0);
	CHECK_INT(fact_root(world.s, "/srv", &mount), 0);
	CHECK_INT(fact_set_root(world.s, "/srv", "/mnt", &e), 0);
	CHECK_INT(fact_meta(world.s, "complete"), 0);
	CHECK_INT(fact_set_meta(world.s, "complete", 1, &e), 0);
	again(1);
	CHECK(fact_known(world.s, 77) == 1ull << 40);
	CHECK_INT(fact_root(world.s, "/srv", &mount), 1);
	CHECK_STR(mount, "/mnt");
	free(mount);
	CHECK_INT(fact_meta(world.s, "complete"), 1);
	CHECK_INT(fact_meta(world.s, "comple"), 0);
	end();
}

/* The intent of a name under another one's key. */
static void
other_intent(void)
{
	struct entry entry = entry_make("/a", 1);
	struct buf b = BUF_INIT;
	struct err e;

	buf_str(&b, ".ucsync-1");
	entry_encode(&entry, &b);
	entry_free(&entry);
	state_set_fact(world.s, FACT_INTENT, "/z", 3, b.p, b.len, &e);
	buf_free(&b);
}

/* Whatever somebody wrote under a key: nothing is read beyond it. */
static void
malformed(void)
{
	struct cursor c;
	int recursive;
	struct entry entry;
	char *a, *b;
	uint64_t n, r;
	struct err e;

	begin();
	state_set_fact(world.s, FACT_CURSOR, "m\0\1\0\0\0\0\0\0\0", 10, "x", 1,
	    &e);
	CHECK_INT(fact_cursor(world.s, "m", 1, &c), 0);
	state_set_fact(world.s, FACT_OWED, "m\0/x", 5, "x", 1, &e);
	CHECK_INT(fact_owed(world.s, "m", "/x", &n), 0);
	state_set_fact(world.s, FACT_DONE, "m\0/x", 4, "x", 1, &e);
	CHECK_INT(fact_done(world.s, "m", "/x", &n, &r), 0);
	CHECK_INT(fact_prune_done(world.s, "m", 1, &e), 0);
	state_set_fact(world.s, FACT_ACTION, "m\0/x", 4, "", 0, &e);
	CHECK_INT(fact_action_after(world.s, "m", NULL, &a, &b), 0);
	state_set_fact(world.s, FACT_INTENT, "/x", 3, "\3ab", 3, &e);
	CHECK_INT(fact_intent_after(world.s, NULL, &a, &entry), 0);
	/* a list that showed these would show them for ever */
	state_set_fact(world.s, FACT_HINT, "/x", 2, "\1", 1, &e);
	state_set_fact(world.s, FACT_HINT, "/x\0y", 5, "\1", 1, &e);
	CHECK_INT(fact_hint_after(world.s, NULL, &a, &recursive), 0);
	other_intent();
	CHECK_INT(fact_intent_after(world.s, NULL, &a, &entry), 0);
	CHECK_INT(state_set_fact(world.s, FACT_META, "", 0, "x", 1, &e), -1);
	state_abort(world.s);
	state_close(world.s);
}

int
main(void)
{
	scratch_state_init();
	RUN(map);
	RUN(map_order);
	RUN(map_sorted_keys);
	RUN(cursors);
	RUN(owed_and_done);
	RUN(hints);
	RUN(actions);
	RUN(conflicts);
	RUN(intents);
	RUN(small_ones);
	RUN(malformed);
	scratch_fini();
	return unit_end();
}
