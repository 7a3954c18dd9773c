/* SPDX-License-Identifier: ISC */
/*
 * Preparation. Content was staged by the caller (stage.h); everything else is
 * made here under a temporary name, in the nearest directory that exists.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/path.h"
#include "change.h"
#include "detect.h"
#include "job.h"
#include "prepare.h"
#include "temp.h"
#include "tree.h"

enum {
	TRIES = 100,
	OPEN_SAFE = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
};

static enum job_kind
kind_of(const struct change *c)
{
	enum kind is = c->expect.kind, want = c->want.v.kind;

	if (c->record || (want == KIND_NONE && is == KIND_NONE))
		return JOB_RECORD;
	if (want == KIND_NONE)
		return JOB_REMOVE;
	if (is == want && !c->temporary &&
	    (want == KIND_REG || want == KIND_DIR || want == KIND_FIFO))
		return JOB_IN_PLACE;
	return JOB_PLACE;
}

static int
make_node(int dirfd, const char *base, const struct version *v)
{
	switch (v->kind) {
	case KIND_DIR:
		return mkdirat(dirfd, base, 0700);
	case KIND_LNK:
		return symlinkat(v->target ? v->target : "", dirfd, base);
	case KIND_FIFO:
		return mkfifoat(dirfd, base, 0600);
	case KIND_CHR:
		return mknodat(dirfd, base, S_IFCHR | 0600,
		    makedev(v->major, v->minor));
	case KIND_BLK:
		return mknodat(dirfd, base, S_IFBLK | 0600,
		    makedev(v->major, v->minor));
	default:
		errno = EINVAL;
		return -1;
	}
}

/* The directory's descriptor, the tree's, or -1. */
static int
make(struct burst *b, struct job *j)
{
	int dirfd, i;

	for (i = 0; i < TRIES; i++) {
		dirfd = temp_place(b->t, j->c->want.name, &j->temp);
		if (dirfd < 0)
			return -1;
		if (make_node(dirfd, path_base(j->temp), &j->c->want.v) == 0)
			return dirfd;
		free(j->temp);
		j->temp = NULL;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* Its name, and of a directory its metadata, too. */
static int
sync_node(struct burst *b, struct meta_at at, const struct job *j)
{
	int fd, r;

	if (flush_add(&b->temps, at.dirfd, NULL) < 0)
		return -1;
	if (j->look.kind != KIND_DIR || b->temps.many)
		return 0;
	fd = openat(at.dirfd, at.base, OPEN_SAFE | O_DIRECTORY);
	if (fd < 0)                     /* one that we may not read */
		return errno == EACCES ? flush_add_fs(&b->temps, at.dirfd) : -1;
	r = flush_add(&b->temps, fd, NULL);
	close(fd);
	return r;
}

static void
prepare_node(struct burst *b, struct job *j)
{
	struct meta_at at = { -1, NULL, -1 };
	struct stat st;

	at.dirfd = make(b, j);
	if (at.dirfd < 0) {
		job_failed(j, "cannot be made");
		return;
	}
	at.base = path_base(j->temp);
	if (meta_stat(at, &st) < 0 || meta_set(&j->meta, at, -1, &st) < 0 ||
	    look_read(at.dirfd, at.base, &j->look) < 0)
		job_failed(j, "owner, mode or time cannot be set");
	else if (sync_node(b, at, j) < 0)
		job_failed(j, "cannot be synced");
}

/* The file that will be replaced, for its extended attributes; or -1. */
static int
open_old(struct tree *t, const struct change *c)
{
	const char *base;
	int dirfd;

	if (c->expect.kind != KIND_REG)
		return -1;
	dirfd = tree_parent(t, c->want.name, &base);
	return dirfd < 0 ? -1 : openat(dirfd, base, OPEN_SAFE);
}

static int
sync_file(struct burst *b, int fd, const struct stat *st)
{
	return b->few ? fsync(fd) : flush_add(&b->temps, fd, st);
}

/* Metadata of the open temporary. */
static void
finish_file(struct burst *b, struct job *j, struct meta_at at, int old)
{
	struct stat st;

	if (meta_stat(at, &st) < 0) {
		job_failed(j, "its temporary file cannot be read");
	} else if (!S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    (uint64_t)st.st_size != j->c->want.v.size) {
		job_refused(j, "its temporary file is not what was staged");
	} else if (meta_set(&j->meta, at, old, &st) < 0) {
		job_failed(j, "owner, mode or time cannot be set");
	} else if (sync_file(b, at.fd, &st) < 0) {
		job_failed(j, "cannot be written");
	} else if (look_read(at.dirfd, at.base, &j->look) < 0) {
		job_failed(j, "its temporary file cannot be read");
	}
}

void
prepare_early(struct tree *t, const struct conf *conf, struct stime latest,
    struct change *c, int fd)
{
	struct meta_at at = { -1, NULL, fd };
	struct meta m;
	struct stat st;
	int old;

	meta_plan(&m, &c->want.v, &c->expect, conf, latest);
	m.fresh = 1;
	/* what runs as another is not left behind by one that is killed */
	if (m.mode & (S_ISUID | S_ISGID) || fstat(fd, &st) < 0 ||
	    (uint64_t)st.st_size != c->want.v.size)
		return;
	old = open_old(t, c);
	c->dressed = meta_set(&m, at, old, &st) == 0 &&
	    look_open(fd, &c->want.look) == 0;
	if (old >= 0)
		close(old);
}

/* One that has all but its place. */
static int
sync_dressed(struct burst *b, const struct job *j)
{
	const char *base;
	int dirfd, fd, r;

	if (!b->few && b->staged && job_same_parent(b->staged, j->temp))
		return 0;
	dirfd = tree_parent(b->t, j->temp, &base);
	if (dirfd < 0)
		return -1;
	if (!b->few) {
		b->staged = j->temp;
		return flush_add_fs(&b->temps, dirfd);
	}
	fd = openat(dirfd, base, OPEN_SAFE);
	r = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return r;
}

static void
prepare_file(struct burst *b, struct job *j)
{
	struct meta_at at = { -1, NULL, -1 };
	int old = open_old(b->t, j->c);

	at.dirfd = tree_parent(b->t, j->temp, &at.base);
	if (at.dirfd >= 0)
		at.fd = openat(at.dirfd, at.base, OPEN_SAFE);
	if (at.fd >= 0) {
		finish_file(b, j, at, old);
		close(at.fd);
	} else {
		job_failed(j, "its temporary file cannot be opened");
	}
	if (old >= 0)
		close(old);
}

static void
prepare_place(struct burst *b, struct job *j)
{
	struct change *c = j->c;

	j->meta.fresh = 1;
	if (c->want.v.kind != KIND_REG) {
		prepare_node(b, j);
	} else if (!c->temporary) {
		job_refused(j, "has no content");
	} else {
		j->temp = c->temporary;
		c->temporary = NULL;
		if (!c->dressed)
			prepare_file(b, j);
		else if (sync_dressed(b, j) < 0)
			job_failed(j, "cannot be written");
		else
			j->look = c->want.look;
	}
}

void
prepare_job(struct burst *b, struct job *j)
{
	struct change *c = j->c;

	j->kind = kind_of(c);
	j->look = c->expect;
	if ((j->kind == JOB_REMOVE || j->kind == JOB_PLACE) &&
	    !path_parent_len(c->want.name)) {
		job_refused(j, "a root cannot be removed or replaced");
		return;
	}
	if (j->kind == JOB_REMOVE) {
		memset(&j->look, 0, sizeof(j->look));
		j->look.trusted = 1;
		if (c->expect.kind != KIND_DIR)
			j->temp = temp_beside(c->want.name);
		return;
	}
	if (j->kind == JOB_RECORD)
		return;
	meta_plan(&j->meta, &c->want.v, &c->expect, b->conf, b->latest);
	if (j->kind == JOB_PLACE)
		prepare_place(b, j);
	else
		meta_foresee(&j->meta, &j->look);
}

/* After a syncfs that failed: which of them was it? */
static void
sync_each(struct burst *b)
{
	const char *base;
	struct job *j;
	int fd, dirfd;
	size_t i;

	for (i = 0; i < b->n; i++) {
		j = &b->jobs[i];
		if (j->c->result != CHANGE_DONE || j->kind != JOB_PLACE)
			continue;
		dirfd = tree_parent(b->t, j->temp, &base);
		fd = j->c->want.v.kind == KIND_REG && dirfd >= 0 ?
		    openat(dirfd, base, OPEN_SAFE) : dirfd;
		if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
			job_failed(j, "cannot be written");
		if (fd >= 0 && fd != dirfd)
			close(fd);
	}
}

void
prepare_sync(struct burst *b)
{
	if (flush_sync(&b->temps) < 0)
		sync_each(b);
}
