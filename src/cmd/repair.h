/* SPDX-License-Identifier: ISC */
#ifndef CMD_REPAIR_H
#define CMD_REPAIR_H

/*
 * -TI: what a comparison found is owed to the peer, and without -U to all other
 * peers that share it. What only the peer has counts with -X: a removal of ours
 * is recorded, which knows the peer's version; the removal guard may refuse.
 * With -F it is forced.
 */

struct difference;
struct err;
struct pair;
struct repair;
struct setup;

struct repair *repair_new(struct setup *s);
void repair_free(struct repair *r);             /* NULL is fine */

void repair_add(struct repair *r, const struct pair *p,
    const struct difference *d);
/*
 * Records what was added, which was compared with that pair's peer, and forgets
 * it: 0, 1 when some could not be (it was logged), -1.
 */
int repair_record(struct repair *r, const struct pair *p, struct err *e);

#endif
