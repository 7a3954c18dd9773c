/* SPDX-License-Identifier: ISC */
/*
 * A directory that is included is written when it is found, any other one when
 * something in it is. The directories above the last item that were written are
 * on a stack, so that each is written once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "dirs.h"
#include "fs/walk.h"
#include "setup.h"

struct dirs {
	const struct conf *conf;
	int fd;                 /* -1: writing failed */
	char **above;           /* names, each in the one before */
	size_t n, cap;
};

struct dirs *
dirs_new(const struct setup *s)
{
	struct dirs *d;

	if (!s->o->dirs)
		return NULL;
	d = mem_alloc(sizeof(*d));
	d->conf = s->conf;
	d->fd = (int)s->o->dirs_fd;
	return d;
}

static int
write_path(struct dirs *d, const char *name, struct err *e)
{
	char *path = conf_path(d->conf, name);
	const char *p = path;
	size_t left = path ? strlen(path) + 1 : 0;
	ssize_t n;

	while (left && d->fd >= 0) {
		n = write(d->fd, p, left);
		if (n >= 0) {
			p += n;
			left -= (size_t)n;
		} else if (errno != EINTR) {
			err_sys(e, "-W %d: cannot write", d->fd);
			d->fd = -1;
		}
	}
	free(path);
	return left ? -1 : 0;
}

static int
add(struct dirs *d, char *name, struct err *e)
{
	if (d->n && !strcmp(d->above[d->n - 1], name)) {
		free(name);
		return 0;
	}
	d->above = mem_grow(d->above, d->n, &d->cap, sizeof(*d->above));
	d->above[d->n++] = name;
	return write_path(d, name, e);
}

int
dirs_add(struct dirs *d, const struct walk_item *item, struct err *e)
{
	size_t parent;

	if (!d || d->fd < 0)
		return 0;
	parent = path_parent_len(item->name);
	while (d->n && !path_within(item->name, d->above[d->n - 1]))
		free(d->above[--d->n]);
	if (item->in_walked && parent &&
	    add(d, mem_strndup(item->name, parent), e))
		return -1;
	return item->is_walked ? add(d, mem_strdup(item->name), e) : 0;
}

void
dirs_free(struct dirs *d)
{
	if (!d)
		return;
	while (d->n)
		free(d->above[--d->n]);
	free(d->above);
	free(d);
}
