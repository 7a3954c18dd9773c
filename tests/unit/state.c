/* SPDX-License-Identifier: ISC */
/*
 * The state as its users see it: several processes, compaction, numbers, clones
 * and that nothing is written when nothing changed.
 */
#include <errno.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "scratchstate.h"
#include "state/head.h"

enum { PROCESSES = 3, ROUNDS = 150 };

static void
missing(void)
{
	struct state *s;
	struct entry entry;
	struct stat st;
	struct err e;

	scratch_clear();
	CHECK_INT(state_open(&s, "st", "a", "", 0, &e), 0);
	CHECK_INT(state_get(s, "/x", &entry, &e), 0);
	CHECK_INT(state_size(s), 0);
	CHECK_INT(state_lock(s, 100, &e), -1);
	CHECK(strstr(e.text, "st/a.db"));
	CHECK(stat("st", &st) && errno == ENOENT);
	state_close(s);
	CHECK_INT(state_open(&s, "st", "../a", "", 1, &e), -1);
	CHECK_INT(state_open(&s, "st", "", "", 1, &e), -1);
	CHECK_INT(state_open(&s, "st", "a", "x/y", 1, &e), -1);
}

static void
modes(void)
{
	struct state *s;
	struct stat st;
	struct err e;

	scratch_clear();
	CHECK_INT(state_open(&s, "deep/er/st", "a", "cfg", 1, &e), 0);
	CHECK_STR(state_path(s), "deep/er/st/a_cfg.db");
	CHECK(!stat("deep/er/st", &st));
	CHECK_INT(st.st_mode & 07777, 0700);
	CHECK(!stat("deep/er/st/a_cfg.db", &st));
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(st.st_size, HEAD_BYTES);
	state_close(s);
}

static void
put_and_get(void)
{
	struct state *s = state_must_open("a");
	struct entry entry;
	struct err e;
	int i;

	put_begin(s);
	put_name(s, "/x", state_next(s));
	CHECK(has_name(s, "/x"));
	put_end(s);
	for (i = 0; i < 2; i++) {
		CHECK_INT(state_get(s, "/x", &entry, &e), 1);
		CHECK_STR(entry.name, "/x");
		CHECK_INT(entry.number, 1);
		CHECK_INT(entry.look.trusted, 1);
		entry_free(&entry);
		CHECK_INT(state_get(s, "/y", &entry, &e), 0);
		state_close(s);
		s = state_must_open("a");
	}
	put_begin(s);
	CHECK_INT(state_forget(s, "/x", &e), 0);
	CHECK(!has_name(s, "/x"));
	put_end(s);
	CHECK_INT(state_size(s), 0);
	state_close(s);
}

static void
needs_lock(void)
{
	struct state *s = state_must_open("a");
	struct entry entry = entry_make("/x", 1);
	struct err e;

	CHECK_INT(state_put(s, &entry, &e), -1);
	CHECK_INT(state_sync(s, &e), -1);
	CHECK_INT(state_forget(s, "/x", &e), -1);
	entry_free(&entry);
	state_close(s);
}

static void
cannot_be_kept(void)
{
	struct state *s = state_must_open("a");
	struct entry entry = entry_make("/a/../b", 1);
	struct err e;

	put_begin(s);
	CHECK_INT(state_put(s, &entry, &e), -1);
	entry_free(&entry);
	entry = entry_make("/ok", NUMBER_MAX);
	CHECK_INT(state_put(s, &entry, &e), -1);
	entry_free(&entry);
	put_name(s, "/ok", 3);
	put_end(s);
	CHECK_INT(state_high(s), 3);
	state_close(s);
}

/* Not a byte, not a time. */
static void
nothing_written(void)
{
	struct state *s;
	struct stat before, after;
	struct err e;
	struct timespec past[2] = { { 1000, 5 }, { 1000, 5 } };

	scratch_clear();
	s = state_must_open("a");
	put_begin(s);
	put_name(s, "/x", 1);
	state_must(state_set_fact(s, FACT_META, "k", 1, "v", 1, &e), &e);
	put_end(s);
	utimensat(AT_FDCWD, "st/a.db", past, 0);
	stat("st/a.db", &before);
	state_close(s);
	s = state_must_open("a");
	put_begin(s);
	put_name(s, "/x", 1);
	state_next(s);
	state_must(state_set_fact(s, FACT_META, "k", 1, "v", 1, &e), &e);
	state_must(state_drop_fact(s, FACT_META, "l", 1, &e), &e);
	state_must(state_forget(s, "/y", &e), &e);
	state_must(state_sync(s, &e), &e);
	put_end(s);
	state_must(state_refresh(s, &e), &e);
	state_close(s);
	stat("st/a.db", &after);
	CHECK_INT(after.st_size, before.st_size);
	CHECK_INT(after.st_mtim.tv_sec, 1000);
	CHECK_INT(after.st_ino, before.st_ino);
	CHECK_INT(after.st_ctim.tv_sec, before.st_ctim.tv_sec);
	CHECK_INT(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

static void
numbers(void)
{
	struct state *s;
	struct err e;
	uint64_t n;

	scratch_clear();
	s = state_must_open("a");
	put_begin(s);
	CHECK_INT(state_next(s), 1);
	put_name(s, "/x", state_next(s));
	CHECK_INT(state_next(s), 3);
	put_end(s);
	state_close(s);
	s = state_must_open("a");
	CHECK_INT(state_high(s), 3);
	put_begin(s);
	n = state_next(s);
	put_name(s, "/y", n);
	CHECK_INT(state_forget(s, "/y", &e), 0);
	CHECK_INT(state_compact(s, &e), 0);
	CHECK(state_next(s) > n);
	put_end(s);
	state_close(s);
	s = state_must_open("a");
	put_begin(s);
	CHECK(state_next(s) > n);
	CHECK(!has_name(s, "/y") && has_name(s, "/x"));
	put_end(s);
	state_close(s);
}

static void
aborted(void)
{
	struct state *s, *t;
	struct state_walk *w;
	struct entry entry;
	struct err e;
	int i;
	char name[32];

	scratch_clear();
	s = state_must_open("a");
	put_begin(s);
	put_name(s, "/x", 1);
	state_must(state_sync(s, &e), &e);
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "/n/%d", i);
		put_name(s, name, 2);
	}
	w = state_walk_new(s, NULL, &e);
	state_abort(s);
	CHECK_INT(state_size(s), 1);
	CHECK_INT(state_walk_next(w, &entry, &e), -1);
	CHECK(strstr(e.text, "taken back"));
	state_walk_free(w);
	t = state_must_open("a");
	CHECK_INT(state_size(t), 1);
	put_begin(t);
	put_name(t, "/y", 9);
	put_end(t);
	state_must(state_refresh(s, &e), &e);
	CHECK(has_name(s, "/y"));
	state_close(t);
	state_close(s);
}

static void
onlooker(void)
{
	struct state *s, *t;
	struct err e;

	scratch_clear();
	s = state_must_open("a");
	t = state_must_open("a");
	put_begin(s);
	put_name(s, "/x", 1);
	state_must(state_refresh(t, &e), &e);
	CHECK_INT(state_size(t), 0);
	state_must(state_sync(s, &e), &e);
	put_name(s, "/y", 2);
	state_must(state_sync(s, &e), &e);
	/* s still writes: surely synced is what another batch follows. */
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/x") && !has_name(t, "/y"));
	CHECK_INT(state_lock(t, 20, &e), -1);
	put_end(s);
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/y"));
	put_begin(s);
	state_must(state_compact(s, &e), &e);
	CHECK_INT(state_lock(t, 20, &e), -1);
	put_name(s, "/z", 3);
	put_end(s);
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/z"));
	put_begin(s);
	state_must(state_compact(s, &e), &e);
	put_end(s);
	put_begin(t);
	put_name(t, "/t", 4);
	put_end(t);
	put_begin(s);
	CHECK(has_name(s, "/t"));
	put_end(s);
	state_close(s);
	state_close(t);
}

/* Written, but not synced: it might be gone after a crash. */
static void
onlooker_of_much(void)
{
	struct state *s = state_must_open("a"), *t = state_must_open("a");
	struct stat before, after;
	char name[32];
	struct err e;
	int i;

	put_begin(s);
	state_must(state_refresh(t, &e), &e);
	stat("st/a.db", &before);
	for (i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "/much/%d", i);
		put_name(s, name, 1);
	}
	stat("st/a.db", &after);
	CHECK(after.st_size > before.st_size + 300000);
	state_must(state_refresh(t, &e), &e);
	CHECK(!has_name(t, "/much/0"));
	put_end(s);
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/much/0") && has_name(t, "/much/9999"));
	state_close(t);
	state_close(s);
}

/* One of several processes; every name tells the number it got. */
static void
work(int me)
{
	struct state *s = state_must_open("a");
	char name[64];
	struct err e;
	uint64_t n;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		put_begin(s);
		if (i % 20 == me)
			state_must(state_compact(s, &e), &e);
		n = state_next(s);
		snprintf(name, sizeof(name), "/p/%llu", (unsigned long long)n);
		put_name(s, name, n);
		n = state_next(s);
		snprintf(name, sizeof(name), "/q/%d", me);
		put_name(s, name, n);
		state_must(state_set_fact(s, FACT_META, name, strlen(name), &i,
		    sizeof(i), &e), &e);
		put_end(s);
	}
	state_close(s);
	_exit(0);
}

static void
processes(void)
{
	struct state *s;
	int i, status, bad = 0;

	scratch_clear();
	s = state_must_open("a");
	for (i = 0; i < PROCESSES; i++)
		if (!fork())
			work(i);
	while (wait(&status) > 0)
		bad |= status;
	CHECK_INT(bad, 0);
	put_begin(s);
	CHECK_INT(state_size(s), PROCESSES * (ROUNDS + 2));
	CHECK_INT(state_high(s), 2 * PROCESSES * ROUNDS);
	put_end(s);
	state_close(s);
}

static void
clones(void)
{
	struct state *s;
	struct buf b;
	uint64_t replica, second;

	scratch_clear();
	s = state_must_open("a");
	put_begin(s);
	put_name(s, "/x", state_next(s));
	put_end(s);
	replica = state_replica(s);
	state_close(s);
	s = state_must_open("a");
	CHECK(state_replica(s) == replica);
	state_close(s);
	b = file_read("st/a.db");
	file_write("st/b.db", b.p, b.len);
	buf_free(&b);
	s = state_must_open("b");
	second = state_replica(s);
	CHECK(second != replica);
	CHECK(has_name(s, "/x"));
	state_close(s);
	s = state_must_open("b");
	CHECK(state_replica(s) == second);
	state_close(s);
	s = state_must_open("a");
	CHECK(state_replica(s) == replica);
	state_close(s);
}

static void
other_machine(void)
{
	struct state *s = state_must_open("a");
	uint64_t replica = state_replica(s), second;
	struct head h;
	struct err e;
	struct buf b;
	int known;

	state_close(s);
	b = file_read("st/a.db");
	CHECK_INT(head_decode(&h, b.p, "x", &e), HEAD_OK);
	known = h.id.machine[0] || h.id.machine[1] || h.id.machine[2];
	memset(h.id.machine, known ? 0x55 : 0, HASH_BYTES);
	head_encode(&h, b.p);
	file_write("st/a.db", b.p, b.len);
	s = state_must_open("a");
	CHECK_INT(state_replica(s) != replica, known);
	second = state_replica(s);
	CHECK(has_name(s, "/x"));
	state_close(s);
	s = state_must_open("a");
	CHECK(state_replica(s) == second);
	put_begin(s);
	CHECK_INT(state_compact(s, &e), 0);
	put_end(s);
	state_close(s);
	s = state_must_open("a");
	CHECK(state_replica(s) == second);
	state_close(s);
	/* A fingerprint that was not known then says nothing. */
	head_decode(&h, b.p, "x", &e);
	memset(h.id.machine, 0, HASH_BYTES);
	head_encode(&h, b.p);
	file_write("st/a.db", b.p, b.len);
	s = state_must_open("a");
	CHECK(state_replica(s) == replica);
	state_close(s);
	buf_free(&b);
}

static void
renewed(void)
{
	struct state *s = state_must_open("a");
	uint64_t replica = state_replica(s), high = state_high(s), second;
	struct err e;

	put_begin(s);
	CHECK_INT(state_renew(s, &e), 0);
	put_end(s);
	second = state_replica(s);
	CHECK(second != replica);
	CHECK(state_high(s) >= high);
	state_close(s);
	s = state_must_open("a");
	CHECK(state_replica(s) == second);
	state_close(s);
}

/* Taken away from under us: a new one, and no word lost that comes after. */
static void
taken_away(void)
{
	struct state *s = state_must_open("a"), *t;
	uint64_t replica = state_replica(s);

	unlink("st/a.db");
	put_begin(s);
	CHECK(state_replica(s) != replica);
	put_name(s, "/new", state_next(s));
	put_end(s);
	t = state_must_open("a");
	CHECK(has_name(t, "/new"));
	CHECK_INT(state_size(t), 1);
	state_close(t);
	state_close(s);
}

/* A process that has the lock for 600 ms, and writes meanwhile, or not. */
static void
keep_lock(int writes, int tell)
{
	struct state *s = state_must_open("busy");
	struct err e;
	int i;

	put_begin(s);
	scratch_need(write(tell, "r", 1) == 1, "say so");
	for (i = 0; i < 12; i++) {
		clock_sleep_ms(50);
		if (writes)
			put_name(s, "/x", state_next(s));
		state_must(state_sync(s, &e), &e);
	}
	put_end(s);
	_exit(0);
}

static int
lock_beside(int writes)
{
	int ready[2], status, r;
	struct state *s;
	struct err e;
	char byte;
	pid_t pid;

	scratch_need(!pipe(ready), "make a pipe");
	pid = fork();
	if (!pid)
		keep_lock(writes, ready[1]);
	scratch_need(pid > 0 && read(ready[0], &byte, 1) == 1, "begin");
	close(ready[0]);
	close(ready[1]);
	s = state_must_open("busy");
	r = state_lock(s, 200, &e);
	state_close(s);
	scratch_need(waitpid(pid, &status, 0) == pid && !status, "end");
	return r;
}

/* Who waits while others get on with it waits longer. */
static void
patience(void)
{
	CHECK_INT(lock_beside(0), -1);
	CHECK_INT(lock_beside(1), 0);
}

int
main(void)
{
	scratch_state_init();
	RUN(missing);
	RUN(modes);
	RUN(put_and_get);
	RUN(needs_lock);
	RUN(cannot_be_kept);
	RUN(nothing_written);
	RUN(numbers);
	RUN(aborted);
	RUN(onlooker);
	RUN(onlooker_of_much);
	RUN(processes);
	RUN(clones);
	RUN(other_machine);
	RUN(renewed);
	RUN(taken_away);
	RUN(patience);
	scratch_fini();
	return unit_end();
}
