/* SPDX-License-Identifier: ISC */
#ifndef FS_CHANGE_H
#define FS_CHANGE_H

#include <stddef.h>

#include "base/err.h"
#include "state/entry.h"

struct conf;
struct pulse;

/*
 * One received change on its way to disk and state.
 */

enum change_result {
	CHANGE_DONE,            /* on disk and in the state */
	CHANGE_STALE,           /* disk or entry changed since it was judged */
	CHANGE_FAILED           /* err says why; nothing was changed */
};

/* The entry that is to be recorded: name, v and history are given. Owned. */
struct want {
	char *name;
	uint64_t number;
	struct version v;
	struct look look;
	unsigned bits;          /* of the history */
	unsigned char *h;       /* the history, packed; NULL: an empty one */
};

struct change {
	struct want want;
	int number;             /* take a new pending number for it; else it
				   keeps the entry's, or without an entry the
				   one given in want */
	int stamp;              /* make it a change of ours: a new stamp, by
				   history_change keeping want's vector and
				   bits; takes a new number, too */
	int record;             /* only record: the disk is already so */
	struct look expect;     /* what stood there when it was judged */
	uint64_t entry_seen;    /* entry_digest of ours then; 0: none */
	int dressed;            /* the temporary has all but its place, and
				   looks like want.look: prepare_early() */
	char *temporary;        /* name of the staged content; NULL: none: the
				   content that stands there stays. Owned; a
				   commit uses it up, whatever the result */
	size_t tag;             /* the caller's */
	enum change_result result;
	struct err *err;        /* CHANGE_STALE: may say what is in the way;
				   NULL: nothing to say. Owned */
	int lives;              /* CHANGE_STALE: something synced, not itself
				   to be removed, lives in the directory */
};

void change_free(struct change *c);
/* c wants what e is; name and link target are c's then, and e is zeroed. */
void change_take(struct change *c, struct entry *e);
/* What c wants; name and link target stay c's. */
struct entry change_entry(const struct change *c);
void change_set_history(struct change *c, const struct history *h);
void change_history(const struct change *c, struct history *h);
/* Where to say why, made when first asked for: seldom, and it is large. */
struct err *change_err(struct change *c);
/* What was said there, or "". */
const char *change_why(const struct change *c);

/* How changes are carried out. */
struct commit_options {
	const struct conf *conf;
	const char *host;       /* author of what stamp makes */
	unsigned lock_ms;
	const struct pulse *pulse;
	struct stime peer_clock;        /* the sender's; zero: not known. An
				   mtime later than both clocks becomes now */
	/*
	 * Called under the lock when the changes are recorded, in the same
	 * step: for facts that go with them. Only those that are CHANGE_DONE
	 * were carried out. Also for what a crash had left carried out but not
	 * recorded. NULL: none.
	 */
	int (*done)(void *ctx, const struct change *changes, size_t n,
	    struct err *e);
	void *ctx;
};

#endif
