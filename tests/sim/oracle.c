/* SPDX-License-Identifier: ISC */
/*
 * Following values from disk to entry to offer to disk. The tool's own account
 * is asked for two things only: which entry an offer shows (by a digest of its
 * history), and, where a process died before it could report, whether it
 * recorded a resolution.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "disk.h"
#include "oracle.h"
#include "reading.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"

void
oracle_alarm(struct oracle *o, const char *format, ...)
{
	va_list args;

	if (*o->alarm)
		return;
	va_start(args, format);
	vsnprintf(o->alarm, sizeof(o->alarm), format, args);
	va_end(args);
}

static int
new_edit(struct oracle *o, int h, int p, struct value v)
{
	char text[CONTENT_MAX];
	struct content *c;
	struct edit *e;

	if (o->nedits == EDITS) {
		oracle_alarm(o, "the oracle is out of numbers");
		return 0;
	}
	e = &o->edit[o->nedits];
	e->path = p;
	e->author = h;
	e->v = v;
	if (v.kind == VALUE_FILE) {
		c = content_new();
		content_add(c, text, script_content(p, v.content, text));
		content_final(c, e->id);
		content_free(c);
	}
	return o->nedits++;
}

/* The edit that a value is where nothing more is known of it. */
static int
first_edit(struct oracle *o, int p, struct value v)
{
	int i;

	for (i = 0; i < o->nedits; i++)
		if (o->edit[i].path == -1 - p &&
		    value_same(o->edit[i].v, v))
			return i;
	i = new_edit(o, HOSTS, p, v);
	o->edit[i].path = -1 - p;
	return i;
}

static struct facts_of_path *
at(struct oracle *o, int h, int p)
{
	return &o->hosts[h].path[p];
}

static void
see_anew(struct oracle *o, int p, struct sight *d)
{
	int id;

	memset(&d->has, 0, sizeof(d->has));
	memset(&d->heads, 0, sizeof(d->heads));
	if (d->v.kind == VALUE_NONE)
		return;
	id = first_edit(o, p, d->v);
	set_add(&d->has, id);
	set_add(&d->heads, id);
}

static void
remember(struct facts_of_path *f, struct value v, int64_t mtime)
{
	f->old[f->nold % RING] = v;
	f->old_mtime[f->nold++ % RING] = mtime;
}

static const struct sight *
source_of(struct oracle *o, int h, int p, const struct sight *now,
    struct brought *b)
{
	struct facts_of_path *f = at(o, h, p);

	if (b && b->has_offer[p] && same_value(&b->offer[p], now))
		return &b->offer[p];
	if (b && b->has_answer[p] && same_value(&b->answer[p], now))
		return &b->answer[p];
	return ring_find(&f->offered, same_value, now);
}

/* A removal that a crashed session was about to make is taken for that. */
static const struct sight *
taken_for(struct oracle *o, int h, int p, const struct sight *now)
{
	struct truth *t = &o->hosts[h];

	return t->limbo && t->has_late && now->v.kind == VALUE_NONE ?
	    source_of(o, h, p, now, &t->late) : NULL;
}

void
oracle_edit(struct oracle *o, int h, int p, struct value v, int64_t mtime)
{
	struct facts_of_path *f = at(o, h, p);
	struct sight d = *ring_last(&f->disk), *e = ring_last(&f->entry);
	const struct sight *same;
	int id;

	d.v = v;
	d.mtime = mtime;
	d.key = 0;
	if (v.kind == VALUE_FILE || v.kind == VALUE_LINK) {
		remember(f, v, mtime);
		o->writers[v.content % EDITS] |= (unsigned char)(1 << h);
	}
	if (!f->digest && (!o->hosts[h].checked || v.kind == VALUE_NONE)) {
		see_anew(o, p, &d);
		/* who is looking just now may have seen what was there */
		if (o->hosts[h].alive)
			set_unite(&d.has, &ring_last(&f->disk)->has);
	} else if (f->digest && same_view(&d, e)) {
		/* as if nothing had happened */
		d.has = e->has;
		d.heads = e->heads;
	} else if ((same = taken_for(o, h, p, &d)) != NULL) {
		set_unite(&d.has, &same->has);
		d.heads = same->heads;
	} else {
		id = new_edit(o, h, p, v);
		set_add(&d.has, id);
		memset(&d.heads, 0, sizeof(d.heads));
		set_add(&d.heads, id);
	}
	ring_push(&f->disk, &d);
}

void
oracle_force(struct oracle *o, int h, int p)
{
	struct facts_of_path *f = at(o, h, p);
	struct sight d = *ring_last(&f->disk);
	int id;

	id = new_edit(o, h, p, d.v);
	set_add(&d.has, id);
	set_add(&d.heads, id);
	ring_push(&f->disk, &d);
}

void
oracle_put_back(struct oracle *o, int h, const struct truth *was, int whole)
{
	struct truth *now = &o->hosts[h];
	struct sight d, *e;
	int p;

	now->checked = was->checked;
	now->limbo = now->has_late = 0;
	for (p = 0; p < PATHS; p++) {
		now->path[p].entry = was->path[p].entry;
		now->path[p].digest = was->path[p].digest;
		if (whole) {
			now->path[p].disk = was->path[p].disk;
			continue;
		}
		d = *ring_last(&now->path[p].disk);
		e = ring_last(&now->path[p].entry);
		/* as for an edit: an absence it never knew is no removal */
		if (!now->path[p].digest && (!now->checked ||
		    d.v.kind == VALUE_NONE)) {
			see_anew(o, p, &d);
		} else if (now->path[p].digest && same_view(&d, e)) {
			d.has = e->has;
			d.heads = e->heads;
		}
		ring_push(&now->path[p].disk, &d);
	}
}

/* Whether only hosts wrote it that may not send it, and h is none of them. */
static int
is_foreign(const struct oracle *o, int h, int content)
{
	unsigned w = o->writers[content % EDITS];

	return !(w & ~o->receive_only) && !(w >> h & 1);
}

/* Whether an intent that a crash left says that a conflict was resolved. */
static int
intends_resolved(struct state *s, const char *name)
{
	char *after = NULL, *temporary;
	struct entry e;
	int yes = 0;

	while (fact_intent_after(s, after, &temporary, &e) == 1) {
		free(after);
		after = mem_strdup(e.name);
		yes |= !strcmp(e.name, name) &&
		    e.h.bits & HISTORY_RESOLUTION;
		free(temporary);
		entry_free(&e);
	}
	free(after);
	return yes;
}

/* Whether the entry says so. */
static int
says_resolved(struct state *s, int p)
{
	struct entry e;
	struct err ignored;
	char name[64];
	int yes;

	snprintf(name, sizeof(name), "%%p%%/%s", script_paths[p]);
	if (intends_resolved(s, name))
		return 1;
	if (state_get(s, name, &e, &ignored) != 1)
		return 0;
	yes = (e.h.bits & HISTORY_RESOLUTION) != 0;
	entry_free(&e);
	return yes;
}

/* Whether one of these hosts made the edit. */
static int
made_by(const struct oracle *o, int edit, unsigned hosts)
{
	return edit >= 0 && hosts >> o->edit[edit].author & 1;
}

/* Whether an edit that stood there was not known where the new one is from. */
static int
is_unseen(const struct oracle *o, int p, const struct sight *old,
    const struct sight *src)
{
	static const struct set none;
	struct set seen = src->has;
	int i;

	if (o->unsure >> p & 1 ||
	    made_by(o, set_missing(&src->heads, &none), o->blind))
		return 0;
	/* who only receives loses its own */
	while ((i = set_missing(&old->heads, &seen)) >= 0 &&
	    made_by(o, i, o->blind | o->receive_only))
		set_add(&seen, i);
	return i >= 0;
}

/* Whether an edit that hit a change was put under another name. */
static int
is_saved(int h)
{
	struct node *n;
	char path[64];
	size_t i;

	snprintf(path, sizeof(path), "/n/%c", 'a' + h);
	n = disk_find(path);
	for (i = 0; n && i < n->nslots; i++)
		if (strstr(n->slots[i].name, ".saved-"))
			return 1;
	return 0;
}

/* Set in place, a mode leaves nothing that a recovery could tell of. */
static int
only_mode(const struct sight *a, const struct sight *b)
{
	return a->v.kind == b->v.kind && a->v.content == b->v.content;
}

static void
look_at_disk(struct oracle *o, int h, int p, struct state *s,
    struct brought *b)
{
	struct facts_of_path *f = at(o, h, p);
	struct sight old = *ring_last(&f->disk), now = old;
	const struct sight *src, *back = NULL;

	now.v = oracle_value(h, p, &now.mtime);
	if (same_view(&now, &old))
		return;
	now.key = 0;
	if (now.v.content < 0 || (now.v.kind == VALUE_FILE &&
	    is_foreign(o, h, now.v.content))) {
		oracle_alarm(o, "%c: %s: there is what no user wrote",
		    'a' + h, script_paths[p]);
		return;
	}
	src = source_of(o, h, p, &now, b);
	if (!src && o->hosts[h].limbo)
		back = ring_find(&f->disk, same_view, &now);
	if (back) {
		ring_push(&f->disk, back);   /* put back by a recovery */
		return;
	}
	if (!src && same_value(&now, &old)) {
		ring_push(&f->disk, &now);   /* a time that could not be set */
		return;
	}
	if (!src && (o->hosts[h].limbo || is_saved(h))) {
		if (!o->hosts[h].limbo)
			ring_push(&f->disk, &now);
		return;
	}
	if (!src) {
		oracle_alarm(o, "%c: %s: %s became %s, which nobody offered",
		    'a' + h, script_paths[p], value_text(old.v),
		    value_text(now.v));
		return;
	}
	if (!same_value(&now, &old) && is_unseen(o, p, &old, src) &&
	    !(b && b->reported[p]) && !(o->receive_only >> h & 1) &&
	    !(o->hosts[h].limbo && (only_mode(&now, &old) ||
	    says_resolved(s, p))))
		oracle_alarm(o, "%c: %s: edit %d (%s) is lost: %s took its "
		    "place without having seen it, and nothing was reported",
		    'a' + h, script_paths[p],
		    set_missing(&old.heads, &src->has), value_text(old.v),
		    value_text(now.v));
	set_unite(&now.has, &src->has);
	if (!same_value(&now, &old))
		memset(&now.heads, 0, sizeof(now.heads));
	set_unite(&now.heads, &src->heads);
	ring_push(&f->disk, &now);
}

/*
 * What a crash left half done on the disk of h is so for good: nobody will know
 * of it.
 */
void
oracle_crashed(struct oracle *o, int h)
{
	struct truth *t = &o->hosts[h];
	struct sight now;
	const struct sight *src;
	int p;

	for (p = 0; t->limbo && p < PATHS; p++) {
		now = *ring_last(&t->path[p].disk);
		now.v = oracle_value(h, p, &now.mtime);
		if (same_view(&now, ring_last(&t->path[p].disk)))
			continue;
		src = source_of(o, h, p, &now, t->has_late ? &t->late : NULL);
		now.key = 0;
		if (src)
			set_unite(&now.has, &src->has);
		/* what was put aside and not back is nobody's removal */
		memset(&now.heads, 0, sizeof(now.heads));
		if (src && now.v.kind != VALUE_NONE)
			now.heads = src->heads;
		ring_push(&t->path[p].disk, &now);
	}
}

void
oracle_lost_state(struct oracle *o, int h)
{
	struct sight d;
	int p;

	oracle_crashed(o, h);
	o->hosts[h].checked = o->hosts[h].limbo = o->hosts[h].has_late = 0;
	for (p = 0; p < PATHS; p++) {
		d = *ring_last(&at(o, h, p)->disk);
		see_anew(o, p, &d);
		ring_push(&at(o, h, p)->disk, &d);
		at(o, h, p)->digest = 0;
		at(o, h, p)->entry.n = 0;
	}
}

/* What the session says about a value adds to what is known of ours. */
static void
learn(int p, struct sight *now, struct brought *b, int resolved)
{
	if (b->has_offer[p] && same_value(&b->offer[p], now)) {
		set_unite(&now->has, &b->offer[p].has);
		set_unite(&now->heads, &b->offer[p].heads);
	} else if (b->has_offer[p] && resolved) {
		set_unite(&now->has, &b->offer[p].has);
	}
	if (!b->has_answer[p] || !same_value(&b->mine[p], now) ||
	    !(same_time(&b->mine[p], now) || same_time(&b->answer[p], now)))
		return;
	b->has_answer[p] = 0;
	set_unite(&now->has, &b->answer[p].has);
	if (same_value(&b->answer[p], now))
		set_unite(&now->heads, &b->answer[p].heads);
}

static void
entry_changed(struct oracle *o, int h, int p, struct sight *now,
    struct brought *b, int resolved, int kept)
{
	struct facts_of_path *f = at(o, h, p);
	struct sight *disk = ring_last(&f->disk), like = *disk;
	const struct sight *base;
	int is_disk = same_view(disk, now) || (kept &&
	    disk->v.kind == VALUE_DIR);

	base = is_disk ? disk : ring_find(&f->disk, same_view, now);
	if (!base && same_value(disk, now)) {
		/* a time that could not be set; the version has the author's */
		is_disk = 1;
		base = disk;
	}
	if (!base)
		base = ring_find(&f->offered, same_value, now);
	if (!base && same_value(now, ring_last(&f->entry)))
		base = ring_last(&f->entry);
	if (!base) {
		oracle_alarm(o, "%c: %s: the state says %s, which never stood "
		    "there", 'a' + h, script_paths[p], value_text(now->v));
		return;
	}
	now->has = base->has;
	now->heads = base->heads;
	set_unite(&now->has, &ring_last(&f->entry)->has);
	/* a first look, and the user wrote before the result was recorded */
	if (!is_disk && !f->entry.n && f->disk.n > 1)
		set_unite(&now->has, &f->disk.at[(f->disk.n - 2) % RING].has);
	if (b)
		learn(p, now, b, resolved);
	if (o->hosts[h].has_late && b != &o->hosts[h].late)
		learn(p, now, &o->hosts[h].late, resolved);
	ring_push(&f->entry, now);
	if (!is_disk)
		return;
	like.has = now->has;
	like.heads = now->heads;
	*disk = like;
}

static void
look_at_entry(struct oracle *o, int h, int p, struct state *s,
    struct brought *b)
{
	struct facts_of_path *f = at(o, h, p);
	struct entry e;
	struct err why;
	struct sight now;
	char name[64];
	uint64_t digest;

	snprintf(name, sizeof(name), "%%p%%/%s", script_paths[p]);
	if (state_get(s, name, &e, &why) != 1) {
		if (f->digest && o->drops &&
		    ring_last(&f->disk)->v.kind == VALUE_NONE)
			see_anew(o, p, ring_last(&f->disk));
		f->digest = 0;
		return;
	}
	/* by rule 1 a time changes alone */
	digest = entry_digest(&e) + (uint64_t)(e.v.mtime.sec * 1000000000 +
	    e.v.mtime.nsec);
	if (digest != f->digest) {
		o->unsure |= (o->blind >> h & 1) << p;
		f->digest = digest;
		oracle_read(o, p, &e, &now);
		if (now.key != ring_last(&f->entry)->key)
			entry_changed(o, h, p, &now, b, (b && b->reported[p]) ||
			    (o->hosts[h].limbo &&
			    e.h.bits & HISTORY_RESOLUTION),
			    (e.h.bits & HISTORY_KEPT) != 0);
	}
	entry_free(&e);
}

void
oracle_look(struct oracle *o, int h, struct state *s,
    struct brought *b, int crashed)
{
	struct truth *t = &o->hosts[h];
	int p;

	if (crashed) {
		/* what it has in memory is not what is on the disk */
		t->has_late = t->has_late || b;
		if (b)
			t->late = *b;
		t->limbo = 1;
		return;
	}
	if (!b && t->has_late)
		b = &t->late;
	for (p = 0; p < PATHS && !*o->alarm; p++) {
		look_at_disk(o, h, p, s, b);
		look_at_entry(o, h, p, s, b);
	}
}

void
oracle_recovered(struct oracle *o, int h)
{
	o->hosts[h].limbo = o->hosts[h].has_late = 0;
}

const struct sight *
oracle_offered(struct oracle *o, int h, int p, const struct entry *e)
{
	struct sight like;

	like.key = oracle_key(e);
	return ring_find(&at(o, h, p)->entry, same_key, &like);
}

void
oracle_receives(struct oracle *o, int h, int p, const struct sight *v)
{
	ring_push(&at(o, h, p)->offered, v);
}
