/* SPDX-License-Identifier: ISC */
#ifndef CMD_DEVIATION_H
#define CMD_DEVIATION_H

/*
 * What a check finds where this host may only receive: the disk is not as the
 * members have it. Such an entry keeps the members' version and the look that
 * went with it; a local bit says that it deviates, until they put it back.
 */

struct deviations;
struct entry;
struct err;
struct setup;

struct deviations *deviations_new(struct setup *s);
void deviations_free(struct deviations *d);

/* Whether the disk differs from the entry, as a check has just seen it. */
void deviations_note(struct deviations *d, const struct entry *entry, int is);
/* Records what is news; writes nothing when there is none. */
int deviations_record(struct deviations *d, struct err *e);

#endif
