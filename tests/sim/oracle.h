/* SPDX-License-Identifier: ISC */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include <stddef.h>
#include <stdint.h>

#include "script.h"
#include "sight.h"

/*
 * What is true, whatever the states say. Each edit by a user has an id. For
 * each host and path the oracle knows of the disk, and of the entry in the
 * state: the value, the edits that it embodies (heads), and all edits that went
 * into it or were given up for it with a report (has). What a session brings
 * may replace what stands there only if it has all of its heads, or if the
 * conflict was reported. It never looks at stamps or vectors.
 *
 * What the first check of a state finds is known by its value alone: two hosts
 * that begin with the same have the same edit. So it is for who loses a state.
 */

struct entry;
struct event;
struct state;

struct facts_of_path {
	struct ring disk, entry, offered;
	uint64_t digest;                /* of the entry; 0: there is none */
	struct value old[RING];         /* what users wrote, for reverts */
	int64_t old_mtime[RING];
	unsigned nold;
};

/* What a session has brought so far, for one of its ends. */
struct brought {
	struct sight offer[PATHS];       /* the last one received */
	int has_offer[PATHS];
	struct sight mine[PATHS];        /* the last one sent, */
	struct sight answer[PATHS];      /* and the peer's that answers it */
	int has_answer[PATHS];
	int reported[PATHS];            /* resolved, as somebody was told */
	int peer;
};

struct truth {                          /* of one host */
	struct facts_of_path path[PATHS];
	int checked;                    /* a full check has filled the state */
	int alive;                      /* some process of it is */
	int limbo;                      /* a crash has not been recovered
					   from: what is missed may be in a
					   temporary */
	struct brought late;            /* to whom that happened */
	int has_late;
};

struct oracle {
	struct truth hosts[HOSTS];
	struct truth backup[HOSTS];
	struct truth state_backup[HOSTS];
	struct edit {
		int path;               /* -1 - path: by its value alone */
		struct value v;
		int author;
		unsigned char id[32];   /* content id of a file */
	} edit[EDITS];
	int nedits;
	unsigned receive_only;          /* hosts */
	int drops;                      /* tombstones may be forgotten */
	unsigned quiet;                 /* paths that were marked so */
	/*
	 * Hosts that were put back to an earlier state, and since met one that
	 * did not know of their later one, while another did: by then they may
	 * have used numbers again. The known limit: such edits are not held.
	 */
	unsigned blind;
	unsigned unsure;                /* paths that these wrote records of */
	unsigned char writers[EDITS];   /* of a content: hosts */
	char alarm[300];                /* "" while all is well */
};

/* The user of h did that to p: v stands there now. */
void oracle_edit(struct oracle *o, int h, int p, struct value v,
    int64_t mtime);
/* -f: a change of no content. */
void oracle_force(struct oracle *o, int h, int p);
/* Its state goes, or is copied, before a crash has been recovered from. */
void oracle_crashed(struct oracle *o, int h);
void oracle_lost_state(struct oracle *o, int h);

/*
 * After each step of a process of h: what it did to disk and state. b: of its
 * session, or NULL. crashed: it died in this step.
 */
void oracle_look(struct oracle *o, int h, struct state *s,
    struct brought *b, int crashed);
/*
 * The state of h is an earlier one: as it was with was; whole: the disk, too.
 */
void oracle_put_back(struct oracle *o, int h, const struct truth *was,
    int whole);
/* After the first look of a process that has come up. */
void oracle_recovered(struct oracle *o, int h);
void oracle_receives(struct oracle *o, int h, int p, const struct sight *v);
/* The view of the entry that was offered. */
const struct sight *oracle_offered(struct oracle *o, int h, int p,
    const struct entry *e);
void oracle_alarm(struct oracle *o, const char *format, ...);

#endif
