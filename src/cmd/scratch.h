/* SPDX-License-Identifier: ISC */
#ifndef CMD_SCRATCH_H
#define CMD_SCRATCH_H

/*
 * A directory for throwaway files. A dry run works on a copy of the state in
 * one: what it notes there is gone with it, and the real one is only read.
 */

struct err;

/* Makes one in $TMPDIR or /tmp. Allocated; NULL with *e set. */
char *scratch_new(struct err *e);
/* The same with a copy of the file at path, if there is one, in it. */
char *scratch_make(const char *path, struct err *e);
/* Removes the directory, what is in it, and frees its name. NULL is fine. */
void scratch_remove(char *dir);

#endif
