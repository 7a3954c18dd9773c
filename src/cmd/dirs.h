/* SPDX-License-Identifier: ISC */
#ifndef CMD_DIRS_H
#define CMD_DIRS_H

/*
 * -W: the directories that a walk goes through and in which it finds something,
 * as paths of this host, each with a NUL behind it and before what is below it:
 * what a program has to watch that adds hints.
 */

struct dirs;
struct err;
struct setup;
struct walk_item;

/* NULL without -W; the others take that. Borrows the setup. */
struct dirs *dirs_new(const struct setup *s);
/* What the walk found, in its order. -1 when it cannot be written, once. */
int dirs_add(struct dirs *d, const struct walk_item *item, struct err *e);
void dirs_free(struct dirs *d);

#endif
