/* SPDX-License-Identifier: ISC */
/*
 * Where the state file stands. Nothing is ever deleted here: a damaged file may
 * still be worth something to somebody.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "head.h"
#include "place.h"

enum { ASIDE_MAX = 999 };

static int
name_ok(const char *s)
{
	return *s != '.' && !strchr(s, '/');
}

int
place_check(const char *host, const char *config, struct err *e)
{
	if (*host && strlen(host) <= HEAD_HOST_MAX && name_ok(host) &&
	    name_ok(config))
		return 0;
	return err_set(e, "no state for host \"%s\", config \"%s\": no good "
	    "file name", host, config);
}

char *
place_path(const char *dir, const char *host, const char *config)
{
	size_t n = strlen(dir) + strlen(host) + strlen(config);
	char *path;

	n += sizeof("/_.db");
	path = mem_alloc(n);
	snprintf(path, n, "%s/%s%s%s.db", dir, host, *config ? "_" : "",
	    config);
	return path;
}

/* A state is worth nothing where its directory's name is lost. */
static void
sync_parent(const char *dir)
{
	const char *slash = strrchr(dir, '/');
	char *parent = slash ? mem_strndup(dir, (size_t)(slash - dir) + 1) :
	    mem_strdup(".");
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(parent);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int
make_one(const char *dir, mode_t mode)
{
	if (mkdir(dir, mode))
		return errno == EEXIST ? 0 : -1;
	sync_parent(dir);
	return 0;
}

int
place_make_dir(const char *dir, struct err *e)
{
	char *part = mem_strdup(dir), *s;
	int r;

	for (s = part + 1; *part && (s = strchr(s, '/')); s++) {
		*s = 0;
		make_one(part, 0755);
		*s = '/';
	}
	r = make_one(dir, 0700) ? err_sys(e, "state directory %s",
	    dir) : 0;
	free(part);
	return r;
}

static char *
aside_name(const char *path, int n)
{
	size_t size = strlen(path) + 32;
	char *name = mem_alloc(size);

	snprintf(name, size, "%s.damaged-%d", path, n);
	return name;
}

int
place_aside(const char *path, struct err *e)
{
	struct stat st;
	char *to = NULL;
	int i, r;

	for (i = 1; i <= ASIDE_MAX; i++) {
		free(to);
		to = aside_name(path, i);
		if (lstat(to, &st))
			break;
	}
	r = i > ASIDE_MAX ? err_set(e, "%s: too many damaged ones", path) :
	    rename(path, to) ? err_sys(e, "%s", to) : 0;
	if (!r)
		log_error("%s: damaged, or no state file: kept as %s; a new "
		    "state begins", path, to);
	free(to);
	return r;
}
