/* SPDX-License-Identifier: ISC */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stddef.h>

/*
 * Names of files as text. A name is "/a/b" or, below a prefix, "%p%/a/b";
 * "%p%" alone is the prefix's directory itself, "/" the root.
 */

enum {
	PATH_BYTES_MAX = 4095,  /* a name, without the final NUL */
	PATH_PART_MAX = 255     /* one component */
};

/* Temporary names of ours begin so; they are never matched and never sent. */
#define PATH_RESERVED ".ucsync-"

/*
 * The order of names everywhere (state, walk, offers): bytewise with '/'
 * before every other byte, so that a directory's whole content follows it
 * directly. Returns <0, 0 or >0.
 */
int path_cmp(const char *a, const char *b);

/* True when name is dir or lies below it. */
int path_within(const char *name, const char *dir);

/*
 * Whether a name from outside is acceptable: '/' or a prefix "%word%" first,
 * components neither empty nor "." nor ".." nor over-long nor reserved, no
 * slash at the end, at most PATH_BYTES_MAX bytes.
 */
int path_valid(const char *name);

/* The last component ("" for "/" and "%p%"). Points into name. */
const char *path_base(const char *name);

/*
 * Length of the parent's name: "/a/b" -> 2, "/a" -> 1, "%p%/a" -> 3;
 * 0 where there is none ("/", "%p%").
 */
size_t path_parent_len(const char *name);

/* The name of base in the directory that the first n bytes of dir name. */
char *path_child(const char *dir, size_t n, const char *base);

/* True for a component that begins with PATH_RESERVED. */
int path_reserved(const char *part);

/*
 * Makes an absolute path in canonical form from path: relative ones start at
 * cwd; "//", "." and trailing slashes go, ".." goes up textually. The caller
 * frees. Links are not looked at.
 */
char *path_absolute(const char *cwd, const char *path);

#endif
