/* SPDX-License-Identifier: ISC */
#ifndef CMD_SIGNALS_H
#define CMD_SIGNALS_H

#include <stddef.h>

/*
 * SIGTERM, SIGINT and SIGHUP of a process that stays. They are noted only while
 * it waits: none comes between looking and waiting.
 */

struct pollfd;

void signals_catch(int hup);    /* hup: SIGHUP, too */
void signals_default(void);     /* in a child process */
int signals_stop(void);         /* SIGTERM or SIGINT came */
int signals_hup(void);          /* SIGHUP came since the last call */

/* poll(2), with a time in ms or -1. */
int signals_poll(struct pollfd *at, size_t n, long long ms);

#endif
