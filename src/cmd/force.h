/* SPDX-License-Identifier: ISC */
#ifndef CMD_FORCE_H
#define CMD_FORCE_H

/*
 * What is known of a file, or of those on the command line, wins the next
 * conflict.
 */

struct entry;
struct err;
struct setup;

/* bits: of history, besides. Not under the state's lock. */
int force_entry(struct setup *s, const struct entry *entry, unsigned bits,
    struct err *e);

/* Whether something failed, which is logged. */
int force_named(struct setup *s);

#endif
