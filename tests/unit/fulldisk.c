/* SPDX-License-Identifier: ISC */
/*
 * A state that cannot be written, and writers that died.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "scratchstate.h"

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
	put_begin(s);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "/x/%d", i);
		put_name(s, name, state_next(s));
	}
	put_end(s);
	state_digest(s, before);
	stat("st/a.db", &st);
	limit_size((rlim_t)st.st_size + 300000);
	put_begin(s);
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
	put_begin(s);
	put_name(s, "/z", state_next(s));
	CHECK_INT(state_unlock(s, &e), -1);
	stat("st/a.db", &st2);
	CHECK_INT(st2.st_size, st.st_size);
	limit_size(RLIM_INFINITY);
	put_begin(s);
	put_name(s, "/z", state_next(s));
	put_end(s);
	t = state_must_open("a");
	CHECK(has_name(t, "/z") && !has_name(t, "/y/1"));
	CHECK_INT(state_size(t), 101);
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
	put_begin(s);
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
	CHECK_INT(state_size(s), 400);
	put_begin(s);
	put_name(s, "/more", 1000);
	CHECK_INT(state_compact(s, &e), 0);
	put_end(s);
	CHECK_INT(state_size(s), 401);
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
		put_begin(t = state_must_open("a"));
		put_name(t, "/died", state_next(t));
		limit_size((rlim_t)st.st_size + 50);
		signal(SIGXFSZ, SIG_DFL);
		state_sync(t, &e);
		_exit(0);
	}
	wait(&status);
	CHECK(WIFSIGNALED(status));
	CHECK(!has_name(s, "/died"));
	put_begin(s);
	CHECK(!has_name(s, "/died"));
	put_name(s, "/lived", state_next(s));
	put_end(s);
	state_close(s);
	s = state_must_open("a");
	CHECK(has_name(s, "/lived"));
	state_close(s);
}

int
main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	scratch_state_init();
	RUN(full_disk);
	RUN(no_room_to_compact);
	RUN(dead_writer);
	scratch_fini();
	return unit_end();
}
