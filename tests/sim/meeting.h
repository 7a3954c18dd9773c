/* SPDX-License-Identifier: ISC */
#ifndef SIM_MEETING_H
#define SIM_MEETING_H

/*
 * A session of two hosts over queues in memory, one step at a time. A step is
 * one call of a session's handler. Who died, or gave up, sends nothing more;
 * the other one learns of it when it has heard all.
 */

struct meeting;
struct world;

/* how: 1 both directions, 2 a reconcile is due. */
enum { MEET_TURN = 1, MEET_RECONCILE = 2 };
/* NULL when one of them does not come up, or no group has both. */
struct meeting *meeting_new(struct world *w, int client, int server,
    int how);
/* Goes one step on; order alternates who goes first. 0: nothing more to do. */
int meeting_step(struct meeting *m);
void meeting_run(struct meeting *m);
void meeting_free(struct meeting *m);   /* breaks the line where it is open */
int meeting_has(const struct meeting *m, int host);
/* One has a new replica id: to be begun again. */
int meeting_again(const struct meeting *m);
/* Both ends are complete. */
int meeting_complete(const struct meeting *m);

#endif
