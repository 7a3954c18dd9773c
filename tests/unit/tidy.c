/* SPDX-License-Identifier: ISC */
/*
 * What a run leaves behind it, and walks that show entries at a glance.
 */
#include "scratchstate.h"

enum { FIRST = 12000, MORE = 1500, FEW = 500 };

static void
put_some(struct state *s, const char *where, int n)
{
	struct err e;
	char name[32];
	int i;

	state_must(state_lock(s, LOCK_MS, &e), &e);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "/%s/%d", where, i);
		put_name(s, name, 1);
	}
	state_must(state_unlock(s, &e), &e);
}

/* The file's number: another one after each compaction. */
static long
file_number(void)
{
	struct stat st;

	scratch_need(!stat("st/a.db", &st), "st/a.db");
	return (long)st.st_ino;
}

static struct state *
grown(void)
{
	struct state *s;
	struct err e;

	scratch_clear();
	s = state_must_open("a");
	put_some(s, "first", FIRST);
	state_must(state_lock(s, LOCK_MS, &e), &e);
	state_must(state_compact(s, &e), &e);
	state_must(state_unlock(s, &e), &e);
	return s;
}

/* A tail of more than a 16th goes, whoever reads on. */
static void
long_tail(void)
{
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	struct state *s = grown(), *other = state_must_open("a");
	long was = file_number();
	struct err e;

	put_some(s, "more", MORE);
	CHECK_INT(file_number(), was);
	CHECK_INT(state_digest(s, before), FIRST + MORE);
	state_tidy(s);
	CHECK(file_number() != was);
	CHECK_INT(state_digest(s, after), FIRST + MORE);
	CHECK_MEM(after, before, HASH_BYTES);
	was = file_number();
	state_tidy(s);
	CHECK_INT(file_number(), was);
	state_must(state_refresh(other, &e), &e);
	CHECK_INT(state_digest(other, after), FIRST + MORE);
	state_close(other);
	state_close(s);
}

static void
short_tail(void)
{
	struct state *s = grown();
	long was = file_number();

	put_some(s, "few", FEW);
	state_tidy(s);
	CHECK_INT(file_number(), was);
	state_close(s);
}

/* Not when nothing was put meanwhile, nor while others write. */
static void
not_now(void)
{
	struct state *s = grown(), *other;
	long was = file_number();
	struct err e;

	put_some(s, "more", MORE);
	other = state_must_open("a");
	state_tidy(other);
	CHECK_INT(file_number(), was);
	state_must(state_lock(other, LOCK_MS, &e), &e);
	state_tidy(s);
	CHECK_INT(file_number(), was);
	state_must(state_unlock(other, &e), &e);
	state_close(other);
	state_close(s);
}

/* What a child has put is tidied by who waited for it. */
static void
for_others(void)
{
	struct state *s = grown(), *other = state_must_open("a");
	long was = file_number();

	put_some(other, "more", MORE);
	state_close(other);
	state_tidy(s);
	CHECK(file_number() != was);
	state_close(s);
}

static void
glances(void)
{
	struct state *s = grown();
	struct state_walk *w, *whole;
	struct entry entry, again;
	struct glance g;
	const char *name;
	struct err e;
	int n = 0;

	put_some(s, "first/1", 3);
	w = state_walk_new(s, "/first/1", &e);
	whole = state_walk_new(s, "/first/1", &e);
	while (state_walk_glance(w, &name, &g, &e) > 0) {
		CHECK_INT(state_walk_next(whole, &entry, &e), 1);
		CHECK_STR(name, entry.name);
		CHECK_INT(g.kind, entry.v.kind);
		CHECK_INT(g.bits, entry.h.bits);
		CHECK(look_equal(&g.look, &entry.look));
		if (n++ % 100 == 0) {
			CHECK_INT(state_walk_whole(w, &again, &e), 1);
			CHECK_STR(again.name, entry.name);
			CHECK_INT(again.number, entry.number);
			entry_free(&again);
		}
		entry_free(&entry);
	}
	CHECK_INT(state_walk_next(whole, &entry, &e), 0);
	CHECK(n > FIRST / 2);
	state_walk_free(whole);
	state_walk_free(w);
	state_close(s);
}

int
main(void)
{
	scratch_state_init();
	RUN(long_tail);
	RUN(short_tail);
	RUN(not_now);
	RUN(for_others);
	RUN(glances);
	scratch_fini();
	return unit_end();
}
