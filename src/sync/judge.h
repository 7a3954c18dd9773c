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
	struct stime mtime;     /* for RESULT_HISTORY */
	/* what we had */
	enum kind kind;
	uint64_t size, number;
	struct stime our_mtime;
	struct stamp stamp;
	/* Borrowed, in the words that judge_offer was given, or NULL: */
	struct err *why;        /* of DENIED, LATER, FAILED */
	struct history *h;      /* for RESULT_HISTORY where no change is due;
				   else that is what the change wants */
};

/* What is only said in answer to one offer, and too large to be kept. */
struct words {
	struct err why;
	struct history h;
};

/*
 * The decision says why, if there is something to say, and history, in words.
 * -1 only when the state fails: the session cannot go on.
 */
int judge_offer(struct exchange *x, const struct offer *o, struct decision *d,
    struct words *words, struct err *e);

#endif
