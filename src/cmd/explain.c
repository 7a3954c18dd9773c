/* SPDX-License-Identifier: ISC */
/*
 * explain FILE: what the config says about it, line by line, and what is known
 * of it here and, with -v, at the peers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "fs/detect.h"
#include "fs/walk.h"
#include "peer.h"
#include "print.h"
#include "report.h"
#include "select.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/action.h"
#include "sync/comparing.h"
#include "sync/pair.h"

struct explain {
	struct setup s;
	struct pair *pairs;
	size_t npairs;
	const char *name;
	struct entry entry;             /* what is known of it, or zeroes */
	int known;
	int differs;                    /* what the peer answered */
};

static void
print_pattern(const struct pattern *p)
{
	static const char *const kinds[] = { "include", "exclude", "compare" };

	printf("%s ", kinds[p->kind]);
	print_name(p->text);
	printf(" (%s:%u, for %s)", p->at.file, p->at.line, p->base ?
	    "base names" : "paths");
}

/* The line of the config that decides. */
static void
print_why(const struct match_why *w, const char *name)
{
	printf("  ");
	if (w->reserved) {
		printf("names that begin with .ucsync- are reserved\n");
		return;
	}
	if (!w->path) {
		printf("no include of this group reaches it\n");
		return;
	}
	if (w->path->kind == PATTERN_EXCLUDE || !w->base) {
		print_pattern(w->path);
		printf(" decides\n");
		return;
	}
	print_pattern(w->path);
	printf(" lets it in,\n  ");
	print_pattern(w->base);
	if (w->in)
		printf(" too\n");
	else if (w->out == strlen(name))
		printf(" keeps it out\n");
	else
		printf(" keeps out the directory %.*s\n", (int)w->out, name);
}

static void
print_hosts(const struct group *g)
{
	const struct member *m;

	printf("  goes to");
	for (m = g->members; m < g->members + g->nmembers; m++)
		printf(" %s%s", m->name, m == g->self ? " (this host)" : "");
	printf("\n  may be changed by");
	for (m = g->members; m < g->members + g->nmembers; m++)
		if (!m->receive_only)
			printf(" %s", m->name);
	printf("\n  conflicts: auto %s\n", auto_method_name(g->method));
}

static void
print_actions(const struct group *g, const char *name)
{
	const struct action *a;
	size_t i;

	for (a = g->actions; a < g->actions + g->nactions; a++) {
		if (!action_fires(a, name))
			continue;
		printf("  action (%s:%u) %s:", a->at.file, a->at.line,
		    a->local_only ? "where it was changed" : a->local ?
		    "there, and where it was changed" : "where it comes");
		for (i = 0; i < a->nexec; i++) {
			printf("%s ", i ? ";" : "");
			print_name(a->exec[i]);
		}
		putchar('\n');
	}
}

/* Whether the group has it. */
static int
explain_group(const struct group *g, const char *name)
{
	struct match_why why, compared;

	match_explain(g, name, 0, &why);
	match_explain(g, name, 1, &compared);
	printf("group %s (%s:%u): %s\n", g->name, g->at.file, g->at.line,
	    why.in ? "synced" : compared.in ? "only compared" : "not synced");
	print_why(compared.in ? &compared : &why, name);
	if (why.in) {
		print_hosts(g);
		print_actions(g, name);
	}
	return why.in;
}

static void
print_version_of(const struct version *v)
{
	char side[REPORT_SIDE];

	report_side(side, v->kind, v->mtime.sec, v->size);
	printf("%s", v->kind == KIND_NONE ? "not there" : side);
}

/* What stands on the disk, and whether the state knows it so. */
static void
explain_disk(struct explain *x)
{
	const struct conf *c = x->s.conf;
	struct version_ignore ignore = { c->ignore_uid, c->ignore_gid,
		c->ignore_mod };
	struct version v = { KIND_NONE };
	struct look look;
	struct err e;
	enum detected d = detect_name(x->s.tree, x->name, x->known ?
	    &x->entry : NULL, ignore, &v, &look, NULL, &e);
	int gone = !x->known || x->entry.v.kind == KIND_NONE;

	printf("here: ");
	switch (d) {
	case DETECT_SAME:
	case DETECT_LOOK:
		print_version_of(&x->entry.v);
		printf(", as at the last check\n");
		break;
	case DETECT_CHANGED:
		print_version_of(&v);
		printf(", %s\n", gone ? "new: no check has seen it so far" :
		    "changed since the last check");
		version_free(&v);
		break;
	case DETECT_GONE:
		printf("not there%s\n", gone ? "" : ": removed since the last "
		    "check, or a link is on the way");
		break;
	case DETECT_OTHER:
		printf("a socket, or another thing that is not synced\n");
		break;
	case DETECT_BUSY:
		printf("it keeps changing\n");
		break;
	case DETECT_ERROR:
		printf("%s\n", e.text);
		break;
	}
}

static void
explain_state(const struct explain *x)
{
	const struct history *h = &x->entry.h;

	if (!x->known) {
		printf("known: nothing\n");
		return;
	}
	printf("known: ");
	print_version_of(&x->entry.v);
	if (*h->author)
		printf(", as %s had it", h->author);
	printf("%s%s%s\n", h->bits & HISTORY_FORCED ? "; wins the next "
	    "conflict (-f)" : "", h->bits & HISTORY_QUIET ?
	    "; not pending (-I)" : "", h->bits & HISTORY_DEVIATES ?
	    "; the disk differs, and will be put back" : "");
}

/* Its state with one peer, as known here. */
static void
explain_pending(const struct explain *x, const struct pair *p)
{
	static const char *const pending[] = { "has it, as far as known",
		"gets it from its author, or with the next session",
		"will put it back here", "will get it" };
	char side[REPORT_SIDE];
	struct conflict theirs;
	struct cursor cursor;

	printf("%s: ", p->peer);
	if (fact_conflict(x->s.state, p->peer, x->name, &theirs)) {
		report_side(side, theirs.kind, theirs.mtime.sec, theirs.size);
		printf("in conflict: there %s; '", side);
		print_call(&x->s, "-f");
		putchar(' ');
		print_name(x->name);
		printf("' on the host that is right settles it\n");
		return;
	}
	fact_cursor(x->s.state, p->peer, p->scope, &cursor);
	printf("%s\n", !x->known ? "nothing to send" :
	    pending[pair_pending(p, x->s.state, &x->entry, cursor.out,
	    cursor.replica)]);
}

static int
wants(void *ctx, const char *name)
{
	const struct explain *x = ctx;

	return !strcmp(name, x->name);
}

static void
differs(void *ctx, const struct difference *d)
{
	struct explain *x = ctx;

	x->differs = 1;
	printf("  it answers: ");
	if (!d->theirs)
		printf("not there");
	else
		print_version_of(d->theirs);
	if (d->theirs && x->known)
		printf(history_seen(&x->entry.h, d->history) ? ", older" :
		    history_seen(d->history, &x->entry.h) ? ", newer" :
		    ", in conflict with ours");
	putchar('\n');
}

static int
ask(struct explain *x, const struct pair *p)
{
	struct comparing_options how = { .wants = wants, .differs = differs,
		.ctx = x };
	struct peer_task task = { .s = &x->s, .pair = p, .pending = 1,
		.compare = &how };
	int rc;

	x->differs = 0;
	fflush(stdout);
	rc = peer_run(&task);
	if (!rc && !x->differs)
		printf("  it answers: the same\n");
	fflush(stdout);
	return rc;
}

/* 0: synced, 1: an error (which was logged), 2: not synced. */
static int
explain(struct explain *x)
{
	const struct conf *c = x->s.conf;
	char *path = conf_path(c, x->name);
	const struct group *g;
	struct err e;
	size_t i;
	int in = 0, rc = 0;

	print_name(x->name);
	if (path && strcmp(path, x->name)) {
		printf(" = ");
		print_name(path);
	}
	putchar('\n');
	free(path);
	for (g = c->groups; g < c->groups + c->ngroups; g++)
		if (select_group(x->s.o, g))
			in |= explain_group(g, x->name);
	if (!in)
		return 2;
	x->known = state_get(x->s.state, x->name, &x->entry, &e);
	if (x->known < 0) {
		log_error("%s", e.text);
		return 1;
	}
	explain_disk(x);
	explain_state(x);
	for (i = 0; i < x->npairs; i++) {
		if (!select_pair(x->s.o, &x->pairs[i], x->name))
			continue;
		explain_pending(x, &x->pairs[i]);
		if (x->s.o->verbose)
			rc |= ask(x, &x->pairs[i]);
	}
	if (x->known)
		entry_free(&x->entry);
	return rc;
}

int
cmd_explain(const struct options *o)
{
	struct explain x = { .name = NULL };
	struct walk_arg *args = NULL;
	struct err e;
	size_t n = 0, i;
	int rc, out = 0;

	rc = setup_config(&x.s, o, o->config, &e) ||
	    setup_listed(&x.s, &e) || setup_look(&x.s, &e) ||
	    !(args = args_new(&x.s, &n, &e));
	if (rc)
		log_error("%s", e.text);
	else
		x.npairs = select_pairs(o, x.s.conf, &x.pairs);
	for (i = 0; i < n; i++) {
		x.name = args[i].name;
		switch (explain(&x)) {
		case 1:
			rc = 1;
			break;
		case 2:
			out = 2;
			break;
		}
	}
	pair_list_free(x.pairs, x.npairs);
	args_free(args, n);
	setup_free(&x.s);
	return rc ? 1 : out;
}
