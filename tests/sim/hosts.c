/* SPDX-License-Identifier: ISC */
/*
 * Calls that ask for processes, the clock and random bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "files.h"
#include "wraps.h"

pid_t
__wrap_getpid(void)
{
	return calls.p ? calls.p->pid : __real_getpid();
}

uid_t
__wrap_geteuid(void)
{
	return 0;
}

int
__wrap_kill(pid_t pid, int signal_number)
{
	if (!calls.p)
		return __real_kill(pid, signal_number);
	return calls.dead[pid % PIDS] ? calls_fail(ESRCH) : 0;
}

static uint64_t
next_random(void)
{
	uint64_t x = calls.random += 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

ssize_t
__wrap_getrandom(void *p, size_t n, unsigned flags)
{
	unsigned char *out = p;
	uint64_t x = 0;
	size_t i;

	if (!calls.p)
		return __real_getrandom(p, n, flags);
	for (i = 0; i < n; i++) {
		if (i % 8 == 0)
			x = next_random();
		out[i] = (unsigned char)(x >> 8 * (i % 8));
	}
	return (ssize_t)n;
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!calls.p)
		return __real_clock_gettime(id, ts);
	*ts = calls_time(id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ?
	    disk_now() : disk_uptime());
	return 0;
}

int
__wrap_nanosleep(const struct timespec *ts, struct timespec *left)
{
	if (!calls.p)
		return __real_nanosleep(ts, left);
	disk_sleep(ts->tv_sec * 1000000000 + ts->tv_nsec);
	return 0;
}
