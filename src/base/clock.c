/* SPDX-License-Identifier: ISC */
/*
 * Clocks. CLOCK_REALTIME_COARSE is the clock that Linux stamps inodes with.
 */
#define _GNU_SOURCE
#include <time.h>

#include "clock.h"

int
stime_cmp(struct stime a, struct stime b)
{
	if (a.sec != b.sec)
		return a.sec < b.sec ? -1 : 1;
	if (a.nsec != b.nsec)
		return a.nsec < b.nsec ? -1 : 1;
	return 0;
}

static struct stime
now(clockid_t id)
{
	struct timespec ts = { 0, 0 };
	struct stime t;

	clock_gettime(id, &ts);
	t.sec = ts.tv_sec;
	t.nsec = (uint32_t)ts.tv_nsec;
	return t;
}

int64_t
clock_ms(void)
{
	struct stime t = now(CLOCK_MONOTONIC);

	return t.sec * 1000 + t.nsec / 1000000;
}

struct stime
clock_real(void)
{
	return now(CLOCK_REALTIME);
}

struct stime
clock_coarse(void)
{
	return now(CLOCK_REALTIME_COARSE);
}

void
clock_sleep_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}
