/* SPDX-License-Identifier: ISC */
/*
 * Names and paths: the forms that a file's name can have on this host, and the
 * text by which two hosts see that they mean the same files.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

#include "conf.h"
#include "match.h"
#include "pattern.h"

const struct prefix *
conf_prefix(const struct conf *c, const char *name)
{
	size_t i, n = pattern_prefix(name);

	for (i = 0; n && i < c->nprefixes; i++)
		if (strlen(c->prefixes[i].name) == n - 2 &&
		    !memcmp(c->prefixes[i].name, name + 1, n - 2))
			return &c->prefixes[i];
	return NULL;
}

char *
conf_path(const struct conf *c, const char *name)
{
	const struct prefix *p;
	struct buf out = BUF_INIT;
	size_t n = pattern_prefix(name);

	if (*name != '%')
		return mem_strdup(name);
	p = conf_prefix(c, name);
	if (!p || !p->path || (name[n] && name[n] != '/'))
		return NULL;
	if (!name[n])
		return mem_strdup(p->path);
	if (strcmp(p->path, "/"))
		buf_put(&out, p->path, strlen(p->path));
	buf_put(&out, name + n, strlen(name + n) + 1);
	return (char *)out.p;
}

/* Whether an include pattern of ours matches name. */
static int
included(const struct conf *c, const char *name)
{
	size_t i, k;

	for (i = 0; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];

		for (k = 0; g->self && k < g->npatterns; k++)
			if (!g->patterns[k].base &&
			    g->patterns[k].kind != PATTERN_EXCLUDE &&
			    match_pattern(&g->patterns[k], name))
				return 1;
	}
	return 0;
}

/* Whether something below name can be in a group of ours. */
static int
leads_on(const struct conf *c, const char *name)
{
	char **parts;
	size_t n;
	int r = match_reach(c, name, 1, &parts, &n) != REACH_NONE;

	match_free(parts, n);
	return r;
}

/* The name through prefix p of a path that it holds. */
static char *
name_below(const struct prefix *p, const char *path)
{
	size_t n = strlen(p->path);
	struct buf out = BUF_INIT;

	buf_put(&out, "%", 1);
	buf_put(&out, p->name, strlen(p->name));
	buf_put(&out, "%", 1);
	if (path[n]) {
		path += n == 1 ? 0 : n;         /* "/" holds everything */
		buf_put(&out, path, strlen(path));
	}
	buf_u8(&out, 0);
	return (char *)out.p;
}

/*
 * The name of path below the prefix with the longest path of which good() is
 * true; NULL: there is none.
 */
static char *
best_name(const struct conf *c, const char *path,
    int (*good)(const struct conf *, const char *))
{
	const struct prefix *p;
	char *name, *best = NULL;
	size_t i, n, longest = 0;

	for (i = 0; i < c->nprefixes; i++) {
		p = &c->prefixes[i];
		n = p->path ? strlen(p->path) : 0;
		if (n <= longest || !path_within(path, p->path))
			continue;
		name = name_below(p, path);
		if (!good(c, name)) {
			free(name);
			continue;
		}
		free(best);
		best = name;
		longest = n;
	}
	return best;
}

char *
conf_name(const struct conf *c, const char *path)
{
	char *real = conf_path(c, path), *name;

	if (!real)
		return mem_strdup(path);
	name = best_name(c, real, included);
	if (!name && !included(c, real)) {
		if (*path == '%' && leads_on(c, path))
			name = mem_strdup(path);
		else if (!leads_on(c, real))
			name = best_name(c, real, leads_on);
	}
	if (!name)
		return real;
	free(real);
	return name;
}

static void
describe_text(struct buf *b, const char *kind, const char *text)
{
	buf_put(b, kind, strlen(kind));
	buf_put(b, text, strlen(text) + 1);
}

static int
uses(const struct conf *c, const struct group *g, const struct prefix *x)
{
	size_t i;

	for (i = 0; i < g->npatterns; i++)
		if (g->patterns[i].kind != PATTERN_COMPARE &&
		    conf_prefix(c, g->patterns[i].text) == x)
			return 1;
	return 0;
}

/*
 * Each piece is a letter and a text with its NUL, which no text contains, so
 * that two configurations never look alike.
 */
void
conf_describe(const struct conf *c, const struct group *g, struct buf *b)
{
	const struct prefix *x;
	size_t i, k;

	for (i = 0; i < g->nmembers; i++) {
		describe_text(b, g->members[i].receive_only ? "r" : "h",
		    g->members[i].host);
		describe_text(b, "@", g->members[i].name);
	}
	for (i = 0; i < g->npatterns; i++)
		if (g->patterns[i].kind != PATTERN_COMPARE)
			describe_text(b, g->patterns[i].kind == PATTERN_INCLUDE
			    ? "i" : "e", g->patterns[i].text);
	for (i = 0; i < c->nprefixes; i++) {
		x = &c->prefixes[i];
		if (!uses(c, g, x))
			continue;
		describe_text(b, "p", x->name);
		for (k = 0; k < x->nmaps; k++) {
			describe_text(b, "o", x->globs[k]);
			describe_text(b, ":", x->paths[k]);
		}
	}
}
