/* SPDX-License-Identifier: ISC */
/*
 * Detection, kind by kind and property by property; files that change in the
 * middle of being read (the pulse's beat does it); the clock ahead and behind.
 * The source is taken in here so that the tests can have a clock of their own.
 */
#define _GNU_SOURCE
#include <sys/stat.h>

#include "base/clock.h"

static struct stime test_clock(void);

#define clock_coarse test_clock
#include "../../src/fs/detect.c"
#undef clock_coarse

#include "scratch.h"

static struct {
	struct stime now;       /* what the clock shows, if set */
	int polls;
	int beats, hurts;       /* so many beats of the pulse change the file */
	int how;
} world;

static struct stime
test_clock(void)
{
	world.polls++;
	return world.now.sec ? world.now : clock_coarse();
}

static const struct version_ignore nothing;
static const struct pulse quiet;
static struct spare spare;
static struct err error;

static enum detected
look_at(const char *path, const struct entry *old, struct version *v,
    struct look *look)
{
	return detect(&spare, AT_FDCWD, path, NULL, old, nothing, v, look,
	    &quiet, &error);
}

/* What a check would record of the path. */
static void
record(struct entry *e, const char *path)
{
	memset(e, 0, sizeof(*e));
	scratch_need(look_at(path, NULL, &e->v, &e->look) == DETECT_CHANGED,
	    path);
}

static void
forget(struct entry *e)
{
	version_free(&e->v);
}

/* Detects again; what is new replaces what was recorded. */
static enum detected
again(struct entry *e, const char *path)
{
	struct version v;
	enum detected d = look_at(path, e, &v, &e->look);

	if (d == DETECT_CHANGED) {
		version_free(&e->v);
		e->v = v;
	}
	return d;
}

static void
set_mtime(const char *path, long sec, long nsec)
{
	struct timespec t[2] = { { 0, UTIME_OMIT }, { 0, 0 } };

	t[1].tv_sec = sec;
	t[1].tv_nsec = nsec;
	scratch_need(!utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW), path);
}

static void
new_file(const char *text)
{
	unlink("f");
	scratch_file("f", text);
	set_mtime("f", 1000, 5);
}

static void
id_of(const char *text, unsigned char id[HASH_BYTES])
{
	struct content *c = content_new();

	content_add(c, text, strlen(text));
	content_final(c, id);
	content_free(c);
}

static void
regular(void)
{
	unsigned char id[HASH_BYTES];
	struct entry e;

	new_file("hello");
	CHECK(!chmod("f", 04751));
	record(&e, "f");
	id_of("hello", id);
	CHECK_INT(e.v.kind, KIND_REG);
	CHECK_INT(e.v.mode, 04751);
	CHECK_INT(e.v.size, 5);
	CHECK_INT(e.v.mtime.sec, 1000);
	CHECK_INT(e.v.mtime.nsec, 5);
	CHECK_INT(e.v.uid, geteuid());
	CHECK_MEM(e.v.id, id, HASH_BYTES);
	CHECK_INT(e.look.trusted, 1);
	CHECK_INT(e.look.size, 5);
	CHECK_INT(again(&e, "f"), DETECT_SAME);
	new_file("");
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	id_of("", id);
	CHECK_MEM(e.v.id, id, HASH_BYTES);
	CHECK(!unlink("f"));
	CHECK_INT(again(&e, "f"), DETECT_GONE);
	CHECK_INT(look_at("f/x", &e, &e.v, &e.look), DETECT_GONE);
	CHECK_INT(look_at("f", NULL, &e.v, &e.look), DETECT_GONE);
	forget(&e);
}

/* What was shown before something changed leads to what is there now. */
static void
seen_before(void)
{
	unsigned char id[HASH_BYTES];
	struct look seen, look, is;
	struct version v;

	new_file("before");
	CHECK_INT(look_read(AT_FDCWD, "f", &seen), 0);
	new_file("and after");
	CHECK_INT(detect(&spare, AT_FDCWD, "f", &seen, NULL, nothing, &v,
	    &look, &quiet, &error), DETECT_CHANGED);
	id_of("and after", id);
	CHECK_MEM(v.id, id, HASH_BYTES);
	CHECK_INT(look_read(AT_FDCWD, "f", &is), 0);
	CHECK(look_shows_same(&look, &is));
	unlink("f");
	CHECK_INT(detect(&spare, AT_FDCWD, "f", &seen, NULL, nothing, &v,
	    &look, &quiet, &error), DETECT_GONE);
}

static void
links(void)
{
	char target[4001];
	struct entry e;

	memset(target, 'x', 4000);
	target[4000] = 0;
	CHECK(!symlink("nowhere", "l"));
	set_mtime("l", 77, 8);
	record(&e, "l");
	CHECK_INT(e.v.kind, KIND_LNK);
	CHECK_STR(e.v.target, "nowhere");
	CHECK_INT(e.v.mode, 0);
	CHECK_INT(e.v.mtime.sec, 77);
	CHECK_INT(again(&e, "l"), DETECT_SAME);
	CHECK(!unlink("l") && !symlink("nowhere", "l"));
	set_mtime("l", 77, 8);
	CHECK_INT(again(&e, "l"), DETECT_LOOK);
	CHECK(!unlink("l") && !symlink(target, "l"));
	set_mtime("l", 77, 8);
	CHECK_INT(again(&e, "l"), DETECT_CHANGED);
	CHECK_STR(e.v.target, target);
	CHECK_INT(again(&e, "l"), DETECT_SAME);
	CHECK(!unlink("l") && !mkdir("l", 0700));
	CHECK_INT(again(&e, "l"), DETECT_CHANGED);
	CHECK_INT(e.v.kind, KIND_DIR);
	CHECK_INT(e.v.mode, 0700);
	CHECK(!e.v.target);
	CHECK(!rmdir("l"));
	forget(&e);
}

static void
directories(void)
{
	struct entry e;

	scratch_dir("d");
	record(&e, "d");
	CHECK_INT(e.v.kind, KIND_DIR);
	CHECK_INT(e.v.mtime.sec, 0);
	CHECK_INT(e.look.ctime.sec, 0);
	CHECK_INT(e.look.size, 0);
	scratch_file("d/f", "x");
	set_mtime("d", 5, 5);
	CHECK_INT(again(&e, "d"), DETECT_SAME);
	CHECK(!chmod("d", 01777));
	CHECK_INT(again(&e, "d"), DETECT_CHANGED);
	CHECK_INT(e.v.mode, 01777);
	CHECK_INT(e.v.mtime.sec, 0);
	forget(&e);
	scratch_clear();
}

static void
fifo_and_socket(void)
{
	struct entry e;

	CHECK(!mkfifo("p", 0640));
	record(&e, "p");
	CHECK_INT(e.v.kind, KIND_FIFO);
	CHECK_INT(e.v.mode, 0640);
	CHECK_INT(e.v.size, 0);
	CHECK_INT(again(&e, "p"), DETECT_SAME);
	CHECK(!unlink("p"));
	if (mknod("p", S_IFSOCK | 0600, 0)) {
		printf("skip detect: no socket by mknod here\n");
		forget(&e);
		return;
	}
	CHECK_INT(again(&e, "p"), DETECT_OTHER);
	forget(&e);
	scratch_clear();
}

static void
devices(void)
{
	struct entry e;

	if (mknod("c", S_IFCHR | 0600, makedev(1, 3))) {
		printf("skip detect: devices: not allowed to make one\n");
		return;
	}
	record(&e, "c");
	CHECK_INT(e.v.kind, KIND_CHR);
	CHECK_INT(e.v.major, 1);
	CHECK_INT(e.v.minor, 3);
	CHECK_INT(again(&e, "c"), DETECT_SAME);
	CHECK(!unlink("c") && !mknod("c", S_IFCHR | 0600, makedev(300, 70000)));
	CHECK_INT(again(&e, "c"), DETECT_CHANGED);
	CHECK_INT(e.v.major, 300);
	CHECK_INT(e.v.minor, 70000);
	CHECK(!unlink("c") && !mknod("c", S_IFBLK | 0600, makedev(300, 70000)));
	CHECK_INT(again(&e, "c"), DETECT_CHANGED);
	CHECK_INT(e.v.kind, KIND_BLK);
	forget(&e);
	scratch_clear();
}

/* One thing changed at a time. */
static void
properties(void)
{
	struct entry e;

	new_file("hello");
	record(&e, "f");
	CHECK(!chmod("f", 0600));
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.mode, 0600);
	CHECK_INT(e.v.mtime.sec, 1000);
	set_mtime("f", 2000, 6);
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.mtime.sec, 2000);
	CHECK_INT(e.v.mtime.nsec, 6);
	/* ctime alone; the same content once more, the time put back. */
	CHECK(!chmod("f", 0600));
	CHECK_INT(again(&e, "f"), DETECT_LOOK);
	CHECK_INT(again(&e, "f"), DETECT_SAME);
	scratch_file("f", "hello");
	set_mtime("f", 2000, 6);
	CHECK_INT(again(&e, "f"), DETECT_LOOK);
	/* The same without: touched. */
	scratch_file("f", "hello");
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK(e.v.mtime.sec > 2000);
	/* Another content of the same size and time. */
	set_mtime("f", 2000, 6);
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	scratch_file("f", "world");
	set_mtime("f", 2000, 6);
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.mtime.sec, 2000);
	forget(&e);
	scratch_clear();
}

/* The version has what this disk cannot show: owner, mode, nanoseconds. */
static void
old_values_stay(void)
{
	struct entry e;

	new_file("hello");
	set_mtime("f", 1000, 0);
	record(&e, "f");
	e.v.uid = 4711;
	e.v.gid = 4712;
	e.v.mode = 06755;
	e.v.mtime.nsec = 123456789;
	CHECK_INT(again(&e, "f"), DETECT_SAME);
	CHECK(!chmod("f", 0644));
	CHECK_INT(again(&e, "f"), DETECT_LOOK);
	scratch_file("f", "edited");
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.uid, 4711);
	CHECK_INT(e.v.gid, 4712);
	CHECK_INT(e.v.mode, 06755);
	CHECK(e.v.mtime.sec > 1000);
	CHECK(!chmod("f", 0600));
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.mode, 0600);
	CHECK_INT(e.v.uid, 4711);
	/* Another kind: the owner stays, the mode is the disk's. */
	e.v.mode = 06755;
	CHECK(!unlink("f") && !mkdir("f", 0600));
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.uid, 4711);
	CHECK_INT(e.v.mode, 0600);
	forget(&e);
	scratch_clear();
}

static void
ignored(void)
{
	struct version_ignore all = { 1, 1, 1 };
	struct version v;
	struct look look;
	struct entry e;

	new_file("hello");
	record(&e, "f");
	/* As if the disk had shown others when it was recorded. */
	e.look.uid++;
	e.v.uid++;
	e.look.mode ^= 0111;
	e.v.mode ^= 0111;
	CHECK_INT(detect(&spare, AT_FDCWD, "f", NULL, &e, all,
	    &v, &look, NULL, &error),
	    DETECT_LOOK);
	CHECK_INT(look.uid, geteuid());
	CHECK_INT(detect(&spare, AT_FDCWD, "f", NULL, &e, nothing,
	    &v, &look, NULL, &error),
	    DETECT_CHANGED);
	CHECK_INT(v.uid, geteuid());
	CHECK_INT(v.mode, 0644);
	scratch_file("f", "edited");
	CHECK_INT(detect(&spare, AT_FDCWD, "f", NULL, &e, all,
	    &v, &look, NULL, &error),
	    DETECT_CHANGED);
	CHECK_INT(v.uid, e.v.uid);
	CHECK_INT(v.mode, e.v.mode);
	CHECK(!unlink("f") && !symlink("x", "f"));
	CHECK_INT(detect(&spare, AT_FDCWD, "f", NULL, &e, all,
	    &v, &look, NULL, &error),
	    DETECT_CHANGED);
	CHECK_INT(v.uid, e.v.uid);
	CHECK_INT(v.mode, 0);
	version_free(&v);
	forget(&e);
	scratch_clear();
}

static void
tombstones(void)
{
	struct entry e;

	memset(&e, 0, sizeof(e));
	e.look.trusted = 1;
	CHECK_INT(again(&e, "f"), DETECT_GONE);
	new_file("back");
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.v.kind, KIND_REG);
	CHECK_INT(e.v.uid, geteuid());
	forget(&e);
	/* A directory that had to stay. */
	memset(&e, 0, sizeof(e));
	scratch_dir("d");
	CHECK(!look_read(AT_FDCWD, "d", &e.look));
	CHECK_INT(again(&e, "d"), DETECT_SAME);
	CHECK(!chmod("d", 0700));
	CHECK_INT(again(&e, "d"), DETECT_LOOK);
	CHECK_INT(e.look.mode, 0700);
	CHECK(!rmdir("d"));
	CHECK_INT(again(&e, "d"), DETECT_GONE);
	scratch_file("d", "x");
	CHECK_INT(again(&e, "d"), DETECT_CHANGED);
	forget(&e);
	scratch_clear();
}

/* Changes that share a size, an mtime and a tick of the clock are seen. */
static void
nothing_is_racy(void)
{
	char text[2] = "a";
	struct entry e;
	int i;

	new_file("z");
	record(&e, "f");
	for (i = 0; i < 40; i++) {
		text[0] = (char)('a' + i % 26);
		scratch_file("f", text);
		set_mtime("f", 1000, 5);
		CHECK_INT(again(&e, "f"), DETECT_CHANGED);
		CHECK_INT(e.look.trusted, 1);
	}
	forget(&e);
	scratch_clear();
}

static void
big_file(size_t mib)
{
	static char piece[1 << 16];
	size_t i;
	int fd = open("f", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	for (i = 0; i < mib * 16; i++)
		scratch_need(write(fd, piece, sizeof(piece)) ==
		    (ssize_t)sizeof(piece), "write");
	close(fd);
}

enum { EDIT, GROW, SHRINK, REMOVE, LINK, SWAP };

static void
hurt(void *ctx)
{
	int fd;

	(void)ctx;
	world.beats++;
	if (!world.hurts)
		return;
	world.hurts--;
	if (world.how == REMOVE || world.how == LINK)
		unlink("f");
	if (world.how == SWAP)
		scratch_need(!rename("other", "f"), "rename");
	if (world.how == LINK)
		scratch_need(!symlink("x", "f"), "link");
	fd = world.how <= SHRINK ? open("f", O_WRONLY | O_APPEND) : -1;
	if (fd < 0)
		return;
	if (world.how == SHRINK)
		scratch_need(!ftruncate(fd, 1 << 20), "truncate");
	else if (world.how == GROW)
		scratch_need(write(fd, "x", 1) == 1, "write");
	else
		scratch_need(!fchmod(fd, 0600 | (world.hurts & 1)), "chmod");
	close(fd);
}

static enum detected
read_hurt(int how, int hurts, struct version *v)
{
	struct pulse p = { hurt, NULL };
	struct look look;

	big_file(3);
	world.how = how;
	world.hurts = hurts;
	world.beats = 0;
	memset(v, 0, sizeof(*v));
	return detect(&spare, AT_FDCWD, "f", NULL, NULL, nothing,
	    v, &look, &p, &error);
}

static void
changes_while_read(void)
{
	struct version v;

	CHECK_INT(read_hurt(EDIT, 0, &v), DETECT_CHANGED);
	CHECK_INT(world.beats, 3);
	CHECK_INT(read_hurt(EDIT, 1, &v), DETECT_CHANGED);
	CHECK_INT(world.beats, 6);
	CHECK_INT(read_hurt(EDIT, 99, &v), DETECT_BUSY);
	CHECK_INT(world.beats, 9);
	CHECK_INT(read_hurt(GROW, 1, &v), DETECT_CHANGED);
	CHECK_INT(v.size, (3 << 20) + 1);
	CHECK_INT(read_hurt(GROW, 99, &v), DETECT_BUSY);
	CHECK_INT(read_hurt(SHRINK, 1, &v), DETECT_CHANGED);
	CHECK_INT(v.size, 1 << 20);
	CHECK_INT(read_hurt(REMOVE, 1, &v), DETECT_GONE);
	CHECK_INT(read_hurt(LINK, 1, &v), DETECT_CHANGED);
	CHECK_INT(v.kind, KIND_LNK);
	version_free(&v);
	CHECK(!unlink("f"));
	/* Renamed over: what was read is not what stands there. */
	scratch_file("other", "other");
	CHECK_INT(read_hurt(SWAP, 1, &v), DETECT_CHANGED);
	CHECK_INT(v.size, 5);
	scratch_clear();
}

static void
young_looks(void)
{
	struct look l;

	memset(&l, 0, sizeof(l));
	l.kind = KIND_REG;
	l.mtime.sec = 1;
	l.ctime.sec = 5000;
	l.ctime.nsec = 7;
	world.now.sec = 5000;
	world.now.nsec = 8;
	l.trusted = 1;
	world.polls = 0;
	look_settle(&l);
	CHECK_INT(l.trusted, 1);
	CHECK_INT(world.polls, 1);
	/* Whole seconds: not before two of them are over. */
	l.ctime.nsec = 0;
	look_settle(&l);
	CHECK_INT(l.trusted, 0);
	world.now.sec = 5001;
	l.trusted = 1;
	look_settle(&l);
	CHECK_INT(l.trusted, 0);
	world.now.sec = 5002;
	l.trusted = 1;
	look_settle(&l);
	CHECK_INT(l.trusted, 1);
	/* The clock went back by more than a second: no waiting for it. */
	l.ctime.sec = 5003;
	l.ctime.nsec = 9;
	world.polls = 0;
	look_settle(&l);
	CHECK_INT(l.trusted, 0);
	CHECK_INT(world.polls, 1);
	/* A directory has nothing that could be racy. */
	l.kind = KIND_DIR;
	l.trusted = 1;
	look_settle(&l);
	CHECK_INT(l.trusted, 1);
	world.now.sec = 0;
}

static void
untrusted_looks(void)
{
	struct entry e;

	new_file("hello");
	record(&e, "f");
	e.look.trusted = 0;
	CHECK_INT(again(&e, "f"), DETECT_LOOK);
	CHECK_INT(e.look.trusted, 1);
	CHECK_INT(again(&e, "f"), DETECT_SAME);
	/* A clock far behind the file: never trusted, and nothing to write. */
	world.now.sec = 1000;
	e.look.trusted = 0;
	CHECK_INT(again(&e, "f"), DETECT_SAME);
	CHECK_INT(e.look.trusted, 0);
	memcpy(&e.v.id, "x", 1);
	CHECK_INT(again(&e, "f"), DETECT_CHANGED);
	CHECK_INT(e.look.trusted, 0);
	world.now.sec = 0;
	CHECK_INT(again(&e, "f"), DETECT_LOOK);
	CHECK_INT(e.look.trusted, 1);
	forget(&e);
	scratch_clear();
}

static enum detected
by_name(struct tree *t, const char *name, const struct entry *old)
{
	struct version v;
	struct look look;
	char full[512];
	enum detected d;

	snprintf(full, sizeof(full), "%s%s", scratch.path, name);
	memset(&v, 0, sizeof(v));
	d = detect_name(t, full, old, nothing, &v, &look, NULL, &error);
	version_free(&v);
	return d;
}

static void
names(void)
{
	struct tree *t = tree_new(NULL);
	struct entry e;

	scratch_dir("d");
	new_file("hello");
	CHECK(!rename("f", "d/f"));
	record(&e, "d/f");
	CHECK(!symlink("d", "l"));
	CHECK_INT(by_name(t, "/d/f", NULL), DETECT_CHANGED);
	CHECK_INT(by_name(t, "/d/f", &e), DETECT_SAME);
	CHECK_INT(by_name(t, "/d", NULL), DETECT_CHANGED);
	CHECK_INT(by_name(t, "/no/f", &e), DETECT_GONE);
	CHECK_INT(by_name(t, "/l/f", &e), DETECT_GONE);
	CHECK_INT(by_name(t, "/d/f/x", &e), DETECT_GONE);
	CHECK_INT(by_name(t, "/d/../d/f", &e), DETECT_ERROR);
	/* The directory that t has open went, another one came. */
	CHECK_INT(by_name(t, "/d/f", &e), DETECT_SAME);
	CHECK(!rename("d", "old"));
	scratch_dir("d");
	CHECK(!rename("old/f", "d/f"));
	CHECK_INT(by_name(t, "/d/f", &e), DETECT_LOOK);
	CHECK(!unlink("d/f"));
	CHECK_INT(by_name(t, "/d/f", &e), DETECT_GONE);
	tree_free(t);
	forget(&e);
	scratch_clear();
}

static void
errors(void)
{
	struct tree *t = tree_new(NULL);
	char want[600], name[310] = "/";

	memset(name + 1, 'x', 300);
	CHECK_INT(by_name(t, name, NULL), DETECT_ERROR);
	snprintf(want, sizeof(want), "%s%.301s: cannot look at it: ",
	    scratch.path, name);
	CHECK(!strncmp(error.text, want, strlen(want)));
	tree_free(t);
	if (!geteuid()) {
		printf("skip detect: unreadable: root reads everything\n");
		return;
	}
	t = tree_new(NULL);
	new_file("hello");
	CHECK(!chmod("f", 0200));
	CHECK_INT(by_name(t, "/f", NULL), DETECT_ERROR);
	snprintf(want, sizeof(want), "%s/f: cannot open: Permission denied",
	    scratch.path);
	CHECK_STR(error.text, want);
	scratch_dir("d");
	scratch_file("d/f", "x");
	CHECK(!chmod("d", 0));
	CHECK_INT(by_name(t, "/d/f", NULL), DETECT_ERROR);
	CHECK(!chmod("d", 0444));
	tree_reset(t);
	CHECK_INT(by_name(t, "/d/f", NULL), DETECT_ERROR);
	CHECK(!chmod("d", 0755));
	tree_free(t);
	scratch_clear();
}

int
main(void)
{
	scratch_init();
	RUN(regular);
	RUN(seen_before);
	RUN(links);
	RUN(directories);
	RUN(fifo_and_socket);
	RUN(devices);
	RUN(properties);
	RUN(old_values_stay);
	RUN(ignored);
	RUN(tombstones);
	RUN(nothing_is_racy);
	RUN(changes_while_read);
	RUN(young_looks);
	RUN(untrusted_looks);
	RUN(names);
	RUN(errors);
	scratch_fini();
	return unit_end();
}
