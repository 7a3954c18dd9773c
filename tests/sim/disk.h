/* SPDX-License-Identifier: ISC */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include <stddef.h>
#include <stdint.h>

/*
 * A file system in memory, with a clock of its own, in place of the real one:
 * what the modules under test call (calls.c wraps those calls) works on it.
 * So a world is exactly repeatable, every change that a process makes can be
 * the one at which it dies, and a sync costs nothing. Below are the hands of
 * the simulator: plain absolute paths, no process, nothing fails but by NULL or
 * -1. One tree for all hosts; their directories stand side by side.
 */

enum node_kind { NODE_FILE, NODE_DIR, NODE_LINK };

struct node {
	enum node_kind kind;
	unsigned refs;                  /* names and open descriptors */
	uint64_t ino;
	uint32_t mode, uid, gid;
	int64_t mtime, ctime;           /* nanoseconds */
	unsigned char *data;            /* file: bytes; link: target */
	size_t size, cap;
	struct slot { char *name; struct node *node; } *slots;
	size_t nslots, slots_cap;       /* directory */
	struct node *up;                /* directory: its parent */
};

void disk_reset(void);                  /* an empty root, all else forgotten */

/*
 * The clock: goes on a little with each look at it and each change. A jump
 * moves what hosts think it is (set before a host does something).
 */
#define DISK_BIRTH ((int64_t)1700000000 * 1000000000)
extern int64_t disk_clock_skew;         /* nanoseconds */
int64_t disk_now(void);                 /* of the host at work */
int64_t disk_uptime(void);              /* never jumps */
void disk_sleep(int64_t ns);

struct node *disk_find(const char *path);       /* links are not followed */
/* Parents are made. mtime: of files and links; 0: now. */
void disk_write(const char *path, const void *p, size_t n, unsigned mode,
    int64_t mtime);
void disk_link(const char *path, const char *target, int64_t mtime);
void disk_mkdir(const char *path, unsigned mode);
void disk_remove(const char *path);             /* with all below */
void disk_touch(struct node *n, unsigned mode, int64_t mtime);

/* A deep copy, which no name leads to; put makes it stand there. */
struct node *disk_copy(const char *path);       /* NULL: nothing is there */
struct node *disk_clone(const struct node *n);
void disk_put(const char *path, struct node *n);        /* takes n */
void disk_free(struct node *n);

/* Tells apart what stands below a path; inodes and ctimes do not matter. */
uint64_t disk_digest(const char *path);

/* For calls.c: names in a directory. */
struct node *disk_new(enum node_kind kind, unsigned mode);
struct node *disk_ref(struct node *n);
struct slot *disk_slot(struct node *dir, const char *name, size_t len);
void disk_enter(struct node *dir, const char *name, size_t len,
    struct node *n);
void disk_leave(struct node *dir, struct slot *s);      /* drops its ref */
void disk_changed(struct node *n);                      /* ctime */
extern unsigned long disk_changes;      /* of names, bytes, properties */
void disk_resize(struct node *n, size_t size);

#endif
