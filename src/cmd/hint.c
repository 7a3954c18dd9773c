/* SPDX-License-Identifier: ISC */
/*
 * -h and -H: names that the next -c without files looks at. A watcher can add
 * them quickly, and a slow check comes by later.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "conf/match.h"
#include "fs/walk.h"
#include "print.h"
#include "select.h"
#include "setup.h"
#include "state/fact.h"
#include "state/state.h"

/* A hint that no check will care for; the config may change until then. */
static void
warn(const struct setup *s, const struct walk_arg *args, size_t n)
{
	char **parts;
	size_t i, nparts;

	for (i = 0; i < n; i++) {
		enum match_reach reach = REACH_NONE;

		parts = NULL;
		nparts = 0;
		if (args[i].recursive)
			reach = match_reach(s->conf, args[i].name, 0, &parts,
			    &nparts);
		if (reach == REACH_LISTED)
			match_free(parts, nparts);
		if (reach == REACH_NONE &&
		    !select_name(s->o, s->conf, args[i].name, 0))
			log_note("WARNING: Parameter will be ignored: %s",
			    args[i].name);
	}
}

static int
add(struct setup *s, const struct walk_arg *args, size_t n, struct err *e)
{
	size_t i;

	if (state_lock(s->state, s->lock_ms, e))
		return -1;
	for (i = 0; i < n; i++)
		if (fact_set_hint(s->state, args[i].name, args[i].recursive,
		    e)) {
			state_abort(s->state);
			return -1;
		}
	return state_unlock(s->state, e);
}

static int
add_files(struct setup *s, struct err *e)
{
	struct walk_arg *args;
	size_t n;
	int rc;

	args = args_new(s, &n, e);
	if (!args)
		return -1;
	warn(s, args, n);
	rc = add(s, args, n, e);
	args_free(args, n);
	return rc;
}

int
cmd_hint(const struct options *o)
{
	struct setup s;
	struct err e;
	int rc;

	rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_state(&s, &e) || add_files(&s, &e);
	if (rc)
		log_error("%s", e.text);
	setup_free(&s);
	return rc;
}

/* How many there are. */
static size_t
list(struct setup *s)
{
	char *name = NULL, *next;
	int recursive;
	size_t n = 0;

	while (fact_hint_after(s->state, name, &next, &recursive)) {
		free(name);
		name = next;
		printf("%d\t", recursive);
		print_name(name);
		putchar('\n');
		n++;
	}
	free(name);
	return n;
}

int
cmd_hints(const struct options *o)
{
	struct setup s;
	struct err e;
	int rc;

	if (setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_look(&s, &e)) {
		log_error("%s", e.text);
		rc = 1;
	} else {
		rc = list(&s) ? 0 : 2;
	}
	setup_free(&s);
	return rc;
}
