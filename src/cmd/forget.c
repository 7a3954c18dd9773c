/* SPDX-License-Identifier: ISC */
/*
 * -R: drops what is known of names that no group of this host has any more.
 */
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "conf/match.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"

static int
covers(void *ctx, const char *name)
{
	return match_any(ctx, name, 0);
}

static int
forget_entries(struct setup *s, struct err *e)
{
	struct state_walk *w = state_walk_new(s->state, NULL, e);
	struct entry entry;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		rc = 0;
		if (!covers(s->conf, entry.name)) {
			log_info("Forgotten: %s", entry.name);
			rc = state_forget(s->state, entry.name, e);
		}
		entry_free(&entry);
		if (rc)
			break;
	}
	state_walk_free(w);
	return rc;
}

static int
forget(struct setup *s, struct err *e)
{
	if (state_lock(s->state, s->lock_ms, e))
		return -1;
	if (forget_entries(s, e) ||
	    fact_keep_names(s->state, covers, s->conf, e)) {
		state_abort(s->state);
		return -1;
	}
	return state_unlock(s->state, e);
}

int
cmd_forget(const struct options *o)
{
	struct setup s;
	struct err e;
	int rc;

	if (o->groups) {
		log_error("never run -R with -G: all other groups would be "
		    "forgotten");
		return 1;
	}
	rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_state(&s, &e) || forget(&s, &e);
	if (rc)
		log_error("%s", e.text);
	setup_free(&s);
	return rc;
}
