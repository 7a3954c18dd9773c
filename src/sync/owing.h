/* SPDX-License-Identifier: ISC */
#ifndef SYNC_OWING_H
#define SYNC_OWING_H

/*
 * What the receiving half owes to the peer, and the conflicts that it found:
 * noted while offers are answered, recorded when all of them are.
 */

struct decision;
struct err;
struct exchange;
struct owing;
struct version;

struct owing *owing_new(struct exchange *x);
void owing_free(struct owing *o);               /* NULL is fine */

/* theirs: what was offered, for which d is the final answer. */
void owing_note(struct owing *o, const char *name, const struct decision *d,
    const struct version *theirs);
int owing_record(struct owing *o, struct err *e);

#endif
