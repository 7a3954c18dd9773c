/* SPDX-License-Identifier: ISC */
/*
 * One walk over the state for all peers; with ask, a comparison with each.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "health.h"
#include "memo.h"
#include "peer.h"
#include "report.h"
#include "select.h"
#include "state/entry.h"
#include "state/state.h"
#include "sync/comparing.h"
#include "sync/pair.h"

static void
count(struct flow *f, const struct version *v)
{
	if (!v || v->kind == KIND_NONE) {
		f->removals++;
		return;
	}
	f->files++;
	if (v->kind == KIND_REG)
		f->bytes += v->size;
}

static struct clash *
add_clash(struct health *h, size_t peer, const char *name,
    const struct version *ours)
{
	struct clash *c;

	h->clashes = mem_grow(h->clashes, h->nclashes, &h->clashes_cap,
	    sizeof(*h->clashes));
	c = &h->clashes[h->nclashes++];
	memset(c, 0, sizeof(*c));
	c->peer = peer;
	c->name = mem_strdup(name);
	if (ours)
		c->here = (struct conflict){ ours->kind, ours->size,
		    ours->mtime };
	h->peers[peer].nclashes++;
	return c;
}

static void
look_at(struct health *h, size_t i, const struct entry *entry)
{
	struct peer_health *p = &h->peers[i];
	struct conflict theirs;

	if (fact_conflict(h->s.state, p->pair->peer, entry->name, &theirs)) {
		add_clash(h, i, entry->name, &entry->v)->there = theirs;
		return;
	}
	switch (pair_pending(p->pair, h->s.state, entry, p->cursor.out,
	    p->cursor.replica)) {
	case PENDING_YES:
		count(&p->out, &entry->v);
		break;
	case PENDING_DEVIATES:
		p->put_back++;
		break;
	case PENDING_RELAY:
	case PENDING_NO:
		break;
	}
}

static int
look_at_all(struct health *h, struct err *e)
{
	struct state_walk *w = state_walk_new(h->s.state, NULL, e);
	struct entry entry;
	size_t i;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		for (i = 0; i < h->npeers; i++)
			if (select_pair(h->s.o, h->peers[i].pair, entry.name))
				look_at(h, i, &entry);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

struct asking {
	struct health *h;
	size_t peer;
};

/* Who has seen the other's version brings it up to date. */
static void
differs(void *ctx, const struct difference *d)
{
	struct asking *a = ctx;
	struct peer_health *p = &a->h->peers[a->peer];
	struct entry ours;
	struct clash *c;
	struct err ignored;
	int known = state_get(a->h->s.state, d->name, &ours, &ignored) > 0;

	if (!d->theirs || (known && history_seen(&ours.h, d->history))) {
		count(&p->out, d->ours);
	} else if (!known || history_seen(d->history, &ours.h)) {
		count(&p->in, d->theirs);
	} else {
		c = add_clash(a->h, a->peer, d->name, d->ours);
		c->there = (struct conflict){ d->theirs->kind,
		    d->theirs->size, d->theirs->mtime };
	}
	if (known)
		entry_free(&ours);
}

/* What the state takes for pending is forgotten: the peer knows better. */
static void
ask(struct health *h, size_t i)
{
	struct asking a = { h, i };
	struct comparing_options how = { .differs = differs, .ctx = &a };
	struct peer_health *p = &h->peers[i];
	struct peer_task task = { .s = &h->s, .pair = p->pair, .pending = 1,
		.compare = &how };
	struct flow known = p->out;
	size_t clashes = h->nclashes, k, kept = 0;

	memset(&p->out, 0, sizeof(p->out));
	if (peer_run(&task)) {
		p->out = known;
		return;
	}
	p->answered = 1;
	for (k = 0; k < h->nclashes; k++) {
		if (k < clashes && h->clashes[k].peer == i) {
			free(h->clashes[k].name);
			p->nclashes--;
		} else {
			h->clashes[kept++] = h->clashes[k];
		}
	}
	h->nclashes = kept;
}

static void
add_trouble(struct health *h, const char *what, const struct err *lines,
    int64_t since)
{
	h->troubles = mem_grow(h->troubles, h->ntroubles, &h->troubles_cap,
	    sizeof(*h->troubles));
	h->troubles[h->ntroubles++] = (struct trouble){ what, since,
		mem_strdup(lines->text) };
}

static void
failed_actions(struct health *h)
{
	const struct conf *c = h->s.conf;
	const struct action *a;
	struct err text;
	int64_t since;
	size_t i, k, n;

	for (i = 0; i < c->ngroups; i++)
		for (k = 0; k < c->groups[i].nactions; k++) {
			a = &c->groups[i].actions[k];
			for (n = 0; n < a->nexec; n++)
				if (report_failure(&h->s, c->groups[i].name,
				    a->exec[n], &text, &since))
					add_trouble(h, "action", &text, since);
		}
}

static void
read_memos(struct health *h)
{
	static const char *const topics[] = { "run", "check" };
	struct err text;
	int64_t since;
	size_t i;

	for (i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (memo_read(&h->s, topics[i], "", &text, &since))
			add_trouble(h, topics[i], &text, since);
	failed_actions(h);
	for (i = 0; i < h->npeers; i++)
		contact_read(&h->s, h->peers[i].pair, &h->peers[i].contact);
}

static void
count_actions(struct health *h)
{
	struct view key = { NULL, 0, 0 }, value;

	while (state_fact_after(h->s.state, FACT_ACTION, key.p, key.len, &key,
	    &value))
		h->actions++;
}

int
health_init(struct health *h, const struct options *o, const char *config,
    int asked, struct err *e)
{
	size_t i;

	memset(h, 0, sizeof(*h));
	h->asked = asked;
	if (setup_config(&h->s, o, config, e) || setup_listed(&h->s, e) ||
	    setup_look(&h->s, e))
		return -1;
	h->npeers = select_pairs(o, h->s.conf, &h->pairs);
	h->peers = mem_alloc((h->npeers + 1) * sizeof(*h->peers));
	for (i = 0; i < h->npeers; i++) {
		h->peers[i].pair = &h->pairs[i];
		fact_cursor(h->s.state, h->pairs[i].peer, h->pairs[i].scope,
		    &h->peers[i].cursor);
	}
	read_memos(h);
	count_actions(h);
	if (look_at_all(h, e))
		return -1;
	for (i = 0; asked && i < h->npeers; i++)
		ask(h, i);
	return 0;
}

void
health_fini(struct health *h)
{
	size_t i;

	for (i = 0; i < h->npeers; i++)
		free(h->peers[i].contact.trouble);
	while (h->nclashes)
		free(h->clashes[--h->nclashes].name);
	while (h->ntroubles)
		free(h->troubles[--h->ntroubles].lines);
	free(h->clashes);
	free(h->troubles);
	free(h->peers);
	pair_list_free(h->pairs, h->npeers);
	setup_free(&h->s);
}

int
health_well(const struct health *h)
{
	size_t i;

	for (i = 0; i < h->npeers; i++)
		if (h->peers[i].contact.trouble ||
		    (h->asked && !h->peers[i].answered))
			return 0;
	return !h->nclashes && !h->ntroubles;
}
