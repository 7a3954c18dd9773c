/* SPDX-License-Identifier: ISC */
#ifndef CMD_NAMED_H
#define CMD_NAMED_H

#include <stddef.h>

/*
 * The entries of the state that the files on the command line name.
 */

struct entry;
struct err;
struct setup;

typedef int named_visit(struct setup *s, const struct entry *entry, void *ctx,
    struct err *e);

/*
 * Visits each. How many arguments failed: nothing is known by that name, or a
 * visit failed; each is logged.
 */
size_t named_each(struct setup *s, named_visit *visit, void *ctx);

#endif
