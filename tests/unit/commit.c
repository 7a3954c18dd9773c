/* SPDX-License-Identifier: ISC */
/*
 * Commits: every kind into every other, metadata to the nanosecond, trees; what
 * is stale, in the way, only recorded.
 */
#include "everywhere.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

static const enum kind kinds[] = {
	KIND_NONE, KIND_REG, KIND_DIR, KIND_LNK, KIND_FIFO, KIND_CHR
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static int
make(const char *path, enum kind kind)
{
	switch (kind) {
	case KIND_NONE:
		return 0;
	case KIND_REG:
		scratch_file(path, "old");
		return 0;
	case KIND_DIR:
		return mkdir(path, 0755);
	case KIND_LNK:
		return symlink("old target", path);
	case KIND_FIFO:
		return mkfifo(path, 0644);
	default:
		return mknod(path, S_IFCHR | 0600, makedev(5, 1));
	}
}

/* The disk shows want exactly, and is known so. */
static void
agrees(const char *path, const struct version *want)
{
	struct entry now = entry_now(path);
	struct version v;
	struct look look;

	memset(&v, 0, sizeof(v));
	CHECK(now.name);
	CHECK(now.look.trusted);
	CHECK(version_same(&now.v, want, ignore_nothing));
	CHECK_INT(detect_now(path, now.v.kind == KIND_NONE ? NULL : &now, &v,
	    &look), now.v.kind == KIND_NONE ? DETECT_GONE : DETECT_SAME);
	if (want->kind != KIND_NONE) {
		CHECK_INT(detect_now(path, NULL, &v, &look), DETECT_CHANGED);
		CHECK(version_same(&v, want, ignore_nothing));
		CHECK_INT(stime_cmp(v.mtime, want->mtime), 0);
		version_free(&v);
	}
	entry_free(&now);
}

static void
pair(enum kind from, enum kind to)
{
	struct change *c;

	world_new(EVERYTHING);
	CHECK_INT(make("x", from), 0);
	if (from != KIND_NONE)
		know("x");
	c = change_to("x", to);
	if (to == KIND_REG)
		give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_STR(change_why(c), "");
	CHECK_INT(c->result, CHANGE_DONE);
	CHECK_INT(leftovers(), 0);
	CHECK(!c->temporary);
	agrees("x", &c->want.v);
	world_close();
}

static void
every_kind_into_every_other(void)
{
	int i, j;

	for (i = 0; i < KINDS; i++)
		for (j = 0; j < KINDS; j++)
			if (!geteuid() || (kinds[i] != KIND_CHR &&
			    kinds[j] != KIND_CHR))
				pair(kinds[i], kinds[j]);
}

/* Done behind our back, after the look. */
static void
edit(const char *path, enum kind was)
{
	if (was == KIND_NONE) {
		scratch_file(path, "edit");
	} else if (was == KIND_REG) {
		scratch_file(path, "edit");
	} else if (was == KIND_DIR) {
		scratch_need(!chmod(path, 0700), path);
	} else {
		scratch_need(!unlink(path), path);
		scratch_file(path, "edit");
	}
}

static void
stale_pair(enum kind from, enum kind to)
{
	struct change *c;
	struct stat st;

	world_new(EVERYTHING);
	CHECK_INT(make("x", from), 0);
	if (from != KIND_NONE)
		know("x");
	c = change_to("x", to);
	if (to == KIND_REG)
		give(c, "new");
	edit("x", from);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK_INT(leftovers(), 0);
	CHECK_INT(lstat("x", &st), 0);
	if (from == KIND_DIR)
		CHECK_INT(st.st_mode & 07777, 0700);
	else
		CHECK_STR(text_of("x"), "edit");
	world_close();
}

static void
an_edit_after_the_look_stays(void)
{
	int i, j;

	for (i = 0; i < KINDS; i++)
		for (j = 0; j < KINDS; j++)
			if ((i || j) && (!geteuid() ||
			    (kinds[i] != KIND_CHR && kinds[j] != KIND_CHR)))
				stale_pair(kinds[i], kinds[j]);
}

static void
an_entry_that_changed(void)
{
	struct change *c;

	world_new(EVERYTHING);
	scratch_file("x", "old");
	know("x");
	c = change_to("x", KIND_REG);
	give(c, "new");
	know("x");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK_STR(text_of("x"), "old");
	CHECK_INT(leftovers(), 0);
	world_close();
}

static void
owners_and_modes(void)
{
	struct change *c;
	struct stat st;

	if (geteuid())
		return;
	world_new(EVERYTHING);
	scratch_file("a", "old");
	know("a");
	c = change_to("a", KIND_REG);
	c->want.v.uid = 12345;
	c->want.v.gid = 23456;
	c->want.v.mode = 06755;
	give(c, "new");
	c = change_to("b", KIND_LNK);
	c->want.v.uid = 12345;
	c = change_to("c", KIND_DIR);
	c->want.v.gid = 12345;
	c->want.v.mode = 03770;
	CHECK_INT(commit_now(), 0);
	CHECK_INT(lstat("a", &st), 0);
	CHECK_INT(st.st_uid, 12345);
	CHECK_INT(st.st_gid, 23456);
	CHECK_INT(st.st_mode & 07777, 06755);
	CHECK_INT(lstat("b", &st), 0);
	CHECK_INT(st.st_uid, 12345);
	CHECK_INT(lstat("c", &st), 0);
	CHECK_INT(st.st_gid, 12345);
	CHECK_INT(st.st_mode & 07777, 03770);
	agrees("a", &world.changes[0].want.v);
	agrees("b", &world.changes[1].want.v);
	agrees("c", &world.changes[2].want.v);
	world_close();
}

static void
metadata_in_place(void)
{
	struct change *c, *d;
	struct stat before, after;
	struct entry old;

	world_new(EVERYTHING);
	scratch_dir("d");
	scratch_file("f", "content");
	know("d");
	know("f");
	CHECK_INT(lstat("f", &before), 0);
	d = change_to("d", KIND_DIR);
	c = change_to("f", KIND_REG);
	old = entry_now("f");
	c->want.v.size = old.v.size;
	memcpy(c->want.v.id, old.v.id, HASH_BYTES);
	entry_free(&old);
	c->want.v.mode = 0600;
	c->want.v.mtime.sec = -1;
	c->want.v.mtime.nsec = 999999999;
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_DONE);
	CHECK_INT(d->result, CHANGE_DONE);
	CHECK_INT(lstat("f", &after), 0);
	CHECK(before.st_ino == after.st_ino);
	agrees("d", &d->want.v);
	agrees("f", &c->want.v);
	world_close();
}

static void
a_time_to_come(void)
{
	struct stime now = clock_real();
	struct change *c;
	struct entry e;

	world_new(EVERYTHING);
	c = change_to("x", KIND_REG);
	c->want.v.mtime.sec = now.sec + 1000;
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	e = entry_now("x");
	CHECK(e.look.mtime.sec >= now.sec && e.look.mtime.sec < now.sec + 900);
	CHECK_INT(e.v.mtime.sec, now.sec + 1000);
	entry_free(&e);
	world_drop();
	c = change_to("y", KIND_REG);
	c->want.v.mtime.sec = now.sec + 1000;
	world.o.peer_clock.sec = now.sec + 2000;
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	e = entry_now("y");
	CHECK_INT(e.look.mtime.sec, now.sec + 1000);
	entry_free(&e);
	world_close();
}

static void
what_is_ignored(void)
{
	struct change *c;
	struct stat st;
	struct entry e;
	struct version v;
	struct look l;

	world_new(EVERYTHING);
	world.conf->ignore_mod = 1;
	scratch_file("a", "old");
	CHECK_INT(chmod("a", 0604), 0);
	know("a");
	c = change_to("a", KIND_REG);
	give(c, "new");
	c = change_to("b", KIND_REG);
	give(c, "new");
	change_to("c", KIND_DIR);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(lstat("a", &st), 0);
	CHECK_INT(st.st_mode & 07777, 0604);
	CHECK_INT(lstat("b", &st), 0);
	CHECK_INT(st.st_mode & 07777, 0644);
	CHECK_INT(lstat("c", &st), 0);
	CHECK_INT(st.st_mode & 07777, 0755);
	e = entry_now("a");
	CHECK_INT(e.v.mode, 0640);
	CHECK_INT(e.look.mode, 0604);
	CHECK_INT(detect_now("a", &e, &v, &l), DETECT_SAME);
	entry_free(&e);
	world_close();
}

static void
attributes_are_kept(void)
{
	struct change *c;
	char value[16];

	world_new(EVERYTHING);
	scratch_file("x", "old");
	if (setxattr("x", "user.ucsync", "kept", 4, 0) < 0) {
		printf("skip commit: attributes: %s\n", strerror(errno));
		world_close();
		return;
	}
	know("x");
	c = change_to("x", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_DONE);
	CHECK_INT(getxattr("x", "user.ucsync", value, sizeof(value)), 4);
	CHECK_MEM(value, "kept", 4);
	agrees("x", &c->want.v);
	world_close();
}

/* A tree that comes, and one that makes way for a file, all in one burst. */
static void
trees(void)
{
	struct change *c;
	size_t i;

	world_new(EVERYTHING);
	scratch_file("a", "a file that becomes a tree");
	scratch_dir("b");
	scratch_dir("b/c");
	scratch_file("b/c/d", "in a tree that becomes a file");
	scratch_file("b/e", "the same");
	know("a");
	know("b");
	know("b/c");
	know("b/c/d");
	know("b/e");
	change_to("a", KIND_DIR);
	change_to("a/b", KIND_DIR);
	give(change_to("a/b/c", KIND_REG), "deep");
	change_to("a/b/d", KIND_LNK);
	give(change_to("b", KIND_REG), "now a file");
	change_to("b/c", KIND_NONE);
	change_to("b/c/d", KIND_NONE);
	change_to("b/e", KIND_NONE);
	change_to("c", KIND_DIR);
	give(change_to("c/x", KIND_REG), "new in new");
	CHECK_INT(commit_now(), 0);
	for (i = 0; i < world.n; i++) {
		c = &world.changes[i];
		CHECK_STR(change_why(c), "");
		CHECK_INT(c->result, CHANGE_DONE);
		agrees(c->want.name + 4, &c->want.v);
	}
	CHECK_STR(text_of("a/b/c"), "deep");
	CHECK_STR(text_of("b"), "now a file");
	CHECK_STR(text_of("c/x"), "new in new");
	CHECK_INT(leftovers(), 0);
	world_close();
}

static void
a_parent_that_is_missing(void)
{
	struct change *c;

	world_new(EVERYTHING);
	c = change_to("no/x", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK_STR(change_why(c), "%p%/no/x: its directory is not there");
	CHECK_INT(leftovers(), 0);
	world_close();

	/* One that nobody will send. */
	world_new("include %p%/no/x;");
	c = change_to("no/x", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_FAILED);
	CHECK_STR(change_why(c), "%p%/no/x: its directory is "
	    "missing, or something else stands in its place");
	CHECK_INT(leftovers(), 0);
	world_close();
}

/* One that fails, in the middle of others. */
static void
failures_are_their_own(void)
{
	struct change *c;

	world_new(EVERYTHING);
	give(change_to("a", KIND_REG), "a");
	c = change_to("b", KIND_REG);
	give(c, "b");
	c->want.v.size = 17;
	c->dressed = 0;         /* what is has been looked at */
	give(change_to("c", KIND_REG), "c");
	c = change_to("d", KIND_REG);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(world.changes[0].result, CHANGE_DONE);
	CHECK_INT(world.changes[1].result, CHANGE_FAILED);
	CHECK_INT(world.changes[2].result, CHANGE_DONE);
	CHECK_STR(change_why(c), "%p%/d: has no content");
	CHECK_STR(text_of("a"), "a");
	CHECK_STR(text_of("b"), NULL);
	CHECK_STR(text_of("c"), "c");
	CHECK_INT(leftovers(), 0);
	world_close();
}

static void
links_are_not_followed(void)
{
	struct change *c;

	world_new(EVERYTHING);
	scratch_dir("st/outside");
	CHECK_INT(symlink("st/outside", "way"), 0);
	c = change_to("way/x", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK_INT(access("st/outside/x", F_OK), -1);
	CHECK_INT(leftovers(), 0);
	world_close();
}

static void
numbers_and_stamps(void)
{
	struct change *c;
	struct entry e;
	uint64_t high;

	world_new(EVERYTHING);
	scratch_file("a", "old");
	know("a");
	high = state_high(world.state);
	c = change_to("a", KIND_REG);
	c->number = 0;
	give(c, "a");
	c = change_to("b", KIND_REG);
	c->stamp = 1;
	c->want.bits = HISTORY_FORCED;
	give(c, "b");
	c = change_to("c", KIND_REG);
	c->stamp = 1;
	c->want.bits = HISTORY_RESOLUTION;
	give(c, "c");
	change_to("gone", KIND_NONE)->number = 0;
	CHECK_INT(commit_now(), 0);
	e = entry_now("a");
	CHECK_INT(e.number, high);
	CHECK_INT(e.h.stamp.replica, 99);
	entry_free(&e);
	e = entry_now("b");
	CHECK_INT(e.number, high + 1);
	CHECK(e.h.stamp.replica == state_replica(world.state));
	CHECK_INT(e.h.stamp.number, high + 1);
	CHECK_INT(e.h.vector.n, 2);
	CHECK_STR(e.h.author, "me");
	CHECK_INT(e.h.bits, HISTORY_FORCED);
	entry_free(&e);
	e = entry_now("c");
	CHECK_STR(e.h.author, "other");
	CHECK_INT(e.h.bits, HISTORY_RESOLUTION);
	entry_free(&e);
	e = entry_now("gone");
	CHECK(e.name && e.v.kind == KIND_NONE && !e.number);
	entry_free(&e);
	world_close();
}

static void
only_recorded(void)
{
	struct change *c;
	struct entry e;

	world_new(EVERYTHING);
	scratch_file("a", "same");
	scratch_file("b", "other");
	know("a");
	know("b");
	e = entry_now("a");
	c = change_to("a", KIND_REG);
	c->record = 1;
	c->want.v = e.v;
	c->expect = e.look;
	c = change_to("b", KIND_REG);
	c->record = 1;
	c->want.v = e.v;
	c->expect = e.look;
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_STALE);
	CHECK_INT(world.changes[0].result, CHANGE_DONE);
	agrees("a", &world.changes[0].want.v);
	entry_free(&e);
	world_close();
}

static void
all(void)
{
	RUN(every_kind_into_every_other);
	RUN(an_edit_after_the_look_stays);
	RUN(an_entry_that_changed);
	RUN(owners_and_modes);
	RUN(metadata_in_place);
	RUN(a_time_to_come);
	RUN(what_is_ignored);
	RUN(attributes_are_kept);
	RUN(trees);
	RUN(a_parent_that_is_missing);
	RUN(failures_are_their_own);
	RUN(links_are_not_followed);
	RUN(numbers_and_stamps);
	RUN(only_recorded);
}

int
main(void)
{
	everywhere(all);
	return unit_end();
}
