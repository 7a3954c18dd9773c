/* SPDX-License-Identifier: ISC */
/*
 * Syncing. A directory on some file systems cannot be synced (EINVAL): there is
 * nothing better to do about it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "flush.h"

static int
known(const struct flush *f, const struct stat *st)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->items[i].dev == st->st_dev &&
		    (f->many || f->items[i].ino == st->st_ino))
			return 1;
	return 0;
}

/* From now on one item a file system. */
static void
go_many(struct flush *f)
{
	size_t i, j, n = 0;

	f->many = 1;
	for (i = 0; i < f->n; i++) {
		for (j = 0; j < n; j++)
			if (f->items[j].dev == f->items[i].dev)
				break;
		if (j < n)
			close(f->items[i].fd);
		else
			f->items[n++] = f->items[i];
	}
	f->n = n;
}

static int
sync_now(const struct flush *f, int fd)
{
	int r = f->many ? syncfs(fd) : fsync(fd);

	return r < 0 && errno != EINVAL ? -1 : 0;
}

int
flush_add(struct flush *f, int fd, const struct stat *st)
{
	struct flush_item *item;
	struct stat own;
	int copy;

	if (!st) {
		if (fstat(fd, &own) < 0)
			return -1;
		st = &own;
	}
	if (known(f, st))
		return 0;
	if (!f->many && f->n == FLUSH_FEW) {
		go_many(f);
		if (known(f, st))
			return 0;
	}
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)                   /* no descriptor is left: at once */
		return sync_now(f, fd);
	f->items = mem_grow(f->items, f->n, &f->cap, sizeof(*f->items));
	item = &f->items[f->n++];
	item->dev = st->st_dev;
	item->ino = st->st_ino;
	item->fd = copy;
	return 0;
}

int
flush_add_fs(struct flush *f, int fd)
{
	if (!f->many)
		go_many(f);
	return flush_add(f, fd, NULL);
}

int
flush_sync(struct flush *f)
{
	int error = 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (sync_now(f, f->items[i].fd) < 0 && !error)
			error = errno;
		close(f->items[i].fd);
	}
	f->n = 0;
	f->many = 0;
	errno = error;
	return error ? -1 : 0;
}

void
flush_fini(struct flush *f)
{
	while (f->n)
		close(f->items[--f->n].fd);
	free(f->items);
	memset(f, 0, sizeof(*f));
}
