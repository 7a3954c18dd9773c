/* SPDX-License-Identifier: ISC */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "entries.h"
#include "facts.h"

/*
 * What this host remembers, over one journal file (journal.c has its format):
 * entries by name, facts by kind and key. Several processes share the file:
 * everything is read freely, and written only between state_lock and
 * state_unlock, which also bring in what others wrote. What is put is visible
 * to its process at once and durable after state_sync; others see it when it is
 * durable. After a crash all that was put between two syncs is there, or
 * nothing of it, or (beyond 256 KiB) what was put first. Putting what is there
 * already writes nothing.
 *
 * A state belongs to the process that opened it: after fork(2) the child opens
 * its own, since the lock hangs on the descriptor.
 */

struct entry;
struct err;
struct state;

/*
 * Opens DIR/HOST.db (HOST_CONFIG.db where config is not ""), and makes it, and
 * DIR, where it is missing and create is set; otherwise a missing one is empty
 * and cannot be locked. One whose header is damaged is moved aside if create is
 * set, else it is an error; so is one of a newer format in any case. One that
 * was made for another host name or on another machine goes on under a new
 * replica id (if create is set at once, else with the first lock).
 */
int state_open(struct state **out, const char *dir, const char *host,
    const char *config, int create, struct err *e);
void state_close(struct state *s);
const char *state_path(const struct state *s);

/*
 * Waits timeout_ms for the lock, ten times that at most while others write;
 * reads what others appended; cuts off what a crash left half written, with a
 * note.
 *
 * When writing fails (a full disk), all that was put since the last sync is
 * taken back at once, the call returns -1, and so does every later put, sync
 * and the unlock, for the same reason; after the unlock the state is usable
 * again.
 */
int state_lock(struct state *s, unsigned timeout_ms, struct err *e);
int state_sync(struct state *s, struct err *e);
/* Syncs what is unsynced, compacts where it is due, unlocks. */
int state_unlock(struct state *s, struct err *e);
/*
 * For the end of a run: if anything was put since the state was opened (to be
 * made if missing), and nobody else writes, compacts what each later run would
 * have to read. Where it cannot, a later unlock will.
 */
void state_tidy(struct state *s);
/* Unlocks and forgets what was put since the last sync. */
void state_abort(struct state *s);
/*
 * Brings in what others appended, without the lock: only what is synced, so
 * that its stamps may be sent.
 */
int state_refresh(struct state *s, struct err *e);
/* Writes all live facts into a new file; needs the lock. */
int state_compact(struct state *s, struct err *e);

uint64_t state_replica(const struct state *s);
/* The highest number in use; numbers of this replica, growing for ever. */
uint64_t state_high(const struct state *s);
/* Takes the next number (under the lock). */
uint64_t state_next(struct state *s);
/* Under the lock: a new replica id from now on (a rollback); synced. */
int state_renew(struct state *s, struct err *e);

/* 1 and a copy in *out (to be freed), 0 when there is none, -1 on errors. */
int state_get(struct state *s, const char *name, struct entry *out,
    struct err *e);
/* Refuses what could not be read again: see path_valid, NUMBER_MAX. */
int state_put(struct state *s, const struct entry *entry, struct err *e);
/* Drops the entry altogether, as if it had never been. */
int state_forget(struct state *s, const char *name, struct err *e);
size_t state_count(const struct state *s);      /* entries, an upper bound */

/* All entries, from a name on (NULL: all); entries.h has the steps. */
struct state_walk *state_walk_new(struct state *s, const char *from,
    struct err *e);

/*
 * Facts: small things by kind and key, last one wins. See facts.h for the
 * kinds, fact.h for what each kind's key and value are.
 */

/* 1 and the value (borrowed until the next put, lock or refresh), or 0. */
int state_fact(struct state *s, enum fact_kind kind, const void *key, size_t n,
    struct view *value);
int state_set_fact(struct state *s, enum fact_kind kind, const void *key,
    size_t n, const void *value, size_t vn, struct err *e);
int state_drop_fact(struct state *s, enum fact_kind kind, const void *key,
    size_t n, struct err *e);
/* Drops all facts of the kind. */
int state_drop_facts(struct state *s, enum fact_kind kind, struct err *e);
/*
 * The first fact of the kind whose key is greater than the given one (bytewise,
 * a shorter one first; NULL: the first of all): 1, or 0 at the end. What it
 * shows is borrowed until the next put, drop, lock or refresh.
 */
int state_fact_after(struct state *s, enum fact_kind kind, const void *key,
    size_t n, struct view *found, struct view *value);

#endif
