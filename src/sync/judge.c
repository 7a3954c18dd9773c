/* SPDX-License-Identifier: ISC */
/*
 * From an offer to a decision: right, disk, rules. What is decided here is
 * looked at once more when it is committed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "exchange.h"
#include "fs/roots.h"
#include "judge.h"
#include "pair.h"
#include "resolve.h"
#include "state/fact.h"
#include "state/state.h"
#include "vanished.h"

/* What we have: the entry as it is or would be recorded, and the disk. */
struct ours {
	struct entry entry;     /* an unknown one has only its name */
	int recorded;           /* it stands in the state just so */
	uint64_t seen;          /* its digest as it stands there; 0: nothing */
	struct look look;       /* the disk now */
};

static int
refuse(struct decision *d, enum result_code code, const char *why)
{
	d->code = code;
	err_set(d->why, "%s", why);
	return 0;
}

static int
receive_only(const struct exchange *x, const char *name)
{
	return pair_right(x->pair, x->pair->self, name) != PAIR_MEMBER;
}

/* Gives the entry of an edit that no check has seen its stamp. */
static int
record_edit(struct exchange *x, struct ours *ours, struct err *e)
{
	struct change c = { .number = 1, .stamp = 1, .record = 1,
		.expect = ours->look, .entry_seen = ours->seen };
	struct entry want, made;
	struct stamp s = { state_replica(x->state),
	    state_high(x->state) + 1 };
	int rc = 0;

	if (x->dry) {
		history_change(&ours->entry.h, s, x->pair->self);
		return 0;
	}
	want = entry_copy(&ours->entry);
	want.h.bits = 0;
	change_take(&c, &want);
	if (exchange_found(x, &c, e)) {
		rc = -1;
	} else if (c.result == CHANGE_DONE) {
		made = change_entry(&c);
		entry_free(&ours->entry);
		ours->entry = entry_copy(&made);
		ours->seen = entry_digest(&made);
		ours->recorded = 1;
	} else {
		rc = 1;
	}
	change_free(&c);
	return rc;
}

/* The first look of a state that no check has filled: stamped by content. */
static void
stamp_first(const struct exchange *x, struct entry *entry)
{
	memset(&entry->h, 0, sizeof(entry->h));
	entry->h.stamp = version_stamp(&entry->v);
	vector_add(&entry->h.vector, entry->h.stamp, NULL);
	entry->h.bits = HISTORY_FIRST;
	strncat(entry->h.author, x->pair->self, AUTHOR_MAX);
}

/* The disk differs from the entry: 0, 1 when it is on the move, -1. */
static int
take_edit(struct exchange *x, struct ours *ours, int known, struct err *e)
{
	struct entry *entry = &ours->entry;

	if (!match_member(x->conf, entry->name))
		return 0;
	if (!known && !fact_meta(x->state, "checked")) {
		stamp_first(x, entry);
		return 0;
	}
	return record_edit(x, ours, e);
}

static void
set_removed(struct entry *entry)
{
	version_free(&entry->v);
	memset(&entry->v, 0, sizeof(entry->v));
	entry->v.mtime = clock_real();
	memset(&entry->look, 0, sizeof(entry->look));
}

static int
is_kept(const struct entry *entry, const struct look *look)
{
	return entry->v.kind == KIND_NONE && entry->h.bits & HISTORY_KEPT &&
	    look->kind == KIND_DIR;
}

/* For what is new in a directory its roots are looked at once a batch. */
static int
none_lost(struct exchange *x, const char *name)
{
	size_t n = path_parent_len(name);

	return n && x->none_lost && path_parent_len(x->none_lost) == n &&
	    !memcmp(x->none_lost, name, n);
}

/*
 * Nothing is there: because it was removed, or never was, or because a disk is
 * not mounted? Then this is no removal, and nothing is written below.
 */
static int
root_is_lost(struct exchange *x, const struct entry *entry,
    struct decision *d)
{
	int live = entry->v.kind != KIND_NONE, stands;
	struct err why;
	char *root;

	if (!live && none_lost(x, entry->name))
		return 0;
	stands = roots_stand(x->conf, x->tree, entry->name,
	    entry->v.kind == KIND_DIR, &root, &why);
	live = stands <= 0 && (live || stands < 0 ||
	    roots_known(x->state, root));
	if (live) {
		d->code = RESULT_FAILED;
		*d->why = why;
	} else {
		free(x->none_lost);
		x->none_lost = mem_strdup(entry->name);
	}
	if (live && !stands)
		err_set(d->why, "%s is no directory there any more (not "
		    "mounted?); if it was removed, check it there with -y",
		    root);
	if (stands <= 0)
		free(root);
	return live;
}

/*
 * Whether that what is gone is not to be told as removed: 1 when d says so, -1.
 * What the peer has removed, too, is no loss.
 */
static int
guard_holds(struct exchange *x, const char *name, enum kind offered,
    struct decision *d, struct err *e)
{
	int allowed;

	if (offered == KIND_NONE || !match_member(x->conf, name))
		return 0;
	allowed = vanished_allowed(x, d->why, e);
	if (!allowed)
		d->code = RESULT_FAILED;
	return allowed < 0 ? -1 : !allowed;
}

/* What stands there is not what we know, and nothing is written over it. */
static int
root_moved(const struct exchange *x, const char *name, struct decision *d)
{
	const char *text;
	int moved = roots_moved(x->roots, name, &text);

	if (!moved)
		return 0;
	d->code = RESULT_FAILED;
	err_set(d->why, "%s%s", text, moved < 0 ? "" :
	    "; if it is meant, check it there with -y");
	return 1;
}

/*
 * Compares disk and entry: 0 with *ours complete, 1 when d is the answer
 * already, -1.
 */
static int
see(struct exchange *x, struct ours *ours, int known, enum kind offered,
    struct decision *d, struct err *e)
{
	struct entry *entry = &ours->entry;
	struct version v;
	int rc = 0;

	if (root_moved(x, entry->name, d))
		return 1;
	memset(&v, 0, sizeof(v));
	ours->look = entry->look;
	switch (detect_name(x->tree, entry->name, known ? entry : NULL,
	    x->ignore, &v, &ours->look, x->pulse, d->why)) {
	case DETECT_SAME:
	case DETECT_LOOK:
		break;
	case DETECT_CHANGED:
		if (known && is_kept(entry, &ours->look)) {
			version_free(&v);
			break;
		}
		version_free(&entry->v);
		entry->v = v;
		entry->look = ours->look;
		ours->recorded = 0;
		rc = take_edit(x, ours, known, e);
		break;
	case DETECT_GONE:
		memset(&ours->look, 0, sizeof(ours->look));
		if (root_is_lost(x, entry, d))
			return 1;
		if (entry->v.kind == KIND_NONE)
			break;
		rc = guard_holds(x, entry->name, offered, d, e);
		if (rc)
			return rc;
		set_removed(entry);
		ours->recorded = 0;
		rc = take_edit(x, ours, known, e);
		break;
	case DETECT_OTHER:
		refuse(d, RESULT_FAILED, "a socket stands there; "
		    "move it away");
		return 1;
	case DETECT_BUSY:
		rc = 1;
		break;
	case DETECT_ERROR:
		d->code = RESULT_FAILED;
		return 1;
	}
	if (rc > 0)
		refuse(d, RESULT_LATER, "it keeps changing here");
	return rc;
}

static int
content_stands(const struct ours *ours, const struct version *want)
{
	return ours->look.kind == KIND_REG && want->kind == KIND_REG &&
	    ours->entry.v.kind == KIND_REG &&
	    version_same_content(&ours->entry.v, want);
}

static struct change *
begin_change(struct decision *d, const struct ours *ours)
{
	struct change *c = &d->change;

	d->change_due = 1;
	memset(c, 0, sizeof(*c));
	c->expect = ours->look;
	c->entry_seen = ours->seen;
	return c;
}

/* A record of our own side with another history. */
static struct change *
begin_rewrite(struct decision *d, const struct ours *ours,
    const struct history *h)
{
	struct change *c = begin_change(d, ours);
	struct entry want = entry_copy(&ours->entry);

	want.h = *h;
	change_take(c, &want);
	c->record = 1;
	c->number = !ours->recorded;
	return c;
}

static int
history_equal(const struct history *a, const struct history *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	int equal;

	history_encode(a, 0, &x);
	history_encode(b, 0, &y);
	equal = x.len == y.len && !memcmp(x.p, y.p, x.len);
	buf_free(&x);
	buf_free(&y);
	return equal;
}

static void
decide_same(const struct exchange *x, const struct ours *ours,
    const struct offer *o, const struct judgement *j, struct decision *d)
{
	struct history merged = j->merged;
	struct stime mtime = j->mtime;
	struct change *c;
	int move;

	d->code = RESULT_SAME;
	d->unheard = o->v.kind == KIND_NONE &&
	    !history_seen(&o->h, &ours->entry.h);
	if (!ours->recorded && receive_only(x, o->name))
		mtime = o->v.mtime;
	move = ours->entry.v.kind != KIND_NONE &&
	    ours->entry.v.kind != KIND_DIR &&
	    stime_cmp(mtime, ours->entry.v.mtime);
	merged.bits &= ~(unsigned)HISTORY_LOCAL;
	merged.bits |= ours->entry.h.bits & HISTORY_LOCAL &
	    ~(unsigned)HISTORY_DEVIATES;
	if (move || !ours->recorded ||
	    !history_equal(&merged, &ours->entry.h)) {
		c = begin_rewrite(d, ours, &merged);
		if (move) {
			c->record = 0;
			c->want.v.mtime = mtime;
		}
	}
	if (history_equal(&merged, &o->h) &&
	    !stime_cmp(mtime, o->v.mtime))
		return;
	d->bits |= RESULT_HISTORY;
	*d->h = merged;
	d->mtime = mtime;
}

static void
decide_take(const struct exchange *x, const struct ours *ours,
    const struct offer *o, const struct judgement *j, struct decision *d)
{
	struct change *c = begin_change(d, ours);
	struct history h = j->merged;
	int nothing = o->v.kind == KIND_NONE && ours->look.kind == KIND_NONE;

	d->code = RESULT_DONE;
	d->content_due = o->v.kind == KIND_REG && !content_stands(ours, &o->v);
	c->want.name = mem_strdup(o->name);
	c->want.v = version_copy(&o->v);
	h.bits &= ~(unsigned)(HISTORY_QUIET | HISTORY_LOCAL);
	c->record = nothing;
	/* a removal of what was never here is nothing to pass on */
	c->number = !nothing || ours->entry.h.stamp.replica;
	if (j->resolved && !receive_only(x, o->name)) {
		c->stamp = 1;
		h.bits |= HISTORY_RESOLUTION;
		d->bits |= RESULT_HISTORY;
	} else {
		h.bits |= HISTORY_TAKEN;
	}
	change_set_history(c, &h);
}

static void
decide_ours(const struct exchange *x, const struct ours *ours,
    const struct judgement *j, struct decision *d)
{
	struct change *c;

	d->code = RESULT_OURS;
	if (receive_only(x, ours->entry.name))
		return;
	d->owed = 1;
	/* a removal of what was never here has no number to be owed by yet */
	if (!j->resolved && ours->recorded && ours->entry.number)
		return;
	c = begin_rewrite(d, ours, j->resolved ? &j->merged
	    : &ours->entry.h);
	c->number |= !ours->entry.number;
	if (j->resolved) {
		c->stamp = c->number = 1;
		c->want.bits |= HISTORY_RESOLUTION;
		c->want.bits &= ~(unsigned)(HISTORY_TAKEN | HISTORY_QUIET);
	}
}

/*
 * What a receive-only host made of the path itself has no history: that of what
 * it held before would keep away a version which the members went back to.
 */
static int
deviates(const struct exchange *x, const struct ours *ours)
{
	return receive_only(x, ours->entry.name) &&
	    (!ours->recorded || ours->entry.h.bits & HISTORY_DEVIATES);
}

static void
decide(struct exchange *x, const struct ours *ours, const struct offer *o,
    struct decision *d)
{
	static const struct history none;
	const struct entry *entry = &ours->entry;
	struct side us = { &entry->v, deviates(x, ours) ? &none : &entry->h,
	    x->self_new };
	struct side them = { &o->v, &o->h, x->peer_new };
	struct judge rule = { pair_group(x->pair, o->name), x->ignore,
	    receive_only(x, o->name) };
	struct judgement j;

	d->kind = entry->v.kind;
	d->size = entry->v.size;
	d->our_mtime = entry->v.mtime;
	d->number = entry->number;
	d->stamp = entry->h.stamp;
	resolve(&us, &them, &rule, &j);
	switch (j.verdict) {
	case VERDICT_SAME:
		decide_same(x, ours, o, &j, d);
		break;
	case VERDICT_TAKE:
		decide_take(x, ours, o, &j, d);
		break;
	case VERDICT_OURS:
		decide_ours(x, ours, &j, d);
		break;
	case VERDICT_CONFLICT:
		d->code = RESULT_CONFLICT;
		break;
	}
	/* what deviates has been named already: it is only put back */
	if (j.resolved && !(rule.receive_only &&
	    entry->h.bits & HISTORY_DEVIATES))
		d->bits |= RESULT_RESOLVED;
	if (d->bits & RESULT_RESOLVED || j.verdict == VERDICT_CONFLICT)
		d->bits |= RESULT_SIDES;
}

/* Our entry of that name as the state has it: 1, 0 for an unknown one, -1. */
static int
know(struct exchange *x, const char *name, struct ours *ours, struct err *e)
{
	int known = state_get(x->state, name, &ours->entry, e);

	ours->recorded = known > 0;
	if (!known) {
		memset(&ours->entry, 0, sizeof(ours->entry));
		ours->entry.name = mem_strdup(name);
	}
	ours->seen = known > 0 ? entry_digest(&ours->entry) : 0;
	return known;
}

int
judge_offer(struct exchange *x, const struct offer *o, struct decision *d,
    struct words *words, struct err *e)
{
	struct ours ours;
	int known, rc;

	memset(d, 0, sizeof(*d));
	d->why = &words->why;
	d->why->text[0] = 0;
	d->h = &words->h;
	/* a dry run answers what it would change with this one */
	memset(d->h, 0, sizeof(*d->h));
	known = know(x, o->name, &ours, e);
	if (known < 0)
		return -1;
	switch (pair_right(x->pair, x->pair->peer, o->name)) {
	case PAIR_NONE:
		rc = refuse(d, RESULT_DENIED,
		    "Permission denied: no group of both hosts has it; "
		    "compare the configs");
		break;
	case PAIR_RECEIVE_ONLY:
		d->owed = known;
		d->number = ours.entry.number;
		rc = refuse(d, RESULT_DENIED, "Permission denied for slave!");
		break;
	default:
		rc = see(x, &ours, known, o->v.kind, d, e);
		if (!rc)
			decide(x, &ours, o, d);
		break;
	}
	entry_free(&ours.entry);
	if (rc >= 0)
		return 0;
	return -1;
}
