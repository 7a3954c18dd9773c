/* SPDX-License-Identifier: ISC */
#ifndef SIM_READING_H
#define SIM_READING_H

#include <stdint.h>

#include "sight.h"

/* What a disk shows, or an entry says, as the oracle counts it. */

struct entry;
struct oracle;

void path_of(int h, int p, char out[64]);
/* The disk of h. */
struct value oracle_value(int h, int p, int64_t *mtime);
/* Heads and edits are left empty. */
void oracle_read(const struct oracle *o, int p, const struct entry *e,
    struct sight *v);
uint64_t oracle_key(const struct entry *e);

#endif
