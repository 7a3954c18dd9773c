/* SPDX-License-Identifier: ISC */
#ifndef CMD_DATABASE_H
#define CMD_DATABASE_H

/*
 * Where the state is, as csync2's users say it (-D, `database`): a directory,
 * or an sqlite URL, sqlite:///DIR or sqlite:///DIR/FILE.db3, of which only the
 * directory counts (sqlite2, sqlite3 and .db likewise).
 */

struct err;

/* Allocated; NULL with *e set, which shows no password, for other databases. */
char *database_dir(const char *text, struct err *e);

#endif
