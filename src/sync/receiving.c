/* SPDX-License-Identifier: ISC */
/*
 * Offers in, answers out. Offers that need no change are answered at once; the
 * others become items, and are answered when their batch has been committed, or
 * their content cannot be had.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/match.h"
#include "exchange.h"
#include "fs/tree.h"
#include "incoming.h"
#include "items.h"
#include "judge.h"
#include "living.h"
#include "owing.h"
#include "parents.h"
#include "receiving.h"
#include "settled.h"
#include "state/fact.h"
#include "state/state.h"

struct receiving {
	struct exchange *x;
	struct parents *parents;
	uint64_t next;                  /* index of the next offer */
	int eager;                      /* content follows the last offer */
	struct items *items;
	struct owing *owing;
	int ended, finished;
	uint64_t snapshot;
};

struct receiving *
receiving_new(struct exchange *x)
{
	struct receiving *r = mem_alloc(sizeof(*r));

	r->x = x;
	r->parents = parents_new(x);
	r->items = items_new(x);
	r->owing = owing_new(x);
	return r;
}

void
receiving_free(struct receiving *r)
{
	if (!r)
		return;
	items_free(r->items);
	owing_free(r->owing);
	parents_free(r->parents);
	free(r);
}

int
receiving_finished(const struct receiving *r)
{
	return r->finished;
}

uint64_t
receiving_snapshot(const struct receiving *r)
{
	return r->snapshot;
}

/* A reason goes without the name that whoever reports it puts in front. */
static const char *
reason(const struct decision *d, const char *name)
{
	const char *text = d->why ? d->why->text : "";
	size_t n = strlen(name);

	if (!strncmp(text, name, n) && text[n] == ':' && text[n + 1] == ' ')
		return text + n + 2;
	return text;
}

static void
tell(struct receiving *r, const struct decision *d, const struct offer *o)
{
	const char *name = o->name;
	const struct version *v = &o->v;
	struct event event = {
		.kind = exchange_event(d->code, d->bits), .receiving = 1,
		.name = name, .v = v, .h = &o->h,
		.text = reason(d, name), .offer_won = d->code == RESULT_DONE,
		.mtime = { d->our_mtime, v->mtime },
		.size = { d->size, v->size }, .type = { d->kind, v->kind }
	};

	r->x->tell(r->x->ctx, &event);
}

/* The final word on an offer. */
static void
answer(struct receiving *r, uint64_t index, struct decision *d,
    const struct offer *o)
{
	const char *name = o->name;
	struct result result = { .index = index, .code = d->code,
		.bits = d->bits, .mtime = d->mtime, .kind = d->kind,
		.size = d->size, .their_mtime = d->our_mtime };
	struct buf b = BUF_INIT;

	if (d->code != RESULT_SAME && d->code != RESULT_DONE)
		result.bits &= ~(unsigned)RESULT_HISTORY;
	if (result.bits & RESULT_HISTORY)
		result.h = *d->h;
	strncat(result.text, reason(d, name), MESSAGE_TEXT_MAX);
	result_encode(&result, &b);
	exchange_send(r->x, MESSAGE_RESULT, &b);
	tell(r, d, o);
	owing_note(r->owing, name, d, &o->v);
	if (!d->owed && !d->unheard)
		settled_add(r->x->settled, name);
}

static void
answer_item(struct receiving *r, struct item *i, enum result_code code,
    struct err *why)
{
	const struct change *c = &i->d.change;
	struct history h;
	struct offer o;

	if (code != i->d.code) {
		i->d.owed = 0;
		i->d.bits &= ~(unsigned)RESULT_RESOLVED;
	}
	i->d.code = code;
	i->d.why = why;
	if (i->d.change_due) {
		change_history(c, &h);
		i->d.h = &h;
	}
	if (code == RESULT_DONE)
		i->d.mtime = c->want.v.mtime;
	items_offer(i, &o);
	answer(r, i->index, &i->d, &o);
	offer_free(&o);
	i->d.why = NULL;
	i->d.h = NULL;
	incoming_free(i->in);
	i->in = NULL;
	i->state = ITEM_ANSWERED;
}

static void
later(struct receiving *r, struct item *i, const char *text)
{
	struct err why;

	err_set(&why, "%s", text);
	answer_item(r, i, RESULT_LATER, &why);
}

static int
malformed(struct err *e, const char *what)
{
	return err_set(e, "the peer sent a malformed %s", what);
}

static int
take_parent(struct receiving *r, struct view body, struct err *e)
{
	struct parent one;

	if (parent_decode(&one, body))
		return malformed(e, "parent");
	parents_learn(r->parents, &one);
	return 0;
}

/* Whether name's synced directory is there, or is about to be made. */
static int
has_place(struct receiving *r, const char *name)
{
	size_t n = path_parent_len(name);
	const char *base;
	char *dir;
	int synced;

	if (tree_parent(r->x->tree, name, &base) >= 0 || errno != ENOENT)
		return 1;
	if (items_make(r->items, name, n))
		return 1;
	dir = mem_strndup(name, n);
	synced = match_any(r->x->conf, dir, 0);
	free(dir);
	return !synced;
}

static void
call_off(struct decision *d, enum result_code code)
{
	change_free(&d->change);
	d->change_due = d->content_due = d->owed = 0;
	d->bits = 0;
	d->code = code;
}

/*
 * What comes next may have other parents, so these are made at once. Content
 * that could be put nowhere, as its directory was not taken, is not asked for.
 */
static void
make_parents(struct receiving *r, struct decision *d)
{
	const struct change *c = &d->change;
	const char *name = c->want.name;

	if (!d->change_due || r->x->dry || c->record ||
	    c->want.v.kind == KIND_NONE)
		return;
	if (parents_make(r->parents, name, d->why)) {
		call_off(d, RESULT_FAILED);
	} else if (!has_place(r, name)) {
		err_set(d->why, "its directory is not there");
		call_off(d, RESULT_LATER);
	}
}

static int
take_offer(struct receiving *r, struct view body, struct err *e)
{
	uint64_t index = r->next++;
	struct decision d;
	struct words words;
	struct offer o;
	int rc = 0;

	if (r->ended || offer_decode(&o, body))
		return malformed(e, "offer");
	if (!path_valid(o.name))
		rc = err_set(e, "the peer offered an invalid name: %s", o.name);
	else if (items_count(r->items) >= ITEMS_MAX)
		rc = err_set(e, "the peer sent too many offers at once");
	else
		rc = judge_offer(r->x, &o, &d, &words, e);
	r->eager = o.eager;
	if (!rc)
		make_parents(r, &d);
	if (!rc && d.change_due && !r->x->dry) {
		items_add(r->items, index, body, o.eager, &d);
	} else if (!rc) {
		answer(r, index, &d, &o);
		if (d.change_due)
			change_free(&d.change);
	}
	offer_free(&o);
	return rc;
}

static void
complete(struct receiving *r, struct item *i)
{
	struct err e;

	i->d.change.temporary = incoming_keep(i->in, &i->d.change, &e);
	if (!i->d.change.temporary) {
		answer_item(r, i, RESULT_FAILED, &e);
		return;
	}
	incoming_free(i->in);
	i->in = NULL;
	i->state = ITEM_COMPLETE;
}

static int
take_content(struct receiving *r, struct view body, struct err *e)
{
	struct content_piece piece;
	struct item *i;
	struct err why;

	if (content_decode(&piece, body))
		return malformed(e, "content");
	i = items_find(r->items, piece.index);
	if (!i || i->state != ITEM_WAITS) {
		/* unasked content of an offer that was answered without it */
		if (r->eager && piece.index + 1 == r->next)
			return 0;
		return err_set(e, "the peer sent content out of turn");
	}
	switch (incoming_take(i->in, &piece, &why)) {
	case INCOMING_MORE:
		break;
	case INCOMING_COMPLETE:
		complete(r, i);
		break;
	case INCOMING_WRONG:
		if (incoming_tried(i->in))
			later(r, i, "it changed while it was sent");
		else
			incoming_ask(i->in, 0);
		break;
	case INCOMING_FAILED:
		answer_item(r, i, RESULT_FAILED, &why);
		break;
	}
	return 0;
}

int
receiving_input(struct receiving *r, unsigned type, struct view body,
    struct err *e)
{
	switch (type) {
	case MESSAGE_PARENT:
		return take_parent(r, body, e);
	case MESSAGE_OFFER:
		return take_offer(r, body, e);
	case MESSAGE_CONTENT:
		return take_content(r, body, e);
	case MESSAGE_END:
		if (r->ended || end_decode(&r->snapshot, body))
			return malformed(e, "end");
		r->ended = 1;
		return 0;
	default:
		return err_set(e, "the peer sent message %u out of turn", type);
	}
}

/*
 * Somebody else was quicker, most likely with the same: the offer is judged
 * once more. 1 when that settles it, 0 when something would have to be brought
 * again, -1.
 */
static int
judge_again(struct receiving *r, struct item *i, struct words *words,
    struct err *e)
{
	struct decision d;
	struct offer o;
	int rc;

	items_offer(i, &o);
	rc = judge_offer(r->x, &o, &d, words, e);
	offer_free(&o);
	if (rc)
		return -1;
	if (!d.content_due && d.change_due)
		rc = exchange_commit(r->x, &d.change, 1, e);
	if (rc || d.content_due ||
	    (d.change_due && d.change.result != CHANGE_DONE)) {
		if (d.change_due)
			change_free(&d.change);
		return rc;
	}
	change_free(&i->d.change);
	i->d = d;
	return 1;
}

static int
settle_stale(struct receiving *r, struct item *i, struct err *e)
{
	struct words again;
	struct err why;
	int rc;

	err_set(&why, "%s", change_why(&i->d.change));
	if (i->d.change.lives) {
		if (living_stands(r->x, &i->d, e))
			return -1;
		answer_item(r, i, i->d.code, &why);
		return 0;
	}
	rc = judge_again(r, i, &again, e);
	if (rc < 0)
		return -1;
	if (rc)
		answer_item(r, i, i->d.code, &again.why);
	else
		later(r, i, *why.text ? why.text :
		    "it changed here meanwhile");
	return 0;
}

/* What to answer for a change that was carried out, or not. */
static int
settle_change(struct receiving *r, struct item *i, const struct change *done,
    struct err *e)
{
	i->d.change = *done;
	switch (done->result) {
	case CHANGE_DONE:
		if (i->d.owed)
			i->d.number = done->want.number;
		r->x->taken += done->number || done->stamp;
		answer_item(r, i, i->d.code, NULL);
		break;
	case CHANGE_STALE:
		return settle_stale(r, i, e);
	case CHANGE_FAILED:
		answer_item(r, i, RESULT_FAILED, done->err);
		break;
	}
	return 0;
}

/* The batch: n at the front. */
static int
commit_batch(struct receiving *r, size_t n, struct err *e)
{
	struct change *changes = mem_alloc(n * sizeof(*changes));
	size_t due = 0, i;
	struct item *item;
	int rc;

	for (i = 0; i < n; i++) {
		item = items_at(r->items, i);
		if (item->state != ITEM_COMPLETE)
			continue;
		item->d.change.tag = i;
		changes[due++] = item->d.change;
	}
	rc = exchange_commit(r->x, changes, due, e);
	for (i = 0; i < due; i++) {
		item = items_at(r->items, changes[i].tag);
		if (rc)
			item->d.change = changes[i];
		else
			rc = settle_change(r, item, &changes[i], e);
	}
	free(changes);
	if (rc)
		return -1;
	items_drop(r->items, n);
	return 0;
}

int
receiving_output(struct receiving *r, struct err *e)
{
	size_t n;

	if (r->finished)
		return 0;
	if (items_sign(r->items))
		return 1;
	n = items_due(r->items, r->ended);
	if (n)
		return commit_batch(r, n, e) ? -1 : 1;
	if (!r->ended || items_count(r->items))
		return 0;
	if (owing_record(r->owing, e))
		return -1;
	r->finished = 1;
	return 1;
}
