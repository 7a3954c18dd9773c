/* SPDX-License-Identifier: ISC */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

/*
 * What the program says besides its results. One call is one line and one
 * write(2), so that lines of parallel processes do not mix. The text, in which
 * may be names and what others said, is escaped as escape.h tells.
 */

enum log_level {
	LOG_LEVEL_ERROR = 0,    /* always: something could not be done */
	LOG_LEVEL_NOTE = 1,     /* results; silent with -q */
	LOG_LEVEL_INFO = 2,     /* -v */
	LOG_LEVEL_DEBUG = 3,    /* -vv */
	LOG_LEVEL_TRACE = 4     /* -vvv */
};

/* Lines up to this level go out; the start is LOG_LEVEL_NOTE. */
void log_set_level(int level);
int log_get_level(void);
/*
 * While *drawn, the terminal has a line of progress, which lines of the log
 * replace. Borrowed; NULL: never.
 */
void log_set_erase(const int *drawn);
/* Sends lines to /dev/log under this name instead of stderr; NULL: stderr. */
void log_to_syslog(const char *ident);
/* Time stamps before each line. */
void log_set_times(int on);

/*
 * Collects the lines of errors, each with its line break, in the size bytes at
 * to, which begin with a text, as far as they fit; NULL: no more. Borrowed.
 */
void log_collect(char *to, size_t size);

void log_line(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_note(...) log_line(LOG_LEVEL_NOTE, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
