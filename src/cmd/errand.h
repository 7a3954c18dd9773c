/* SPDX-License-Identifier: ISC */
#ifndef CMD_ERRAND_H
#define CMD_ERRAND_H

#include <stdint.h>

/*
 * A run (-x) in a child process of the watcher: it checks what is named on its
 * command line, or everything, pushes all that is pending, and tells the
 * watcher by a pipe what that has to know.
 */

struct buf;
struct notify;
struct options;

struct errand {
	int fd;                 /* the pipe */
	struct notify *notify;  /* gets the directories walked; or NULL */
	int retry;              /* check nothing */
	int (*skips)(void *ctx, int retry, const char *peer);
	void *ctx;
};

enum told {
	TOLD_WATCH,             /* value: number of the watch; its path */
	TOLD_BLIND,             /* value: errno, 0: silent; a directory that
				   cannot be watched */
	TOLD_PEER               /* value: whether it is away; its name */
};

/* The rest takes o->errand NULL for a run that nobody watches. */

/* For walk_on_enter, with the setup. */
void errand_enter(void *setup, const char *name);
/* Whether the peer is left alone this time. */
int errand_skips(const struct options *o, const char *peer);
/* It was talked to, or not to be reached or talked to. */
void errand_met(const struct options *o, const char *peer, int away);

/* Takes a whole message from the front of b; *text is allocated. 0: none. */
int errand_hear(struct buf *b, enum told *told, int *value, char **text);

#endif
