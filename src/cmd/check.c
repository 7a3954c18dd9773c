/* SPDX-License-Identifier: ISC */
/*
 * Check. Disk and state are two streams in the same order: a name that only the
 * disk has is new, one that both have is compared, one that only the state has
 * is gone, if the walk would have come by there and lstat agrees.
 *
 * Changes are recorded in batches; removals at the end, when it is known how
 * many there are: a run that would remove more than the guard allows records
 * none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "check.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "deviation.h"
#include "dirs.h"
#include "errand.h"
#include "fs/commit.h"
#include "fs/detect.h"
#include "fs/tree.h"
#include "fs/walk.h"
#include "guard.h"
#include "keptdirs.h"
#include "memo.h"
#include "progress.h"
#include "select.h"
#include "setup.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/action.h"
#include "sync/tombstone.h"
#include "sync/vanished.h"
#include "warnings.h"

enum { BATCH = 1700 };

struct check {
	struct setup *s;
	struct version_ignore ignore;
	int first;                      /* no check has filled this state */
	struct walk *walk;
	struct walk_item item;
	int has_item;
	struct state_walk *entries;
	const char *name;               /* of the entry at hand */
	struct glance glance;
	int has_entry;
	struct progress_check progress;
	size_t live, tombstones;        /* entries that came by */
	char *failed;                   /* nothing is known below it */
	struct change *changes;
	size_t nchanges, cap;
	char **gone;
	size_t ngone, gone_cap;
	struct guard *guard;
	struct dirs *dirs;
	struct keptdirs *kept;
	struct deviations *deviations;
	struct check_count *count;
};

static int
flush(struct check *c, struct err *e)
{
	struct action_source source = { c->s->conf, c->s->state, NULL };
	struct commit_options o = { .conf = c->s->conf, .host = c->s->host,
		.lock_ms = c->s->lock_ms, .done = action_fire,
		.ctx = &source };
	size_t i;
	int rc;

	if (!c->nchanges)
		return 0;
	rc = commit_changes(c->s->tree, c->s->state, c->changes, c->nchanges,
	    &o, e);
	for (i = 0; i < c->nchanges; i++) {
		if (!rc && c->changes[i].result == CHANGE_FAILED) {
			log_error("%s", change_why(&c->changes[i]));
			c->count->failed++;
		}
		change_free(&c->changes[i]);
	}
	c->nchanges = 0;
	return rc;
}

static struct change *
add_change(struct check *c, const struct look *look, const struct entry *old)
{
	struct change *change;

	c->changes = mem_grow(c->changes, c->nchanges, &c->cap,
	    sizeof(*c->changes));
	change = &c->changes[c->nchanges++];
	memset(change, 0, sizeof(*change));
	change->record = 1;
	change->expect = *look;
	change->entry_seen = old ? entry_digest(old) : 0;
	return change;
}

static void
author(struct check *c, struct history *h)
{
	memset(h->author, 0, sizeof(h->author));
	strncat(h->author, c->s->host, AUTHOR_MAX);
}

/*
 * Stamps what the change wants, in the place of old (or NULL): by content in a
 * state's first check, else as a change of ours.
 */
static void
stamp(struct check *c, struct change *change, const struct entry *old)
{
	static const struct history none;
	const struct options *o = c->s->o;
	struct history h = old ? old->h : none;

	change->number = 1;
	if (c->first && !old) {
		h.stamp = version_stamp(&change->want.v);
		vector_add(&h.vector, h.stamp, NULL);
		h.bits = HISTORY_FIRST;
		author(c, &h);
	} else {
		change->stamp = 1;
		h.bits = 0;
	}
	if (o->quiet_mark)
		h.bits |= HISTORY_QUIET;
	if (o->force_new)
		h.bits |= HISTORY_FORCED;
	change_set_history(change, &h);
}

/* The same where this host may only receive. */
static void
note_foreign(struct check *c, const char *name, const struct entry *old)
{
	if (old)
		deviations_note(c->deviations, old, 1);
	else
		log_info("%s is only here: this host only receives", name);
}

/* A version that is new: v becomes the change's. */
static void
note_changed(struct check *c, const char *name, const struct entry *old,
    struct version *v, const struct look *look)
{
	struct change *change;

	if (!match_member(c->s->conf, name)) {
		note_foreign(c, name, old);
		version_free(v);
		return;
	}
	change = add_change(c, look, old);
	change->want.name = mem_strdup(name);
	change->want.v = *v;
	change->want.look = *look;
	stamp(c, change, old);
	c->count->changed++;
	log_info("%s %s", old ? "Changed:" : "New:", name);
}

static void
note_look(struct check *c, const struct entry *old, const struct look *look)
{
	struct change *change = add_change(c, look, old);
	struct entry want = entry_copy(old);

	want.h.bits &= ~(unsigned)HISTORY_DEVIATES;
	want.look = *look;
	change_take(change, &want);
}

/* A removed directory that stands, since something unsynced lived in it. */
static int
is_kept(const struct glance *old, const struct walk_item *i)
{
	return old->kind == KIND_NONE && old->bits & HISTORY_KEPT &&
	    i->look.kind == KIND_DIR;
}

/* Something lives in removed directories: they are there again. */
static void
revive(struct check *c, const char *name)
{
	struct change *change;
	struct entry dir, old;
	struct err ignored;

	while (keptdirs_take(c->kept, name, &dir)) {
		if (!match_member(c->s->conf, dir.name) ||
		    state_get(c->s->state, dir.name, &old, &ignored) <= 0) {
			entry_free(&dir);
			continue;
		}
		change = add_change(c, &dir.look, &old);
		log_info("New: %s", dir.name);
		entry_free(&old);
		old = dir;
		change_take(change, &dir);
		stamp(c, change, &old);
		c->count->changed++;
	}
}

/* What stands there is not as its entry (NULL: none) has it, or may not be. */
static int
examine(struct check *c, const struct entry *old, struct err *e)
{
	const struct walk_item *i = &c->item;
	struct version v;
	struct look look;
	struct err why;

	memset(&v, 0, sizeof(v));
	switch (detect(tree_spare(c->s->tree), i->dirfd, i->base, &i->look,
	    old, c->ignore, &v, &look, NULL, &why)) {
	case DETECT_CHANGED:
		note_changed(c, i->name, old, &v, &look);
		break;
	case DETECT_LOOK:
		note_look(c, old, &look);
		break;
	case DETECT_BUSY:
		log_note("%s keeps changing: left for the next run", i->name);
		break;
	case DETECT_ERROR:
		log_error("%s: %s", i->name, why.text);
		c->count->failed++;
		break;
	case DETECT_SAME:
	case DETECT_GONE:
	case DETECT_OTHER:
		break;
	}
	return c->nchanges >= BATCH ? flush(c, e) : 0;
}

/* The item with its entry, the one at hand, if it is known. */
static int
compare(struct check *c, int known, struct err *e)
{
	int kept = known && is_kept(&c->glance, &c->item), rc = 0;
	int same = known && look_equal(&c->item.look, &c->glance.look);
	struct entry old;

	if (!kept)
		revive(c, c->item.name);
	if (!known)
		return examine(c, NULL, e);
	if (!kept && same && !(c->glance.bits & HISTORY_DEVIATES))
		return 0;
	if (state_walk_whole(c->entries, &old, e) < 0)
		return -1;
	if (kept)
		keptdirs_add(c->kept, &old, &c->item.look);
	else if (same)
		deviations_note(c->deviations, &old, 0);
	else
		rc = examine(c, &old, e);
	entry_free(&old);
	return rc;
}

/* Whether the item is to be looked at. */
static int
wanted(struct check *c)
{
	struct err why;

	/* the walk goes by all groups of this host */
	if (c->s->o->groups &&
	    !select_name(c->s->o, c->s->conf, c->item.name, 0))
		return 0;
	if (dirs_add(c->dirs, &c->item, &why)) {
		log_error("%s", why.text);
		c->count->failed++;
	}
	return !guard_blocks(c->guard, c->item.name);
}

static int
is_gone(struct check *c, const char *name)
{
	struct look look;
	const char *base;
	int dir = tree_parent(c->s->tree, name, &base);

	if (dir < 0)
		return errno == ENOENT || errno == ENOTDIR;
	return look_read(dir, base, &look) >= 0 && look.kind == KIND_NONE;
}

/* Whether nothing stands where the walk would have come by. */
static int
not_there(struct check *c, const char *name)
{
	return walk_covers(c->walk, name) &&
	    !(c->failed && path_within(name, c->failed)) &&
	    select_name(c->s->o, c->s->conf, name, 0) &&
	    !guard_blocks(c->guard, name) && is_gone(c, name);
}

/* The entry at hand is of something that did not come by. */
static int
missing(struct check *c, struct err *e)
{
	int live = c->glance.kind != KIND_NONE, member;
	struct entry old;

	if (!live && !(c->glance.bits & HISTORY_DEVIATES))
		return 0;
	if (!not_there(c, c->name) || (live && !guard_allows(c->guard,
	    c->name, c->glance.kind == KIND_DIR)))
		return 0;
	member = match_member(c->s->conf, c->name);
	if (live && member) {
		c->gone = mem_grow(c->gone, c->ngone, &c->gone_cap,
		    sizeof(*c->gone));
		c->gone[c->ngone++] = mem_strdup(c->name);
		return 0;
	}
	if (state_walk_whole(c->entries, &old, e) < 0)
		return -1;
	deviations_note(c->deviations, &old, live);
	entry_free(&old);
	return 0;
}

static void
note_failed(struct check *c)
{
	log_error("%s: cannot be read: %s; nothing below it was checked",
	    c->item.name, strerror(c->item.error));
	c->count->failed++;
	free(c->failed);
	c->failed = mem_strdup(c->item.name);
}

static int
read_entry(struct check *c, struct err *e)
{
	int rc;

	if (c->has_entry)
		return 0;
	rc = state_walk_glance(c->entries, &c->name, &c->glance, e);
	c->has_entry = rc > 0;
	c->live += rc > 0 && c->glance.kind != KIND_NONE;
	c->tombstones += rc > 0 && c->glance.kind == KIND_NONE;
	return rc < 0 ? -1 : 0;
}

/* What the walk tells besides files. */
static void
note_special(struct check *c)
{
	if (c->item.kind == WALK_FAILED)
		note_failed(c);
	else if (!c->s->o->dry)
		commit_sweep(c->s->state, c->item.dirfd, c->item.base);
	c->has_item = 0;
}

static int
step(struct check *c, struct err *e)
{
	int order, rc = 0;

	order = !c->has_entry ? -1 : !c->has_item ? 1 :
	    path_cmp(c->item.name, c->name);
	if (order > 0) {
		c->has_entry = 0;
		return missing(c, e);
	}
	if (c->item.kind != WALK_FOUND) {
		note_special(c);
		return 0;
	}
	progress_checked(&c->progress);
	if (wanted(c))
		rc = compare(c, !order, e);
	c->has_item = 0;
	if (!order)
		c->has_entry = 0;
	return rc;
}

static int
merge(struct check *c, struct err *e)
{
	for (;;) {
		if (!c->has_item)
			c->has_item = walk_next(c->walk, &c->item);
		if (read_entry(c, e))
			return -1;
		if (!c->has_item && !c->has_entry)
			return 0;
		if (step(c, e))
			return -1;
	}
}

static int
remove_one(struct check *c, const char *name, struct err *e)
{
	struct change *change;
	struct look nothing;
	struct entry entry;
	int rc;

	rc = state_get(c->s->state, name, &entry, e);
	if (rc <= 0)
		return rc;
	memset(&nothing, 0, sizeof(nothing));
	change = add_change(c, &nothing, &entry);
	change->want.name = mem_strdup(name);
	change->want.v.mtime = clock_real();
	stamp(c, change, &entry);
	entry_free(&entry);
	c->count->removed++;
	log_info("Removed: %s", name);
	return c->nchanges >= BATCH ? flush(c, e) : 0;
}

static int
removals(struct check *c, struct err *e)
{
	size_t i;
	int held;

	c->count->failed += guard_lost(c->guard);
	/* what is new counts, so that a renamed directory is not all */
	if (flush(c, e))
		return -1;
	held = guard_filter(c->guard, c->gone, &c->ngone, e);
	if (held < 0)
		return -1;
	c->count->failed += (size_t)held;
	for (i = 0; i < c->ngone; i++)
		if (remove_one(c, c->gone[i], e))
			return -1;
	return 0;
}

static int
mark_checked(struct check *c, struct err *e)
{
	if (fact_meta(c->s->state, "checked"))
		return 0;
	if (state_lock(c->s->state, c->s->lock_ms, e))
		return -1;
	if (fact_set_meta(c->s->state, "checked", 1, e)) {
		state_abort(c->s->state);
		return -1;
	}
	return state_unlock(c->s->state, e);
}

/* What a check of everything leaves behind: it was one, and old tombstones. */
static int
finish(struct check *c, struct err *e)
{
	if (mark_checked(c, e) ||
	    vanished_settled(c->s->state, c->s->lock_ms, e))
		return -1;
	if (c->tombstones <= tombstone_limit(c->live, TOMBSTONES_MIN))
		return 0;
	return tombstone_drop(c->s->conf, c->s->state, TOMBSTONES_MIN,
	    c->s->lock_ms, e);
}

/* "-cr /" is a check of everything, too. */
static int
is_full(const struct setup *s, const struct walk_arg *args, size_t nargs)
{
	size_t i;

	if (s->o->groups)
		return 0;
	for (i = 0; i < nargs; i++)
		if (args[i].recursive && !strcmp(args[i].name, "/"))
			return 1;
	return !nargs;
}

int
check_run(struct setup *s, const struct walk_arg *args, size_t nargs,
    struct check_count *count, struct err *e)
{
	const struct conf *conf = s->conf;
	struct err said = { "" };
	struct check c = { .s = s, .count = count,
		.ignore = { conf->ignore_uid, conf->ignore_gid,
		    conf->ignore_mod } };
	int rc = -1;

	warnings_once(s);
	log_collect(said.text, sizeof(said.text));
	c.first = !fact_meta(s->state, "checked");
	c.guard = guard_new(s);
	c.dirs = dirs_new(s);
	c.kept = keptdirs_new();
	c.deviations = deviations_new(s);
	c.progress.shown = progress_wanted(s->o);
	c.walk = walk_new(conf, args, nargs, 0);
	if (s->o->errand && s->o->errand->notify)
		walk_on_enter(c.walk, errand_enter, s);
	c.entries = state_walk_new(s->state, NULL, e);
	if (c.entries)
		rc = merge(&c, e);
	if (!rc)
		rc = removals(&c, e);
	if (!rc)
		rc = flush(&c, e);
	if (!rc)
		rc = deviations_record(c.deviations, e);
	if (!rc)
		rc = guard_record(c.guard, e);
	progress_checks_over(&c.progress);
	if (!rc && is_full(s, args, nargs) && !count->failed)
		rc = finish(&c, e);
	log_collect(NULL, 0);
	if (*said.text)
		memo_write(s, "check", "", said.text);
	else if (is_full(s, args, nargs))
		memo_drop(s, "check", "");
	while (c.nchanges)
		change_free(&c.changes[--c.nchanges]);
	free(c.changes);
	while (c.ngone)
		free(c.gone[--c.ngone]);
	free(c.gone);
	free(c.failed);
	state_walk_free(c.entries);
	walk_free(c.walk);
	guard_free(c.guard);
	dirs_free(c.dirs);
	keptdirs_free(c.kept);
	deviations_free(c.deviations);
	return rc;
}
