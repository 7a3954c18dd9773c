/* SPDX-License-Identifier: ISC */
#ifndef STATE_FACTS_H
#define STATE_FACTS_H

#include <stddef.h>

#include "base/buf.h"

/*
 * The facts in memory: a map from (kind, key) to value, ordered by kind, then
 * by key bytewise, a shorter one first. A treap (Aragon and Seidel, 1989): a
 * search tree by key, a heap by random priorities.
 */

enum fact_kind {
	FACT_CURSOR = 1, FACT_OWED, FACT_DONE, FACT_HINT, FACT_ACTION,
	FACT_CONFLICT, FACT_KNOWN, FACT_ROOT, FACT_INTENT, FACT_RECONCILE,
	FACT_META,
	FACT_KINDS
};

/* A key has at least one byte. */
enum { FACT_KEY_MAX = 8192, FACT_VALUE_MAX = 16384 };

struct facts;

struct fact {                   /* views are borrowed until the next change */
	unsigned kind;
	struct view key, value;
};

struct facts *facts_new(void);
void facts_free(struct facts *f);
int facts_find(const struct facts *f, unsigned kind, struct view key,
    struct view *value);        /* 1 or 0 */
void facts_put(struct facts *f, const struct fact *fact);   /* copies */
void facts_drop(struct facts *f, unsigned kind, struct view key);
/* The first one after (kind, key), of whatever kind: 1, or 0 at the end. */
int facts_after(const struct facts *f, unsigned kind, struct view key,
    struct fact *found);

#endif
