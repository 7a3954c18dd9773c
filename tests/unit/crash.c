/* SPDX-License-Identifier: ISC */
/*
 * A commit of many kinds of changes, killed at every one of its system calls.
 * After recovery each thing is the old or the new one, the state agrees with
 * the disk, no temporary is left, and what was not done can be done.
 */
#define _GNU_SOURCE
#include "commitscene.h"
#include "killat.h"

static void
begin(void)
{
	world_open(GROUP);
}

static void
killed_at_every_call(void)
{
	int when, r = 1;

	for (when = 1; r > 0 && !unit.failed; when++) {
		scene();
		r = kill_at(when, begin, change_all);
		if (r == -KILL_UNABLE) {
			printf("skip crash: ptrace: not permitted\n");
			return;
		}
		CHECK(r >= 0);
		complete();
		if (unit.failed)
			printf("killed at system call %d\n", when);
	}
	printf("killed at %d system calls\n", when - 2);
	CHECK(when > 100);
}

/* Recovery dies as well, at some of its calls, after some of the commit's. */
static void
killed_again(void)
{
	int when, again, r, first = 1;

	for (when = 1; first > 0 && !unit.failed; when += 23)
		for (again = 1 + when % 5, r = 1; r > 0 && first > 0 &&
		    !unit.failed; again += 5) {
			scene();
			first = kill_at(when, begin, change_all);
			r = kill_at(again, begin, recover_all);
			if (first == -KILL_UNABLE) {
				printf("skip crash: ptrace: not permitted\n");
				return;
			}
			CHECK(first >= 0 && r >= 0);
			complete();
			if (unit.failed)
				printf("killed at %d and %d\n", when, again);
		}
}

/* An edit between the crash and the recovery is an edit, and stays. */
static void
edits_before_recovery(void)
{
	int when, r = 1;

	for (when = 1; r > 0 && !unit.failed; when += 7) {
		scene();
		r = kill_at(when, begin, change_all);
		scratch_file("st/edit", "by hand");
		CHECK_INT(rename("st/edit", "replaced"), 0);
		world_open(GROUP);
		CHECK_INT(recover_all(), 0);
		CHECK_STR(text_of("replaced"), "by hand");
		world_close();
	}
}

/* The intent of a change of x, as a commit that died after it had it. */
static void
intend(struct change *c, const char *temp)
{
	struct entry intent = change_entry(c);
	struct look l;

	memset(&intent.look, 0, sizeof(intent.look));
	if (c->want.v.kind != KIND_NONE) {
		look_read(AT_FDCWD, temp, &l);
		intent.look = l;
		intent.look.trusted = 0;
	}
	intent.number = state_high(world.state) + 1;
	CHECK_INT(state_lock(world.state, 5000, &world.e), 0);
	CHECK_INT(fact_set_intent(world.state, &intent, temp, &world.e), 0);
	CHECK_INT(state_unlock(world.state, &world.e), 0);
}

static void
recover(void)
{
	world_drop();
	CHECK_INT(recover_all(), 0);
}

static const char temporary[] = ".ucsync-1.9999999999999999999";

/* x and a staged replacement; its name is exchanged with x's. */
static void
half_replaced(void)
{
	struct change *c;
	char aside[] = "st/aside";

	world_new(GROUP);
	scratch_file("x", "old");
	know("x");
	c = change_to("x", KIND_REG);
	give(c, "new");
	CHECK_INT(rename(path_base(c->temporary), temporary), 0);
	free(c->temporary);
	c->temporary = NULL;
	intend(c, temporary);
	CHECK_INT(rename("x", aside), 0);
	CHECK_INT(rename(temporary, "x"), 0);
	CHECK_INT(rename(aside, temporary), 0);
}

static void
an_exchange(void)
{
	struct entry e;

	half_replaced();
	commit_sweep(world.state, AT_FDCWD, temporary);
	CHECK_INT(leftovers(), 1);
	recover();
	CHECK_STR(text_of("x"), "new");
	CHECK_INT(leftovers(), 0);
	e = entry_now("x");
	CHECK(e.h.stamp.replica == 99);
	CHECK(!e.look.trusted);
	entry_free(&e);
	world_close();
}

static void
an_exchange_for_an_edit(void)
{
	struct entry e;

	half_replaced();
	scratch_file(temporary, "an edit that nobody saw");
	recover();
	CHECK_STR(text_of("x"), "an edit that nobody saw");
	CHECK_INT(leftovers(), 0);
	e = entry_now("x");
	CHECK(e.h.stamp.replica != 99);
	entry_free(&e);
	world_close();
}

/* The name of a file that was saved beside x. */
static const char *
saved(void)
{
	static char name[256];
	struct dirent *item;
	DIR *d = opendir(".");

	*name = 0;
	while ((item = readdir(d)) != NULL)
		if (!strncmp(item->d_name, "x.saved-", 8))
			snprintf(name, sizeof(name), "%s", item->d_name);
	closedir(d);
	return name;
}

static void
an_exchange_between_two_edits(void)
{
	half_replaced();
	scratch_file(temporary, "an edit that nobody saw");
	scratch_file("x", "and one after the crash");
	recover();
	CHECK_STR(text_of("x"), "and one after the crash");
	CHECK_STR(text_of(saved()), "an edit that nobody saw");
	CHECK_INT(leftovers(), 0);
	world_close();
}

/* x put aside; edit: what it was in that moment, again: made after that. */
static void
half_removed(const char *edit, const char *again, const char *left)
{
	struct change *c;

	world_new(GROUP);
	scratch_file("x", "old");
	know("x");
	c = change_to("x", KIND_NONE);
	intend(c, temporary);
	if (edit)
		scratch_file("x", edit);
	CHECK_INT(rename("x", temporary), 0);
	if (again)
		scratch_file("x", again);
	recover();
	CHECK_STR(text_of("x"), left);
	CHECK_INT(leftovers(), 0);
}

static void
a_removal(void)
{
	struct entry e;

	half_removed(NULL, NULL, NULL);
	e = entry_now("x");
	CHECK_INT(e.v.kind, KIND_NONE);
	entry_free(&e);
	world_close();
	half_removed("edited", NULL, "edited");
	world_close();
	half_removed(NULL, "again", "again");
	e = entry_now("x");
	CHECK_INT(e.v.kind, KIND_NONE);
	entry_free(&e);
	world_close();
	half_removed("edited", "again", "again");
	CHECK_STR(text_of(saved()), "edited");
	world_close();
}

int
main(void)
{
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	scratch_init();
	RUN(killed_at_every_call);
	RUN(killed_again);
	RUN(edits_before_recovery);
	RUN(an_exchange);
	RUN(an_exchange_for_an_edit);
	RUN(an_exchange_between_two_edits);
	RUN(a_removal);
	scratch_fini();
	return unit_end();
}
