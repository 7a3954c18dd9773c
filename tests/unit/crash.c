/* SPDX-License-Identifier: ISC */
/*
 * A commit of many kinds of changes, killed at every one of its system calls.
 * After recovery each thing is the old or the new one, the state agrees with
 * the disk, no temporary is left, and what was not done can be done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "commitworld.h"

#define GROUP "include %p%; exclude %p%/st; exclude %p%/bak;" \
	"backup-directory @/bak;"

enum { BEGAN = 99 };            /* exit code of a child that was not traced */

/* What stands there before. */
static void
scene(void)
{
	static const char *const known[] = {
		"chmod", "dir", "dirtofile", "dirtofile/in", "filetodir",
		"gone", "goneaside", "goneaside/in", "link", "replaced"
	};
	size_t i;

	world_new(GROUP);
	scratch_file("chmod", "the same");
	scratch_dir("dir");
	scratch_dir("dirtofile");
	scratch_file("dirtofile/in", "in");
	scratch_file("filetodir", "file");
	scratch_file("gone", "gone");
	scratch_dir("goneaside");
	scratch_file("goneaside/in", "in");
	scratch_need(!symlink("old target", "link"), "link");
	scratch_file("replaced", "old");
	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		know(known[i]);
	world_close();
}

static void
staged(const char *path, const char *text)
{
	struct change *c = change_to(path, KIND_REG);
	struct stage *s;

	if (stage_open(&s, world.tree, c->want.name, &world.e) < 0)
		return;
	stage_free(s);
	give(c, text);
}

static void
chmod_change(void)
{
	struct change *c = change_to("chmod", KIND_REG);
	struct entry e = entry_now("chmod");

	c->want.v.size = e.v.size;
	memcpy(c->want.v.id, e.v.id, HASH_BYTES);
	c->want.v.mode = 0600;
	if (!geteuid())
		c->want.v.uid = 12345;
	entry_free(&e);
}

static void
all_changes(void)
{
	chmod_change();
	change_to("dir", KIND_DIR);
	staged("dirtofile", "now a file");
	change_to("dirtofile/in", KIND_NONE);
	change_to("filetodir", KIND_DIR);
	staged("filetodir/in", "in what was a file");
	change_to("gone", KIND_NONE);
	change_to("goneaside", KIND_NONE);
	change_to("goneaside/in", KIND_NONE);
	change_to("link", KIND_LNK);
	change_to("newdir", KIND_DIR);
	staged("newdir/in", "new in new");
	staged("newfile", "new");
	staged("replaced", "not the old");
}

/* Leaves only what is not carried out yet. */
static void
only_missing(void)
{
	struct entry now;
	size_t i, n = 0;

	for (i = 0; i < world.n; i++) {
		now = entry_now(world.changes[i].want.name + 4);
		if (now.name && now.h.stamp.replica == 99) {
			if (world.changes[i].temporary)
				stage_remove(world.tree,
				    world.changes[i].temporary);
			change_free(&world.changes[i]);
		} else {
			world.changes[n++] = world.changes[i];
		}
		entry_free(&now);
	}
	world.n = n;
}

static int
change_all(void)
{
	all_changes();
	return commit_now();
}

static int
recover_all(void)
{
	return commit_recover(world.tree, world.state, &world.o, &world.e);
}

/* 1: killed at system call `when`, 0: it was through before that. */
static int
kill_at(int when, int (*work)(void))
{
	int status = 0, stops = 0;
	pid_t pid = fork();

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(BEGAN);
		raise(SIGSTOP);
		world_open(GROUP);
		_exit(work() < 0);
	}
	scratch_need(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	while (WIFSTOPPED(status)) {
		/* Each call stops it twice, as it begins and as it ends. */
		if (++stops == 2 * when)
			kill(pid, SIGKILL);
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid)
			break;
	}
	if (WIFSIGNALED(status))
		return 1;
	return WEXITSTATUS(status) ? -WEXITSTATUS(status) : 0;
}

static void
sweep_dir(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *item;

	while ((item = readdir(d)) != NULL) {
		if (!strcmp(item->d_name, ".") ||
		    !strcmp(item->d_name, "..") || !strcmp(item->d_name, "bak"))
			continue;
		if (path_reserved(item->d_name)) {
			commit_sweep(world.state, dirfd(d), item->d_name);
			continue;
		}
		fd = openat(dirfd(d), item->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd >= 0)
			sweep_dir(fd);
	}
	closedir(d);
}

/* Disk and state agree about it; there is no edit of ours. */
static void
no_edit(const char *path)
{
	struct entry now = entry_now(path);
	struct version v;
	struct look look;
	enum detected d = detect_now(path,
	    now.v.kind == KIND_NONE ? NULL : &now, &v, &look);

	if (d == DETECT_CHANGED)
		version_free(&v);
	if (now.v.kind == KIND_NONE ? d != DETECT_GONE :
	    d != DETECT_SAME && d != DETECT_LOOK)
		unit_fail(__FILE__, __LINE__, "an edit of ", path);
	entry_free(&now);
}

static void
complete(void)
{
	size_t i;

	world_open(GROUP);
	CHECK_INT(recover_all(), 0);
	/* A walk sweeps as well, but none comes to the backups. */
	sweep_dir(open(".", O_RDONLY | O_DIRECTORY));
	CHECK_INT(leftovers(), 0);
	all_changes();
	for (i = 0; i < world.n; i++)
		no_edit(world.changes[i].want.name + 4);
	only_missing();
	CHECK_INT(commit_now(), 0);
	for (i = 0; i < world.n; i++)
		CHECK_STR(world.changes[i].err.text, "");
	for (i = 0; i < world.n; i++)
		CHECK_INT(world.changes[i].result, CHANGE_DONE);
	CHECK_INT(leftovers(), 0);
	CHECK_STR(text_of("dirtofile"), "now a file");
	CHECK_STR(text_of("filetodir/in"), "in what was a file");
	CHECK_STR(text_of("newdir/in"), "new in new");
	CHECK_STR(text_of("newfile"), "new");
	CHECK_STR(text_of("replaced"), "not the old");
	CHECK_INT(access("gone", F_OK), -1);
	CHECK_INT(access("goneaside", F_OK), -1);
	world_close();
}

static void
killed_at_every_call(void)
{
	int when, r = 1;

	for (when = 1; r > 0 && !unit.failed; when++) {
		scene();
		r = kill_at(when, change_all);
		if (r == -BEGAN) {
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
			first = kill_at(when, change_all);
			r = kill_at(again, recover_all);
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
		r = kill_at(when, change_all);
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
	struct entry intent = c->want;
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
