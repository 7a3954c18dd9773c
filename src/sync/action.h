/* SPDX-License-Identifier: ISC */
#ifndef SYNC_ACTION_H
#define SYNC_ACTION_H

#include <stddef.h>

/*
 * Commands to run after files changed. An action becomes pending with the
 * change that fires it, in the same step of the state, and stays so until its
 * commands have ended: a crash in between runs it again.
 *
 * Each command is run by /bin/sh -c, once for all files, with "%%" made "$@"
 * and the files' paths as arguments (in several runs where they do not fit),
 * the list on stdin, each ended by NUL, UCSYNC_GROUP and UCSYNC_PEER set, and
 * its output appended to the logfile.
 */

struct action;
struct change;
struct conf;
struct err;
struct pulse;
struct state;

struct action_source {
	const struct conf *conf;
	struct state *state;
	const char *peer;       /* where changes come from; NULL: found here */
};

/* Whether a change of the file fires it. */
int action_fires(const struct action *a, const char *name);

/* A commit's done: makes pending what the changes fire. ctx: the source. */
int action_fire(void *ctx, const struct change *changes, size_t n,
    struct err *e);

struct action_outcome {
	const char *group, *command;
	int status;             /* exit code, 128 + signal, or -1: not started,
				   or -2: stopped for its time limit */
	long long ms;
};

struct action_options {
	const struct conf *conf;
	struct state *state;
	unsigned lock_ms;
	const struct pulse *pulse;
	void (*tell)(void *ctx, const struct action_outcome *outcome);
	void *ctx;
};

/*
 * Runs what is pending, in the order of the config; one process of this state
 * at a time. -1 only when the state fails.
 */
int action_run(const struct action_options *o, struct err *e);

#endif
