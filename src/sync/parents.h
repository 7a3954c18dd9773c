/* SPDX-License-Identifier: ISC */
#ifndef SYNC_PARENTS_H
#define SYNC_PARENTS_H

#include "message.h"

/*
 * Directories on the way to what is synced that are not synced themselves
 * ("/etc" for an include of /etc/hosts): the sender announces their owner and
 * mode, and the receiver makes them with it where they are missing.
 */

struct err;
struct exchange;
struct parents;

struct parents *parents_new(struct exchange *x);
void parents_free(struct parents *p);

/* Sender: tells the peer about those above name, each once in a row. */
void parents_announce(struct parents *p, const char *name);

/* Receiver: remembers one; takes over its name. */
void parents_learn(struct parents *p, struct parent *one);
/* Makes those above name that are missing and announced. */
int parents_make(struct parents *p, const char *name, struct err *e);

#endif
