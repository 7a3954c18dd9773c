/* SPDX-License-Identifier: ISC */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include <stdint.h>

/*
 * System calls on disk.h, made by the process that calls_now() named. The
 * linker puts __wrap_NAME in the place of NAME.
 */

struct process {
	int pid;
	int dead;               /* changes nothing any more: every call fails */
	unsigned kill_at;       /* dies at that change, counted down; 0: no */
	unsigned hit_at;        /* at that change the user edits; 0: no */
	void (*hit)(void *ctx);
	void *ctx;
	const char *machine;    /* content of /etc/machine-id */
	unsigned changes;       /* counts all */
};

/* Who calls from now on; NULL: nobody, calls go to the real system. */
void calls_now(struct process *p);
void calls_reset(uint64_t seed);        /* no descriptors, no dead; random */
void calls_dead(int pid);               /* kill(2) says so */
unsigned calls_open(void);              /* descriptors that are open */

#endif
