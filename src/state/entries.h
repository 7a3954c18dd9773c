/* SPDX-License-Identifier: ISC */
#ifndef STATE_ENTRIES_H
#define STATE_ENTRIES_H

#include <stdint.h>

struct entry;
struct err;
struct glance;
struct index;
struct state_walk;

/*
 * All entries in the order of path_cmp, beginning with the first whose name is
 * not before from (NULL: all). A walk shows the state as it was when it began,
 * whatever is put, compacted or locked meanwhile; but it fails when it comes to
 * something unsynced that was taken back. x NULL: a walk over nothing. NULL on
 * errors.
 */
struct state_walk *entries_walk(struct index *x, const char *from,
    struct err *e);
int state_walk_next(struct state_walk *w, struct entry *out, struct err *e);
/*
 * The same for who needs few of them whole: the next one's name, borrowed until
 * the next step, and a glance at it; whole: all of the one shown last.
 */
int state_walk_glance(struct state_walk *w, const char **name,
    struct glance *out, struct err *e);
int state_walk_whole(struct state_walk *w, struct entry *out, struct err *e);
void state_walk_free(struct state_walk *w);
/*
 * Before the first step: entries with a number up to this one need not be
 * shown. They may be; but where that spares reading most of the file, it does.
 */
void state_walk_above(struct state_walk *w, uint64_t number);

#endif
