/* SPDX-License-Identifier: ISC */
#ifndef SYNC_COMMAND_H
#define SYNC_COMMAND_H

#include <stddef.h>

struct pulse;

/* One command of an action, as action.h tells. */
struct command {
	const char *text;
	const char *logfile;    /* NULL: /dev/null */
	const char *group, *peer;
	char *const *paths;
	size_t npaths;
	unsigned timeout;       /* seconds; 0: none */
	const struct pulse *pulse;
};

/*
 * Runs it to its end. Returns the exit code (of the last run that failed, where
 * there are several), 128 + signal, -1 when it could not be started, -2 when it
 * was ended for its time; *ms is how long it took.
 */
int command_run(const struct command *c, long long *ms);

#endif
