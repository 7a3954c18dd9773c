/* SPDX-License-Identifier: ISC */
/*
 * Names resolved: every form, links in every place, directories that change
 * under a tree; once more each where openat2 is not to be had.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "scratchconf.h"

#include "fs/tree.h"

static struct conf *conf;

/* Whether the descriptor is the directory at path. */
static int
is_dir(int fd, const char *path)
{
	struct stat a, b;

	return fd >= 0 && !fstat(fd, &a) && !stat(path, &b) &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* 0, or the errno with which tree_parent fails. */
static int
parent_error(struct tree *t, const char *name)
{
	const char *base;

	return tree_parent(t, scratch_name(name), &base) < 0 ? errno : 0;
}

static int
dir_error(struct tree *t, const char *name)
{
	int fd = tree_dir(t, scratch_name(name));

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void
forms(void)
{
	struct tree *t = tree_new(conf);
	const char *base;

	CHECK(is_dir(tree_parent(t, "/", &base), "/"));
	CHECK_STR(base, ".");
	CHECK(is_dir(tree_parent(t, "/etc", &base), "/"));
	CHECK_STR(base, "etc");
	CHECK(is_dir(tree_parent(t, scratch_name("@/a/b/f"), &base), "a/b"));
	CHECK_STR(base, "f");
	CHECK(is_dir(tree_parent(t, "%p%", &base), "."));
	CHECK_STR(base, ".");
	CHECK(is_dir(tree_parent(t, "%p%/a", &base), "."));
	CHECK_STR(base, "a");
	CHECK(is_dir(tree_parent(t, "%p%/a/b/c/f", &base), "a/b/c"));
	CHECK_STR(base, "f");
	CHECK(is_dir(tree_parent(t, "%link%/c/f", &base), "a/b/c"));
	CHECK(is_dir(tree_parent(t, "%link%", &base), "a/b"));
	tree_free(t);
}

static void
no_names(void)
{
	static const char *const bad[] = {
		"", "a", "a/b", "//", "/a/", "/a//b", "/..", "/../etc",
		"/a/../b", "/a/./b", "/a/..", "/.", "%", "%p", "%%", "%%/a",
		"%p%a", "%p%/", "%p%/..", "%p%/../x", "%p/x%/a", NULL
	};
	struct tree *t = tree_new(conf);
	size_t i;

	for (i = 0; bad[i]; i++) {
		CHECK_INT(parent_error(t, bad[i]), EINVAL);
		CHECK_INT(dir_error(t, bad[i]), EINVAL);
	}
	CHECK_INT(parent_error(t, "%none%/a"), ENXIO);
	CHECK_INT(parent_error(t, "%none%"), ENXIO);
	CHECK_INT(parent_error(t, "%what%/a"), ENXIO);
	CHECK_INT(dir_error(t, "%none%"), ENXIO);
	CHECK_INT(parent_error(t, "%p%/.ucsync-x"), 0);
	tree_free(t);
}

static void
links_are_not_followed(void)
{
	static const char *const roots[] = { "@", "%p%", NULL };
	static const char *const gone[] = {
		"/link/f", "/link/c/f", "/a/up/f", "/a/up/a/b/f", "/a/f/x",
		"/a/f/x/y", "/no/f", "/a/no/f", "/a/dangling/f", NULL
	};
	struct tree *t = tree_new(conf);
	char name[64];
	size_t i, k;

	for (i = 0; roots[i]; i++)
		for (k = 0; gone[k]; k++) {
			snprintf(name, sizeof(name), "%s%s", roots[i], gone[k]);
			CHECK_INT(parent_error(t, name), ENOENT);
		}
	CHECK_INT(parent_error(t, "@/link"), 0);
	CHECK_INT(dir_error(t, "@/link"), ENOENT);
	CHECK_INT(dir_error(t, "@/a/up"), ENOENT);
	CHECK_INT(dir_error(t, "@/a/f"), ENOENT);
	CHECK_INT(dir_error(t, "@/a/no"), ENOENT);
	/* From a directory that is open. */
	CHECK_INT(parent_error(t, "@/a/b"), 0);
	CHECK_INT(parent_error(t, "@/a/up/a"), ENOENT);
	tree_free(t);
}

static void
any_order(void)
{
	static const char *const steps[] = {
		"a", "a/b", "a/b/c", "a/d", "a/b/c", "a", "a/bb", "a/b",
		"a/b", "a/bb", "a/d", "a/b/c", NULL
	};
	struct tree *t = tree_new(conf);
	const char *base;
	char name[64];
	size_t i;
	int fd;

	for (i = 0; steps[i]; i++) {
		snprintf(name, sizeof(name), "%%p%%/%s/x", steps[i]);
		CHECK(is_dir(tree_parent(t, name, &base), steps[i]));
	}
	for (i = 0; steps[i]; i++) {
		snprintf(name, sizeof(name), "%s/%s/x", i % 3 ? "%p%" : "@",
		    steps[i]);
		fd = tree_parent(t, scratch_name(name), &base);
		CHECK(is_dir(fd, steps[i]));
		CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
		snprintf(name, sizeof(name), "%%p%%/%s", steps[i]);
		fd = tree_dir(t, name);
		CHECK(is_dir(fd, steps[i]));
		CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
	}
	CHECK_INT(parent_error(t, "%none%/x"), ENXIO);
	CHECK_INT(parent_error(t, "@/a/no/x"), ENOENT);
	CHECK(is_dir(tree_parent(t, "%p%/a/x", &base), "a"));
	fd = tree_dir(t, "/");
	CHECK(is_dir(fd, "/"));
	close(fd);
	fd = tree_dir(t, "%link%");
	CHECK(is_dir(fd, "a/b"));
	close(fd);
	tree_free(t);
}

static void
replaced(void)
{
	struct tree *t = tree_new(conf);
	const char *base;

	scratch_dir("r");
	CHECK(is_dir(tree_parent(t, "%p%/r/x", &base), "r"));
	CHECK(!rename("r", "old"));
	scratch_dir("r");
	CHECK(is_dir(tree_parent(t, "%p%/r/x", &base), "old"));
	tree_reset(t);
	CHECK(is_dir(tree_parent(t, "%p%/r/x", &base), "r"));
	CHECK(!rmdir("r") && !symlink("old", "r"));
	tree_reset(t);
	CHECK_INT(parent_error(t, "%p%/r/x"), ENOENT);
	CHECK(!unlink("r") && !rmdir("old"));
	tree_free(t);
}

/* What was missing is asked for again after another directory, or a reset. */
static void
missing(void)
{
	struct tree *t = tree_new(conf);
	const char *base;

	CHECK(is_dir(tree_parent(t, "%p%/x", &base), "."));
	CHECK_INT(parent_error(t, "%p%/m/n/x"), ENOENT);
	CHECK_INT(parent_error(t, "%p%/m/x"), ENOENT);
	scratch_dir("m");
	scratch_dir("mn");
	CHECK_INT(parent_error(t, "%p%/m/x"), ENOENT);
	CHECK_INT(parent_error(t, "%p%/m/n/x"), ENOENT);
	CHECK(is_dir(tree_parent(t, "%p%/mn/x", &base), "mn"));
	CHECK(is_dir(tree_parent(t, "%p%/m/x", &base), "m"));
	CHECK_INT(parent_error(t, "%p%/m/n/x"), ENOENT);
	scratch_dir("m/n");
	CHECK(is_dir(tree_parent(t, "%p%/m/x", &base), "m"));
	tree_reset(t);
	CHECK(is_dir(tree_parent(t, "%p%/m/n/x", &base), "m/n"));
	tree_free(t);
	CHECK(!rmdir("m/n") && !rmdir("m") && !rmdir("mn"));
}

/* Descriptors are few and none is lost. */
static void
nothing_leaks(void)
{
	int before = dup(0), after, i;
	struct tree *t = tree_new(conf);

	CHECK(before >= 0);
	close(before);
	for (i = 0; i < 50; i++) {
		CHECK_INT(parent_error(t, "@/a/b/c/f"), 0);
		CHECK_INT(dir_error(t, "@/a/b/c"), 0);
		CHECK_INT(parent_error(t, "%p%/a/up/f"), ENOENT);
		CHECK_INT(parent_error(t, "@/a/d/f"), 0);
		if (i % 7 == 0)
			tree_reset(t);
	}
	tree_free(t);
	after = dup(0);
	close(after);
	CHECK_INT(after, before);
}

static void
too_long(void)
{
	struct tree *t = tree_new(conf);
	char name[400] = "%p%/a/";

	memset(name + 6, 'x', 300);
	memcpy(name + 306, "/f", 3);
	CHECK_INT(parent_error(t, name), ENAMETOOLONG);
	tree_free(t);
}

static int
run_all(void)
{
	RUN(forms);
	RUN(no_names);
	RUN(links_are_not_followed);
	RUN(any_order);
	RUN(replaced);
	RUN(missing);
	RUN(nothing_leaks);
	RUN(too_long);
	return unit_end();
}

#ifdef SYS_openat2
/* linux/filter.h and linux/seccomp.h, of which not every libc's gcc knows. */
struct step {
	uint16_t code;
	uint8_t yes, no;
	uint32_t k;
};

/* From here on openat2 fails with the given error. */
static int
forbid_openat2(int error)
{
	struct step steps[] = {
		{ 0x20, 0, 0, 0 },              /* load the call's number */
		{ 0x15, 0, 1, SYS_openat2 },
		{ 0x06, 0, 0, 0x00050000 },     /* fail with this errno */
		{ 0x06, 0, 0, 0x7fff0000 }      /* allow */
	};
	struct {
		unsigned short n;
		struct step *steps;
	} program = { 4, steps };

	steps[2].k |= (uint32_t)error;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, 2, &program, 0, 0);
}

/* All again in a process that has no openat2. */
static void
run_without(int error)
{
	int status = 1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (forbid_openat2(error)) {
			printf("skip tree: no seccomp here\n");
			exit(0);
		}
		exit(run_all());
	}
	scratch_need(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	if (status)
		unit.failures++;
}
#endif

int
main(void)
{
	scratch_init();
	scratch_dir("a");
	scratch_dir("a/b");
	scratch_dir("a/b/c");
	scratch_dir("a/bb");
	scratch_dir("a/d");
	scratch_file("a/f", "x");
	scratch_need(!symlink("a/b", "link") && !symlink("..", "a/up") &&
	    !symlink("nowhere", "a/dangling"), "make links");
	conf = scratch_conf("include @;");
	run_all();
#ifdef SYS_openat2
	run_without(ENOSYS);
	run_without(EPERM);
#endif
	conf_free(conf);
	scratch_fini();
	return unit_end();
}
