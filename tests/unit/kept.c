/* SPDX-License-Identifier: ISC */
/*
 * Commits that remove directories: which of them have to stay, and why.
 */
#include "everywhere.h"

#include <sys/socket.h>
#include <sys/un.h>

static void
not_empty(void)
{
	struct change *c;

	world_new("include %p%; exclude *.o;");
	scratch_dir("d");
	scratch_file("d/x.o", "");
	know("d");
	c = change_to("d", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_FAILED);
	CHECK_STR(change_why(c), "%p%/d: directory not empty: what lives in it "
	    "is not synced");
	CHECK_INT(access("d/x.o", F_OK), 0);
	CHECK_INT(leftovers(), 0);
	world_drop();
	scratch_file("d/y", "");
	c = change_to("d", KIND_LNK);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK(c->lives);
	CHECK_STR(change_why(c), "%p%/d: directory not empty: %p%/d/y lives in "
	    "it");
	CHECK_INT(leftovers(), 0);
	world_drop();
	unlink("d/x.o");
	unlink("d/y");
	scratch_file("d/.ucsync-1.9999999999999999999", "dead");
	know("d");
	c = change_to("d", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_DONE);
	CHECK_STR(text_of("d"), "new");
	world_close();
}

/* What is not synced keeps a directory; the state has it as removed. */
static void
kept_by_excluded(void)
{
	struct change *c;
	struct entry e;

	world_new("include %p%; exclude *.o;");
	scratch_dir("d");
	scratch_dir("d/e");
	scratch_file("d/e/x.o", "");
	know("d");
	know("d/e");
	change_to("d", KIND_NONE);
	change_to("d/e", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	for (c = world.changes; c < world.changes + 2; c++) {
		CHECK_INT(c->result, CHANGE_DONE);
		CHECK(c->want.bits & HISTORY_KEPT);
	}
	e = entry_now("d");
	CHECK_INT(e.v.kind, KIND_NONE);
	CHECK(e.h.bits & HISTORY_KEPT);
	CHECK_INT(e.look.kind, KIND_DIR);
	entry_free(&e);
	world_close();
}

static void
kept_by_a_socket(void)
{
	struct sockaddr_un un;
	struct change *c;
	int fd;

	world_new("include %p%; exclude *.o;");
	scratch_dir("d");
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	snprintf(un.sun_path, sizeof(un.sun_path), "d/socket");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_INT(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	close(fd);
	know("d");
	c = change_to("d", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	CHECK(c->want.bits & HISTORY_KEPT);
	world_close();
}

static void
kept_by_an_edit(void)
{
	struct change *c;

	world_new("include %p%; exclude *.o;");
	scratch_dir("d");
	scratch_file("d/new", "");
	know("d");
	c = change_to("d", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK(c->lives);
	CHECK_STR(change_why(c), "%p%/d: directory not empty: %p%/d/new lives "
	    "in it");
	world_close();
}

/*
 * An edit that keeps the one below keeps the one above, but what only failed to
 * go does not.
 */
static void
kept_by_one_below(void)
{
	struct change *c;

	world_new("include %p%;");
	scratch_dir("d");
	scratch_dir("d/e");
	scratch_file("d/e/new", "");
	know("d");
	know("d/e");
	change_to("d", KIND_NONE);
	change_to("d/e", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	CHECK(world.changes[0].lives && world.changes[1].lives);
	world_drop();
	scratch_file("d/f", "");
	know("d/f");
	unlink("d/e/new");
	change_to("d", KIND_NONE);
	change_to("d/e", KIND_NONE);
	c = change_to("d/f", KIND_NONE);
	c->expect.size = 7;
	CHECK_INT(commit_now(), 0);
	CHECK_INT(world.changes[0].result, CHANGE_STALE);
	CHECK(!world.changes[0].lives);
	CHECK_INT(world.changes[1].result, CHANGE_DONE);
	world_close();
}

static void
not_kept_by_what_the_dead_left(void)
{
	struct change *c;

	world_new("include %p%;");
	scratch_dir("d");
	scratch_file("d/.ucsync-1.9999999999999999999", "");
	know("d");
	c = change_to("d", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_DONE);
	CHECK_INT(access("d", F_OK), -1);
	world_close();
}

static void
all(void)
{
	RUN(not_empty);
	RUN(kept_by_excluded);
	RUN(kept_by_a_socket);
	RUN(kept_by_an_edit);
	RUN(kept_by_one_below);
	RUN(not_kept_by_what_the_dead_left);
}

int
main(void)
{
	everywhere(all);
	return unit_end();
}
