/* SPDX-License-Identifier: ISC */
/*
 * -m: what stands here is offered again to everybody who shares it. It is
 * checked first, so that the state has what the disk shows.
 */
#include "asked.h"
#include "base/err.h"
#include "base/log.h"
#include "check.h"
#include "cmd.h"
#include "force.h"
#include "named.h"
#include "owe.h"
#include "setup.h"
#include "state/entry.h"
#include "state/state.h"
#include "sync/pair.h"

struct marks {
	struct pair *pairs;
	size_t n;
};

static int
mark_entry(struct setup *s, const struct entry *entry, void *ctx,
    struct err *e)
{
	const struct marks *m = ctx;

	return owe(s, m->pairs, m->n, entry, e);
}

/* Whether something failed; -1 when it was the state. */
static int
mark_named(struct setup *s, struct err *e)
{
	struct marks m;
	int failed;

	if (state_lock(s->state, s->lock_ms, e))
		return -1;
	m.n = pair_list(s->conf, &m.pairs);
	failed = named_each(s, mark_entry, &m) != 0;
	pair_list_free(m.pairs, m.n);
	return state_unlock(s->state, e) ? -1 : failed;
}

static int
mark(struct setup *s, struct err *e)
{
	struct check_count count = { 0, 0, 0 };
	int failed;

	if (asked_check(s, &count, e))
		return -1;
	failed = s->o->force_new ? force_named(s) : mark_named(s, e);
	return failed < 0 ? -1 : failed || count.failed;
}

int
cmd_mark(const struct options *o)
{
	struct setup s;
	struct err e;
	int rc;

	rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_state(&s, &e) ? -1 : mark(&s, &e);
	if (rc < 0)
		log_error("%s", e.text);
	setup_free(&s);
	return rc != 0;
}
