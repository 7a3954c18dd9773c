/* SPDX-License-Identifier: ISC */
#ifndef SIM_FILES_H
#define SIM_FILES_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "calls.h"

/*
 * What calls.c (descriptors), queries.c, names.c and hosts.c (clock, chance,
 * processes) have in common.
 */

struct node;

enum { FIRST = 1000, FILES = 512, PIDS = 4096 };

struct file {
	struct node *node;
	size_t at;              /* getdents: how many were told */
	off_t pos;
};

extern struct calls {
	struct process *p;
	struct file files[FILES];
	unsigned char dead[PIDS];
	uint64_t random;
	unsigned open;
} calls;

int calls_fail(int error);      /* -1 with errno */
/* Before each change: 0, or -1 when the process is dead. */
int calls_change(void);
struct file *calls_file(int fd);
/* The directory of path and its last name; NULL where there is none. */
struct node *calls_place(int dirfd, const char *path, const char **base);
struct node *calls_look_up(int dirfd, const char *path);
/* A directory that was removed takes nothing new. */
int calls_gone(const struct node *dir);
struct timespec calls_time(int64_t ns);

#endif
