/* SPDX-License-Identifier: ISC */
#ifndef SIM_USER_H
#define SIM_USER_H

/*
 * Users: they edit, and they know what has to stand there.
 */

struct command;
struct world;

/* What makes no sense there is left. */
void user_do(struct world *w, const struct command *c);
/* From before the state, so the same on all. */
void user_init(struct world *w, const struct command *c);
/* In the middle of a process's work; ctx is the actor. */
void user_hit(void *ctx);
/* Alarms unless that stands there. */
void user_expect(struct world *w, const struct command *c);

#endif
