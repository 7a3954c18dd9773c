/* SPDX-License-Identifier: ISC */
#ifndef FS_FLUSH_H
#define FS_FLUSH_H

#include <stddef.h>
#include <sys/stat.h>

/*
 * Things to be made durable together: each with fsync when they are few, else
 * their file systems with syncfs. Zeroed is empty.
 */

enum { FLUSH_FEW = 8 };

struct flush_item {
	dev_t dev;
	ino_t ino;
	int fd;
};

struct flush {
	struct flush_item *items;
	size_t n, cap;
	int many;               /* items are file systems; may be set before
				   the first is added */
};

/*
 * Remembers what is open at fd, by a descriptor of its own. st: what fstat
 * showed, or NULL. -1 with errno.
 */
int flush_add(struct flush *f, int fd, const struct stat *st);
/* The same for the whole file system. */
int flush_add_fs(struct flush *f, int fd);
/* Syncs all; empty then, whatever is returned. -1 with errno. */
int flush_sync(struct flush *f);
void flush_fini(struct flush *f);

#endif
