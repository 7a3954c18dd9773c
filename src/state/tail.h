/* SPDX-License-Identifier: ISC */
#ifndef STATE_TAIL_H
#define STATE_TAIL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Where the newest word on each name stands that came after the base: sorted by
 * name, 16 bytes each; the names themselves stay in the file. The latest few
 * thousand are kept apart, with their names, and merged in now and then.
 */

struct err;
struct journal;
struct tail;

struct slot {
	uint64_t off;           /* of the record */
	uint32_t size;          /* of the whole record */
	uint32_t forget;        /* there is no such entry */
};

struct slots {                  /* counted, never changed */
	unsigned refs;
	size_t n;
	struct slot at[];
};
void slots_unref(struct slots *s);

struct tail *tail_new(struct journal *j);
void tail_free(struct tail *t);
size_t tail_count(const struct tail *t);        /* an upper bound */
int tail_put(struct tail *t, const char *name, struct slot s, struct err *e);
/* 1 and the slot, 0, -1 on errors. */
int tail_find(struct tail *t, const char *name, struct slot *s, struct err *e);
/* All of it as it is now; the caller calls slots_unref. NULL on errors. */
struct slots *tail_slots(struct tail *t, struct err *e);
/* The first slot whose name is not before the name; -1 on errors. */
int slots_from(const struct slots *s, struct journal *j, const char *name,
    size_t *i, struct err *e);

#endif
