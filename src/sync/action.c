/* SPDX-License-Identifier: ISC */
/*
 * Pending actions. A fact under the action's name stands for a file that fired
 * it. Before the commands run these facts move to the name with a "+" behind,
 * and are dropped afterwards: what fires meanwhile is pending again, and what a
 * crash leaves behind the "+" is run the next time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "command.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "fs/commit.h"
#include "fs/detect.h"
#include "state/fact.h"
#include "state/state.h"

enum { DIGEST_SHOWN = 8 };

/* "GROUP/DIGEST": stays the same while the action's text does. Allocated. */
static char *
action_name(const struct group *g, const struct action *a, const char *end)
{
	unsigned char d[HASH_BYTES];
	struct buf text = BUF_INIT;
	size_t i, size = strlen(g->name) + 2 * DIGEST_SHOWN + 3;
	char *name = mem_alloc(size);

	for (i = 0; i < a->npatterns; i++)
		buf_str(&text, a->patterns[i].text);
	for (i = 0; i < a->nexec; i++)
		buf_str(&text, a->exec[i]);
	hash_bytes(text.p, text.len, d);
	buf_free(&text);
	snprintf(name, size, "%s/", g->name);
	for (i = 0; i < DIGEST_SHOWN; i++)
		snprintf(name + strlen(name), 3, "%02x", d[i]);
	strncat(name, end, 1);
	return name;
}

int
action_fires(const struct action *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->npatterns; i++)
		if (match_pattern(&a->patterns[i], name))
			return 1;
	return !a->npatterns;
}

static int
fire_one(const struct action_source *s, const struct group *g,
    const char *file, struct err *e)
{
	const struct action *a;
	char *name;
	size_t i;
	int rc = 0;

	for (i = 0; i < g->nactions && !rc; i++) {
		a = &g->actions[i];
		if (s->peer ? a->local_only : !a->local && !a->local_only)
			continue;
		if (!action_fires(a, file))
			continue;
		name = action_name(g, a, "");
		rc = fact_set_action(s->state, name, file,
		    s->peer ? s->peer : "", e);
		free(name);
	}
	return rc;
}

int
action_fire(void *ctx, const struct change *changes, size_t n,
    struct err *e)
{
	const struct action_source *s = ctx;
	const struct change *c;
	size_t i, j;

	for (i = 0; i < n; i++) {
		c = &changes[i];
		if (!c->number || (s->peer && c->record) ||
		    c->result != CHANGE_DONE)
			continue;
		for (j = 0; j < s->conf->ngroups; j++) {
			const struct group *g = &s->conf->groups[j];

			if (g->self && g->nactions &&
			    match_group(g, c->want.name, 0) &&
			    fire_one(s, g, c->want.name, e))
				return -1;
		}
	}
	return 0;
}

struct files {
	char **paths;
	size_t n, cap;
	char *peer;             /* the last one's */
};

static void
files_free(struct files *f)
{
	while (f->n)
		free(f->paths[--f->n]);
	free(f->paths);
	free(f->peer);
	memset(f, 0, sizeof(*f));
}

/* Adds the files that are pending under that name, moving them to "to". */
static int
gather(const struct action_options *o, const char *name, const char *to,
    struct files *f, struct err *e)
{
	char *file = NULL, *next, *peer, *path;
	int rc = 0;

	while (!rc && fact_action_after(o->state, name, file, &next, &peer)) {
		free(file);
		file = next;
		path = conf_path(o->conf, file);
		if (path) {
			f->paths = mem_grow(f->paths, f->n, &f->cap,
			    sizeof(*f->paths));
			f->paths[f->n++] = path;
		}
		if (to)
			rc = fact_set_action(o->state, to, file, peer, e);
		free(f->peer);
		f->peer = peer;
	}
	free(file);
	return rc;
}

static int
is_pending(struct state *s, const char *name)
{
	char *file, *peer;

	if (!fact_action_after(s, name, NULL, &file, &peer))
		return 0;
	free(file);
	free(peer);
	return 1;
}

/* Claims the files of one action: all is behind the "+" afterwards. */
static int
claim(const struct action_options *o, const char *name, const char *claimed,
    struct files *f, struct err *e)
{
	if (state_lock(o->state, o->lock_ms, e))
		return -1;
	if (gather(o, claimed, NULL, f, e) ||
	    gather(o, name, claimed, f, e) ||
	    fact_drop_actions(o->state, name, e)) {
		state_abort(o->state);
		return -1;
	}
	return state_unlock(o->state, e);
}

static int
settle(const struct action_options *o, const char *claimed, struct err *e)
{
	if (state_lock(o->state, o->lock_ms, e))
		return -1;
	if (fact_drop_actions(o->state, claimed, e)) {
		state_abort(o->state);
		return -1;
	}
	return state_unlock(o->state, e);
}

static void
run_commands(const struct action_options *o, const struct group *g,
    const struct action *a, const struct files *f)
{
	struct action_outcome outcome = { .group = g->name };
	struct command c = { .logfile = a->logfile, .group = g->name,
		.peer = f->peer ? f->peer : "", .paths = f->paths,
		.npaths = f->n, .timeout = a->timeout, .pulse = o->pulse };
	size_t i;

	for (i = 0; i < a->nexec; i++) {
		c.text = outcome.command = a->exec[i];
		outcome.status = command_run(&c, &outcome.ms);
		o->tell(o->ctx, &outcome);
	}
}

static int
run_action(const struct action_options *o, const struct group *g,
    const struct action *a, struct err *e)
{
	char *name = action_name(g, a, ""), *claimed = action_name(g, a, "+");
	struct files f = { NULL, 0, 0, NULL };
	int rc = 0;

	if (is_pending(o->state, name) || is_pending(o->state, claimed)) {
		rc = claim(o, name, claimed, &f, e);
		if (!rc) {
			run_commands(o, g, a, &f);
			rc = settle(o, claimed, e);
		}
		files_free(&f);
	}
	free(name);
	free(claimed);
	return rc;
}

static int
any_pending(const struct action_options *o)
{
	struct view key, value;

	return state_fact_after(o->state, FACT_ACTION, NULL, 0, &key, &value);
}

/* Waits for other processes that run actions of this state; a descriptor. */
static int
lock_actions(const struct action_options *o)
{
	size_t size = strlen(state_path(o->state)) + sizeof(".actions");
	char *path = mem_alloc(size);
	int fd;

	snprintf(path, size, "%s.actions", state_path(o->state));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		clock_sleep_ms(20);
		if (o->pulse && o->pulse->beat)
			o->pulse->beat(o->pulse->ctx);
	}
	return fd;
}

int
action_run(const struct action_options *o, struct err *e)
{
	size_t i, j;
	int fd, rc = 0;

	if (!any_pending(o))
		return 0;
	fd = lock_actions(o);
	rc = state_refresh(o->state, e);
	for (i = 0; i < o->conf->ngroups; i++) {
		const struct group *g = &o->conf->groups[i];

		for (j = 0; g->self && j < g->nactions && !rc; j++)
			rc = run_action(o, g, &g->actions[j], e);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}
