/* SPDX-License-Identifier: ISC */
#ifndef SYNC_EXCHANGE_H
#define SYNC_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "fs/detect.h"
#include "message.h"
#include "state/entry.h"

/*
 * What the two halves of a session, offering and receiving, have in common:
 * with whom, over which state and tree, and where messages and news go.
 */

struct change;
struct conf;
struct err;
struct pair;
struct roots;
struct settled;
struct state;
struct tree;

/* What happened to one name; told to whoever runs the session. */
enum event_kind {
	EVENT_DONE,             /* it is on disk */
	EVENT_SAME,             /* both had the same */
	EVENT_STANDS,           /* the receiver's version is newer */
	EVENT_CONFLICT,         /* left alone: not resolved */
	EVENT_RESOLVED,         /* a conflict, decided by the method */
	EVENT_DENIED,
	EVENT_LATER,            /* changed meanwhile: the next run */
	EVENT_FAILED
};

struct event {
	enum event_kind kind;
	int receiving;          /* we received; else we offered */
	const char *name;
	const struct version *v;        /* what was offered; may be NULL */
	const struct history *h;        /* of that; or NULL */
	const char *text;       /* the reason; "" */
	int offer_won;          /* EVENT_RESOLVED */
	int forced;             /* what we offered: by -f or -F */
	/* EVENT_CONFLICT, EVENT_RESOLVED: both sides, ours first */
	struct stime mtime[2];
	uint64_t size[2];
	enum kind type[2];
};

struct exchange {
	const struct pair *pair;
	const struct conf *conf;
	struct state *state;
	struct tree *tree;
	struct roots *roots;
	struct version_ignore ignore;
	const struct pulse *pulse;
	int dry;                /* change nothing anywhere */
	int self_new, peer_new; /* no complete session so far */
	uint64_t peer_replica;
	struct stime peer_clock;        /* at its greeting */
	unsigned lock_ms;
	uint64_t taken;         /* numbers given to what came from the peer */
	struct settled *settled;
	struct settled *swept;  /* directories rid of dead temporaries */
	char *none_lost;        /* beside this name no root is lost, since the
				   last commit; NULL: who knows */
	struct buf room;        /* for one message with content after another */
	void (*send)(void *ctx, unsigned type, const struct buf *body);
	void (*tell)(void *ctx, const struct event *event);
	void *ctx;
};

/* What a result (its code and bits) means to whoever runs the session. */
enum event_kind exchange_event(enum result_code code, unsigned bits);

void exchange_send(struct exchange *x, unsigned type, struct buf *body);

/*
 * Commits changes (sorted here) through the one commit path, with the actions
 * that they fire, and frees nothing; nothing at all in a dry run.
 */
int exchange_commit(struct exchange *x, struct change *changes, size_t n,
    struct err *e);

/* The same for an edit that was found here: it fires do-local actions. */
int exchange_found(struct exchange *x, struct change *edit, struct err *e);

/* Under the lock, synced at the end, unless dry: runs put(ctx). */
int exchange_record(struct exchange *x,
    int (*put)(void *ctx, struct err *e), void *ctx, struct err *e);

#endif
