/* SPDX-License-Identifier: ISC */
/*
 * Walks over a state: what they show while others write, where they begin, and
 * how much memory many entries take.
 */
#include <errno.h>
#include <sys/wait.h>

#include "base/path.h"
#include "scratchstate.h"

enum { MANY = 50000 };

#ifdef __SANITIZE_ADDRESS__
enum { RSS_KIB = 1 << 20 };     /* the sanitizer's own is most of it */
#else
enum { RSS_KIB = 4096 };
#endif

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
	put_begin(s);
	for (i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "/f/%05d", i * 2);
		put_name(s, name, 1);
		if (i == 3000)
			state_must(state_compact(s, &e), &e);
	}
	put_end(s);
	w = state_walk_new(s, "/f/00011", &e);
	put_begin(s);
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
	put_end(s);
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
	put_begin(s);
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
	put_end(s);
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
	put_begin(s);
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
	put_end(s);
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
	put_begin(s);
	for (i = 0; i < MANY; i++) {
		many_name(name, sizeof(name), i);
		put_name(s, name, state_next(s));
	}
	in_order(s, MANY);
	stat("st/a.db", &before);
	put_end(s);
	stat("st/a.db", &after);
	CHECK(before.st_ino != after.st_ino);
	in_order(s, MANY);
	state_close(s);
	s = state_must_open("a");
	CHECK_INT(state_count(s), MANY);
	put_begin(s);
	for (i = 0; i < MANY; i += 997) {
		many_name(name, sizeof(name), i);
		CHECK(has_name(s, name));
	}
	many_name(name, sizeof(name), 4711);
	CHECK_INT(state_forget(s, name, &e), 0);
	CHECK(!has_name(s, name));
	CHECK_INT(state_compact(s, &e), 0);
	CHECK(!has_name(s, name));
	put_end(s);
	in_order(s, MANY - 1);
	state_close(s);
	CHECK_INT(walk_in_child(&status), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_OURS) {
		printf("skip entries: memory: a program of another CPU\n");
		return;
	}
	CHECK_INT(status, 0);
}

int
main(int argc, char **argv)
{
	if (argc == 3)
		return walk_alone(argv[2]);
	scratch_state_init();
	RUN(snapshot);
	RUN(walk_from);
	RUN(walk_above);
	RUN(many);
	scratch_fini();
	return unit_end();
}
