/* SPDX-License-Identifier: ISC */
#ifndef CMD_OWE_H
#define CMD_OWE_H

#include <stddef.h>

/*
 * Marking: an entry is owed to peers whatever their cursors say.
 */

struct entry;
struct err;
struct pair;
struct setup;

/*
 * To the peers of those pairs that -G leaves and where we may send the name.
 * Under the state's lock.
 */
int owe(struct setup *s, const struct pair *pairs, size_t n,
    const struct entry *entry, struct err *e);

#endif
