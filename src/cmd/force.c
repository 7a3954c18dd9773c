/* SPDX-License-Identifier: ISC */
/*
 * -f: what stands here wins the next conflict. A new stamp on the same content,
 * with the forced bit, so that it is pending again for everybody.
 */
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "conf/match.h"
#include "force.h"
#include "fs/commit.h"
#include "named.h"
#include "setup.h"
#include "state/state.h"

int
force_entry(struct setup *s, const struct entry *entry, unsigned bits,
    struct err *e)
{
	struct commit_options o = { .conf = s->conf, .host = s->host,
		.lock_ms = s->lock_ms };
	struct change c = { .number = 1, .stamp = 1, .record = 1,
		.expect = entry->look, .entry_seen = entry_digest(entry) };
	struct entry want;
	int rc;

	if (!match_member(s->conf, entry->name))
		return err_set(e, "%s: this host only receives it; say -f "
		    "on one that may change it", entry->name);
	want = entry_copy(entry);
	want.h.bits = HISTORY_FORCED | bits;
	change_take(&c, &want);
	rc = commit_changes(s->tree, s->state, &c, 1, &o, e);
	if (!rc && c.result != CHANGE_DONE)
		rc = err_set(e, "%s changed since the last check: check it "
		    "first (-c %s)", entry->name, entry->name);
	change_free(&c);
	return rc;
}

static int
force_one(struct setup *s, const struct entry *entry, void *ctx,
    struct err *e)
{
	(void)ctx;
	return force_entry(s, entry, 0, e);
}

int
force_named(struct setup *s)
{
	return named_each(s, force_one, NULL) != 0;
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
		rc = force_named(&s);
	}
	setup_free(&s);
	return rc;
}
