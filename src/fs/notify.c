/* SPDX-License-Identifier: ISC */
/*
 * A watch stays with its directory when that is moved, and so would go on under
 * the old name: what moves away is no longer watched, and is found anew where
 * it arrives. Numbers of watches only grow, so the list is sorted by them.
 *
 * No IN_MODIFY: a file is told of when who wrote it closes it, or else each
 * write to a log would be.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "notify.h"

enum {
	EVENTS = IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE |
	    IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW |
	    IN_EXCL_UNLINK,
	READ_BYTES = 4096
};

struct watched {
	int watch;
	char *path;
};

struct notify {
	int fd;
	struct watched *at;
	size_t n, cap;
};

struct notify *
notify_new(struct err *e)
{
	struct notify *n;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0) {
		err_sys(e, "inotify");
		return NULL;
	}
	n = mem_alloc(sizeof(*n));
	n->fd = fd;
	return n;
}

void
notify_free(struct notify *n)
{
	if (!n)
		return;
	while (n->n)
		free(n->at[--n->n].path);
	free(n->at);
	close(n->fd);
	free(n);
}

int
notify_fd(const struct notify *n)
{
	return n->fd;
}

int
notify_add(struct notify *n, const char *path)
{
	return inotify_add_watch(n->fd, path, EVENTS);
}

/* Where it is, or where it has to be put. */
static size_t
find(const struct notify *n, int watch)
{
	size_t low = 0, high = n->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (n->at[mid].watch < watch)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
forget(struct notify *n, size_t i)
{
	free(n->at[i].path);
	n->n--;
	memmove(n->at + i, n->at + i + 1, (n->n - i) * sizeof(*n->at));
}

void
notify_know(struct notify *n, int watch, const char *path)
{
	size_t i = find(n, watch);

	if (i < n->n && n->at[i].watch == watch) {
		if (!strcmp(n->at[i].path, path))
			return;
		forget(n, i);
	}
	n->at = mem_grow(n->at, n->n, &n->cap, sizeof(*n->at));
	memmove(n->at + i + 1, n->at + i, (n->n - i) * sizeof(*n->at));
	n->at[i] = (struct watched){ watch, mem_strdup(path) };
	n->n++;
}

static void
moved_away(struct notify *n, const char *path)
{
	size_t i;

	for (i = n->n; i-- > 0; )
		if (path_within(n->at[i].path, path)) {
			inotify_rm_watch(n->fd, n->at[i].watch);
			forget(n, i);
		}
}

/* One event: whether something was lost. */
static int
hear(struct notify *n, const struct inotify_event *event, void (*found)(
    void *ctx, const char *path, int dir), void *ctx)
{
	size_t i = find(n, event->wd);
	int dir = (event->mask & IN_ISDIR) != 0;
	char *path;

	if (event->mask & (IN_Q_OVERFLOW | IN_UNMOUNT))
		return 1;
	if (i == n->n || n->at[i].watch != event->wd)
		return 0;
	if (event->mask & IN_IGNORED) {
		forget(n, i);
		return 0;
	}
	if (!event->len)
		return 0;
	path = path_child(n->at[i].path, strlen(n->at[i].path), event->name);
	if (dir && event->mask & IN_MOVED_FROM)
		moved_away(n, path);
	found(ctx, path, dir);
	free(path);
	return 0;
}

int
notify_read(struct notify *n, void (*found)(void *ctx, const char *path,
    int dir), void *ctx)
{
	union {
		struct inotify_event event;
		char bytes[READ_BYTES];
	} in;
	const struct inotify_event *event;
	size_t at, len;
	ssize_t got;
	int lost = 0;

	while ((got = read(n->fd, &in, sizeof(in))) > 0) {
		len = (size_t)got;
		for (at = 0; at < len; at += sizeof(*event) + event->len) {
			/* each is padded to stay aligned */
			event = (const void *)(in.bytes + at);
			lost |= hear(n, event, found, ctx);
		}
	}
	return lost;
}

int
notify_silent(const char *path)
{
	static const uint32_t silent[] = {
		0x6969, 0x517b, 0xff534d42, 0xfe534d42, /* NFS, SMB, CIFS */
		0x65735546, 0x01021997, 0x00c36400,     /* FUSE, 9P, Ceph */
		0x5346414f, 0x7461636f, 0x01161970,     /* AFS, OCFS2, GFS2 */
		0x9fa0, 0x62656572                      /* proc, sysfs */
	};
	struct statfs st;
	size_t i;

	if (statfs(path, &st))
		return 0;
	for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if ((uint32_t)st.f_type == silent[i])
			return 1;
	return 0;
}
