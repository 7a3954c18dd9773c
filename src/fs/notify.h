/* SPDX-License-Identifier: ISC */
#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H

/*
 * Directories whose changes the kernel tells (inotify). One process reads what
 * it says and remembers which watch is which directory; a child of it may add
 * watches and say so, since the descriptor is the same.
 */

struct err;
struct notify;

/* NULL: there is none to be had, *e says why. */
struct notify *notify_new(struct err *e);
void notify_free(struct notify *n);             /* NULL is fine */
int notify_fd(const struct notify *n);          /* readable: notify_read */

/* Watches a directory: the watch's number, or -1 with errno. */
int notify_add(struct notify *n, const char *path);
/* From now on that watch is this directory. */
void notify_know(struct notify *n, int watch, const char *path);

/*
 * Reads all that waits: found is called with each path that changed, which may
 * be gone, and whether it is (was) a directory. Returns 1 when something was
 * lost, so that everything has to be looked at; else 0.
 */
int notify_read(struct notify *n, void (*found)(void *ctx, const char *path,
    int dir), void *ctx);

/*
 * Whether a directory's file system is one that tells nothing of what others
 * change: a network's, a user process's, the kernel's own.
 */
int notify_silent(const char *path);

#endif
