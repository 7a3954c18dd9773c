/* SPDX-License-Identifier: ISC */
#ifndef STATE_ENTRY_H
#define STATE_ENTRY_H

#include "base/buf.h"
#include "version.h"

/*
 * All that we know about one path. The look is ours alone: what lstat showed
 * when disk and version agreed.
 */

struct look {
	enum kind kind;         /* KIND_NONE: was not there */
	int trusted;            /* 0: too young for its file system's clock */
	uint64_t size;          /* regular files */
	struct stime mtime;     /* zero for directories */
	struct stime ctime;     /* zero for directories */
	uint32_t mode, uid, gid;
};

struct entry {
	char *name;             /* owned */
	uint64_t number;        /* of the record that made it pending */
	struct version v;
	struct history h;
	struct look look;
};

void entry_free(struct entry *e);       /* what it owns; zeroes it */
struct entry entry_copy(const struct entry *e);

/*
 * Tells two states of one entry apart: any change of its number or history
 * gives another one. Never 0, which stands for "no entry".
 */
uint64_t entry_digest(const struct entry *e);

void entry_encode(const struct entry *e, struct buf *b);
/* -1 when the bytes are not exactly one entry; *e then owns nothing. */
int entry_decode(struct entry *e, const void *p, size_t n);
enum { ENTRY_NAME_SIZE = 4096 };        /* PATH_BYTES_MAX and a NUL */
/* The name alone, which stands first in an encoded entry; -1 for nonsense. */
int entry_name(const void *p, size_t n, char name[ENTRY_NAME_SIZE]);

/*
 * What is asked of most entries, without the cost of the others' parts: -1 for
 * nonsense in these.
 */
struct glance {
	enum kind kind;         /* of the version */
	unsigned bits;          /* of the history */
	struct look look;
};
int entry_glance(struct glance *g, struct view encoded);

/* Whether two looks show the same; an untrusted one is like no other. */
int look_equal(const struct look *a, const struct look *b);

#endif
