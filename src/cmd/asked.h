/* SPDX-License-Identifier: ISC */
#ifndef CMD_ASKED_H
#define CMD_ASKED_H

/*
 * What -c is asked to look at.
 */

struct check_count;
struct err;
struct setup;

/*
 * Checks (check_run) the files on the command line; without any the hints, and
 * drops these.
 */
int asked_check(struct setup *s, struct check_count *count, struct err *e);

#endif
