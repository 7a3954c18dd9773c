/* SPDX-License-Identifier: ISC */
#ifndef FS_TEMP_H
#define FS_TEMP_H

/*
 * Names of temporaries: ".ucsync-PID.TIME", PID being the process that made it
 * and TIME the nanoseconds since boot when it did. So anyone can tell without a
 * lock whether the maker may still need it.
 */

struct tree;

enum { TEMP_BASE_MAX = 64 };

/* A fresh last component. Where it exists already (O_EXCL), ask again. */
void temp_base(char out[TEMP_BASE_MAX]);

/*
 * A fresh name in the nearest directory above name that exists, allocated in
 * *temp. Returns that directory's descriptor, the tree's as in tree_parent, or
 * -1 with errno (ENOENT: not even the root of the name is there).
 */
int temp_place(struct tree *t, const char *name, char **temp);

/* A fresh name beside name, which has a parent. Allocated. */
char *temp_beside(const char *name);

/*
 * Whether base is a name of ours whose maker is gone. What does not look like
 * ours, and what cannot be told, is not.
 */
int temp_abandoned(const char *base);

#endif
