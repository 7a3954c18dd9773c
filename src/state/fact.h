/* SPDX-License-Identifier: ISC */
#ifndef STATE_FACT_H
#define STATE_FACT_H

#include <stddef.h>
#include <stdint.h>

#include "version.h"

/*
 * The facts of a state, typed. Keys are strings with their final NUL, one after
 * the other; values as told at each.
 */

struct entry;
struct err;
struct state;

/*
 * CURSOR: key peer, scope (8 bytes LE); value replica of the peer, out, in.
 * out: we told the peer all up to this number of ours; in: the peer told us all
 * up to this number of its own. A fact of another replica of the peer is void.
 */
struct cursor {
	uint64_t replica, out, in;
};
/* 1 when there is one (whatever its replica), else 0 and zeroes. */
int fact_cursor(struct state *s, const char *peer, uint64_t scope,
    struct cursor *c);
int fact_set_cursor(struct state *s, const char *peer, uint64_t scope,
    const struct cursor *c, struct err *e);

/*
 * RECONCILE: key peer, scope (8 bytes LE); value two digests: theirs and ours,
 * a pair that a whole session did not make equal.
 */
int fact_reconciled(struct state *s, const char *peer, uint64_t scope,
    uint64_t theirs, uint64_t ours);        /* whether it is that pair */
int fact_set_reconciled(struct state *s, const char *peer, uint64_t scope,
    uint64_t theirs, uint64_t ours, struct err *e);

/*
 * OWED and DONE: key peer, name; value number, replica of the peer. Owed: the
 * peer still has to get the name though the cursor passed it. Done: the peer
 * has the entry of that number, though the cursor has not passed it. Setting
 * one drops the other. number 0 drops both.
 */
int fact_owed(struct state *s, const char *peer, const char *name,
    uint64_t *number);
int fact_done(struct state *s, const char *peer, const char *name,
    uint64_t *number, uint64_t *replica);
int fact_set_owed(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e);
int fact_set_done(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e);
/* Drops every done fact of the peer with a number up to the given one. */
int fact_prune_done(struct state *s, const char *peer, uint64_t number,
    struct err *e);
/* Whether anything at all is owed to the peer. */
int fact_any_owed(struct state *s, const char *peer);
/* Drops what is owed, done or a conflict where keep says 0 to the name. */
int fact_keep_names(struct state *s, int (*keep)(void *ctx, const char *name),
    void *ctx, struct err *e);

/*
 * HINT: key name; value 1 byte: 1 recursive, 2 taken by a check that began. A
 * recursive hint stays so. Dropped is only what was taken, and not set again
 * since: a change behind the check's back is not forgotten.
 */
int fact_set_hint(struct state *s, const char *name, int recursive,
    struct err *e);
int fact_take_hint(struct state *s, const char *name, struct err *e);
int fact_drop_hint(struct state *s, const char *name, struct err *e);
/* The hint after the given name (NULL: the first): 1 and an allocated name. */
int fact_hint_after(struct state *s, const char *after, char **name,
    int *recursive);

/*
 * ACTION: key action (the group's name, a slash, a digest of the action's text
 * in hex), name of the file; value: the peer it came from, or "". Pending until
 * dropped.
 */
int fact_set_action(struct state *s, const char *action, const char *name,
    const char *peer, struct err *e);
int fact_drop_actions(struct state *s, const char *action, struct err *e);
/* Files of one action: call with NULL, then with the last name. Allocated. */
int fact_action_after(struct state *s, const char *action, const char *after,
    char **name, char **peer);

/*
 * CONFLICT: key peer, name; value: what the peer has: 1 byte kind, size, mtime
 * (seconds, nanoseconds).
 */
struct conflict {
	enum kind kind;
	uint64_t size;
	struct stime mtime;
};
int fact_set_conflict(struct state *s, const char *peer, const char *name,
    const struct conflict *theirs, struct err *e);
/* peer NULL: with every peer. */
int fact_drop_conflict(struct state *s, const char *peer, const char *name,
    struct err *e);
/* Whether there is one; theirs may be NULL. */
int fact_conflict(struct state *s, const char *peer, const char *name,
    struct conflict *theirs);

/*
 * KNOWN: key replica (8 bytes LE); value the highest number heard of it; of our
 * own one the highest that anybody may have been told.
 */
uint64_t fact_known(struct state *s, uint64_t replica);
int fact_set_known(struct state *s, uint64_t replica, uint64_t number,
    struct err *e);

/*
 * INTENT: key name; value: the temporary's name (one component, when it is in
 * the target's directory, else a whole name; "" for none) and the entry as it
 * will be recorded. Dropped by
 * fact_drop_intent when the entry was put or the change given up.
 */
int fact_set_intent(struct state *s, const struct entry *entry,
    const char *temporary, struct err *e);
int fact_drop_intent(struct state *s, const char *name, struct err *e);
/* The intent after the given name: 1, an allocated temporary and *entry. */
int fact_intent_after(struct state *s, const char *after, char **temporary,
    struct entry *entry);

/* ROOT: key include root (a name); value: the mount point it lay under. */
int fact_root(struct state *s, const char *root, char **mount);
int fact_set_root(struct state *s, const char *root, const char *mount,
    struct err *e);

/*
 * META: key a word; value a number; setting 0 drops it. "complete": sessions
 * completed, 0 or 1; "checked": there was a whole check; "restamp": the replica
 * id whose stamps are being replaced (sync/replica.c).
 */
uint64_t fact_meta(struct state *s, const char *word);
int fact_set_meta(struct state *s, const char *word, uint64_t value,
    struct err *e);

#endif
