/* SPDX-License-Identifier: ISC */
#ifndef SIM_DISASTER_H
#define SIM_DISASTER_H

/*
 * States lost, put back, copied.
 */

struct world;

void disaster_lose(struct world *w, int h);
/* A copy of disk and state is made; of it the state is put back, or both. */
void disaster_save(struct world *w, int h);
void disaster_put_back(struct world *w, int h, int whole);
/* To another machine. */
void disaster_move(struct world *w, int h);
void disaster_clone(struct world *w, int from, int to);

#endif
