/* SPDX-License-Identifier: ISC */
/*
 * meter FILE COMMAND...
 *
 * Runs the command and waits for it and for all that it leaves behind, then
 * writes one line to FILE:
 *
 *   wall user system    microseconds
 *   memory              KiB, the peak of the largest process
 *   calls               system calls; 0 where they cannot be counted
 *   written             bytes of page cache made dirty on disks
 *   syncs               fsync, fdatasync, sync and syncfs among the calls
 *
 * The exit status is the command's. SIGTERM is passed on to it. To count calls
 * it wants to be root, and tracefs in $TRACEFS. Link it statically: the peak of
 * a process is never below what the one that started it had.
 */
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static const char *const counted[] = {
	"raw_syscalls/sys_enter", "syscalls/sys_enter_fsync",
	"syscalls/sys_enter_fdatasync", "syscalls/sys_enter_sync",
	"syscalls/sys_enter_syncfs"
};
enum { COUNTED = sizeof(counted) / sizeof(*counted) };

static void
pass_on(int signal)
{
	kill(child, signal);
}

/* A counter over us and all that we start; -1 where there is none. */
static int
count(const char *event)
{
	const char *tracefs = getenv("TRACEFS");
	struct perf_event_attr attr;
	char path[300], line[30] = "";
	FILE *f;

	if (!tracefs)
		return -1;
	snprintf(path, sizeof(path), "%s/events/%s/id", tracefs, event);
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.size = sizeof(attr);
	attr.config = strtoull(line, NULL, 10);
	attr.inherit = 1;
	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
	    PERF_FLAG_FD_CLOEXEC);
}

static unsigned long long
counted_by(int fd)
{
	unsigned long long n = 0;

	if (fd < 0 || read(fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return 0;
	return n;
}

static long long
microseconds(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

static void
report(const char *file, long long wall, const int *fds)
{
	unsigned long long syncs = 0;
	struct rusage r;
	FILE *f = fopen(file, "w");
	int i;

	getrusage(RUSAGE_CHILDREN, &r);
	for (i = 1; i < COUNTED; i++)
		syncs += counted_by(fds[i]);
	if (!f || fprintf(f, "%lld %lld %lld %ld %llu %lld %llu\n", wall,
	    microseconds(r.ru_utime), microseconds(r.ru_stime), r.ru_maxrss,
	    counted_by(fds[0]), r.ru_oublock * 512LL, syncs) < 0 || fclose(f)) {
		perror(file);
		exit(125);
	}
}

int
main(int argc, char **argv)
{
	struct timespec from, to;
	int fds[COUNTED], status = 0, got, i;
	pid_t pid;

	if (argc < 3)
		return 125;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < COUNTED; i++)
		fds[i] = count(counted[i]);
	clock_gettime(CLOCK_MONOTONIC, &from);
	to = from;
	child = fork();
	if (!child) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	signal(SIGTERM, pass_on);
	while ((pid = wait(&got)) > 0) {
		if (pid != child)
			continue;
		status = got;
		clock_gettime(CLOCK_MONOTONIC, &to);
	}
	report(argv[1], (to.tv_sec - from.tv_sec) * 1000000LL +
	    (to.tv_nsec - from.tv_nsec) / 1000, fds);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
