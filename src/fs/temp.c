/* SPDX-License-Identifier: ISC */
/*
 * Names of temporaries. A maker is gone when its process is (a zombie is, too:
 * init may be slow to reap, or a container have none), when the process
 * of that number was started after the name was made (field 22 of
 * /proc/PID/stat, in ticks since boot), or when the name comes from a later
 * time since boot than it is now, that is from before a reboot. No random
 * bytes: two system calls a file, where O_EXCL finds the rare twin.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "temp.h"
#include "tree.h"

enum { STARTED = 22 };          /* field of /proc/PID/stat, the first being 1 */
#define SECOND ((uint64_t)1000000000)

static uint64_t
since_boot(void)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

void
temp_base(char out[TEMP_BASE_MAX])
{
	snprintf(out, TEMP_BASE_MAX, PATH_RESERVED "%ld.%" PRIu64,
	    (long)getpid(), since_boot());
}

/* A fresh name in the directory that the first n bytes of name tell. */
static char *
in_dir(const char *name, size_t n)
{
	char base[TEMP_BASE_MAX];

	temp_base(base);
	return path_child(name, n, base);
}

char *
temp_beside(const char *name)
{
	return in_dir(name, path_parent_len(name));
}

int
temp_place(struct tree *t, const char *name, char **temp)
{
	char *at = mem_strdup(name);
	const char *base;
	size_t n;
	int fd;

	while ((fd = tree_parent(t, at, &base)) < 0 && errno == ENOENT) {
		n = path_parent_len(at);
		if (!n || !path_parent_len(name))
			break;
		at[n] = 0;
	}
	/* "." stands for a root, which then holds the temporary itself. */
	if (fd >= 0)
		*temp = in_dir(at, *base == '.' && !base[1] ? strlen(at) :
		    path_parent_len(at));
	free(at);
	return fd;
}

/* PID and TIME of a base; -1 where it is not made by temp_base. */
static int
take_apart(const char *base, uint64_t *pid, uint64_t *made)
{
	char text[TEMP_BASE_MAX], *dot;

	if (!path_reserved(base) || strlen(base) >= sizeof(text))
		return -1;
	snprintf(text, sizeof(text), "%s", base + strlen(PATH_RESERVED));
	dot = strchr(text, '.');
	if (!dot)
		return -1;
	*dot++ = 0;
	if (num_parse(text, 1, INT32_MAX, pid) ||
	    num_parse(dot, 0, UINT64_MAX, made))
		return -1;
	return 0;
}

/* When the process was started, in ticks; 1: it is dead; -1: not known. */
static int
started_ticks(uint64_t pid, uint64_t *ticks)
{
	char path[40], text[1024], *s;
	ssize_t n;
	int fd, i;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = 0;
	s = strrchr(text, ')');         /* ends field 2, which may hold all */
	if (s && (!strncmp(s, ") Z", 3) || !strncmp(s, ") X", 3)))
		return 1;
	for (i = 2; s && i < STARTED; i++) {
		s = strchr(s, ' ');
		s += s != NULL;
	}
	if (!s)
		return -1;
	s[strcspn(s, " ")] = 0;
	return num_parse(s, 0, UINT64_MAX, ticks);
}

int
temp_abandoned(const char *base)
{
	uint64_t pid, made, ticks;
	uint64_t hz = getauxval(AT_CLKTCK);
	int dead;

	if (take_apart(base, &pid, &made) < 0)
		return 0;
	if (made > since_boot())
		return 1;
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return 1;
	dead = started_ticks(pid, &ticks);
	if (dead || !hz)
		return dead > 0;
	/* Compared in ticks: a start is rounded down, so this never errs. */
	return ticks > made / (SECOND / hz);
}
