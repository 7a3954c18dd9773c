/* SPDX-License-Identifier: ISC */
#ifndef FS_BACKUP_H
#define FS_BACKUP_H

#include "rename.h"

/*
 * Old versions of files and links that are replaced or removed. Every group
 * that has the name and a backup-directory gets one, below that directory under
 * the file's real path with a number behind: "DIR/etc/hosts.1" is the newest,
 * ".2" the one before, up to exactly backup-generations of them. Directories on
 * the way are made with the owner and mode of the originals. By hard link where
 * the file system allows, else by copy. A name of over 243 bytes leaves no room
 * for it: its first 227 and 16 of a digest stand for it.
 */

struct conf;
struct err;
struct flush;

/*
 * Keeps what stands at old and had this name. f gets the directories that have
 * to be synced.
 */
int backup_keep(const struct conf *c, const char *name, struct place old,
    struct flush *f, struct err *e);

/* Removes what the dead left half done where the backups of this name are. */
void backup_sweep(const struct conf *c, const char *name);

#endif
