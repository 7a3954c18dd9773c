/* SPDX-License-Identifier: ISC */
#ifndef CMD_ARGS_H
#define CMD_ARGS_H

#include <stddef.h>

/*
 * The files on the command line.
 */

struct err;
struct setup;
struct walk_arg;

/*
 * Their names, as *n walk arguments, freed by args_free; NULL with *e set. What
 * is asked for recursively includes the prefixes that lie below.
 */
struct walk_arg *args_new(const struct setup *s, size_t *n, struct err *e);
void args_free(struct walk_arg *args, size_t n);
/* Whether one of them means the name. */
int args_have(const struct walk_arg *args, size_t n, const char *name);

#endif
