/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIGHT_H
#define SIM_SIGHT_H

#include <stdint.h>

/*
 * What stands somewhere and which edits are in it; sets of edits; the latest
 * such sights of one place.
 */

enum value_kind { VALUE_NONE, VALUE_FILE, VALUE_DIR, VALUE_LINK };

struct value {
	enum value_kind kind;
	unsigned mode;
	int content;                    /* -1: nobody ever wrote that */
};

enum { EDITS = 256, RING = 12 };

struct set {
	uint64_t bits[EDITS / 64];
};

struct sight {
	struct value v;
	int64_t mtime;
	struct set heads, has;
	uint64_t key;                   /* an entry's: tells histories apart */
};

struct ring {                           /* the newest is at[(n - 1) % RING] */
	unsigned n;
	struct sight at[RING];
};

int value_same(struct value a, struct value b);
const char *value_text(struct value v);         /* static memory */

void set_add(struct set *s, int i);
void set_unite(struct set *to, const struct set *from);
/* The first edit in a that b lacks, or -1. */
int set_missing(const struct set *a, const struct set *b);

void ring_push(struct ring *r, const struct sight *v);
struct sight *ring_last(struct ring *r);        /* a zeroed one of none */
/* The newest that fits, or NULL. */
typedef int sight_fits(const struct sight *a, const struct sight *b);
const struct sight *ring_find(const struct ring *r, sight_fits *fits,
    const struct sight *like);
sight_fits same_value, same_time, same_view, same_key;

#endif
