/* SPDX-License-Identifier: ISC */
/*
 * The state as its users see it: several processes, compaction, snapshots, full
 * disks, numbers, clones, and that nothing is written when nothing changed.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/path.h"
#include "scratchstate.h"
#include "state/head.h"

enum { MANY = 50000, PROCESSES = 3, ROUNDS = 150 };

#ifdef __SANITIZE_ADDRESS__
enum { RSS_KIB = 1 << 20 };     /* the sanitizer's own is most of it */
#else
enum { RSS_KIB = 4096 };
#endif

static void
lock(struct state *s)
{
	struct err e;

	state_must(state_lock(s, LOCK_MS, &e), &e);
}

static void
unlock(struct state *s)
{
	struct err e;

	state_must(state_unlock(s, &e), &e);
}

static long
count(struct state *s)
{
	unsigned char digest[HASH_BYTES];

	return state_digest(s, digest);
}

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
	CHECK_INT(count(s), 0);
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

	lock(s);
	put_name(s, "/x", state_next(s));
	CHECK(has_name(s, "/x"));
	unlock(s);
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
	lock(s);
	CHECK_INT(state_forget(s, "/x", &e), 0);
	CHECK(!has_name(s, "/x"));
	unlock(s);
	CHECK_INT(count(s), 0);
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

	lock(s);
	CHECK_INT(state_put(s, &entry, &e), -1);
	entry_free(&entry);
	entry = entry_make("/ok", NUMBER_MAX);
	CHECK_INT(state_put(s, &entry, &e), -1);
	entry_free(&entry);
	put_name(s, "/ok", 3);
	unlock(s);
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
	lock(s);
	put_name(s, "/x", 1);
	state_must(state_set_fact(s, FACT_META, "k", 1, "v", 1, &e), &e);
	unlock(s);
	utimensat(AT_FDCWD, "st/a.db", past, 0);
	stat("st/a.db", &before);
	state_close(s);
	s = state_must_open("a");
	lock(s);
	put_name(s, "/x", 1);
	state_next(s);
	state_must(state_set_fact(s, FACT_META, "k", 1, "v", 1, &e), &e);
	state_must(state_drop_fact(s, FACT_META, "l", 1, &e), &e);
	state_must(state_forget(s, "/y", &e), &e);
	state_must(state_sync(s, &e), &e);
	unlock(s);
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
	lock(s);
	CHECK_INT(state_next(s), 1);
	put_name(s, "/x", state_next(s));
	CHECK_INT(state_next(s), 3);
	unlock(s);
	state_close(s);
	s = state_must_open("a");
	CHECK_INT(state_high(s), 3);
	lock(s);
	n = state_next(s);
	put_name(s, "/y", n);
	CHECK_INT(state_forget(s, "/y", &e), 0);
	CHECK_INT(state_compact(s, &e), 0);
	CHECK(state_next(s) > n);
	unlock(s);
	state_close(s);
	s = state_must_open("a");
	lock(s);
	CHECK(state_next(s) > n);
	CHECK(!has_name(s, "/y") && has_name(s, "/x"));
	unlock(s);
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
	lock(s);
	put_name(s, "/x", 1);
	state_must(state_sync(s, &e), &e);
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "/n/%d", i);
		put_name(s, name, 2);
	}
	w = state_walk_new(s, NULL, &e);
	state_abort(s);
	CHECK_INT(count(s), 1);
	CHECK_INT(state_walk_next(w, &entry, &e), -1);
	CHECK(strstr(e.text, "taken back"));
	state_walk_free(w);
	t = state_must_open("a");
	CHECK_INT(count(t), 1);
	lock(t);
	put_name(t, "/y", 9);
	unlock(t);
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
	lock(s);
	put_name(s, "/x", 1);
	state_must(state_refresh(t, &e), &e);
	CHECK_INT(count(t), 0);
	state_must(state_sync(s, &e), &e);
	put_name(s, "/y", 2);
	state_must(state_sync(s, &e), &e);
	/* s still writes: surely synced is what another batch follows. */
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/x") && !has_name(t, "/y"));
	CHECK_INT(state_lock(t, 20, &e), -1);
	unlock(s);
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/y"));
	lock(s);
	state_must(state_compact(s, &e), &e);
	CHECK_INT(state_lock(t, 20, &e), -1);
	put_name(s, "/z", 3);
	unlock(s);
	state_must(state_refresh(t, &e), &e);
	CHECK(has_name(t, "/z"));
	lock(s);
	state_must(state_compact(s, &e), &e);
	unlock(s);
	lock(t);
	put_name(t, "/t", 4);
	unlock(t);
	lock(s);
	CHECK(has_name(s, "/t"));
	unlock(s);
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

	lock(s);
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
	unlock(s);
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
		lock(s);
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
		unlock(s);
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
	lock(s);
	CHECK_INT(count(s), PROCESSES * (ROUNDS + 2));
	CHECK_INT(state_high(s), 2 * PROCESSES * ROUNDS);
	unlock(s);
	state_close(s);
}

static void
snapshot(void)
{
	struct state *s;
	struct state_walk *w;
	struct entry entry;
	struct err e;
	char name[32];
	int i, n = 0;

	scratch_clear();
	s = state_must_open("a");
	lock(s);
	for (i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "/f/%05d", i * 2);
		put_name(s, name, 1);
		if (i == 3000)
			state_must(state_compact(s, &e), &e);
	}
	unlock(s);
	w = state_walk_new(s, "/f/00011", &e);
	lock(s);
	while (state_walk_next(w, &entry, &e) > 0) {
		snprintf(name, sizeof(name), "/f/%05d", (n + 6) * 2);
		CHECK_STR(entry.name, name);
		CHECK_INT(entry.number, 1);
		entry_free(&entry);
		snprintf(name, sizeof(name), "/f/%05d", (n + 6) * 2 + 3);
		put_name(s, name, 2);
		snprintf(name, sizeof(name), "/f/%05d", (n + 6) * 2 + 2);
		put_name(s, name, 2);
		snprintf(name, sizeof(name), "/f/%05d", (n + 6) * 2 + 4);
		state_must(state_forget(s, name, &e), &e);
		if (n % 1500 == 7)
			state_must(state_compact(s, &e), &e);
		n++;
	}
	CHECK_INT(n, 6000 - 6);
	unlock(s);
	state_walk_free(w);
	state_close(s);
}

/* How many a walk above that number shows; all must be in order. */
static int
shown_above(struct state *s, uint64_t number)
{
	struct state_walk *w;
	struct entry entry;
	struct err e;
	int n = 0;

	w = state_walk_new(s, NULL, &e);
	state_walk_above(w, number);
	while (state_walk_next(w, &entry, &e) > 0) {
		n++;
		entry_free(&entry);
	}
	state_walk_free(w);
	return n;
}

/* Where all that is asked for is behind the base, that is not read. */
static void
walk_above(void)
{
	struct state *s;
	struct err e;

	scratch_clear();
	s = state_must_open("a");
	lock(s);
	put_name(s, "/a", 1);
	put_name(s, "/b", 7);
	state_must(state_compact(s, &e), &e);
	put_name(s, "/c", 8);
	put_name(s, "/a", 9);
	CHECK_INT(shown_above(s, 0), 3);
	CHECK_INT(shown_above(s, 6), 3);
	CHECK_INT(shown_above(s, 7), 2);
	state_must(state_compact(s, &e), &e);
	CHECK_INT(shown_above(s, 7), 3);
	CHECK_INT(shown_above(s, 9), 0);
	unlock(s);
	state_close(s);
}

static void
walk_from(void)
{
	static const char *const names[] = {
		"%p%", "%p%/a", "/", "/a", "/a/b", "/a/b/c", "/a b", "/b"
	};
	static const char *const sorted[] = {
		"/", "/a", "/a/b", "/a/b/c", "/a b", "/b", "%p%", "%p%/a"
	};
	struct state *s;
	struct state_walk *w;
	struct entry entry;
	struct err e;
	size_t i, at;
	int round;

	scratch_clear();
	s = state_must_open("a");
	lock(s);
	for (i = 0; i < 8; i++)
		put_name(s, names[i], 1);
	for (round = 0; round < 2; round++) {
		for (at = 0; at < 8; at++) {
			w = state_walk_new(s, sorted[at], &e);
			for (i = at; i < 8; i++) {
				CHECK_INT(state_walk_next(w, &entry, &e), 1);
				CHECK_STR(entry.name, sorted[i]);
				entry_free(&entry);
			}
			CHECK_INT(state_walk_next(w, &entry, &e), 0);
			state_walk_free(w);
		}
		state_must(state_compact(s, &e), &e);
	}
	unlock(s);
	state_close(s);
}

static void
many_name(char *name, size_t n, int i)
{
	snprintf(name, n, "/usr/share/some/package-%03d/file-%d.txt",
	    i * 7919 % 991, i);
}

/* In KiB; ru_maxrss would count what was there before the exec, too. */
static long
peak_rss(void)
{
	struct buf b = file_read("/proc/self/status");
	const char *at;
	long n = -1;

	buf_u8(&b, 0);
	at = strstr((const char *)b.p, "VmHWM:");
	if (at)
		n = strtol(at + 6, NULL, 10);
	buf_free(&b);
	return n;
}

/* In a process of its own: one walk, and how much memory that took. */
static int
walk_alone(const char *dir)
{
	struct state *s;
	struct state_walk *w;
	struct entry entry;
	struct err e;
	int n = 0;

	state_must(state_open(&s, dir, "a", "", 1, &e), &e);
	w = state_walk_new(s, NULL, &e);
	while (state_walk_next(w, &entry, &e) > 0) {
		entry_free(&entry);
		n++;
	}
	state_walk_free(w);
	state_close(s);
	printf("walk of %d: %ld KiB\n", n, peak_rss());
	return n == MANY - 1 && peak_rss() < RSS_KIB ? 0 : 1;
}

enum { NOT_OURS = 77 };          /* the exit code that tells it */

static int
walk_in_child(int *status)
{
	char self[512], dir[300];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return -1;
	self[n] = 0;
	snprintf(dir, sizeof(dir), "%s/st", scratch.path);
	if (!fork()) {
		execl(self, self, "walk", dir, (char *)NULL);
		_exit(errno == ENOEXEC ? NOT_OURS : 9);
	}
	return wait(status) > 0 ? 0 : -1;
}

static void
in_order(struct state *s, int want)
{
	struct state_walk *w;
	struct entry entry;
	struct err e;
	char last[4096] = "";
	int n = 0;

	w = state_walk_new(s, NULL, &e);
	while (state_walk_next(w, &entry, &e) > 0) {
		CHECK(path_cmp(last, entry.name) < 0);
		snprintf(last, sizeof(last), "%s", entry.name);
		entry_free(&entry);
		n++;
	}
	state_walk_free(w);
	CHECK_INT(n, want);
}

static void
many(void)
{
	struct state *s;
	struct err e;
	struct stat before, after;
	char name[100];
	int i, status = 0;

	scratch_clear();
	s = state_must_open("a");
	lock(s);
	for (i = 0; i < MANY; i++) {
		many_name(name, sizeof(name), i);
		put_name(s, name, state_next(s));
	}
	in_order(s, MANY);
	stat("st/a.db", &before);
	unlock(s);
	stat("st/a.db", &after);
	CHECK(before.st_ino != after.st_ino);
	in_order(s, MANY);
	state_close(s);
	s = state_must_open("a");
	CHECK_INT(state_count(s), MANY);
	lock(s);
	for (i = 0; i < MANY; i += 997) {
		many_name(name, sizeof(name), i);
		CHECK(has_name(s, name));
	}
	many_name(name, sizeof(name), 4711);
	CHECK_INT(state_forget(s, name, &e), 0);
	CHECK(!has_name(s, name));
	CHECK_INT(state_compact(s, &e), 0);
	CHECK(!has_name(s, name));
	unlock(s);
	in_order(s, MANY - 1);
	state_close(s);
	CHECK_INT(walk_in_child(&status), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_OURS) {
		printf("skip state: memory: a program of another CPU\n");
		return;
	}
	CHECK_INT(status, 0);
}

static void
limit_size(rlim_t size)
{
	struct rlimit r;

	getrlimit(RLIMIT_FSIZE, &r);
	r.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &r);
}

static void
full_disk(void)
{
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	struct state *s, *t;
	struct entry entry;
	struct stat st, st2;
	char name[32];
	struct err e;
	int i, r;

	scratch_clear();
	s = state_must_open("a");
	lock(s);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "/x/%d", i);
		put_name(s, name, state_next(s));
	}
	unlock(s);
	state_digest(s, before);
	stat("st/a.db", &st);
	limit_size((rlim_t)st.st_size + 300000);
	lock(s);
	for (i = 0, r = 0; !r && i < 10000; i++) {
		snprintf(name, sizeof(name), "/y/%d", i);
		entry = entry_make(name, state_next(s));
		r = state_put(s, &entry, &e);
		entry_free(&entry);
	}
	CHECK_INT(r, -1);
	CHECK(strstr(e.text, "st/a.db: writing"));
	CHECK_INT(state_sync(s, &e), -1);
	CHECK_INT(state_unlock(s, &e), -1);
	CHECK(strstr(e.text, "st/a.db: writing"));
	stat("st/a.db", &st2);
	CHECK_INT(st2.st_size, st.st_size);
	state_digest(s, after);
	CHECK_MEM(after, before, HASH_BYTES);
	limit_size((rlim_t)st.st_size + 100);
	lock(s);
	put_name(s, "/z", state_next(s));
	CHECK_INT(state_unlock(s, &e), -1);
	stat("st/a.db", &st2);
	CHECK_INT(st2.st_size, st.st_size);
	limit_size(RLIM_INFINITY);
	lock(s);
	put_name(s, "/z", state_next(s));
	unlock(s);
	t = state_must_open("a");
	CHECK(has_name(t, "/z") && !has_name(t, "/y/1"));
	CHECK_INT(count(t), 101);
	state_close(t);
	state_close(s);
}

static void
no_room_to_compact(void)
{
	struct state *s;
	struct stat st, st2;
	char name[32];
	struct err e;
	int i;

	scratch_clear();
	s = state_must_open("a");
	lock(s);
	for (i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "/x/%d", i);
		put_name(s, name, state_next(s));
	}
	state_must(state_sync(s, &e), &e);
	stat("st/a.db", &st);
	limit_size(20000);
	CHECK_INT(state_compact(s, &e), -1);
	CHECK_INT(state_unlock(s, &e), 0);
	limit_size(RLIM_INFINITY);
	CHECK(stat("st/a.db.new", &st2));
	stat("st/a.db", &st2);
	CHECK_INT(st2.st_ino, st.st_ino);
	CHECK_INT(count(s), 400);
	lock(s);
	put_name(s, "/more", 1000);
	CHECK_INT(state_compact(s, &e), 0);
	unlock(s);
	CHECK_INT(count(s), 401);
	state_close(s);
}

/* A writer that died in the middle, and one that died before its sync. */
static void
dead_writer(void)
{
	static struct state *t;         /* reachable when the child dies */
	struct state *s = state_must_open("a");
	int status;
	struct stat st;
	struct err e;

	stat("st/a.db", &st);
	if (!fork()) {
		lock(t = state_must_open("a"));
		put_name(t, "/died", state_next(t));
		limit_size((rlim_t)st.st_size + 50);
		signal(SIGXFSZ, SIG_DFL);
		state_sync(t, &e);
		_exit(0);
	}
	wait(&status);
	CHECK(WIFSIGNALED(status));
	CHECK(!has_name(s, "/died"));
	lock(s);
	CHECK(!has_name(s, "/died"));
	put_name(s, "/lived", state_next(s));
	unlock(s);
	state_close(s);
	s = state_must_open("a");
	CHECK(has_name(s, "/lived"));
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
	lock(s);
	put_name(s, "/x", state_next(s));
	unlock(s);
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
	lock(s);
	CHECK_INT(state_compact(s, &e), 0);
	unlock(s);
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

	lock(s);
	CHECK_INT(state_renew(s, &e), 0);
	unlock(s);
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
	lock(s);
	CHECK(state_replica(s) != replica);
	put_name(s, "/new", state_next(s));
	unlock(s);
	t = state_must_open("a");
	CHECK(has_name(t, "/new"));
	CHECK_INT(count(t), 1);
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

	lock(s);
	scratch_need(write(tell, "r", 1) == 1, "say so");
	for (i = 0; i < 12; i++) {
		clock_sleep_ms(50);
		if (writes)
			put_name(s, "/x", state_next(s));
		state_must(state_sync(s, &e), &e);
	}
	unlock(s);
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
main(int argc, char **argv)
{
	if (argc == 3)
		return walk_alone(argv[2]);
	signal(SIGXFSZ, SIG_IGN);
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
	RUN(snapshot);
	RUN(walk_from);
	RUN(walk_above);
	RUN(many);
	RUN(full_disk);
	RUN(no_room_to_compact);
	RUN(dead_writer);
	RUN(clones);
	RUN(other_machine);
	RUN(renewed);
	RUN(taken_away);
	RUN(patience);
	scratch_fini();
	return unit_end();
}
