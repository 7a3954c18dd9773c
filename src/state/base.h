/* SPDX-License-Identifier: ISC */
#ifndef STATE_BASE_H
#define STATE_BASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "entry.h"
#include "reader.h"

/*
 * The sorted part of a state file: blocks of encoded entries in the order of
 * path_cmp, and an index of their first names, which is what is in memory.
 * journal.c has the format.
 */

struct base;
struct draft;
struct err;
struct journal;

/* Reads the index. -1 with *e when it is not as it should be. */
int base_open(struct base **out, struct journal *j, struct err *e);
struct base *base_ref(struct base *b);
void base_unref(struct base *b);
/* 1 and the encoded entry, borrowed until the next call; 0; -1. */
int base_find(struct base *b, const char *name, struct view *found,
    struct err *e);

/* All entries from a name on (NULL: from the first). */
struct base_stream {
	struct base *base;
	struct reader reader;
	struct view block;              /* what is left of it */
	const char *from;               /* borrowed; NULL when reached */
	char name[ENTRY_NAME_SIZE];     /* of the entry shown last */
};
void base_stream_init(struct base_stream *s, struct base *b, const char *from);
void base_stream_fini(struct base_stream *s);
/* 1 and an encoded entry, borrowed until the next call; 0 at the end; -1. */
int base_stream_next(struct base_stream *s, struct view *entry, struct err *e);

/* Writes a base into a draft that holds nothing else yet. */
struct base_writer {
	struct draft *draft;
	struct buf block, first;        /* under way; its first name */
	struct buf piece, index;        /* the same for the index */
	uint64_t count;
};
void base_writer_init(struct base_writer *w, struct draft *d);
int base_writer_add(struct base_writer *w, const char *name, struct view entry,
    struct err *e);
/* The last block and the index; *index is where that begins. */
int base_writer_end(struct base_writer *w, uint64_t *index, struct err *e);
void base_writer_fini(struct base_writer *w);

#endif
