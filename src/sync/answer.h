/* SPDX-License-Identifier: ISC */
#ifndef SYNC_ANSWER_H
#define SYNC_ANSWER_H

#include <stdint.h>

/*
 * What the peer answered to our offers, gathered and recorded: what is settled,
 * what is still owed to it, conflicts, and histories to take over.
 */

struct answers;
struct err;
struct exchange;
struct result;

/* complete: the cursor will pass what was answered; else each is noted. */
struct answers *answers_new(struct exchange *x, int complete);
void answers_free(struct answers *a);

/* One result for the entry of that number; tells it. */
int answers_take(struct answers *a, const char *name, uint64_t number,
    const struct result *r, struct err *e);
/* Records all of them. */
int answers_record(struct answers *a, struct err *e);

#endif
