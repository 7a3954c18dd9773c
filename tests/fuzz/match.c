/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes patterns and the matcher. The input is lines: patterns of a group,
 * each behind '+' (include), '-' (exclude) or '=' (compare), and names. Each
 * name is asked for, and the answer compared with match.h's rules carried out
 * in the plainest way; what is in must be found by a walk from the root. With
 * -DFUZZ_MAIN it runs the files named as arguments; else it is for libFuzzer.
 */
#include <assert.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "conf/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PATTERNS_MAX = 16, LINE_MAX_BYTES = 200 };

struct world {
	struct conf conf;
	struct group group;
	struct member self;
	struct pattern patterns[PATTERNS_MAX];
};

static int
glob(const struct pattern *p, const char *s)
{
	return !fnmatch(p->text, s, p->deep && !p->literal ? 0
	    : FNM_PATHNAME);
}

/* Whether the pattern matches name, or for a path a directory above it. */
static int
plain_match(const struct pattern *p, const char *name)
{
	char dir[LINE_MAX_BYTES + 1];
	size_t n;

	if (p->base)
		return path_parent_len(name) && glob(p, path_base(name));
	snprintf(dir, sizeof(dir), "%s", name);
	while ((n = path_parent_len(dir))) {
		if (glob(p, dir))
			return 1;
		dir[n] = 0;
	}
	/* a root is matched by itself only */
	return p->literal && !strcmp(p->head, dir);
}

/* The class's last pattern that matches, as in or out; otherwise. */
static int
class_in(const struct group *g, int base, const char *name, int compare,
    int otherwise)
{
	const struct pattern *p;
	int in = otherwise;

	for (p = g->patterns; p < g->patterns + g->npatterns; p++)
		if (p->base == base &&
		    (compare || p->kind != PATTERN_COMPARE) &&
		    plain_match(p, name))
			in = p->kind != PATTERN_EXCLUDE;
	return in;
}

static int
plain_group(const struct group *g, const char *name, int compare)
{
	char dir[LINE_MAX_BYTES + 1];
	size_t n;

	if (!class_in(g, 0, name, compare, 0))
		return 0;
	snprintf(dir, sizeof(dir), "%s", name);
	while ((n = path_parent_len(dir))) {
		if (path_reserved(path_base(dir)) ||
		    (class_in(g, 0, dir, compare, 0) &&
		    !class_in(g, 1, dir, compare, 1)))
			return 0;
		dir[n] = 0;
	}
	return 1;
}

/* Whether a walk that stands in dir looks at its child part. */
static int
looked_at(const struct conf *c, const char *dir, const char *part,
    int compare)
{
	char **parts;
	size_t i, n;
	int found = match_reach(c, dir, compare, &parts, &n) == REACH_ALL;

	for (i = 0; i < n; i++)
		found |= !strcmp(parts[i], part);
	match_free(parts, n);
	return found;
}

static void
ask(const struct world *w, const char *name, int compare)
{
	int in = match_group(&w->group, name, compare);
	char dir[LINE_MAX_BYTES + 1], part[LINE_MAX_BYTES + 1];
	size_t n;

	assert(in == match_any(&w->conf, name, compare));
	if (!path_valid(name))
		return;
	assert(in == plain_group(&w->group, name, compare));
	if (!in)
		return;
	snprintf(dir, sizeof(dir), "%s", name);
	while ((n = path_parent_len(dir))) {
		snprintf(part, sizeof(part), "%s", path_base(dir));
		dir[n] = 0;
		assert(looked_at(&w->conf, dir, part, compare));
	}
}

static void
take_line(struct world *w, const char *line)
{
	static const char kinds[] = "+-=";
	const char *kind = strchr(kinds, *line);
	struct group *g = &w->group;
	struct pattern *p = &w->patterns[g->npatterns];

	if (!kind || !*kind) {
		ask(w, line, 0);
		ask(w, line, 1);
	} else if (g->npatterns < PATTERNS_MAX && !pattern_init(p,
	    (enum pattern_kind)(kind - kinds), line + 1, strlen(line + 1))) {
		g->npatterns++;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world w;
	const uint8_t *end;
	size_t len;
	char *line;

	memset(&w, 0, sizeof(w));
	w.group.self = &w.self;
	w.group.patterns = w.patterns;
	w.conf.groups = &w.group;
	w.conf.ngroups = 1;
	while (n) {
		end = memchr(data, '\n', n);
		len = end ? (size_t)(end - data) : n;
		line = mem_strndup((const char *)data,
		    len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
		take_line(&w, line);
		free(line);
		data += end ? len + 1 : len;
		n -= end ? len + 1 : len;
	}
	while (w.group.npatterns) {
		w.group.npatterns--;
		free(w.patterns[w.group.npatterns].text);
		free(w.patterns[w.group.npatterns].head);
	}
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
