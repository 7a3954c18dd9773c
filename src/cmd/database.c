/* SPDX-License-Identifier: ISC */
/*
 * A URL of csync2's database to a directory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "database.h"

static int
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

static int
is_sqlite(const char *scheme, size_t n)
{
	static const char *const known[] = { "sqlite", "sqlite2", "sqlite3" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == n && !strncmp(known[i], scheme, n))
			return 1;
	return 0;
}

char *
database_dir(const char *text, struct err *e)
{
	const char *end = strstr(text, "://");
	const char *path = end ? end + 3 : text;
	char *dir;

	if (!end)
		return mem_strdup(text);
	if (!is_sqlite(text, (size_t)(end - text))) {
		err_set(e, "database %.*s: the state is a file: give the "
		    "directory for it", (int)(path - text), text);
		return NULL;
	}
	if (*path != '/') {
		err_set(e, "database %s: an absolute path is needed: "
		    "sqlite:///DIR", text);
		return NULL;
	}
	dir = path_absolute("/", path);
	if (ends_with(dir, ".db3") || ends_with(dir, ".db"))
		dir[path_parent_len(dir)] = 0;
	return dir;
}
