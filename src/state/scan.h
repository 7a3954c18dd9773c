/* SPDX-License-Identifier: ISC */
#ifndef STATE_SCAN_H
#define STATE_SCAN_H

#include "base/buf.h"

/*
 * All entries of an index in the order of path_cmp, encoded: base and tail
 * merged, as they were when the scan began.
 */

struct err;
struct index;
struct scan;

/* From a name on (NULL: all). NULL with *e on errors. */
struct scan *scan_new(struct index *x, const char *from, struct err *e);
void scan_free(struct scan *w);
/* Before the first: the base is left out if it has no number above that. */
void scan_above(struct scan *w, uint64_t number);
/* 1 and an entry and its name, borrowed until the next call; 0; -1. */
int scan_next(struct scan *w, const char **name, struct view *entry,
    struct err *e);

#endif
