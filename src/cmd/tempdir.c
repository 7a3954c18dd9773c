/* SPDX-License-Identifier: ISC */
/*
 * A pattern's file system is that of its literal part, or of what there is of
 * it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/path.h"
#include "conf/conf.h"
#include "tempdir.h"

/* The device of path, or of the nearest directory above that is there. */
static int
device_of(char *path, dev_t *device)
{
	struct stat st;
	size_t n;

	while (stat(path, &st)) {
		n = path_parent_len(path);
		if (!n)
			return -1;
		path[n] = 0;
	}
	*device = st.st_dev;
	return 0;
}

static int
elsewhere(const struct conf *c, const struct pattern *p, dev_t device)
{
	char *path = conf_path(c, p->text);
	dev_t theirs;
	int rc;

	if (!path)
		return 0;
	path[strcspn(path, "*?[\\")] = 0;
	rc = *path && !device_of(path, &theirs) && theirs != device;
	free(path);
	return rc;
}

static void
say(const struct conf *c, enum log_level level, const char *what,
    const char *of)
{
	log_line(level, "%s:%u:%u: tempdir %s is %s%s: temporary files go "
	    "beside their targets", c->tempdir_at.file, c->tempdir_at.line,
	    c->tempdir_at.column, c->tempdir, what, of);
}

void
tempdir_warn(const struct conf *c, enum log_level level)
{
	const struct group *g;
	const struct pattern *p;
	struct stat st;

	if (!c->tempdir)
		return;
	if (stat(c->tempdir, &st) || !S_ISDIR(st.st_mode)) {
		say(c, level, "no directory", "");
		return;
	}
	for (g = c->groups; g < c->groups + c->ngroups; g++)
		for (p = g->patterns; g->self &&
		    p < g->patterns + g->npatterns; p++)
			if (!p->base && p->kind == PATTERN_INCLUDE &&
			    elsewhere(c, p, st.st_dev)) {
				say(c, level, "on another file system than ",
				    p->text);
				return;
			}
}
