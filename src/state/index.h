/* SPDX-License-Identifier: ISC */
#ifndef STATE_INDEX_H
#define STATE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "facts.h"
#include "head.h"

/*
 * What one state file says: its base, its tail and its facts, kept up with what
 * is appended to the file by us or by others. Entries are encoded here.
 */

struct base;
struct err;
struct journal;
struct tail;

struct index {
	struct journal *journal;
	struct base *base;
	struct tail *tail;
	struct facts *facts;
	struct identity id;
	int damaged;            /* something synced was lost */
	struct buf buf;         /* what index_find shows */
};

/*
 * Over a journal that was just opened, and is the index's or let go then;
 * locked: under its lock. -1, or JOURNAL_DAMAGED when the index of the base is.
 */
int index_open(struct index **out, struct journal *j, int locked,
    struct err *e);
void index_free(struct index *x);
/*
 * Takes in what was appended: under the lock all that is whole, without it what
 * is surely synced.
 */
int index_read(struct index *x, int locked, struct err *e);

/* 1 and the encoded entry, borrowed until the next call; 0; -1 on errors. */
int index_find(struct index *x, const char *name, struct view *found,
    struct err *e);
size_t index_count(const struct index *x);      /* entries, an upper bound */

/* Under the lock; what is the same already is not written. */
int index_put(struct index *x, const char *name, struct view entry,
    struct err *e);
int index_forget(struct index *x, const char *name, struct err *e);
int index_put_fact(struct index *x, const struct fact *f, struct err *e);
int index_drop_fact(struct index *x, unsigned kind, struct view key,
    struct err *e);
int index_identify(struct index *x, const struct identity *id, struct err *e);

/* The payload of a fact's record. */
void index_encode_fact(const struct fact *f, struct buf *b);

#endif
