/* SPDX-License-Identifier: ISC */
#ifndef CMD_PEER_H
#define CMD_PEER_H

#include <stddef.h>

/*
 * One session with one peer, from connecting to the line about its result.
 */

struct comparing_options;
struct progress_slot;
struct pair;
struct setup;
struct walk_arg;

struct peer_task {
	struct setup *s;
	const struct pair *pair;
	const struct walk_arg *only;    /* push these names alone; NULL: all */
	size_t nonly;
	int turn;               /* take what the peer has, too */
	int complete;           /* nothing is left out */
	int reconcile;          /* see whether all is alike */
	int pending;            /* something waits: it has to be reached */
	struct progress_slot *slot;     /* to count in; or NULL */
	const struct comparing_options *compare;        /* instead; or NULL */
};

/* Returns an exit code. */
int peer_run(const struct peer_task *task);

#endif
