/* SPDX-License-Identifier: ISC */
#ifndef SYNC_JUDGE_H
#define SYNC_JUDGE_H

#include "fs/commit.h"
#include "message.h"

/*
 * One offer against configuration, disk and state: what is to be done about it,
 * and what to answer. An edit on the disk that no check has seen yet is
 * recorded as ours first.
 */

struct exchange;

struct decision {
	enum result_code code;  /* the answer: now, or once change is done */
	unsigned bits;          /* of result */
	int change_due;         /* change is to be committed before */
	int content_due;        /* and content fetched before that */
	int owed;               /* our entry is owed to the sender */
	int unheard;            /* the same, but the sender has to hear of ours:
				   one of its own confirms nothing */
	struct change change;   /* valid when change_due; the caller's */
	struct history h;       /* for RESULT_HISTORY when nothing is due */
	struct stime mtime;
	/* what we had */
	enum kind kind;
	uint64_t size, number;
	struct stime our_mtime;
	struct stamp stamp;
	struct err *why;        /* DENIED, LATER, FAILED; borrowed, may be NULL
				   else */
};

/*
 * The decision says why, if there is something to say, in what the caller has
 * for that. -1 only when the state fails: the session cannot go on.
 */
int judge_offer(struct exchange *x, const struct offer *o, struct decision *d,
    struct err *why, struct err *e);

#endif
