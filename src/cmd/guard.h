/* SPDX-License-Identifier: ISC */
#ifndef CMD_GUARD_H
#define CMD_GUARD_H

#include <stddef.h>

/*
 * The removal guard: a disk that is not mounted must not be told to the others
 * as "delete everything".
 */

struct guard;
struct setup;

struct guard *guard_new(const struct setup *s);
void guard_free(struct guard *g);

/*
 * Whether a name that is gone (and was a directory or not) may be removed: not
 * when the directory that an include pattern starts from is no directory any
 * more. Each such root is logged once.
 */
int guard_allows(struct guard *g, const char *name, int was_dir);
/* How many roots were found missing. */
size_t guard_lost(const struct guard *g);

/* Whether n removals out of so many known names are more than allowed; logs. */
int guard_too_many(const struct setup *s, size_t n, size_t of);

#endif
