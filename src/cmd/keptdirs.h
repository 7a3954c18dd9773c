/* SPDX-License-Identifier: ISC */
#ifndef CMD_KEPTDIRS_H
#define CMD_KEPTDIRS_H

#include <stddef.h>

/*
 * Directories that are removed but stand, since something unsynced lived in
 * them (HISTORY_KEPT), as a check comes by them. What is synced and lives in
 * one makes it a directory again: who has no such directory could not take it.
 */

struct entry;
struct keptdirs;
struct look;

struct keptdirs *keptdirs_new(void);
void keptdirs_free(struct keptdirs *k);

/* One that the check came by, in order, with what stands there. */
void keptdirs_add(struct keptdirs *k, const struct entry *entry,
    const struct look *look);
/*
 * The first of those that name lies in: 1 and the entry, whose look and version
 * are what stands there; it is the caller's, and told once. Else 0.
 */
int keptdirs_take(struct keptdirs *k, const char *name, struct entry *out);

#endif
