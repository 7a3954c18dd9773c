/* SPDX-License-Identifier: ISC */
#ifndef CMD_TIMING_H
#define CMD_TIMING_H

#include <stdint.h>
#include <sys/types.h>

/*
 * -t and -s: when a run began and ended, and how long it took, in csync2's
 * lines, on stderr and appended to a file with our process id before them.
 */

struct err;
struct options;

struct timing {
	int to_stderr;
	int fd;                 /* -1: no file */
	int64_t start;
};

/* -1 when the file cannot be written. */
int timing_begin(struct timing *t, const struct options *o, struct err *e);
void timing_end(struct timing *t);

#endif
