/* SPDX-License-Identifier: ISC */
/*
 * The burst. Before the lock: temporaries made complete and durable. Under it:
 * intents of the dead settled, each change judged against the state again,
 * intents written, disk work, directories synced, entries written. Temporaries
 * of what was not done go last, when no intent speaks of them any more; a crash
 * at any step leaves what recover.c can tell apart.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "commit.h"
#include "detect.h"
#include "job.h"
#include "listing.h"
#include "prepare.h"
#include "recover.h"
#include "stage.h"
#include "state/fact.h"
#include "state/state.h"
#include "temp.h"
#include "tree.h"

static void
beat(const struct commit_options *o)
{
	if (o->pulse && o->pulse->beat)
		o->pulse->beat(o->pulse->ctx);
}

static int
under_way(const struct job *j)
{
	return j->c->result == CHANGE_DONE;
}

static void
begin(struct burst *b, struct change *changes, size_t n,
    const struct commit_options *o)
{
	size_t i, files = 0;

	b->conf = o->conf;
	b->latest = clock_real();
	if (stime_cmp(o->peer_clock, b->latest) > 0)
		b->latest = o->peer_clock;
	b->jobs = n ? mem_alloc(n * sizeof(*b->jobs)) : NULL;
	b->n = n;
	for (i = 0; i < n; i++) {
		b->jobs[i].c = &changes[i];
		changes[i].result = CHANGE_DONE;
		changes[i].lives = 0;
		free(changes[i].err);
		changes[i].err = NULL;
		files += changes[i].temporary != NULL;
	}
	b->few = files <= FLUSH_FEW;
	b->dirs.many = !b->few;
}

/* Of what was not carried out, when the intents are gone. */
static void
remove_temporaries(struct burst *b)
{
	struct job *j;

	for (j = b->jobs; j < b->jobs + b->n; j++) {
		if (j->kind == JOB_PLACE && j->temp && !under_way(j) &&
		    !j->stuck)
			stage_remove(b->t, j->temp);
		if (j->c->temporary)            /* one that nobody wanted */
			stage_remove(b->t, j->c->temporary);
	}
}

static void
end(struct burst *b)
{
	struct job *j;

	for (j = b->jobs; j < b->jobs + b->n; j++) {
		free(j->temp);
		free(j->c->temporary);
		j->c->temporary = NULL;
	}
	if (b->aside)
		close(b->aside_fd);
	free(b->aside);
	flush_fini(&b->temps);
	flush_fini(&b->dirs);
	free(b->jobs);
}

/* A change of ours, by us or by whose it was that a resolution took. */
static void
give_stamp(const struct burst *b, struct change *c, const char *host)
{
	struct stamp stamp = { state_replica(b->s), c->want.number };
	char author[AUTHOR_MAX + 1];
	struct history h;

	change_history(c, &h);
	memcpy(author, h.author, sizeof(author));
	history_change(&h, stamp,
	    c->want.bits & HISTORY_RESOLUTION ? author : host);
	h.bits = c->want.bits;
	change_set_history(c, &h);
}

/* The entry must be the one that was judged; it gets its number and stamp. */
static int
judge(struct burst *b, struct job *j, const char *host, struct err *e)
{
	struct change *c = j->c;
	struct entry cur;
	int r = state_get(b->s, c->want.name, &cur, e);
	uint64_t seen = r == 1 ? entry_digest(&cur) : 0;
	uint64_t number = r == 1 ? cur.number : 0;

	if (r < 0)
		return -1;
	if (r == 1)
		entry_free(&cur);
	if (seen != c->entry_seen) {
		job_stale(j);
		return 0;
	}
	if (c->number || c->stamp)
		c->want.number = state_next(b->s);
	else if (r == 1)
		c->want.number = number;
	if (c->stamp)
		give_stamp(b, c, host);
	return 0;
}

/* As an intent has it: one component, or from another directory a name. */
static const char *
short_name(const struct job *j)
{
	if (!j->temp)
		return "";
	return job_same_parent(j->temp, j->c->want.name) ?
	    path_base(j->temp) : j->temp;
}

static int
write_intent(struct burst *b, struct job *j, struct err *e)
{
	struct entry intent;

	if (j->kind == JOB_RECORD)
		return 0;
	intent = change_entry(j->c);
	intent.look = j->look;
	intent.look.trusted = 0;
	j->intent = 1;
	return fact_set_intent(b->s, &intent, short_name(j), e);
}

static int
write_intents(struct burst *b, const char *host, struct err *e)
{
	struct job *j;
	int any = 0;

	for (j = b->jobs; j < b->jobs + b->n; j++) {
		if (under_way(j) && judge(b, j, host, e) < 0)
			return -1;
		if (under_way(j) && write_intent(b, j, e) < 0)
			return -1;
		any |= j->intent;
	}
	return any ? state_sync(b->s, e) : 0;
}

/*
 * A directory that something else replaces has to be empty first: the removals
 * below it are done before all others.
 */
static void
mark_early(struct burst *b)
{
	const struct job *way = NULL;
	struct job *j;

	for (j = b->jobs; j < b->jobs + b->n; j++) {
		if (way && path_within(j->c->want.name, way->c->want.name))
			j->early = j->kind == JOB_REMOVE;
		else if (j->kind == JOB_PLACE && j->c->expect.kind == KIND_DIR)
			way = j;
	}
}

static void
carry_out_one(struct burst *b, struct job *j, const struct commit_options *o)
{
	if (!under_way(j))
		return;
	apply_job(b, j);
	beat(o);
}

static void
carry_out(struct burst *b, const struct commit_options *o)
{
	size_t i;

	mark_early(b);
	tree_reset(b->t);
	for (i = b->n; i-- > 0; )
		if (b->jobs[i].early)
			carry_out_one(b, &b->jobs[i], o);
	for (i = 0; i < b->n; i++)
		if (b->jobs[i].kind != JOB_REMOVE)
			carry_out_one(b, &b->jobs[i], o);
	for (i = b->n; i-- > 0; )
		if (b->jobs[i].kind == JOB_REMOVE && !b->jobs[i].early)
			carry_out_one(b, &b->jobs[i], o);
}

static int
record(struct burst *b, const struct commit_options *o, struct err *e)
{
	struct entry entry;
	struct job *j;

	for (j = b->jobs; j < b->jobs + b->n; j++) {
		if (under_way(j)) {
			if (j->kind != JOB_RECORD)
				look_settle(&j->look);
			j->c->want.look = j->look;
			entry = change_entry(j->c);
			if (state_put(b->s, &entry, e) < 0)
				return -1;
		}
		if (j->intent && !j->stuck &&
		    fact_drop_intent(b->s, j->c->want.name, e) < 0)
			return -1;
	}
	return o->done ? o->done(o->ctx, b->jobs[0].c, b->n, e) : 0;
}

/* Under the lock. -1: intents tell the next run how far this one came. */
static int
burst(struct burst *b, const struct commit_options *o, struct err *e)
{
	if (recover_needed(b->s) &&
	    recover_intents(b->t, b->s, o, e) < 0)
		return -1;
	if (write_intents(b, o->host, e) < 0)
		return -1;
	carry_out(b, o);
	if (flush_sync(&b->dirs) < 0)
		return err_sys(e, "directories cannot be synced");
	return record(b, o, e);
}

static int
locked(struct burst *b, const struct commit_options *o, struct err *e)
{
	if (state_lock(b->s, o->lock_ms, e) < 0)
		return -1;
	if (burst(b, o, e) < 0) {
		state_abort(b->s);
		return -1;
	}
	return state_unlock(b->s, e);
}

static int
any_under_way(const struct burst *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (under_way(&b->jobs[i]))
			return 1;
	return 0;
}

/* After -1. With intents in the state the next run settles the temporaries. */
static void
give_up(struct burst *b, const struct err *e)
{
	struct job *j;
	int any = 0;

	for (j = b->jobs; j < b->jobs + b->n; j++) {
		any |= j->intent;
		if (!under_way(j))
			continue;
		j->c->result = CHANGE_FAILED;
		err_set(change_err(j->c), "%s: %s", j->c->want.name, e->text);
	}
	if (!any)
		remove_temporaries(b);
}

int
commit_changes(struct tree *t, struct state *s, struct change *changes,
    size_t n, const struct commit_options *o, struct err *e)
{
	struct burst b;
	size_t i;
	int r = 0;

	memset(&b, 0, sizeof(b));
	b.t = t;
	b.s = s;
	begin(&b, changes, n, o);
	for (i = 0; i < n; i++) {
		prepare_job(&b, &b.jobs[i]);
		beat(o);
	}
	prepare_sync(&b);
	if (any_under_way(&b))
		r = locked(&b, o, e);
	if (r < 0)
		give_up(&b, e);
	else
		remove_temporaries(&b);
	end(&b);
	return r;
}

int
commit_recover(struct tree *t, struct state *s, const struct commit_options *o,
    struct err *e)
{
	if (!recover_needed(s))
		return 0;
	if (state_lock(s, o->lock_ms, e) < 0)
		return -1;
	if (recover_intents(t, s, o, e) < 0) {
		state_abort(s);
		return -1;
	}
	return state_unlock(s, e);
}

void
commit_sweep(struct state *s, int dirfd, const char *base)
{
	struct err e;

	if (!temp_abandoned(base))
		return;
	/* Its intent was recorded before anything unseen could get into it. */
	if (state_refresh(s, &e) < 0 || recover_owns(s, base))
		return;
	if (unlinkat(dirfd, base, 0) < 0)
		unlinkat(dirfd, base, AT_REMOVEDIR);
}

void
commit_sweep_dir(struct state *s, int dirfd)
{
	struct listing l;
	size_t i;
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !listing_read(&l, fd)) {
		for (i = 0; i < l.n; i++)
			if (path_reserved(l.names[i]))
				commit_sweep(s, fd, l.names[i]);
		listing_free(&l);
	}
	if (fd >= 0)
		close(fd);
}
