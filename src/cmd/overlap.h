/* SPDX-License-Identifier: ISC */
#ifndef CMD_OVERLAP_H
#define CMD_OVERLAP_H

/*
 * Overlapping runs of one state: one works, and each other waits for its turn,
 * for lock-timeout. Then a plain -x, of which one is as good as another, leaves
 * a mark and goes; any other run, which nobody else could do, goes to work
 * beside the first. Who has worked looks for a mark when it is no longer at
 * work, and goes round as a plain -x if there is one: so either it finds the
 * mark, or who left that finds nobody at work.
 */

struct err;
struct options;
struct setup;

/* Whether a run of these options is one that may be left to another. */
int overlap_plain(const struct options *o);

enum overlap {
	OVERLAP_WORK,           /* go to work, then overlap_end */
	OVERLAP_LEFT            /* somebody is at work and will do it */
};

/*
 * *fd stands for the run, -1 beside another one. -1 with e, else as above. With
 * again (for a mark that overlap_end found) nothing is waited for: who is at
 * work takes the mark, or finds it.
 */
int overlap_begin(const struct setup *s, int again, int *fd, struct err *e);
/* The end of a run, -1 too; tells whether a mark was left meanwhile. */
int overlap_end(const struct setup *s, int fd);

#endif
