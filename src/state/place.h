/* SPDX-License-Identifier: ISC */
#ifndef STATE_PLACE_H
#define STATE_PLACE_H

/*
 * The place of a state file: its path, its directory, and what becomes of a
 * damaged one.
 */

struct err;

/* Whether the names make a file name. */
int place_check(const char *host, const char *config, struct err *e);
/* DIR/HOST.db, or DIR/HOST_CONFIG.db where config is not "". Allocated. */
char *place_path(const char *dir, const char *host, const char *config);
/* Makes the directory (0700), and those above it (0755), if missing. */
int place_make_dir(const char *dir, struct err *e);
/* Renames the file to PATH.damaged-N, the first N that is free, and says so. */
int place_aside(const char *path, struct err *e);

#endif
