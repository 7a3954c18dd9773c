/* SPDX-License-Identifier: ISC */
/*
 * The end of a configuration, and what it tells without a look at names. load.c
 * makes one, name.c knows its names.
 */
#include <stdlib.h>
#include <string.h>

#include "conf.h"

const char *
auto_method_name(enum auto_method m)
{
	static const char *const names[] = {
		"none", "first", "younger", "older", "bigger", "smaller",
		"left", "right"
	};

	return names[m];
}

static void
free_strings(char **list, size_t n)
{
	while (n)
		free(list[--n]);
	free(list);
}

static void
free_patterns(struct pattern *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(list[i].text);
		free(list[i].head);
	}
	free(list);
}

static void
action_fini(struct action *a)
{
	free_patterns(a->patterns, a->npatterns);
	free_strings(a->exec, a->nexec);
	free(a->logfile);
}

static void
group_fini(struct group *g)
{
	size_t i;

	for (i = 0; i < g->nmembers; i++) {
		free(g->members[i].host);
		free(g->members[i].name);
	}
	for (i = 0; i < g->nactions; i++)
		action_fini(&g->actions[i]);
	free(g->members);
	free(g->actions);
	free_patterns(g->patterns, g->npatterns);
	free_strings(g->keys, g->nkeys);
	free(g->name);
	free(g->backup_dir);
}

static void
prefix_fini(struct prefix *p)
{
	free_strings(p->globs, p->nmaps);
	free_strings(p->paths, p->nmaps);
	free(p->name);
	free(p->path);
}

void
conf_free(struct conf *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->ngroups; i++)
		group_fini(&c->groups[i]);
	for (i = 0; i < c->nprefixes; i++)
		prefix_fini(&c->prefixes[i]);
	free(c->groups);
	free(c->prefixes);
	free_strings(c->warnings, c->nwarnings);
	free_strings(c->files, c->nfiles);
	free(c->file);
	free(c->host);
	free(c->tempdir);
	free(c->database);
	free(c);
}

const struct member *
group_find(const struct group *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->nmembers; i++)
		if (!strcmp(g->members[i].name, name))
			return &g->members[i];
	return NULL;
}
