/* SPDX-License-Identifier: ISC */
/*
 * Recovery. An intent holds the entry as it will be recorded, its look being
 * what the temporary was made to show, and the temporary's name:
 *
 *   of a replacement. The temporary is gone: carried out. It is the new thing
 *     (by look and content): not carried out. It is anything else: what stood
 *     there, for names are exchanged. If we know that, it goes; an edit that
 *     nobody saw is put back instead.
 *   of a removal. The temporary is what stood there, put aside: if we know it,
 *     it goes; else it is put back. It is gone: the removal took place if
 *     nothing stands there.
 *   of either. Where the power went while a file system had the new name of a
 *     rename, and the old one still, the temporary is a second name of what
 *     stands there: that name goes, and with it a removal was not carried out.
 *   "" of metadata in place: what is half done is done again, unless something
 *     there is neither as it was nor as it should be.
 *
 * Carried out means that the entry is recorded with an untrusted look, so that
 * the next check finds what was edited since. All disk work is synced before
 * anything is recorded, and a temporary that decides "not carried out" goes
 * only after the intent has: a crash in here decides the same again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "change.h"
#include "detect.h"
#include "flush.h"
#include "meta.h"
#include "recover.h"
#include "rename.h"
#include "spare.h"
#include "stage.h"
#include "state/fact.h"
#include "state/state.h"
#include "tree.h"

struct intent {
	struct entry want;
	char *temp;
	int carried;            /* out: record want */
	int sweep;              /* the temporary, when the intent is gone */
};

struct recovery {
	struct tree *t;
	struct state *s;
	const struct commit_options *o;
	struct flush flush;
	struct intent *intents;
	size_t n, cap;
};

/* One intent with all that is known of its places. */
struct scene {
	struct intent *i;
	struct entry cur;       /* of the state; zeroed: none */
	struct place to, temp;
	int temp_fd;            /* of temp.dirfd */
	int gone;               /* the directory of to is not there */
	struct look there;      /* at to */
};

int
recover_needed(struct state *s)
{
	struct entry want;
	char *temp;

	if (fact_intent_after(s, NULL, &temp, &want) != 1)
		return 0;
	free(temp);
	entry_free(&want);
	return 1;
}

int
recover_owns(struct state *s, const char *base)
{
	char *after = NULL, *temp;
	struct entry want;
	int found = 0;

	while (!found && fact_intent_after(s, after, &temp, &want) == 1) {
		found = !strcmp(path_reserved(temp) ? temp :
		    path_base(temp), base);
		free(after);
		after = mem_strdup(want.name);
		free(temp);
		entry_free(&want);
	}
	free(after);
	return found;
}

static int
live(const struct entry *e)
{
	return e->name && e->v.kind != KIND_NONE;
}

/* Whether the look l is the one that we recorded, but for a rename's ctime. */
static int
known(const struct scene *sc, struct look l)
{
	if (!live(&sc->cur))
		return 0;
	l.ctime = sc->cur.look.ctime;
	return look_shows_same(&l, &sc->cur.look);
}

/* Whether the temporary is the new thing itself. */
static int
is_new(const struct scene *sc)
{
	static const struct version_ignore none = { 0, 0, 0 };
	struct spare spare = { NULL, NULL };
	enum detected is;
	struct version v;
	struct look l;
	struct err e;
	int same;

	if (rename_came(sc->temp, &sc->i->want.look) != 1)
		return 0;
	memset(&v, 0, sizeof(v));
	is = detect(&spare, sc->temp.dirfd, sc->temp.base, NULL, NULL, none,
	    &v, &l, NULL, &e);
	spare_fini(&spare);
	if (is != DETECT_CHANGED)
		return 0;
	same = version_same_content(&v, &sc->i->want.v);
	version_free(&v);
	return same;
}

/* What stood there and is known goes. */
static int
dispose(struct recovery *r, const struct scene *sc, const struct look *l)
{
	struct err e;

	if (l->kind == KIND_DIR)
		return unlinkat(sc->temp.dirfd, sc->temp.base, AT_REMOVEDIR);
	if (!known(sc, *l))
		return -1;
	if (l->kind == KIND_REG || l->kind == KIND_LNK)
		backup_keep(r->o->conf, sc->i->want.name, sc->temp,
		    &r->flush, &e);
	return unlinkat(sc->temp.dirfd, sc->temp.base, 0);
}

/* The temporary is not the new thing: the names were exchanged. */
static void
settle_exchanged(struct recovery *r, struct scene *sc, const struct look *l)
{
	char base[RENAME_SAVED_MAX];

	sc->i->carried = 1;
	if (dispose(r, sc, l) == 0)
		return;
	if (rename_came(sc->to, &sc->i->want.look) == 1 &&
	    rename_swap(sc->temp, sc->to) == 0) {
		sc->i->carried = 0;
		sc->i->sweep = 1;
	} else if (sc->there.kind == KIND_NONE) {
		sc->i->carried = rename_new(sc->temp, sc->to) != 0;
	} else {
		rename_saved(sc->temp, sc->to, base);
	}
}

/*
 * A file had to make way for a directory, or the other way round, where names
 * cannot be exchanged: what was in the way is gone already.
 */
static int
half_replaced(const struct scene *sc)
{
	return sc->there.kind == KIND_NONE && live(&sc->cur) &&
	    (sc->cur.v.kind == KIND_DIR) != (sc->i->want.v.kind == KIND_DIR) &&
	    rename_swap(sc->temp, sc->to) < 0 && rename_no_swap(errno) &&
	    rename_new(sc->temp, sc->to) == 0;
}

/* Both are names of one thing: the temporary's goes. */
static int
half_renamed(const struct scene *sc)
{
	struct stat a, b;

	return sc->temp.dirfd >= 0 &&
	    fstatat(sc->temp.dirfd, sc->temp.base, &a,
	    AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(sc->to.dirfd, sc->to.base, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	    unlinkat(sc->temp.dirfd, sc->temp.base, 0) == 0;
}

static void
settle_placed(struct recovery *r, struct scene *sc)
{
	struct look l;

	if (half_renamed(sc)) {
		sc->i->carried = 1;
		return;
	}
	if (look_read(sc->temp.dirfd, sc->temp.base, &l) < 0)
		return;
	if (l.kind == KIND_NONE) {
		/* Gone, and the old thing as we know it: never durable. */
		sc->i->carried = !live(&sc->cur) || !sc->cur.look.trusted ||
		    sc->cur.v.kind == KIND_DIR ||
		    !look_shows_same(&sc->there, &sc->cur.look);
	} else if (!is_new(sc)) {
		settle_exchanged(r, sc, &l);
	} else {
		sc->i->carried = half_replaced(sc);
		sc->i->sweep = !sc->i->carried;
	}
}

static void
settle_removal(struct recovery *r, struct scene *sc)
{
	char base[RENAME_SAVED_MAX];
	struct look l;

	if (half_renamed(sc))
		return;
	if (!*sc->i->temp ||
	    look_read(sc->temp.dirfd, sc->temp.base, &l) < 0 ||
	    l.kind == KIND_NONE)
		sc->i->carried = sc->there.kind == KIND_NONE;
	else if (dispose(r, sc, &l) == 0)
		sc->i->carried = 1;
	else if (rename_new(sc->temp, sc->to) < 0)
		rename_saved(sc->temp, sc->to, base);
}

static int
between(uint32_t now, uint32_t old, uint32_t want)
{
	return now == old || now == want;
}

static int
half_done(const struct look *now, const struct look *old,
    const struct look *want)
{
	return now->kind == want->kind && now->kind == old->kind &&
	    now->size == old->size &&
	    between(now->uid, old->uid, want->uid) &&
	    between(now->gid, old->gid, want->gid) &&
	    (between(now->mode, old->mode, want->mode) ||
	    now->mode == (old->mode & ~(uint32_t)(S_ISUID | S_ISGID))) &&
	    (!stime_cmp(now->mtime, old->mtime) ||
	    !stime_cmp(now->mtime, want->mtime));
}

static void
settle_in_place(struct recovery *r, struct scene *sc)
{
	struct meta_at at = { sc->to.dirfd, sc->to.base, -1 };
	struct meta m;
	struct stat st;

	if (!live(&sc->cur) ||
	    !half_done(&sc->there, &sc->cur.look, &sc->i->want.look))
		return;
	meta_plan_back(&m, &sc->i->want.look);
	if (meta_stat(at, &st) == 0 && meta_set(&m, at, -1, &st) == 0)
		sc->i->carried = flush_add_fs(&r->flush, at.dirfd) == 0;
}

/* Opens the places of an intent. */
static void
scene_open(struct recovery *r, struct scene *sc)
{
	const char *temp = sc->i->temp;
	char *dir = mem_strndup(temp, path_parent_len(temp));

	sc->temp.base = path_base(temp);
	sc->temp.dirfd = sc->temp_fd = *temp ? tree_dir(r->t, dir) : -1;
	free(dir);
	sc->to.dirfd = tree_parent(r->t, sc->i->want.name, &sc->to.base);
	memset(&sc->there, 0, sizeof(sc->there));
	sc->gone = sc->to.dirfd < 0 && errno == ENOENT;
	if (sc->to.dirfd >= 0)
		look_read(sc->to.dirfd, sc->to.base, &sc->there);
}

static int
settle(struct recovery *r, struct intent *i, struct err *e)
{
	struct scene sc;

	memset(&sc, 0, sizeof(sc));
	sc.i = i;
	if (state_get(r->s, i->want.name, &sc.cur, e) < 0)
		return -1;
	scene_open(r, &sc);
	if (sc.gone && i->want.v.kind == KIND_NONE)
		i->carried = 1;
	else if (sc.to.dirfd < 0)
		i->sweep = sc.temp_fd >= 0 && is_new(&sc);
	else if (i->want.v.kind == KIND_NONE)
		settle_removal(r, &sc);
	else if (*i->temp)
		settle_placed(r, &sc);
	else
		settle_in_place(r, &sc);
	/* A later record of the same name stands. */
	if (sc.cur.name && sc.cur.number > i->want.number)
		i->carried = 0;
	if (sc.to.dirfd >= 0)
		flush_add(&r->flush, sc.to.dirfd, NULL);
	if (sc.temp_fd >= 0) {
		flush_add(&r->flush, sc.temp_fd, NULL);
		close(sc.temp_fd);
	}
	entry_free(&sc.cur);
	tree_reset(r->t);
	return 0;
}

/* The whole name of a temporary that is told by its last component. */
static void
complete(struct intent *i)
{
	char *temp = i->temp;

	if (!path_reserved(temp))
		return;
	i->temp = path_child(i->want.name, path_parent_len(i->want.name),
	    temp);
	free(temp);
}

static void
gather(struct recovery *r)
{
	const char *after = NULL;
	struct intent i;

	memset(&i, 0, sizeof(i));
	while (fact_intent_after(r->s, after, &i.temp, &i.want) == 1) {
		r->intents = mem_grow(r->intents, r->n, &r->cap, sizeof(i));
		complete(&i);
		r->intents[r->n++] = i;
		after = i.want.name;
	}
}

static int
record_one(struct recovery *r, const struct intent *i, struct err *e)
{
	struct change c = { .number = 1, .result = CHANGE_DONE };
	struct entry want;
	int rc;

	if (state_put(r->s, &i->want, e) < 0)
		return -1;
	if (!r->o->done)
		return 0;
	want = entry_copy(&i->want);
	change_take(&c, &want);
	rc = r->o->done(r->o->ctx, &c, 1, e);
	change_free(&c);
	return rc;
}

static int
record(struct recovery *r, struct err *e)
{
	struct intent *i;

	for (i = r->intents; i < r->intents + r->n; i++) {
		if (i->carried && record_one(r, i, e) < 0)
			return -1;
		if (fact_drop_intent(r->s, i->want.name, e) < 0)
			return -1;
	}
	return state_sync(r->s, e);
}

static int
settle_all(struct recovery *r, struct err *e)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (settle(r, &r->intents[i], e) < 0)
			return -1;
		/* Nobody comes there when the intent is gone. */
		backup_sweep(r->o->conf, r->intents[i].want.name);
	}
	if (flush_sync(&r->flush) < 0)
		return err_sys(e, "directories cannot be synced");
	if (record(r, e) < 0)
		return -1;
	for (i = 0; i < r->n; i++)
		if (r->intents[i].sweep)
			stage_remove(r->t, r->intents[i].temp);
	return 0;
}

int
recover_intents(struct tree *t, struct state *s,
    const struct commit_options *o, struct err *e)
{
	struct recovery r;
	size_t i;
	int ret;

	memset(&r, 0, sizeof(r));
	r.t = t;
	r.s = s;
	r.o = o;
	gather(&r);
	ret = r.n ? settle_all(&r, e) : 0;
	flush_fini(&r.flush);
	for (i = 0; i < r.n; i++) {
		free(r.intents[i].temp);
		entry_free(&r.intents[i].want);
	}
	free(r.intents);
	return ret;
}
