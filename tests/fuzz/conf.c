/* SPDX-License-Identifier: ISC */
/*
 * Fuzzing of everything that reads a configuration: any bytes are parsed, and
 * what was accepted is asked all questions there are. The text includes itself
 * under any other name. Built with -fsanitize=fuzzer, or with -DFUZZ_MAIN as a
 * program that runs over the files named by its arguments.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct bytes {
	const uint8_t *p;
	size_t n;
	unsigned reads;
};

static int
reader(void *ctx, const char *path, char **text, size_t *n, struct err *e)
{
	struct bytes *b = ctx;

	if (b->reads++ >= 20)
		return err_set(e, "cannot open %s", path);
	*text = mem_dup(b->p, b->n);
	*n = b->n;
	return 0;
}

/* A name, its path, the name of that: nothing may be lost on the way. */
static void
both_ways(const struct conf *c, const char *name)
{
	char *path = conf_path(c, name), *back = conf_name(c, name);

	assert(back);
	if (path) {
		char *again = conf_path(c, back);

		assert(again && (*name == '/' || *path == '/'));
		free(again);
	}
	free(path);
	free(back);
}

static void
reach(const struct conf *c, const char *dir)
{
	char **parts;
	size_t i, n;
	enum match_reach r = match_reach(c, dir, 0, &parts, &n);

	assert((r == REACH_LISTED) == (n > 0));
	for (i = 1; i < n; i++)
		assert(strcmp(parts[i - 1], parts[i]) < 0);
	match_free(parts, n);
}

/* Whether a walk that stands in dir looks at its child part. */
static int
looked_at(const struct conf *c, const char *dir, const char *part)
{
	char **parts;
	size_t i, n;
	enum match_reach r = match_reach(c, dir, 0, &parts, &n);
	int found = r == REACH_ALL;

	for (i = 0; i < n; i++)
		found |= !strcmp(parts[i], part);
	match_free(parts, n);
	return found;
}

/* What is in must be found by a walk from the root. */
static void
walk(const struct conf *c, const char *name)
{
	char *dir = mem_strdup(name), *part;
	size_t n;

	if (!path_valid(name) || !match_any(c, name, 0))
		*dir = 0;
	for (n = path_parent_len(dir); n; n = path_parent_len(dir)) {
		part = mem_strdup(path_base(dir));
		dir[n] = 0;
		assert(looked_at(c, dir, part));
		free(part);
	}
	free(dir);
}

/* Patterns serve as names, too. */
static void
ask(const struct conf *c, const struct group *g)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < g->npatterns; i++) {
		const struct pattern *p = &g->patterns[i];

		match_pattern(p, p->text);
		match_any(c, p->text, 1);
		reach(c, p->text);
		if (!p->base)
			both_ways(c, p->text);
		walk(c, p->text);
		walk(c, p->head);
	}
	conf_describe(c, g, &b);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes b = { data, n, 0 };
	struct conf *c;
	struct err e;
	size_t i;

	e.text[0] = 0;
	if (conf_parse(&c, "/s/f", (const char *)data, n, "/s", "a", reader,
	    &b, &e) < 0) {
		assert(!c && strstr(e.text, ": expected "));
		assert(!strchr(e.text, '\n'));
		return 0;
	}
	for (i = 0; i < c->ngroups; i++)
		ask(c, &c->groups[i]);
	reach(c, "/");
	conf_free(c);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
