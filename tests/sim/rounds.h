/* SPDX-License-Identifier: ISC */
#ifndef SIM_ROUNDS_H
#define SIM_ROUNDS_H

/*
 * Quiet rounds: nobody edits, everybody has read the last config, checks, and
 * syncs with everybody, until a whole round changes nothing, not a byte. Then
 * all hosts that share a path have to have the same there, unless the method
 * is none and a conflict is remembered; nothing may be pending.
 */

struct world;

void rounds_run(struct world *w);

#endif
