/* SPDX-License-Identifier: ISC */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdint.h>

#include "base/err.h"
#include "calls.h"
#include "conf/conf.h"
#include "oracle.h"
#include "script.h"

/*
 * A world: hosts "a", "b", ... with their disks and states, and what happens to
 * them by a script. A host's processes are real in all but the system below
 * them: state, tree, check, session; several may be alive at once.
 */

struct world;

struct host {
	char name[2];
	struct conf *conf[CONFS];
	struct pair *pairs[CONFS];
	size_t npairs[CONFS];
	unsigned which;                 /* of the configs it has read */
	unsigned machine;
	int64_t skew;                   /* of its clock, nanoseconds */
	unsigned kill_at, hit_at;       /* for its next process */
	int hit_path;
	int alive, latest;              /* processes; the id of one */
	unsigned met;                   /* since the copy was made */
	int is_back;                    /* at that copy */
	struct node *backup[2];         /* disk, state; of the latest copy */
};

/* A running process of a host. */
struct actor {
	struct world *w;
	int h;
	struct process process;
	struct state *state;
	struct tree *tree;
};

struct meeting;
enum { MEETINGS = 4 };

struct world {
	struct setting set;
	struct host hosts[HOSTS];
	struct oracle oracle;
	struct meeting *meetings[MEETINGS];
	unsigned apart;                 /* hosts on one side of a partition */
	int next_pid, next_content;
	unsigned sessions, conflicts;
	unsigned stuck;                 /* answers that settle nothing */
	int lossy;                      /* some state went back or away */
	int tell;                       /* print what happens */
};

extern int world_knockout;              /* which rule is out: knock.h */
extern struct actor *world_actor;       /* whose code runs just now */

/* Runs it to the end, quiet rounds too: 0, or -1 with w->oracle.alarm set. */
int world_run(struct world *w, const struct script *s, int tell);

/* Where the state of a host is: its file, or the whole directory. */
void world_state(int h, char out[64], int whole);
/* For rounds.c. */
void world_check(struct world *w, int h, int quiet);
void world_sync(struct world *w, int a, int b, int how);

/* For meeting.c: a process begins (-1: it does not come up), and ends. */
int actor_begin(struct actor *a, struct world *w, int h);
void actor_end(struct actor *a);
/* After each of its steps, for the oracle; b: of its session, or NULL. */
void actor_look(struct actor *a, struct brought *b);
/* From here on a's code runs; NULL: nobody's. */
void actor_run(struct actor *a);
const struct pair *world_pair(struct world *w, int h, int peer);
void world_say(const struct world *w, const char *format, ...);

#endif
