/* SPDX-License-Identifier: ISC */
/*
 * Pushing: which peers have to be talked to, several of them at once, each in a
 * process of its own, so that one that hangs costs only itself; then actions.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "args.h"
#include "asked.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "cmd.h"
#include "conf/conf.h"
#include "fs/tree.h"
#include "contact.h"
#include "errand.h"
#include "fs/walk.h"
#include "memo.h"
#include "overlap.h"
#include "peer.h"
#include "progress.h"
#include "report.h"
#include "select.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/action.h"
#include "sync/message.h"
#include "sync/pair.h"

struct push {
	struct setup *s;
	struct pair *pairs;
	size_t npairs;
	struct cursor *cursors;
	char *waits;                    /* something is pending for the pair */
	char *due;                      /* it is to be talked to anyway */
	pid_t *pids;                    /* of the sessions */
	const struct walk_arg *only;
	size_t nonly;
	int turn, shown;
	uint64_t floor;                 /* no number up to it is pending */
	struct progress *progress;
};

static int
is_complete(const struct push *p)
{
	return !p->s->o->groups && !p->only;
}

static int
named(const struct push *p, const char *name)
{
	return !p->only || args_have(p->only, p->nonly, name);
}

/* Whether anything can be pending at all: else the state need not be read. */
static int
find_candidates(struct push *p)
{
	uint64_t high = state_high(p->s->state), floor;
	size_t i;

	p->floor = high;
	for (i = 0; i < p->npairs; i++) {
		const struct pair *pair = &p->pairs[i];
		int known = fact_cursor(p->s->state, pair->peer, pair->scope,
		    &p->cursors[i]);

		p->due[i] = (char)(p->turn && is_complete(p) && (!known ||
		    (p->s->conf->reconcile && contact_old(p->s, pair,
		    p->s->conf->reconcile))));
		floor = pair_floor(pair, p->s->state, p->cursors[i].out);
		if (floor < p->floor)
			p->floor = floor;
	}
	return p->floor < high;
}

/* One file is enough, but for who wants to know how many there are. */
static void
note_pending(struct push *p, size_t i, const struct entry *entry)
{
	if ((p->waits[i] && !p->shown) ||
	    pair_pending(&p->pairs[i], p->s->state, entry, p->cursors[i].out,
	    p->cursors[i].replica) < PENDING_DEVIATES)
		return;
	p->waits[i] = 1;
	progress_expect(progress_slot(p->progress, i), &entry->v);
}

static int
find_pending(struct push *p, struct err *e)
{
	struct state_walk *w;
	struct entry entry;
	size_t i;
	int rc;

	if (!find_candidates(p))
		return 0;
	w = state_walk_new(p->s->state, NULL, e);
	if (!w)
		return -1;
	state_walk_above(w, p->floor);
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		for (i = 0; i < p->npairs && named(p, entry.name); i++)
			note_pending(p, i, &entry);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

static pid_t
start(const struct push *p, size_t i)
{
	struct peer_task task = { .s = p->s, .pair = &p->pairs[i],
		.only = p->only, .nonly = p->nonly,
		.turn = p->turn && is_complete(p),
		.complete = is_complete(p), .reconcile = p->due[i],
		.pending = p->waits[i],
		.slot = progress_slot(p->progress, i) };
	struct err e;
	pid_t pid;
	int rc;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	if (setup_reopen(p->s, &e)) {
		log_error("%s: %s", p->pairs[i].peer, e.text);
		_exit(1);
	}
	rc = peer_run(&task);
	fflush(stdout);
	_exit(rc);
}

/* Waits for one child; whether it failed. */
static int
reap(const struct push *p)
{
	size_t i = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) < 0) {
		if (errno != EINTR)
			return 1;
		progress_show(p->progress);
	}
	while (i < p->npairs - 1 && p->pids[i] != pid)
		i++;
	if (WIFSIGNALED(status))
		log_error("%s: the session was ended by signal %d; the next "
		    "run does the rest", p->pairs[i].peer, WTERMSIG(status));
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

/*
 * How many peers at once. A new host has everything to get from each of them:
 * it goes to one after the other until one has filled it.
 */
static unsigned
at_once(const struct push *p)
{
	struct err ignored;

	if (!fact_meta(p->s->state, "complete") &&
	    (state_refresh(p->s->state, &ignored) ||
	    !fact_meta(p->s->state, "complete")))
		return 1;
	return p->s->o->jobs;
}

static int
run_sessions(const struct push *p)
{
	unsigned running = 0;
	int failed = 0;
	size_t i;
	pid_t pid;

	for (i = 0; i < p->npairs; i++) {
		if ((!p->waits[i] && !p->due[i]) ||
		    errand_skips(p->s->o, p->pairs[i].peer))
			continue;
		while (running >= at_once(p)) {
			failed |= reap(p);
			running--;
		}
		pid = p->pids[i] = start(p, i);
		if (pid > 0) {
			running++;
			continue;
		}
		log_error("%s: cannot start a process: %s", p->pairs[i].peer,
		    strerror(errno));
		failed = 1;
	}
	while (running--)
		failed |= reap(p);
	return failed;
}

/* Pushes what is pending; 0, 1 when something failed, -1. */
static int
push(struct setup *s, const struct walk_arg *only, size_t nonly, int turn,
    struct progress_sum *sum, struct err *e)
{
	struct push p = { .s = s, .only = only, .nonly = nonly, .turn = turn };
	int rc;

	p.npairs = select_pairs(s->o, s->conf, &p.pairs);
	p.cursors = mem_alloc((p.npairs + 1) * sizeof(*p.cursors));
	p.waits = mem_alloc(p.npairs + 1);
	p.due = mem_alloc(p.npairs + 1);
	p.pids = mem_alloc((p.npairs + 1) * sizeof(*p.pids));
	p.shown = progress_wanted(s->o);
	p.progress = progress_new(p.npairs, p.shown);
	rc = find_pending(&p, e);
	if (!rc)
		rc = run_sessions(&p);
	progress_free(p.progress, sum);
	pair_list_free(p.pairs, p.npairs);
	free(p.cursors);
	free(p.waits);
	free(p.due);
	free(p.pids);
	return rc;
}

struct acting {
	const struct setup *s;
	int failed;
};

static void
tell_outcome(void *ctx, const struct action_outcome *outcome)
{
	struct action_report report;
	struct acting *a = ctx;

	report_outcome(a->s, outcome, &report);
	a->failed |= report.status != 0;
}

/* Runs pending actions; 0, 1 when one failed, -1. */
static int
actions(struct setup *s, struct err *e)
{
	struct acting a = { s, 0 };
	struct action_options o = { .conf = s->conf, .lock_ms = s->lock_ms,
		.tell = tell_outcome, .ctx = &a };

	if (s->o->dry)
		return 0;
	tree_reset(s->tree);
	if (state_refresh(s->state, e))
		return -1;
	o.state = s->state;
	return action_run(&o, e) ? -1 : a.failed;
}

static int
is_retry(const struct options *o)
{
	return o->errand && o->errand->retry;
}

/*
 * One round of -x, -cu or -u; 0, 1 when something failed, -1. An errand's files
 * are where to look; whatever is pending is pushed.
 */
static int
round_once(struct setup *s, struct progress_sum *sum, struct err *e)
{
	const struct options *o = s->o;
	struct check_count count = { 0, 0, 0 };
	struct walk_arg *only = NULL;
	size_t n = 0;
	int rc = 0, failed;

	if (o->nfiles && !(only = args_new(s, &n, e)))
		return -1;
	if (o->mode == MODE_SYNC && !is_retry(o))
		rc = check_run(s, only, n, &count, e);
	else if (o->mode == MODE_CHECK_UPDATE)
		rc = asked_check(s, &count, e);
	failed = count.failed != 0;
	if (!rc)
		rc = push(s, o->errand ? NULL : only, n,
		    o->mode == MODE_SYNC, sum, e);
	args_free(only, n);
	return rc < 0 ? -1 : rc | failed;
}

struct run {
	int again;              /* it goes round for a mark */
	int marked;             /* another run left a mark */
	struct progress_sum sum;
};

/* A round while no other run is at work. */
static int
round_alone(struct setup *s, struct run *r, struct err *e)
{
	int rc, fd;

	/* who may wait long for a peer that was away keeps nobody waiting */
	if (s->o->dry || is_retry(s->o))
		return round_once(s, &r->sum, e);
	rc = overlap_begin(s, r->again, &fd, e);
	if (rc == OVERLAP_LEFT) {
		log_info("another run is at work; it will go round again");
		return 0;
	}
	if (rc == OVERLAP_WORK)
		rc = round_once(s, &r->sum, e);
	r->marked = overlap_end(s, fd);
	return rc;
}

/* A run, with its config, state and actions; whether something failed. */
static int
run(const struct options *o, struct run *r)
{
	struct setup s;
	struct err e;
	int rc, ran = 0;

	rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    setup_state(&s, &e) ? -1 : 0;
	if (!rc) {
		rc = round_alone(&s, r, &e);
		if (rc >= 0)
			ran = actions(&s, &e);
	}
	if (rc < 0 || ran < 0)
		log_error("%s", e.text);
	if (s.state && (rc < 0 || ran < 0))
		memo_say(&s, "run", "", e.text);
	else if (s.state)
		memo_drop(&s, "run", "");
	setup_free(&s);
	return rc || ran;
}

/* What is left to do for others is a plain -x, whatever we were asked for. */
static struct options
plain(const struct options *o)
{
	struct options p = *o;

	p.mode = MODE_SYNC;
	p.quiet_mark = p.force_new = p.yes = p.dirs = 0;
	p.groups = p.peers = NULL;
	p.nfiles = 0;
	p.errand = NULL;
	return p;
}

int
cmd_sync(const struct options *o)
{
	struct options others = plain(o);
	int64_t start = clock_ms();
	struct run r = { .again = 0 };
	int failed = run(o, &r);

	while (r.marked) {
		r.again = 1;
		r.marked = 0;
		failed |= run(&others, &r);
	}
	log_info("Finished with %d errors.", failed);
	progress_summary(o, &r.sum, failed, clock_ms() - start);
	return failed;
}

int
cmd_update(const struct options *o)
{
	return cmd_sync(o);
}
