/* SPDX-License-Identifier: ISC */
/*
 * Commits: every kind into every other, on the disk, in memory, and where names
 * cannot be exchanged; metadata to the nanosecond; what is stale, in the way,
 * kept, backed up. The source of rename is taken in here, so that its system
 * call can be taken away.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

static int no_exchange;

static long
test_rename(int call, int a, const char *b, int c, const char *d,
    unsigned flags)
{
	if (!no_exchange)
		return syscall(call, a, b, c, d, flags);
	errno = EINVAL;
	return -1;
}

#define syscall test_rename
#include "../../src/fs/rename.c"
#undef syscall

#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "fs/temp.h"

#include "commitworld.h"

#define EVERYTHING "include %p%; exclude %p%/st;"

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
backups(void)
{
	struct change *c;
	struct stat st;
	char text[12];
	int i;

	world_new(EVERYTHING "exclude %p%/bak;"
	    "backup-directory @/bak; backup-generations 3;");
	scratch_dir("d");
	CHECK_INT(chmod("d", 0710), 0);
	scratch_file("d/x", "0");
	CHECK_INT(symlink("there", "d/y"), 0);
	know("d/x");
	know("d/y");
	for (i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "%d", i);
		c = change_to("d/x", KIND_REG);
		give(c, text);
		CHECK_INT(commit_now(), 0);
		CHECK_STR(change_why(c), "");
		world_drop();
	}
	change_to("d/x", KIND_NONE);
	change_to("d/y", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(leftovers(), 0);
	snprintf(world.e.text, sizeof(world.e.text), "bak%s/d", scratch.path);
	CHECK_INT(stat(world.e.text, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0710);
	CHECK_INT(chdir(world.e.text), 0);
	CHECK_STR(text_of("x.1"), "5");
	CHECK_STR(text_of("x.2"), "4");
	CHECK_STR(text_of("x.3"), "3");
	CHECK_STR(text_of("x.4"), NULL);
	CHECK_INT(readlink("y.1", text, sizeof(text)), 5);
	CHECK_INT(chdir(scratch.path), 0);
	world_close();
}

static void
a_backup_that_fails(void)
{
	struct change *c;

	world_new(EVERYTHING "backup-directory @/bak;");
	scratch_file("bak", "in the way");
	scratch_file("x", "old");
	know("x");
	c = change_to("x", KIND_REG);
	give(c, "new");
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_FAILED);
	CHECK(strstr(change_why(c), "%p%/x: backup directory "));
	CHECK_STR(text_of("x"), "old");
	CHECK_INT(leftovers(), 0);
	world_drop();
	c = change_to("x", KIND_NONE);
	CHECK_INT(commit_now(), 0);
	CHECK_INT(c->result, CHANGE_FAILED);
	CHECK_STR(text_of("x"), "old");
	CHECK_INT(leftovers(), 0);
	world_close();
}

/* Replaces x all the time, at many paces. */
static void
write_for_ever(void)
{
	char text[32];
	int i;

	for (i = 0; ; i++) {
		snprintf(text, sizeof(text), "edit %d", i);
		scratch_file("st/edit", text);
		rename("st/edit", "x");
		usleep((unsigned)(i % 13 * (i % 40 > 20 ? 500 : 20)));
	}
}

/*
 * What stands at x, its text and its look belonging together: two edits in one
 * tick of the file system's clock look alike, so it is read after that tick.
 */
static void
judge(struct change *c, char *text, size_t n)
{
	struct look before;

	do {
		look_now(c);
		before = c->expect;
		while (stime_cmp(before.ctime, clock_coarse()) >= 0)
			usleep(100);
		snprintf(text, n, "%s", text_of("x"));
		look_now(c);
	} while (!look_shows_same(&before, &c->expect));
}

/* What we replace is always what was judged: the backup shows it. */
static void
no_edit_is_lost(void)
{
	char judged[512], backup[400];
	int i, status, done = 0, stale = 0, wrong = 0;
	struct change *c;
	pid_t pid;

	world_new(EVERYTHING "exclude %p%/bak; backup-directory @/bak;");
	scratch_file("x", "first");
	snprintf(backup, sizeof(backup), "bak%s/x.1", scratch.path);
	pid = fork();
	if (!pid)
		write_for_ever();
	for (i = 0; i < 2000 && (done < 20 || stale < 20 || i < 100); i++) {
		world_drop();
		c = change_to("x", KIND_REG);
		give(c, "from afar");
		judge(c, judged, sizeof(judged));
		wrong += commit_now() < 0;
		done += c->result == CHANGE_DONE;
		stale += c->result == CHANGE_STALE;
		wrong += c->result == CHANGE_FAILED;
		wrong += c->result == CHANGE_DONE &&
		    strcmp(text_of(backup), judged);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	CHECK_INT(wrong, 0);
	CHECK(stale > 0);
	CHECK(done > 0);
	world_close();
}

static void
a_thousand(void)
{
	char path[32];
	int i;

	world_new(EVERYTHING);
	change_to("d", KIND_DIR);
	for (i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "d/%03d", i);
		give(change_to(path, KIND_REG), path);
	}
	CHECK_INT(commit_now(), 0);
	for (i = 0; i < 1001; i++)
		CHECK_STR(change_why(&world.changes[i]), "");
	CHECK_STR(text_of("d/777"), "d/777");
	CHECK_INT(leftovers(), 0);
	world_close();
}

static void
sweeping(void)
{
	char base[TEMP_BASE_MAX];
	int fd;

	world_new(EVERYTHING);
	temp_base(base);
	scratch_file(base, "alive");
	scratch_file(".ucsync-1.9999999999999999999", "dead");
	scratch_file(".ucsync-unknown", "not ours");
	fd = open(".", O_RDONLY);
	commit_sweep(world.state, fd, base);
	commit_sweep(world.state, fd, ".ucsync-1.9999999999999999999");
	commit_sweep(world.state, fd, ".ucsync-unknown");
	close(fd);
	CHECK_INT(access(base, F_OK), 0);
	CHECK_INT(access(".ucsync-1.9999999999999999999", F_OK), -1);
	CHECK_INT(access(".ucsync-unknown", F_OK), 0);
	world_close();
}

static void
a_mount_in_the_way(void)
{
	struct change *c;

	if (geteuid())
		return;
	world_new(EVERYTHING);
	scratch_file("other", "mounted");
	scratch_file("x", "below");
	if (mount("other", "x", "none", MS_BIND, NULL) < 0) {
		printf("skip commit: mount: %s\n", strerror(errno));
		world_close();
		return;
	}
	know("x");
	c = change_to("x", KIND_REG);
	give(c, "new");
	commit_now();
	umount("x");
	CHECK_STR(change_why(c),
	    "%p%/x: cannot be replaced, something is mounted there");
	CHECK_INT(leftovers(), 0);
	world_close();
}

/* Fills the file system that holds path but for a few KiB. */
static void
fill(const char *path)
{
	static const char zero[4096];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	while (write(fd, zero, sizeof(zero)) > 0)
		;
	ftruncate(fd, lseek(fd, 0, SEEK_CUR) - 16384);
	close(fd);
}

static void
a_full_disk(void)
{
	static char big[64 << 10];
	struct stage *s;
	struct change *c;

	if (geteuid())
		return;
	world_new(EVERYTHING);
	scratch_dir("small");
	if (mount("none", "small", "tmpfs", 0, "size=1m,nr_inodes=6") < 0) {
		printf("skip commit: mount: %s\n", strerror(errno));
		world_close();
		return;
	}
	fill("small/full");
	memset(big, 'x', sizeof(big));
	CHECK_INT(stage_open(&s, world.tree, name_of("small/x"), &world.e), 0);
	CHECK_INT(stage_write(s, big, sizeof(big), &world.e), -1);
	CHECK_STR(world.e.text,
	    "%p%/small/x: cannot be written: No space left on device");
	stage_free(s);
	/* inodes run out: the third directory */
	change_to("small/a", KIND_DIR);
	change_to("small/b", KIND_DIR);
	change_to("small/c", KIND_DIR);
	change_to("small/d", KIND_DIR);
	c = change_to("small/e", KIND_DIR);
	give(change_to("y", KIND_REG), "elsewhere");
	commit_now();
	CHECK_INT(leftovers(), 0);
	umount("small");
	CHECK_INT(world.changes[0].result, CHANGE_DONE);
	CHECK_INT(c->result, CHANGE_FAILED);
	CHECK_STR(change_why(c),
	    "%p%/small/e: cannot be made: No space left on device");
	CHECK_STR(text_of("y"), "elsewhere");
	world_close();
}

static void
on(const char *dir)
{
	if (access(dir, W_OK) < 0)
		return;
	setenv("TMPDIR", dir, 1);
	scratch_init();
	RUN(every_kind_into_every_other);
	RUN(an_edit_after_the_look_stays);
	RUN(an_entry_that_changed);
	RUN(owners_and_modes);
	RUN(metadata_in_place);
	RUN(a_time_to_come);
	RUN(what_is_ignored);
	RUN(attributes_are_kept);
	RUN(trees);
	RUN(not_empty);
	RUN(kept_by_excluded);
	RUN(kept_by_a_socket);
	RUN(kept_by_an_edit);
	RUN(kept_by_one_below);
	RUN(not_kept_by_what_the_dead_left);
	RUN(a_parent_that_is_missing);
	RUN(failures_are_their_own);
	RUN(links_are_not_followed);
	RUN(numbers_and_stamps);
	RUN(only_recorded);
	RUN(backups);
	RUN(a_backup_that_fails);
	if (!no_exchange)
		RUN(no_edit_is_lost);
	RUN(a_thousand);
	RUN(sweeping);
	RUN(a_mount_in_the_way);
	RUN(a_full_disk);
	scratch_fini();
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");

	on(tmp ? tmp : "/tmp");
	on("/dev/shm");
	no_exchange = 1;
	on(tmp ? tmp : "/tmp");
	return unit_end();
}
