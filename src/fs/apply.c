/* SPDX-License-Identifier: ISC */
/*
 * Replacing and removing so that nothing unseen is lost. What is replaced comes
 * out under the temporary's name, what is removed is put aside first, and only
 * if it is what was expected it goes; else it is put back. So an edit that hits
 * between the last look and the rename survives, where the file system can
 * exchange names. Where it cannot, there is a look right before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "backup.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "change.h"
#include "conf/match.h"
#include "detect.h"
#include "job.h"
#include "kept.h"
#include "rename.h"
#include "tree.h"

/* A rename or removal that failed. */
static void
disk_failed(struct job *j)
{
	int removal = j->kind == JOB_REMOVE;

	if (errno == EBUSY)
		job_refused(j, removal ?
		    "cannot be removed, something is mounted there" :
		    "cannot be replaced, something is mounted there");
	else
		job_failed(j, removal ? "cannot be removed" :
		    "cannot be replaced");
}

/* One that is synced is on its way, or its removal is still to be told. */
static void
no_parent(const struct burst *b, struct job *j)
{
	char *parent = mem_strndup(j->c->want.name,
	    path_parent_len(j->c->want.name));

	if (match_any(b->conf, parent, 0)) {
		job_stale(j);
		err_set(change_err(j->c), "%s: its directory is not there",
		    j->c->want.name);
	} else {
		job_refused(j, "its directory is missing, or something else "
		    "stands in its place");
	}
	free(parent);
}

/* Where the job's name is. A directory that is not there ends the job. */
static int
target(struct burst *b, struct job *j, struct place *to)
{
	to->dirfd = tree_parent(b->t, j->c->want.name, &to->base);
	if (to->dirfd >= 0)
		return 0;
	if (errno == ENOENT && j->kind != JOB_PLACE)
		job_stale(j);
	else if (errno == ENOENT)
		no_parent(b, j);
	else
		job_failed(j, "its directory cannot be opened");
	return -1;
}

/* A directory of temporaries other than the target's, which stays open. */
static int
open_aside(struct burst *b, const char *temp)
{
	size_t n = path_parent_len(temp);

	if (b->aside && strlen(b->aside) == n && !memcmp(b->aside, temp, n))
		return 0;
	if (b->aside)
		close(b->aside_fd);
	free(b->aside);
	b->aside = mem_strndup(temp, n);
	b->aside_synced = 0;
	b->aside_fd = tree_dir(b->t, b->aside);
	if (b->aside_fd >= 0)
		return 0;
	free(b->aside);
	b->aside = NULL;
	return -1;
}

/* Both the target and the temporary of a job. */
static int
both(struct burst *b, struct job *j, struct place *to, struct place *temp)
{
	int beside = job_same_parent(j->temp, j->c->want.name);

	if (!beside && open_aside(b, j->temp) < 0) {
		job_failed(j, "its temporary file cannot be found");
		return -1;
	}
	if (target(b, j, to) < 0)
		return -1;
	temp->base = path_base(j->temp);
	temp->dirfd = beside ? to->dirfd : b->aside_fd;
	return 0;
}

/* The last look at what stands there: -1 ends the job. */
static int
as_expected(struct job *j, struct place p)
{
	struct look now;
	int r = look_read(p.dirfd, p.base, &now);

	if (r < 0)
		job_failed(j, "cannot be looked at");
	else if (r > 0 || !look_shows_same(&now, &j->c->expect))
		job_stale(j);
	else
		return 0;
	return -1;
}

/* The directories that a rename touched have to be synced. */
static void
touched(struct burst *b, struct job *j, struct place to)
{
	if (b->synced && job_same_parent(b->synced, j->c->want.name))
		return;
	if (flush_add(&b->dirs, to.dirfd, NULL) == 0)
		b->synced = j->c->want.name;
}

/* The look in the end: what was set, and the ctime that the rename gave. */
static void
look_after(struct job *j, struct place to)
{
	struct look now, set = j->look;

	j->look.trusted = 0;
	if (look_read(to.dirfd, to.base, &now) != 0)
		return;
	set.ctime = j->look.ctime = now.ctime;
	j->look.trusted = look_shows_same(&now, &set);
}

/* What was put in place is there to stay. */
static void
placed(struct burst *b, struct job *j, struct place to, struct place temp)
{
	touched(b, j, to);
	if (temp.dirfd != to.dirfd && !b->aside_synced)
		b->aside_synced = flush_add(&b->dirs, temp.dirfd, NULL) == 0;
	look_after(j, to);
	if (j->look.kind == KIND_DIR || j->c->expect.kind == KIND_DIR)
		tree_reset(b->t);
}

static void
place_new(struct burst *b, struct job *j, struct place to, struct place temp)
{
	if (rename_new(temp, to) == 0)
		placed(b, j, to, temp);
	else if (errno == EEXIST)
		job_stale(j);
	else
		disk_failed(j);
}

/*
 * Something synced lives in the directory that should go, and takes over the
 * name of. What this burst itself failed to remove is no inhabitant, unless it
 * is a directory with one.
 */
static void
inhabited(struct burst *b, struct job *j, char *found)
{
	const struct job *other = job_find(b, found);

	job_stale(j);
	j->c->lives = !other || other->c->lives;
	err_set(change_err(j->c), "%s: directory not empty: %s lives in it",
	    j->c->want.name, found);
	free(found);
}

/* Whether that directory may go; if not, the job has ended. */
static int
vacant(struct burst *b, struct job *j, struct place dir)
{
	char *found;
	int r = kept_scan(b, j->c->want.name, dir, &found);

	if (r < 0)
		job_failed(j, "cannot be looked into");
	else if (r == KEPT_LIVES)
		inhabited(b, j, found);
	else if (r == KEPT_OTHERS)
		job_refused(j, "directory not empty: what lives in it is not "
		    "synced");
	return r == KEPT_NOTHING;
}

/* An old directory; temporaries of the dead do not keep it. */
static int
dispose_dir(struct burst *b, struct job *j, struct place dir)
{
	if (unlinkat(dir.dirfd, dir.base, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST) {
		disk_failed(j);
	} else if (vacant(b, j, dir)) {
		if (unlinkat(dir.dirfd, dir.base, AT_REMOVEDIR) == 0)
			return 0;
		disk_failed(j);
	}
	return -1;
}

/*
 * The old thing, at `old` now, goes for ever. -1 ends the job, and the caller
 * puts it back.
 */
static int
dispose(struct burst *b, struct job *j, struct place old)
{
	enum kind kind = j->c->expect.kind;
	struct err why;

	if (kind == KIND_DIR)
		return dispose_dir(b, j, old);
	if ((kind == KIND_REG || kind == KIND_LNK) && backup_keep(b->conf,
	    j->c->want.name, old, &b->dirs, &why) < 0) {
		*change_err(j->c) = why;
		j->c->result = CHANGE_FAILED;
		return -1;
	}
	if (unlinkat(old.dirfd, old.base, 0) == 0)
		return 0;
	disk_failed(j);
	return -1;
}

/* Something of ours that was edited meanwhile: it stays, under its own name. */
static void
save(struct job *j, struct place edited, struct place to)
{
	char base[RENAME_SAVED_MAX];

	if (rename_saved(edited, to, base) < 0) {
		j->stuck = 1;
		job_failed(j, "an edit made meanwhile cannot be put back");
		return;
	}
	err_set(change_err(j->c), "%s: edited while it was replaced; one edit "
	    "is in %s", j->c->want.name, base);
}

static void
swap_back(struct job *j, struct place to, struct place temp)
{
	if (rename_swap(temp, to) < 0) {
		j->stuck = 1;
		job_failed(j, "what stood there cannot be put back");
	} else if (rename_came(temp, &j->look) == 0) {
		save(j, temp, to);
	}
}

/* Without an exchange: a look right before, then over it. */
static void
replace_plainly(struct burst *b, struct job *j, struct place to,
    struct place temp)
{
	int was_dir = j->c->expect.kind == KIND_DIR;
	int be_dir = j->c->want.v.kind == KIND_DIR;
	struct err why;

	if (as_expected(j, to) < 0)
		return;
	if (was_dir != be_dir) {
		if (dispose(b, j, to) < 0)
			return;
	} else if (backup_keep(b->conf, j->c->want.name, to,
	    &b->dirs, &why) < 0) {
		*change_err(j->c) = why;
		j->c->result = CHANGE_FAILED;
		return;
	}
	if (renameat(temp.dirfd, temp.base, to.dirfd, to.base) == 0)
		placed(b, j, to, temp);
	else
		disk_failed(j);
}

static void
replace(struct burst *b, struct job *j, struct place to, struct place temp)
{
	int came;

	if (as_expected(j, to) < 0)
		return;
	/* a directory that has to stay is not moved away for a moment */
	if (j->c->expect.kind == KIND_DIR && j->c->want.v.kind != KIND_DIR &&
	    !vacant(b, j, to))
		return;
	if (rename_swap(temp, to) < 0) {
		/* overlayfs cannot move a directory of its lower layer */
		if (rename_no_swap(errno) || (errno == EXDEV &&
		    j->c->expect.kind == KIND_DIR))
			replace_plainly(b, j, to, temp);
		else if (errno == ENOENT)
			job_stale(j);
		else
			disk_failed(j);
		return;
	}
	came = rename_came(temp, &j->c->expect);
	if (came < 0)
		job_failed(j, "what stood there cannot be looked at");
	else if (!came)
		job_stale(j);
	if (came != 1 || dispose(b, j, temp) < 0)
		swap_back(j, to, temp);
	else
		placed(b, j, to, temp);
}

static void
apply_place(struct burst *b, struct job *j)
{
	struct place to, temp;

	if (both(b, j, &to, &temp) < 0)
		return;
	if (j->c->expect.kind == KIND_NONE)
		place_new(b, j, to, temp);
	else
		replace(b, j, to, temp);
}

/* Metadata in place; undone as a whole when a part of it fails. */
static void
set_in_place(struct burst *b, struct job *j, struct meta_at at)
{
	struct place to = { at.dirfd, at.base };
	struct look now;
	struct meta back;
	struct stat st;

	if (as_expected(j, to) < 0)
		return;
	if (meta_stat(at, &st) < 0) {
		job_failed(j, "cannot be looked at");
		return;
	}
	if (meta_set(&j->meta, at, -1, &st) < 0) {
		job_failed(j, "owner, mode or time cannot be set");
		meta_plan_back(&back, &j->c->expect);
		if (meta_stat(at, &st) == 0)
			meta_set(&back, at, -1, &st);
		return;
	}
	if ((at.fd >= 0 ? flush_add(&b->dirs, at.fd, &st) :
	    flush_add_fs(&b->dirs, at.dirfd)) < 0 ||
	    look_read(at.dirfd, at.base, &now) < 0) {
		j->look.trusted = 0;
		return;
	}
	/* What could be set counts, but an edit shows in size or time. */
	j->look.trusted = now.kind == j->look.kind &&
	    now.size == j->look.size &&
	    stime_cmp(now.mtime, j->look.mtime) == 0;
	if (j->look.trusted)
		j->look = now;
}

static void
apply_in_place(struct burst *b, struct job *j)
{
	struct meta_at at = { -1, NULL, -1 };
	struct place to;

	if (target(b, j, &to) < 0)
		return;
	at.dirfd = to.dirfd;
	at.base = to.base;
	/* Open, so that nobody can put another file in its place meanwhile. */
	if (j->c->expect.kind != KIND_FIFO)
		at.fd = openat(to.dirfd, to.base, O_RDONLY | O_NOFOLLOW |
		    O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	set_in_place(b, j, at);
	if (at.fd >= 0)
		close(at.fd);
}

static void
remove_dir(struct burst *b, struct job *j)
{
	struct place to;
	char *found;
	int r;

	if (target(b, j, &to) < 0 || as_expected(j, to) < 0)
		return;
	if (unlinkat(to.dirfd, to.base, AT_REMOVEDIR) < 0) {
		if (errno != ENOTEMPTY && errno != EEXIST) {
			disk_failed(j);
			return;
		}
		r = kept_scan(b, j->c->want.name, to, &found);
		if (r < 0)
			job_failed(j, "cannot be looked into");
		if (r == KEPT_LIVES)
			inhabited(b, j, found);
		if (r < 0 || r == KEPT_LIVES)
			return;
		if (unlinkat(to.dirfd, to.base, AT_REMOVEDIR) < 0) {
			j->c->want.bits |= HISTORY_KEPT;
			j->look = j->c->expect;
			return;
		}
	}
	touched(b, j, to);
	tree_reset(b->t);
}

static void
put_back(struct job *j, struct place to, struct place temp)
{
	if (rename_new(temp, to) == 0)
		return;
	if (errno == EEXIST) {
		save(j, temp, to);
		return;
	}
	j->stuck = 1;
	job_failed(j, "cannot be put back");
}

static void
remove_file(struct burst *b, struct job *j)
{
	struct place to, temp;
	int came;

	if (both(b, j, &to, &temp) < 0 || as_expected(j, to) < 0)
		return;
	if (rename_new(to, temp) < 0) {
		if (errno == ENOENT)
			job_stale(j);
		else
			disk_failed(j);
		return;
	}
	came = rename_came(temp, &j->c->expect);
	if (came < 0)
		job_failed(j, "cannot be looked at");
	else if (!came)
		job_stale(j);
	if (came != 1 || dispose(b, j, temp) < 0)
		put_back(j, to, temp);
	else
		touched(b, j, to);
}

/* Nothing to do: but is it still so? */
static void
apply_record(struct burst *b, struct job *j)
{
	struct place to;

	to.dirfd = tree_parent(b->t, j->c->want.name, &to.base);
	if (to.dirfd >= 0)
		as_expected(j, to);
	else if (errno != ENOENT)
		job_failed(j, "its directory cannot be opened");
	else if (j->c->expect.kind != KIND_NONE)
		job_stale(j);
}

void
apply_job(struct burst *b, struct job *j)
{
	switch (j->kind) {
	case JOB_RECORD:
		apply_record(b, j);
		break;
	case JOB_IN_PLACE:
		apply_in_place(b, j);
		break;
	case JOB_PLACE:
		apply_place(b, j);
		break;
	case JOB_REMOVE:
		if (j->c->expect.kind == KIND_DIR)
			remove_dir(b, j);
		else
			remove_file(b, j);
		break;
	}
}
