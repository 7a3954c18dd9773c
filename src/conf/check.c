/* SPDX-License-Identifier: ISC */
/*
 * Checks of the whole. A warning is only given when it is certain: a pattern
 * that can never match or never decides, in a group that lists this host.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"

#include "check.h"
#include "conf.h"
#include "match.h"
#include "overlap.h"

static int
fail(struct err *e, const struct where *at, const char *text, const char *found)
{
	return err_set(e, "%s:%u:%u: expected %s, found \"%.100s\"", at->file,
	    at->line, at->column, text, found);
}

static void warn(struct conf *c, const struct where *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
warn(struct conf *c, const struct where *at, const char *fmt, ...)
{
	size_t cap = c->nwarnings;      /* few: one more each time */
	struct err line;
	va_list ap;
	size_t n;

	err_set(&line, "%s:%u:%u: ", at->file, at->line, at->column);
	n = strlen(line.text);
	va_start(ap, fmt);
	vsnprintf(line.text + n, sizeof(line.text) - n, fmt, ap);
	va_end(ap);
	c->warnings = mem_realloc(c->warnings, (cap + 1) *
	    sizeof(*c->warnings));
	c->warnings[c->nwarnings++] = mem_strdup(line.text);
}

static int
check_prefixes(const struct conf *c, const struct pattern *p, size_t n,
    struct err *e)
{
	for (; n; n--, p++)
		if (*p->text == '%' && !conf_prefix(c, p->text))
			return fail(e, &p->at, "a prefix that is defined",
			    p->text);
	return 0;
}

static int
check_self(const struct group *g, struct err *e)
{
	size_t i, n = strlen(g->self->name);

	if (!g->nkeys)
		return err_set(e, "%s:%u:%u: expected a key in group \"%.100s\""
		    ", found none", g->at.file, g->at.line, g->at.column,
		    g->name);
	for (i = 0; i < g->nmembers; i++)
		if (&g->members[i] != g->self &&
		    n + strlen(g->members[i].name) > CONF_PAIR_MAX)
			return fail(e, &g->at, "host names of at most 118"
			    " characters, ours and a peer's together",
			    g->members[i].name);
	return 0;
}

static int
check_group(struct conf *c, struct group *g, struct err *e)
{
	size_t i;

	for (i = 0; i < g->nmembers; i++)
		if (!strcmp(g->members[i].host, c->host))
			g->self = &g->members[i];
	if (check_prefixes(c, g->patterns, g->npatterns, e) < 0)
		return -1;
	for (i = 0; i < g->nactions; i++)
		if (check_prefixes(c, g->actions[i].patterns,
		    g->actions[i].npatterns, e) < 0)
			return -1;
	return g->self ? check_self(g, e) : 0;
}

/* Why a pattern matches no name at all, or NULL. */
static const char *
hopeless(const struct conf *c, const struct pattern *p)
{
	const struct prefix *x;
	const char *s;

	if (p->base)
		return strchr(p->text, '/') && !strchr(p->text, '[') ?
		    "it begins with neither \"/\" nor \"%\", so it is"
		    " compared with base names, which have no \"/\"" : NULL;
	for (s = p->text; (s = strchr(s, '/')); s++) {
		if (s[1] == '.' && (s[2] == '/' || !s[2]))
			return "no name has a part \".\"";
		if (p->kind == PATTERN_INCLUDE && path_reserved(s + 1))
			return "names that begin with \"" PATH_RESERVED
			    "\" are reserved";
	}
	x = conf_prefix(c, p->text);
	return x && !x->path ? "its prefix has no path on this host" : NULL;
}

static int
takes_in(const struct pattern *p)
{
	return !p->base && p->kind != PATTERN_EXCLUDE;
}

/* An exclude path pattern: what does it take away? */
static void
warn_exclude(struct conf *c, const struct group *g, size_t at)
{
	const struct pattern *p = &g->patterns[at], *q;
	size_t i;

	for (i = 0; i < at; i++)
		if (takes_in(&g->patterns[i]) &&
		    overlap_possible(&g->patterns[i], p))
			return;
	for (i = at + 1; i < g->npatterns; i++) {
		q = &g->patterns[i];
		if (!takes_in(q) || !overlap_covers(q, p))
			continue;
		warn(c, &p->at, "exclude \"%.100s\" has no effect: the later"
		    " \"%.100s\" at line %u decides", p->text, q->text,
		    q->at.line);
		return;
	}
	warn(c, &p->at, "exclude \"%.100s\" has no effect: no include of this"
	    " group before it reaches it", p->text);
}

/* An include path pattern: does a later exclude cover it? */
static void
warn_include(struct conf *c, const struct group *g, size_t at)
{
	const struct pattern *p = &g->patterns[at], *q;
	size_t i;

	for (i = at + 1; i < g->npatterns; i++) {
		q = &g->patterns[i];
		if (q->base || q->kind != PATTERN_EXCLUDE ||
		    !overlap_covers(q, p))
			continue;
		warn(c, &p->at, "\"%.100s\" can never match: the later exclude"
		    " \"%.100s\" at line %u covers it", p->text, q->text,
		    q->at.line);
		return;
	}
}

static void
warn_action(struct conf *c, const struct group *g, const struct pattern *p)
{
	const char *why = hopeless(c, p);
	size_t i;

	for (i = 0; !why && !p->base && i < g->npatterns; i++)
		if (takes_in(&g->patterns[i]) &&
		    overlap_possible(&g->patterns[i], p))
			return;
	if (!why && !p->base)
		why = "no include of this group reaches it";
	if (why)
		warn(c, &p->at, "\"%.100s\" can never match: %s", p->text, why);
}

static void
warn_group(struct conf *c, const struct group *g)
{
	const struct pattern *p;
	const char *why;
	size_t i, k;
	char *name;

	for (i = 0; i < g->npatterns; i++) {
		p = &g->patterns[i];
		why = hopeless(c, p);
		if (why)
			warn(c, &p->at, "\"%.100s\" can never match: %s",
			    p->text, why);
		else if (takes_in(p))
			warn_include(c, g, i);
		else if (!p->base)
			warn_exclude(c, g, i);
	}
	for (i = 0; i < g->nactions; i++)
		for (k = 0; k < g->actions[i].npatterns; k++)
			warn_action(c, g, &g->actions[i].patterns[k]);
	if (!g->backup_dir)
		return;
	name = conf_name(c, g->backup_dir);
	if (match_any(c, name, 0))
		warn(c, &g->at, "the backup directory \"%.100s\" is among the"
		    " files that are synced", g->backup_dir);
	free(name);
}

int
check_conf(struct conf *c, struct err *e)
{
	size_t i;

	for (i = 0; i < c->ngroups; i++)
		if (check_group(c, &c->groups[i], e) < 0)
			return -1;
	if (overlap_check(c, e) < 0)
		return -1;
	if (c->nossl)
		warn(c, &c->nossl_at, "nossl has no effect: all that is sent "
		    "is encrypted");
	for (i = 0; i < c->ngroups; i++)
		if (c->groups[i].self)
			warn_group(c, &c->groups[i]);
	return 0;
}
