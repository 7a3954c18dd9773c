/* SPDX-License-Identifier: ISC */
#ifndef STATE_JOURNAL_H
#define STATE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "head.h"
#include "record.h"

/*
 * One state file as bytes: header, locking, reading and appending of records in
 * batches, syncing. What the records mean is index.h's. The format stands on
 * top of journal.c. A journal is counted, so that who reads an old file can
 * finish while a new one has taken its place.
 */

struct err;
struct journal;

/* A batch that has grown so is written. */
enum { JOURNAL_BATCH = 256 * 1024 };

enum journal_found {
	JOURNAL_OK = HEAD_OK, JOURNAL_NONE = 1, JOURNAL_DAMAGED = HEAD_DAMAGED
};

/*
 * Opens a file and reads its header. Returns a journal_found, or -1; *e is
 * filled for all but JOURNAL_OK. JOURNAL_DAMAGED: no state file, or one whose
 * header is damaged; a newer format is -1. (Whatever reads of a journal may
 * return JOURNAL_DAMAGED in place of -1.)
 */
int journal_open(struct journal **out, const char *path, struct err *e);
/* The same over an open descriptor, which is the journal's or closed then. */
int journal_attach(struct journal **out, int fd, const char *path,
    struct err *e);
struct journal *journal_ref(struct journal *j);
void journal_unref(struct journal *j);

struct seal *journal_seal(struct journal *j);
const struct head *journal_head(const struct journal *j);
uint64_t journal_end(const struct journal *j);  /* of all that is known */
uint64_t journal_high(const struct journal *j);
void journal_raise(struct journal *j, uint64_t high);   /* never lowers */

/*
 * Waits for the time given, and as long again, nine times at most, if meanwhile
 * the file grew: others make progress, and many of them are waiting. The lock
 * hangs on the descriptor: a process that inherited it by fork shares the lock.
 */
int journal_lock(struct journal *j, unsigned timeout_ms, struct err *e);
int journal_share(struct journal *j);   /* 1 when nobody is writing, no wait */
void journal_unlock(struct journal *j);
/* 1 when the path still leads to this file, 0 when not, -1 on errors. */
int journal_current(const struct journal *j, struct err *e);

/*
 * Reading what was appended. journal_next shows the first batch that was not
 * taken yet: 1, or 0 where there is none, or not all of it, before limit. Who
 * looks at its records takes it only when all are good.
 */
struct journal_batch {
	uint64_t off;                   /* of its first record */
	uint64_t high;
	struct buf bytes;               /* its records */
};
int journal_next(struct journal *j, uint64_t limit, struct journal_batch *b,
    struct err *e);
void journal_take(struct journal *j, const struct journal_batch *b);
/* The limit for who reads while another writes: what is surely synced. */
int journal_settled(struct journal *j, uint64_t *limit, struct err *e);
/* All that was taken is on the disk now. */
int journal_settle(struct journal *j, struct err *e);
/*
 * Under the lock: cuts off what follows the last whole batch. *cut: how many
 * bytes; *damaged: whether something synced was among them.
 */
int journal_cut(struct journal *j, uint64_t *cut, int *damaged, struct err *e);

/* Up to n bytes; less only at the end. -1 on errors. */
long journal_read(struct journal *j, uint64_t off, void *p, size_t n,
    struct err *e);
/* The record of this size at this offset, in buf. */
int journal_record(struct journal *j, uint64_t off, size_t size,
    struct buf *buf, struct record *r, struct err *e);
/* JOURNAL_DAMAGED, and the error that tells so. */
int journal_damaged(const struct journal *j, uint64_t off, struct err *e);

/*
 * Under the lock. journal_begin begins a batch, even if nothing follows: it
 * carries the highest number.
 */
void journal_begin(struct journal *j);
/* Appends a record to the batch; *off says where it stands. */
int journal_append(struct journal *j, unsigned type, const void *p, size_t n,
    uint64_t *off, struct err *e);
int journal_sync(struct journal *j, struct err *e);
int journal_dirty(const struct journal *j);     /* 1: something is unsynced */
/*
 * Takes back what was not synced: *fresh is the file as it is then, under the
 * same lock. Whoever still reads what was taken back through j gets an error.
 */
int journal_rollback(struct journal *j, struct journal **fresh, struct err *e);

#endif
