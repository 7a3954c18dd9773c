/* SPDX-License-Identifier: ISC */
#ifndef FS_WALK_H
#define FS_WALK_H

#include <stddef.h>

#include "state/entry.h"

/*
 * The sorted walk: every name that the groups of this host include and that
 * exists, in the order of path_cmp, links never followed. Only what an include
 * can reach is visited. Memory is bounded by the longest directory and depth.
 * What a walk leaves out may have vanished or its directory been replaced
 * meanwhile: that it is gone says detect_name.
 */

struct conf;
struct tree;
struct walk;

struct walk_arg {               /* a place to walk; names, not paths */
	const char *name;
	int recursive;          /* else this name alone */
};

enum walk_kind {
	WALK_FOUND,             /* name exists and is included */
	WALK_FAILED,            /* nothing is known of name and what is below */
	WALK_RESERVED           /* a reserved name: a temporary, maybe dead */
};

struct walk_item {
	enum walk_kind kind;
	const char *name;       /* borrowed until the next step */
	int dirfd;              /* its directory, borrowed; -1 with FAILED */
	const char *base;
	struct look look;       /* WALK_FOUND: as lstat showed it */
	int in_walked;          /* WALK_FOUND: its directory is walked */
	int is_walked;          /* WALK_FOUND: it is a directory to be walked */
	int error;              /* WALK_FAILED: errno */
};

/*
 * Everything (nargs 0) or what the arguments name; their order does not matter,
 * and what is named twice is walked once. Names of prefixes without a path here
 * are not walked. compare: compare patterns count as includes. Borrows c;
 * copies args.
 */
struct walk *walk_new(const struct conf *c, const struct walk_arg *args,
    size_t nargs, int compare);
/*
 * 1 and an item, or 0 at the end. What vanishes meanwhile and sockets are left
 * out. A directory that cannot be read is FOUND (if included), then FAILED
 * under the same name. Names over PATH_BYTES_MAX are FAILED (ENAMETOOLONG).
 */
int walk_next(struct walk *w, struct walk_item *item);
/*
 * Calls entering with the name of each directory that is gone into, before it
 * is read.
 */
void walk_on_enter(struct walk *w, void (*entering)(void *ctx,
    const char *name), void *ctx);
/*
 * Whether the walk's arguments cover the name. That the patterns include it,
 * and that the walk did not fail above it, is for the caller to see.
 */
int walk_covers(const struct walk *w, const char *name);
void walk_free(struct walk *w);                 /* NULL is fine */

#endif
