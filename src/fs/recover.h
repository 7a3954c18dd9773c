/* SPDX-License-Identifier: ISC */
#ifndef FS_RECOVER_H
#define FS_RECOVER_H

/*
 * What a crash left of a commit. An intent that is seen under the lock belongs
 * to the dead: whoever lives drops his before he unlocks.
 */

struct commit_options;
struct err;
struct state;
struct tree;

/* Settles all intents, under the lock, and syncs. -1: the state failed. */
int recover_intents(struct tree *t, struct state *s,
    const struct commit_options *o, struct err *e);

/* Whether any intent is known. */
int recover_needed(struct state *s);

/* Whether an intent speaks of a temporary with this last component. */
int recover_owns(struct state *s, const char *base);

#endif
