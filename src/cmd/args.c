/* SPDX-License-Identifier: ISC */
/*
 * Files on the command line to names: what a path is called depends on the
 * config, and a directory may hold what is known under several prefixes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "fs/walk.h"
#include "setup.h"

struct args {
	struct walk_arg *at;
	size_t n, cap;
};

static void
add_arg(struct args *a, char *name, int recursive)
{
	a->at = mem_grow(a->at, a->n, &a->cap, sizeof(*a->at));
	a->at[a->n++] = (struct walk_arg){ name, recursive };
}

/* The prefixes whose directories lie below a path have names of their own. */
static void
add_prefixes(struct args *a, const struct conf *c, const char *path)
{
	const struct prefix *p;
	size_t size;
	char *name;

	for (p = c->prefixes; p < c->prefixes + c->nprefixes; p++) {
		if (!p->path || !path_within(p->path, path))
			continue;
		size = strlen(p->name) + 3;
		name = mem_alloc(size);
		snprintf(name, size, "%%%s%%", p->name);
		add_arg(a, name, 1);
	}
}

static int
add_file(struct args *a, const struct setup *s, const char *cwd,
    const char *file, struct err *e)
{
	char *path = *file == '%' ? mem_strdup(file)
	    : path_absolute(cwd, file);
	char *name = conf_name(s->conf, path);
	int rc = 0;

	add_arg(a, name, s->o->recursive);
	if (!path_valid(name))
		rc = err_set(e, "%s: not a name that could be synced: too "
		    "long, reserved, or no such prefix", path);
	else if (s->o->recursive && *path == '/')
		add_prefixes(a, s->conf, path);
	free(path);
	return rc;
}

struct walk_arg *
args_new(const struct setup *s, size_t *n, struct err *e)
{
	struct args a = { NULL, 0, 0 };
	char cwd[PATH_BYTES_MAX + 1];
	size_t i;

	if (!getcwd(cwd, sizeof(cwd)))
		memcpy(cwd, "/", 2);
	for (i = 0; i < s->o->nfiles; i++)
		if (add_file(&a, s, cwd, s->o->files[i], e)) {
			args_free(a.at, a.n);
			return NULL;
		}
	*n = a.n;
	return a.at;
}

void
args_free(struct walk_arg *args, size_t n)
{
	while (n)
		free((char *)(size_t)args[--n].name);
	free(args);
}

int
args_have(const struct walk_arg *args, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (args[i].recursive ? path_within(name, args[i].name)
		    : !strcmp(name, args[i].name))
			return 1;
	return 0;
}
