/* SPDX-License-Identifier: ISC */
#ifndef STATE_DRAFT_H
#define STATE_DRAFT_H

#include <stdint.h>

#include "base/buf.h"
#include "head.h"
#include "record.h"

/*
 * A new state file under way, PATH.new until it is complete. Who makes one
 * holds a lock on the directory, so that there is one at a time.
 */

struct err;
struct journal;

/* The path's directory, open and locked until it is closed; or -1. */
int draft_lock(const char *path, struct err *e);

struct draft {
	int fd, dirfd;
	char *path, *temporary;         /* owned */
	struct journal *old;            /* borrowed */
	struct seal seal;
	uint64_t off;                   /* where the next record will stand */
	struct buf buf;
};

/*
 * The draft will take the place of old (which is locked), or of nothing when
 * old is NULL. Returns 1 when something else stands there: no draft then.
 */
int draft_begin(struct draft *d, const char *path, struct journal *old,
    struct err *e);
int draft_record(struct draft *d, unsigned type, const void *p, size_t n,
    struct err *e);
/*
 * Syncs, renames, syncs the directory. The new journal is locked. The head's
 * salt is the draft's. The draft is over in any case.
 */
int draft_finish(struct draft *d, struct head *head, struct journal **out,
    struct err *e);
void draft_drop(struct draft *d);

#endif
