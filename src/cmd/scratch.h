/* SPDX-License-Identifier: ISC */
#ifndef CMD_SCRATCH_H
#define CMD_SCRATCH_H

/*
 * A dry run works on a throwaway copy of the state: what it notes there is gone
 * with it, and the real one is only read.
 */

struct err;

/*
 * Makes a directory in $TMPDIR or /tmp with a copy of the file at path, if
 * there is one, under its own name. Allocated; NULL with *e set.
 */
char *scratch_make(const char *path, struct err *e);
/* Removes the directory, what is in it, and frees its name. NULL is fine. */
void scratch_remove(char *dir);

#endif
