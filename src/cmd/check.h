/* SPDX-License-Identifier: ISC */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include <stddef.h>

/*
 * The check: one merge of the walk over the disk and the walk over the state;
 * what differs is recorded.
 */

struct err;
struct setup;
struct walk_arg;

struct check_count {
	size_t changed, removed, failed;
};

/*
 * Checks everything (nargs 0) or what the arguments name. What could not be
 * looked at is logged and counted as failed; -1 only when the state fails.
 */
int check_run(struct setup *s, const struct walk_arg *args, size_t nargs,
    struct check_count *count, struct err *e);

#endif
