/* SPDX-License-Identifier: ISC */
/*
 * Commits as a disk sees them: backups, edits at any moment, a thousand files,
 * temporaries of the dead, mounts, no room.
 */
#include "everywhere.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "fs/temp.h"

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
all(void)
{
	RUN(backups);
	RUN(a_backup_that_fails);
	if (!no_exchange)
		RUN(no_edit_is_lost);
	RUN(a_thousand);
	RUN(sweeping);
	RUN(a_mount_in_the_way);
	RUN(a_full_disk);
}

int
main(void)
{
	everywhere(all);
	return unit_end();
}
