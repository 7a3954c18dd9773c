/* SPDX-License-Identifier: ISC */
/*
 * What -c is asked to look at: files of the command line, or hints.
 */
#include <stdlib.h>

#include "args.h"
#include "asked.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "cmd.h"
#include "fs/walk.h"
#include "setup.h"
#include "state/fact.h"
#include "state/state.h"

typedef int change_hint(struct state *s, const char *name, struct err *e);

static int
each_hint(struct setup *s, const struct walk_arg *args, size_t n,
    change_hint *change, struct err *e)
{
	size_t i;

	if (state_lock(s->state, s->lock_ms, e))
		return -1;
	for (i = 0; i < n; i++)
		if (change(s->state, args[i].name, e)) {
			state_abort(s->state);
			return -1;
		}
	return state_unlock(s->state, e);
}

static int
check_hints(struct setup *s, struct check_count *count, struct err *e)
{
	struct walk_arg *args = NULL;
	size_t n = 0, cap = 0;
	char *name = NULL;
	int recursive, rc = 0;

	while (fact_hint_after(s->state, n ? args[n - 1].name : NULL, &name,
	    &recursive)) {
		args = mem_grow(args, n, &cap, sizeof(*args));
		args[n++] = (struct walk_arg){ name, recursive };
	}
	if (n)
		rc = each_hint(s, args, n, fact_take_hint, e) ||
		    check_run(s, args, n, count, e) ||
		    each_hint(s, args, n, fact_drop_hint, e) ? -1 : 0;
	args_free(args, n);
	return rc;
}

int
asked_check(struct setup *s, struct check_count *count, struct err *e)
{
	struct walk_arg *args;
	size_t n;
	int rc;

	if (!s->o->nfiles)
		return check_hints(s, count, e);
	args = args_new(s, &n, e);
	if (!args)
		return -1;
	rc = check_run(s, args, n, count, e);
	args_free(args, n);
	return rc;
}

int
cmd_check(const struct options *o)
{
	struct check_count count = { 0, 0, 0 };
	struct setup s;
	struct err e;
	int rc;

	rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_state(&s, &e) || asked_check(&s, &count, &e);
	if (rc)
		log_error("%s", e.text);
	setup_free(&s);
	return rc || count.failed;
}
