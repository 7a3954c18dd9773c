/* SPDX-License-Identifier: ISC */
#ifndef SYNC_LIVING_H
#define SYNC_LIVING_H

/*
 * A directory that the peer has removed, or made something else of, while
 * something that is synced lives in it here: an edit below it that stands, or
 * what no check has seen. It stands as well: a new version of it, which has
 * seen the peer's, is owed to the peer, so that what lives in it gets there.
 */

struct decision;
struct err;
struct exchange;

/*
 * d->change was refused because of that (lives): d becomes the answer.
 * Left alone as a conflict where the method is none or the offer is forced;
 * for the next time where this host only receives. -1 only when the state
 * fails.
 */
int living_stands(struct exchange *x, struct decision *d, struct err *e);

#endif
