/* SPDX-License-Identifier: ISC */
/*
 * -T, -TT, -TI: our state against the states of the peers, one after the other,
 * so that the lines of each stand together, sorted by file.
 */
#include <stdio.h>
#include <strings.h>

#include "args.h"
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "diffs.h"
#include "peer.h"
#include "print.h"
#include "repair.h"
#include "select.h"
#include "setup.h"
#include "sync/comparing.h"
#include "sync/pair.h"

struct compare {
	struct setup s;
	struct options o;               /* less the names of a pair */
	const char *self, *peer;        /* only this pair; or NULL */
	struct pair *pairs;
	size_t npairs;
	const struct pair *pair;        /* which is compared now */
	struct walk_arg *only;
	size_t nonly;
	struct diffs *diffs;            /* -TT */
	struct repair *repair;          /* -TI */
	size_t found;
};

static void
differs(void *ctx, const struct difference *d)
{
	struct compare *c = ctx;

	c->found++;
	if (c->diffs) {
		diffs_show(c->diffs, c->pair, d);
	} else {
		printf("%c\t%s\t%s\t", d->ours && d->theirs ? 'X' :
		    d->ours ? 'L' : 'R', c->pair->self, c->pair->peer);
		print_name(d->name);
		putchar('\n');
	}
	if (c->repair)
		repair_add(c->repair, c->pair, d);
}

static int
wants(void *ctx, const char *name)
{
	const struct compare *c = ctx;

	return !c->only || args_have(c->only, c->nonly, name);
}

/* 0, 1 when something failed, -1. */
static int
compare_pair(struct compare *c, struct err *e)
{
	struct comparing_options how = { .contents = c->diffs != NULL,
		.wants = wants, .differs = differs, .ctx = c };
	struct peer_task task = { .s = &c->s, .pair = c->pair, .pending = 1,
		.compare = &how };
	int rc;

	rc = peer_run(&task);
	fflush(stdout);
	if (rc || !c->repair)
		return rc;
	return repair_record(c->repair, c->pair, e);
}

static int
is_meant(const struct compare *c, const struct pair *p)
{
	return !c->self || (!strcasecmp(c->self, p->self) &&
	    !strcasecmp(c->peer, p->peer));
}

static int
compare_pairs(struct compare *c, struct err *e)
{
	int failed = 0, one, met = 0;
	size_t i;

	for (i = 0; i < c->npairs; i++) {
		c->pair = &c->pairs[i];
		if (!is_meant(c, c->pair))
			continue;
		met = 1;
		one = compare_pair(c, e);
		if (one < 0)
			return -1;
		failed |= one;
	}
	if (c->self && !met)
		return err_set(e, "%s: no groups have us as '%s' and a peer "
		    "'%s'", c->s.config_path, c->self, c->peer);
	return failed;
}

/* "-T me peer [file]": the pair goes from the files. */
static void
take_names(struct compare *c, const struct options *o)
{
	c->o = *o;
	if (o->nfiles < 2)
		return;
	c->self = o->files[0];
	c->peer = o->files[1];
	c->o.files += 2;
	c->o.nfiles -= 2;
}

static int
begin(struct compare *c, struct err *e)
{
	const struct options *o = &c->o;

	if (setup_config(&c->s, o, o->config, e) || setup_listed(&c->s, e) ||
	    (o->quiet_mark ? setup_state(&c->s, e) : setup_look(&c->s, e)))
		return -1;
	if (o->nfiles && !(c->only = args_new(&c->s, &c->nonly, e)))
		return -1;
	c->npairs = select_pairs(o, c->s.conf, &c->pairs);
	if (o->mode == MODE_DIFF)
		c->diffs = diffs_new(c->s.tree);
	if (o->quiet_mark)
		c->repair = repair_new(&c->s);
	return 0;
}

int
cmd_compare(const struct options *o)
{
	struct compare c = { .found = 0 };
	struct err e;
	int rc;

	take_names(&c, o);
	rc = begin(&c, &e) ? -1 : compare_pairs(&c, &e);
	if (rc < 0)
		log_error("%s", e.text);
	repair_free(c.repair);
	diffs_free(c.diffs);
	pair_list_free(c.pairs, c.npairs);
	args_free(c.only, c.nonly);
	setup_free(&c.s);
	return rc ? 1 : c.found ? 0 : 2;
}
