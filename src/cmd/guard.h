/* SPDX-License-Identifier: ISC */
#ifndef CMD_GUARD_H
#define CMD_GUARD_H

#include <stddef.h>

/*
 * The removal guard: a disk that is not mounted must not be told to the others
 * as "delete everything".
 */

struct err;
struct guard;
struct setup;

struct guard *guard_new(const struct setup *s);
void guard_free(struct guard *g);

/*
 * Whether nothing is to be recorded of a name, changed or gone, because its
 * root is mounted elsewhere than before. Each such root is logged once; with -y
 * it is where it should be from now on.
 */
int guard_blocks(struct guard *g, const char *name);

/*
 * Whether a name that is gone (and was a directory or not) may be removed: not
 * when the directory that an include pattern starts from is no directory any
 * more. Each such root is logged once.
 */
int guard_allows(struct guard *g, const char *name, int was_dir);
/* How many roots were found missing or elsewhere. */
size_t guard_lost(const struct guard *g);

/*
 * Of the n names that are gone those of groups that would lose more than is
 * allowed are freed and left out. The state must know what is new by now. Each
 * such group is logged; returns how many there are, or -1.
 */
int guard_filter(struct guard *g, char **gone, size_t *n, struct err *e);

/* Whether n removals out of so many known names are more than allowed; logs. */
int guard_too_many(const struct setup *s, size_t n, size_t of);

/* Remembers where the roots lie, where that is news. */
int guard_record(struct guard *g, struct err *e);

#endif
