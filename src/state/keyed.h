/* SPDX-License-Identifier: ISC */
#ifndef STATE_KEYED_H
#define STATE_KEYED_H

#include "base/buf.h"
#include "facts.h"

/*
 * Facts whose keys are strings, each with its final NUL, one after the other:
 * "a" "bc" and "ab" "c" differ, and all that begin alike are neighbours.
 */

struct err;
struct state;

/* A key of one or two strings (b may be NULL). */
struct buf keyed_key(const char *a, const char *b);
void keyed_string(struct buf *key, const char *s);      /* one more */
/*
 * The last of a key's strings, of so many; NULL when the key is not just them:
 * such a fact is passed over, a list that goes on behind its string would come
 * to it again and again.
 */
const char *keyed_last(const struct buf *key, unsigned n);
/* The string that a key shows next; "", and a bad view, when there is none. */
const char *keyed_string_of(struct view *key);

int keyed_find(struct state *s, enum fact_kind kind, const struct buf *key,
    struct view *value);
int keyed_set(struct state *s, enum fact_kind kind, const struct buf *key,
    const struct buf *value, struct err *e);
/* Sets or drops (value NULL) a fact, and frees key and value. */
int keyed_finish(struct state *s, enum fact_kind kind, struct buf *key,
    struct buf *value, struct err *e);
/*
 * Goes through the facts of a kind whose keys begin with a prefix: copies the
 * key that was shown last into key, which is the prefix at first.
 */
int keyed_next(struct state *s, enum fact_kind kind, const struct buf *prefix,
    struct buf *key, struct view *value);

#endif
