/* SPDX-License-Identifier: ISC */
/*
 * A directory for tests that need a disk: scratch_init() makes it below
 * $TMPDIR (or /tmp) and goes there, scratch_fini() removes it with all that is
 * in it. scratch.path is its real path. What goes wrong here ends the program.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static struct {
	char path[256];
} scratch;

static inline void
scratch_need(int ok, const char *what)
{
	if (ok)
		return;
	printf("FAIL scratch: cannot %s\n", what);
	exit(1);
}

static inline void
scratch_init(void)
{
	const char *tmp = getenv("TMPDIR");
	char template[240];

	snprintf(template, sizeof(template), "%.200s/ucsync-unit.XXXXXX",
	    tmp ? tmp : "/tmp");
	scratch_need(mkdtemp(template) && !chdir(template), "make a directory");
	scratch_need(getcwd(scratch.path, sizeof(scratch.path)) != NULL,
	    "tell the directory");
	umask(022);
}

/* Removes what is in the directory, whose descriptor it takes. */
static inline void
scratch_empty(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	scratch_need(d != NULL, "read a directory");
	while ((e = readdir(d)) != NULL) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!unlinkat(dirfd(d), e->d_name, 0))
			continue;
		scratch_empty(openat(dirfd(d), e->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

static inline void
scratch_clear(void)
{
	scratch_empty(open(scratch.path, O_RDONLY | O_DIRECTORY));
}

static inline void
scratch_fini(void)
{
	scratch_clear();
	scratch_need(!chdir("/") && !rmdir(scratch.path), "clean up");
}

static inline void
scratch_dir(const char *path)
{
	scratch_need(!mkdir(path, 0755), path);
}

static inline void
scratch_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	size_t n = strlen(text);

	scratch_need(fd >= 0 && write(fd, text, n) == (ssize_t)n, path);
	close(fd);
}

#endif
