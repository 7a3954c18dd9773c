/* SPDX-License-Identifier: ISC */
#ifndef CMD_OVERLAP_H
#define CMD_OVERLAP_H

/*
 * Overlapping runs of one state: one works, the others leave it a mark and go;
 * the one at work goes round once more for them.
 */

struct setup;

/* A descriptor that stands for the run, or -1 when another one is at work. */
int overlap_begin(const struct setup *s);
/* Whether a mark was left meanwhile; takes it away. */
int overlap_again(const struct setup *s);
void overlap_end(int fd);

#endif
