/* SPDX-License-Identifier: ISC */
#ifndef FS_TREE_H
#define FS_TREE_H

/*
 * From names to open directories. "/x" is resolved from the root, "%p%/x" from
 * the prefix's directory, which alone may be reached through links; below that
 * no component may be a symbolic link (openat2 with RESOLVE_NO_SYMLINKS, or a
 * walk with O_NOFOLLOW). The last directory stays open, so names that come in
 * order cost one call each.
 */

struct conf;
struct spare;
struct tree;

struct tree *tree_new(const struct conf *c);    /* borrows c */
void tree_free(struct tree *t);                 /* NULL is fine */

/*
 * Opens the directory that holds name. The descriptor (O_RDONLY | O_DIRECTORY)
 * is t's and good until the next call on t; *base is the last component, "."
 * for "/" and "%p%". -1 with errno: ENOENT also where a component is a link or
 * no directory, ENXIO where the prefix has no path on this host, EINVAL for
 * what is no name: no '/' or prefix first, or a component "", "." or "..".
 * Reserved and over-long names are not refused here.
 */
int tree_parent(struct tree *t, const char *name, const char **base);

/*
 * Opens the directory of that name itself; the descriptor is the caller's, its
 * position its own. Errors as above.
 */
int tree_dir(struct tree *t, const char *name);

/*
 * Forgets the open directories. After renames and removals of directories, and
 * wherever what others may have done to them meanwhile has to be seen: until
 * then an open directory is looked at even when its name means another one, and
 * one that was not there may count as missing. Before another is opened, who
 * makes a directory says so.
 */
void tree_reset(struct tree *t);

/* What goes from file to file with it. */
struct spare *tree_spare(struct tree *t);

#endif
