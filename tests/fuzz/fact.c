/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes what reads facts: the input is facts (kind, key, value, both with
 * their lengths before them) as a damaged or foreign state may hold them, put
 * into a state in memory and asked for in all ways; then typed ones are set on
 * top, and must be there. Nothing of it is ever synced. With -DFUZZ_MAIN it
 * runs the files named as arguments; else it is for libFuzzer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/scratchstate.h"
#include "base/path.h"
#include "state/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { FACTS_MAX = 64 };

/* Whatever order the keys stand in, this ends. */
static void
list_hints(struct state *s)
{
	char *name = NULL, *next_name;
	int recursive, n;

	for (n = 0; fact_hint_after(s, name, &next_name, &recursive); n++) {
		assert(n < 2 * FACTS_MAX);
		free(name);
		name = next_name;
	}
	free(name);
}

static void
list_intents(struct state *s)
{
	char *name = NULL, *temporary;
	struct entry entry;
	int n;

	for (n = 0; fact_intent_after(s, name, &temporary, &entry); n++) {
		assert(n < 2 * FACTS_MAX);
		free(name);
		name = mem_strdup(entry.name);
		free(temporary);
		entry_free(&entry);
	}
	free(name);
}

static void
list_actions(struct state *s)
{
	char *name = NULL, *next_name, *peer;
	int n;

	for (n = 0; fact_action_after(s, "g", name, &next_name, &peer); n++) {
		assert(n < 2 * FACTS_MAX);
		free(name);
		free(peer);
		name = next_name;
	}
	free(name);
}

static void
ask(struct state *s)
{
	uint64_t number, replica;
	struct conflict side;
	struct cursor c;
	char *mount;

	fact_cursor(s, "p", 1, &c);
	fact_owed(s, "p", "/x", &number);
	fact_done(s, "p", "/x", &number, &replica);
	fact_any_owed(s, "p");
	fact_conflict(s, "p", "/x", &side);
	fact_known(s, 1);
	fact_meta(s, "complete");
	if (fact_root(s, "/x", &mount))
		free(mount);
	list_hints(s);
	list_intents(s);
	list_actions(s);
}

static int
keep(void *ctx, const char *name)
{
	(void)ctx;
	return path_valid(name);
}

/* What is set by its type is there, whatever stood in its place. */
static void
set(struct state *s)
{
	struct cursor c = { 3, 4, 5 }, got;
	struct conflict side = { KIND_REG, 9, { 1, 2 } };
	uint64_t number, replica;
	struct err e;

	state_must(fact_keep_names(s, keep, NULL, &e), &e);
	state_must(fact_set_cursor(s, "p", 1, &c, &e), &e);
	assert(fact_cursor(s, "p", 1, &got) && got.in == 5 && got.out == 4);
	state_must(fact_set_owed(s, "p", "/x", 7, 3, &e), &e);
	assert(fact_owed(s, "p", "/x", &number) && number == 7);
	assert(!fact_done(s, "p", "/x", &number, &replica));
	state_must(fact_set_done(s, "p", "/x", 8, 3, &e), &e);
	assert(!fact_owed(s, "p", "/x", &number));
	state_must(fact_prune_done(s, "p", 8, &e), &e);
	assert(!fact_done(s, "p", "/x", &number, &replica));
	state_must(fact_set_hint(s, "/x", 1, &e), &e);
	state_must(fact_take_hint(s, "/x", &e), &e);
	state_must(fact_drop_hint(s, "/x", &e), &e);
	assert(fact_set_conflict(s, "p", "/x", &side, &e) >= 0);
	state_must(fact_drop_conflict(s, NULL, "/x", &e), &e);
	assert(!fact_conflict(s, "p", "/x", &side));
	state_must(fact_drop_actions(s, "g", &e), &e);
	state_must(fact_set_known(s, 1, 2, &e), &e);
	assert(fact_known(s, 1) == 2);
}

/* One for all inputs. */
static struct state *
the_state(void)
{
	static struct state *s;

	if (s)
		return s;
	scratch_state_init();
	atexit(scratch_fini);
	s = state_must_open("fuzz");
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view in = view_of(data, n), key, value;
	struct state *s = the_state();
	struct err e;
	unsigned kind;
	int i;

	state_must(state_lock(s, LOCK_MS, &e), &e);
	for (i = 0; i < FACTS_MAX && in.len && !in.bad; i++) {
		kind = view_u8(&in);
		key = view_blob(&in, n);
		value = view_blob(&in, n);
		if (in.bad || !kind || kind >= FACT_KINDS || !key.len)
			continue;
		state_must(state_set_fact(s, (enum fact_kind)kind, key.p,
		    key.len, value.p, value.len, &e), &e);
	}
	ask(s);
	set(s);
	ask(s);
	state_abort(s);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
