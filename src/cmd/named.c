/* SPDX-License-Identifier: ISC */
/*
 * Arguments to entries. A name that no entry has is a mistake: the command
 * would look done and nothing would come of it.
 */
#include <string.h>

#include "args.h"
#include "base/err.h"
#include "base/log.h"
#include "base/path.h"
#include "fs/walk.h"
#include "named.h"
#include "setup.h"
#include "state/entry.h"
#include "state/state.h"

/* All entries that one argument names; -1 also when there is none. */
static int
each_of(struct setup *s, const struct walk_arg *arg, named_visit *visit,
    void *ctx, struct err *e)
{
	struct state_walk *w = state_walk_new(s->state, arg->name, e);
	struct entry entry;
	int rc, found = 0;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		if (arg->recursive ? !path_within(entry.name, arg->name)
		    : strcmp(entry.name, arg->name)) {
			entry_free(&entry);
			break;
		}
		found = 1;
		rc = visit(s, &entry, ctx, e);
		entry_free(&entry);
		if (rc)
			break;
	}
	state_walk_free(w);
	if (rc < 0)
		return -1;
	return found ? 0 : err_set(e, "%s: not known here: check it first "
	    "(-c %s)", arg->name, arg->name);
}

size_t
named_each(struct setup *s, named_visit *visit, void *ctx)
{
	struct walk_arg *args;
	struct err e;
	size_t i, n, failed = 0;

	args = args_new(s, &n, &e);
	if (!args) {
		log_error("%s", e.text);
		return 1;
	}
	for (i = 0; i < n; i++)
		if (each_of(s, &args[i], visit, ctx, &e)) {
			log_error("%s", e.text);
			failed++;
		}
	args_free(args, n);
	return failed;
}
