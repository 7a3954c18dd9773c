/* SPDX-License-Identifier: ISC */
/*
 * -f: what stands here wins the next conflict. A new stamp on the same content,
 * with the forced bit, so that it is pending again for everybody.
 */
#include <string.h>

#include "args.h"
#include "base/err.h"
#include "base/log.h"
#include "base/path.h"
#include "cmd.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "fs/commit.h"
#include "fs/walk.h"
#include "setup.h"
#include "state/state.h"

static int
force_entry(struct setup *s, const struct entry *entry, struct err *e)
{
	struct commit_options o = { .conf = s->conf, .host = s->host,
		.lock_ms = s->lock_ms };
	struct change c = { .want = entry_copy(entry), .number = 1,
		.stamp = 1, .record = 1, .expect = entry->look,
		.entry_seen = entry_digest(entry) };
	int rc;

	if (!match_member(s->conf, entry->name)) {
		change_free(&c);
		return err_set(e, "%s: this host only receives it",
		    entry->name);
	}
	c.want.h.bits = HISTORY_FORCED;
	rc = commit_changes(s->tree, s->state, &c, 1, &o, e);
	if (!rc && c.result != CHANGE_DONE)
		rc = err_set(e, "%s changed since the last check: check it "
		    "first (-c %s)", entry->name, entry->name);
	change_free(&c);
	return rc;
}

/* All entries that one argument names; -1 also when there is none. */
static int
force_arg(struct setup *s, const struct walk_arg *arg, struct err *e)
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
		rc = force_entry(s, &entry, e);
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

static int
force_all(struct setup *s)
{
	struct walk_arg *args;
	struct err e;
	size_t i, n;
	int failed = 0;

	args = args_new(s, &n, &e);
	if (!args) {
		log_error("%s", e.text);
		return 1;
	}
	for (i = 0; i < n; i++)
		if (force_arg(s, &args[i], &e)) {
			log_error("%s", e.text);
			failed = 1;
		}
	args_free(args, n);
	return failed;
}

int
cmd_force(const struct options *o)
{
	struct setup s;
	struct err e;
	int rc;

	if (setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_state(&s, &e)) {
		log_error("%s", e.text);
		rc = 1;
	} else {
		rc = force_all(&s);
	}
	setup_free(&s);
	return rc;
}
