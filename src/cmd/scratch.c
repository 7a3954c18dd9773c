/* SPDX-License-Identifier: ISC */
/*
 * Copying the state aside. Another process may append meanwhile: the copy then
 * ends in the middle of a record, which whoever opens it cuts off.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "scratch.h"

char *
scratch_new(struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	size_t size;
	char *dir;

	if (!tmp || !*tmp)
		tmp = "/tmp";
	size = strlen(tmp) + sizeof("/ucsync-XXXXXX");
	dir = mem_alloc(size);
	snprintf(dir, size, "%s/ucsync-XXXXXX", tmp);
	if (mkdtemp(dir))
		return dir;
	err_sys(e, "no directory can be made in %s", tmp);
	free(dir);
	return NULL;
}

static int
copy(int from, int to)
{
	char piece[32 << 10];
	ssize_t n, done, at;

	while ((n = read(from, piece, sizeof(piece))) > 0)
		for (at = 0; at < n; at += done) {
			done = write(to, piece + at, (size_t)(n - at));
			if (done < 0)
				return -1;
		}
	return n < 0 ? -1 : 0;
}

static int
copy_into(int from, const char *dir, const char *path, struct err *e)
{
	int where = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int to = where < 0 ? -1 : openat(where, path_base(path),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = to < 0 ? -1 : copy(from, to);

	if (rc)
		err_sys(e, "%s: cannot be copied to %s", path, dir);
	if (to >= 0)
		close(to);
	if (where >= 0)
		close(where);
	return rc;
}

char *
scratch_make(const char *path, struct err *e)
{
	char *dir = scratch_new(e);
	int from, rc = 0;

	if (!dir)
		return NULL;
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from >= 0)
		rc = copy_into(from, dir, path, e);
	else if (errno != ENOENT)
		rc = err_sys(e, "%s", path);
	if (from >= 0)
		close(from);
	if (!rc)
		return dir;
	scratch_remove(dir);
	return NULL;
}

void
scratch_remove(char *dir)
{
	struct dirent *entry;
	DIR *d = dir ? opendir(dir) : NULL;

	while (d && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
	if (dir)
		rmdir(dir);
	free(dir);
}
