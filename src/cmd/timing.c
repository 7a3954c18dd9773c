/* SPDX-License-Identifier: ISC */
/*
 * Each line is one write: several runs may share the file. strftime(3) would
 * cost more code than all of this.
 */
#define _DEFAULT_SOURCE         /* tm_gmtoff, tm_zone */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "options.h"
#include "timing.h"

static void
say(const struct timing *t, const char *text)
{
	char line[160];
	ssize_t ignored;
	int n;

	if (t->to_stderr) {
		n = snprintf(line, sizeof(line), "%s\n", text);
		ignored = write(2, line, (size_t)n);
	}
	if (t->fd >= 0) {
		n = snprintf(line, sizeof(line), "<%ld> %s\n",
		    (long)getpid(), text);
		ignored = write(t->fd, line, (size_t)n);
	}
	(void)ignored;
}

static void
stamp(const struct timing *t)
{
	time_t now = time(NULL);
	char text[100];
	struct tm tm;
	long east;

	if (!localtime_r(&now, &tm))
		return;
	east = tm.tm_gmtoff < 0 ? -tm.tm_gmtoff : tm.tm_gmtoff;
	snprintf(text, sizeof(text), "TIMESTAMP: %04d-%02d-%02d "
	    "%02d:%02d:%02d %.20s (GMT%c%02ld%02ld)", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    tm.tm_zone, tm.tm_gmtoff < 0 ? '-' : '+', east / 3600,
	    east / 60 % 60);
	say(t, text);
}

int
timing_begin(struct timing *t, const struct options *o, struct err *e)
{
	const char *file = o->times_file;

	/* In a session on stdin, stderr may be the line to the peer. */
	t->to_stderr = o->times && !o->syslog && o->mode != MODE_SERVE_ONE;
	t->fd = -1;
	t->start = clock_ms();
	if (file) {
		t->fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		    0666);
		if (t->fd < 0)
			return err_sys(e, "time stamps go to %s", file);
	}
	stamp(t);
	return 0;
}

void
timing_end(struct timing *t)
{
	int64_t s = (clock_ms() - t->start + 500) / 1000;
	char text[100];

	stamp(t);
	snprintf(text, sizeof(text), "TOTALTIME: %lld:%02d:%02d",
	    (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	say(t, text);
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}
