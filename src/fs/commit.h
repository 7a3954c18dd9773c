/* SPDX-License-Identifier: ISC */
#ifndef FS_COMMIT_H
#define FS_COMMIT_H

#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "change.h"

/*
 * The one way in which received changes get to disk and state: metadata of the
 * temporaries set and synced, lock, intents recorded and synced, look again,
 * rename, sync of the directories, entries recorded and synced, unlock. Whoever
 * reads a file sees the old or the new one, complete.
 */

struct conf;
struct pulse;
struct state;
struct tree;

/*
 * Carries out n changes, sorted by name, in one burst: what stands in the way
 * goes first, directories before what is in them, contents, then removals
 * deepest first. Each change gets a result; of what is done want.look and
 * want.number are filled in. A directory that cannot be removed because of what
 * is not synced is done, with HISTORY_KEPT in want.bits and its look kept;
 * one in which something synced lives is stale, and so is what has no directory
 * while that is one which is synced. -1 only when the state itself cannot be
 * written, or not be locked (nothing was renamed then, or the intents tell the
 * next run); every change that was under way has failed then. Temporaries are
 * used up in any case.
 */
int commit_changes(struct tree *t, struct state *s, struct change *changes,
    size_t n, const struct commit_options *o, struct err *e);

/*
 * Settles the intents that a crash left: a temporary that is still there was
 * not carried out, and goes; one that is gone was, and its entry is recorded.
 * Needs no lock held. Writes nothing when there are none.
 */
int commit_recover(struct tree *t, struct state *s,
    const struct commit_options *o, struct err *e);

/*
 * For a reserved name that a walk came across: removes it if it is a temporary
 * of ours whose maker is dead, and no intent speaks of it. Recover first.
 */
void commit_sweep(struct state *s, int dirfd, const char *base);
/* The same for all of a directory, which is going to be written to. */
void commit_sweep_dir(struct state *s, int dirfd);

#endif
