/* SPDX-License-Identifier: ISC */
/*
 * The logger: the one module besides the signal flags with state of its own.
 * Syslog is one datagram to /dev/log (RFC 3164 as every syslogd takes it); the
 * C library's syslog(3) would be a seventh of the program.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "escape.h"
#include "log.h"

enum {
	TEXT_MAX = 8192,        /* two of the longest names, and the words */
	PREFIX_MAX = 400,
	FACILITY_DAEMON = 3 << 3
};

static struct {
	int level;
	int times;
	const int *erase;
	int syslog_fd;
	const char *ident;
	char *collected;        /* lines of errors; NULL: nobody wants them */
	size_t collected_size;
} state = { LOG_LEVEL_NOTE, 0, NULL, -1, NULL, NULL, 0 };

void
log_set_level(int level)
{
	state.level = level;
}

int
log_get_level(void)
{
	return state.level;
}

void
log_set_times(int on)
{
	state.times = on;
}

void
log_set_erase(const int *drawn)
{
	state.erase = drawn;
}

void
log_to_syslog(const char *ident)
{
	struct sockaddr_un sa;

	if (state.syslog_fd >= 0)
		close(state.syslog_fd);
	state.syslog_fd = -1;
	state.ident = ident;
	if (!ident)
		return;
	memset(&sa, 0, sizeof(sa));
	sa.sun_family = AF_UNIX;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "/dev/log");
	state.syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (state.syslog_fd >= 0 &&
	    connect(state.syslog_fd, (void *)&sa, sizeof(sa)) < 0) {
		close(state.syslog_fd);
		state.syslog_fd = -1;
	}
}

static size_t
prefix(char *out, size_t size, enum log_level level)
{
	static const int severity[] = { 3, 5, 6, 7, 7 };
	struct tm tm;
	time_t t = time(NULL);
	size_t n = 0;

	if (state.syslog_fd >= 0)
		return (size_t)snprintf(out, size, "<%d>%s[%d]: ",
		    FACILITY_DAEMON | severity[level], state.ident,
		    (int)getpid());
	if (state.erase && *state.erase)
		n = (size_t)snprintf(out, size, "\r\033[K");
	if (state.times && gmtime_r(&t, &tm))
		n += (size_t)snprintf(out + n, size - n,
		    "%04d-%02d-%02dT%02d:%02d:%02dZ ", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		    tm.tm_sec);
	return n;
}

void
log_collect(char *to, size_t size)
{
	state.collected = to;
	state.collected_size = size;
}

static void
collect(const char *line, size_t n)
{
	char *to = state.collected;
	size_t len = to ? strlen(to) : 0;

	if (!to || len + n + 2 > state.collected_size)
		return;
	memcpy(to + len, line, n);
	to[len + n] = '\n';
	to[len + n + 1] = 0;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char text[TEXT_MAX], line[PREFIX_MAX + ESCAPE_MAX * TEXT_MAX + 1];
	ssize_t ignored;
	va_list ap;
	size_t n, begin;

	if ((int)level > state.level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = begin = prefix(line, PREFIX_MAX, level);
	n += escape_text(line + n, sizeof(line) - n - 1, text);
	if (level == LOG_LEVEL_ERROR)
		collect(line + begin, n - begin);
	if (state.syslog_fd >= 0) {
		ignored = send(state.syslog_fd, line, n, MSG_NOSIGNAL);
	} else {
		line[n++] = '\n';
		ignored = write(2, line, n);
	}
	(void)ignored;
}
