/* SPDX-License-Identifier: ISC */
#ifndef CMD_SETUP_H
#define CMD_SETUP_H

#include "options.h"

/*
 * What every command begins with: who we are, the config, the state.
 */

struct conf;
struct err;
struct state;
struct tree;

struct setup {
	const struct options *o;
	const char *program;    /* "ucsync" or "csync2": as it was called */
	char *host;             /* our name, lower case */
	char *system_dir;
	char *config;           /* its name, "" for the default one */
	char *config_path;
	char *state_dir;
	char *scratch;          /* a dry run's copy of it, or NULL */
	struct conf *conf;
	struct state *state;    /* NULL until setup_state */
	struct tree *tree;
	unsigned lock_ms;
};

/*
 * Finds out who we are and where the config of that name ("" for the default
 * one) has to be, without a look at it.
 */
int setup_places(struct setup *s, const struct options *o, const char *config,
    struct err *e);
/*
 * Finds and reads the config of that name ("" for the default one), as the
 * options say. Warnings of the config are logged with -v, and by
 * configtest.
 */
int setup_config(struct setup *s, const struct options *o, const char *config,
    struct err *e);
/*
 * Opens the state and settles what a crash left; in a dry run opens a copy,
 * and leaves everything as it is.
 */
int setup_state(struct setup *s, struct err *e);
/* Opens the state to look at it; makes none where there is none. */
int setup_look(struct setup *s, struct err *e);
/* Opens the state anew (in a child process: locks are not shared). */
int setup_reopen(struct setup *s, struct err *e);
void setup_free(struct setup *s);

/* Whether a group lists this host. */
int setup_self(const struct setup *s);
/* -1 when none does, or what -P and -G name is not there. */
int setup_listed(const struct setup *s, struct err *e);

#endif
