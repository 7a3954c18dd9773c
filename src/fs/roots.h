/* SPDX-License-Identifier: ISC */
#ifndef FS_ROOTS_H
#define FS_ROOTS_H

/*
 * The directories that include patterns start from: the pattern itself where it
 * has no glob, else the directory before the first one. When such a directory
 * is no directory any more, a disk is not mounted more likely than everything
 * below was removed.
 */

struct conf;
struct tree;

/*
 * Whether all roots that a name lies under are there; else *lost is the first
 * that is not (allocated). A name that is itself a root counts as one only if
 * it was a directory.
 */
int roots_stand(const struct conf *c, struct tree *t, const char *name,
    int was_dir, char **lost);

#endif
