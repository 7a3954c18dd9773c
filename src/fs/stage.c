/* SPDX-License-Identifier: ISC */
/*
 * Staging: an O_EXCL file and a content id. Blocks of zeroes are skipped, never
 * written; a hole at the end is made by setting the size.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "spare.h"
#include "stage.h"
#include "temp.h"
#include "tree.h"

enum { BLOCK = 4096, TRIES = 100 };

struct stage {
	struct tree *t;
	char *target;           /* for error texts */
	char *name;             /* of the temporary */
	int fd;                 /* -1: kept */
	struct content *content;
	uint64_t size;          /* of what was given */
	uint64_t end;           /* of what is written */
};

/* Makes the file; errno tells what failed. */
static int
create(struct stage *s)
{
	int dirfd, i;

	for (i = 0; i < TRIES; i++) {
		dirfd = temp_place(s->t, s->target, &s->name);
		if (dirfd < 0)
			return -1;
		s->fd = openat(dirfd, path_base(s->name), O_RDWR | O_CREAT |
		    O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (s->fd >= 0)
			return 0;
		free(s->name);
		s->name = NULL;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

int
stage_open(struct stage **out, struct tree *t, const char *name, struct err *e)
{
	struct stage *s = mem_alloc(sizeof(*s));

	s->t = t;
	s->fd = -1;
	s->target = mem_strdup(name);
	s->content = spare_take(tree_spare(t));
	*out = s;
	if (create(s) == 0)
		return 0;
	err_sys(e, "%s: no temporary file can be made", name);
	stage_free(s);
	*out = NULL;
	return -1;
}

/* Writes n bytes where they belong, which may lie behind a hole. */
static int
write_at(struct stage *s, const unsigned char *p, size_t n, uint64_t at)
{
	ssize_t r;

	while (n) {
		r = pwrite(s->fd, p, n, (off_t)at);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		p += r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	s->end = at;
	return 0;
}

/* What of n bytes at `at` lies in one block. */
static size_t
in_block(size_t n, uint64_t at)
{
	size_t rest = BLOCK - (size_t)(at % BLOCK);

	return n < rest ? n : rest;
}

/*
 * The zeroes at p, which is byte `at` of the file, as far as they fill what we
 * have of a block: left out, they read the same.
 */
static size_t
zeroes(const unsigned char *p, size_t n, uint64_t at)
{
	size_t len = 0, step;

	for (; len < n; len += step) {
		step = in_block(n - len, at + len);
		if (p[len] || memcmp(p + len, p + len + 1, step - 1))
			break;
	}
	return len;
}

/* Up to what is to be left out. */
static size_t
data(const unsigned char *p, size_t n, uint64_t at)
{
	size_t len = 0;

	while (len < n && !zeroes(p + len, in_block(n - len, at + len),
	    at + len))
		len += in_block(n - len, at + len);
	return len;
}

int
stage_write(struct stage *s, const void *bytes, size_t n, struct err *e)
{
	const unsigned char *p = bytes;
	size_t len;

	content_add(s->content, bytes, n);
	while (n) {
		len = zeroes(p, n, s->size);
		if (!len) {
			len = data(p, n, s->size);
			if (write_at(s, p, len, s->size) < 0)
				return err_sys(e, "%s: cannot be written",
				    s->target);
		}
		s->size += len;
		p += len;
		n -= len;
	}
	return 0;
}

uint64_t
stage_size(const struct stage *s)
{
	return s->size;
}

void
stage_id(struct stage *s, unsigned char id[32])
{
	content_final(s->content, id);
}

const char *
stage_name(const struct stage *s)
{
	return s->name;
}

int
stage_fd(const struct stage *s)
{
	return s->fd;
}

/* A hole at the end. */
int
stage_end(struct stage *s, struct err *e)
{
	if (s->end < s->size && ftruncate(s->fd, (off_t)s->size) < 0)
		return err_sys(e, "%s: cannot be written", s->target);
	s->end = s->size;
	return 0;
}

int
stage_keep(struct stage *s, struct err *e)
{
	int fd = s->fd;

	if (stage_end(s, e) < 0)
		return -1;
	if (close(fd) == 0) {
		s->fd = -1;
		return 0;
	}
	/* A close that fails (a quota over NFS) has closed all the same. */
	err_sys(e, "%s: cannot be written", s->target);
	stage_remove(s->t, s->name);
	s->fd = -1;
	return -1;
}

void
stage_free(struct stage *s)
{
	if (!s)
		return;
	if (s->fd >= 0) {
		close(s->fd);
		stage_remove(s->t, s->name);
	}
	spare_give(tree_spare(s->t), s->content);
	free(s->target);
	free(s->name);
	free(s);
}

void
stage_remove(struct tree *t, const char *temporary)
{
	const char *base;
	int dirfd = tree_parent(t, temporary, &base);

	if (dirfd >= 0 && path_reserved(base) &&
	    unlinkat(dirfd, base, 0) < 0)
		unlinkat(dirfd, base, AT_REMOVEDIR);
}
