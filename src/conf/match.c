/* SPDX-License-Identifier: ISC */
/*
 * The matcher. A name is cut once into its leading directories; the number of
 * slashes of a path pattern says with which of them it has to be compared, and
 * its literal head and last byte spare most calls of glob_match. The root of
 * names ("/", "%p%") has depth 0 and is matched by itself only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"

#include "match.h"
#include "conf.h"
#include "glob.h"
#include "pattern.h"

struct cut {                    /* a name, taken apart */
	char text[PATH_BYTES_MAX + 1];
	unsigned depth;
	int reserved;
	/* Lengths of the leading directories; the last is the name itself. */
	unsigned short ends[PATH_BYTES_MAX + 2];
};

static int
cut_init(struct cut *c, const char *name)
{
	size_t i, n = strlen(name);

	if (!n || n > PATH_BYTES_MAX || (*name != '/' && *name != '%'))
		return -1;
	memcpy(c->text, name, n + 1);
	c->depth = 0;
	c->reserved = 0;
	for (i = 0; i < n; i++) {
		if (name[i] != '/')
			continue;
		if (path_reserved(name + i + 1))
			c->reserved = 1;
		if (n > 1)
			c->ends[c->depth++] = (unsigned short)i;
	}
	if (*name == '/')
		c->ends[0] = 1;
	c->ends[c->depth] = (unsigned short)n;
	return 0;
}

/* Where the last component of the leading directory k > 0 begins. */
static size_t
part_start(const struct cut *c, unsigned k)
{
	if (k == 1 && *c->text == '/')
		return 1;
	return c->ends[k - 1] + 1u;
}

/* Compares text[from..to) of the name with the glob. */
static int
glob(const struct pattern *p, struct cut *c, size_t from, size_t to)
{
	char *s = c->text + from, saved;
	size_t n = to - from;
	int r;

	if (n < p->headlen || memcmp(s, p->head, p->headlen))
		return 0;
	if (p->literal)
		return n == p->headlen;
	if (p->last && (!n || s[n - 1] != p->last))
		return 0;
	saved = s[n];
	s[n] = 0;
	r = glob_match(p->text, s, p->deep);
	s[n] = saved;
	return r;
}

/* Whether a path pattern matches the leading directory k or one above it. */
static int
path_match(const struct pattern *p, struct cut *c, unsigned k)
{
	unsigned i = p->depth;

	if (i > k)
		return 0;
	if (!p->deep || p->literal)
		return glob(p, c, 0, c->ends[i]);
	for (i = i ? i : 1; i <= k; i++)
		if (glob(p, c, 0, c->ends[i]))
			return 1;
	return 0;
}

static int
base_match(const struct pattern *p, struct cut *c, unsigned k)
{
	return k && glob(p, c, part_start(c, k), c->ends[k]);
}

static int
counts(const struct pattern *p, int base, int compare)
{
	return p->base == base && (compare || p->kind != PATTERN_COMPARE);
}

/*
 * The number of the path pattern, from 1, that decides about the leading
 * directory k; 0: none.
 */
static size_t
path_decider(const struct group *g, struct cut *c, unsigned k, int compare)
{
	size_t i;

	for (i = g->npatterns; i; i--)
		if (counts(&g->patterns[i - 1], 0, compare) &&
		    path_match(&g->patterns[i - 1], c, k))
			return i;
	return 0;
}

static int
path_in(const struct group *g, struct cut *c, unsigned k, int compare)
{
	size_t i = path_decider(g, c, k, compare);

	return i && g->patterns[i - 1].kind != PATTERN_EXCLUDE;
}

/* The same among the patterns of base names. */
static size_t
base_decider(const struct group *g, struct cut *c, unsigned k, int compare)
{
	size_t i;

	for (i = g->npatterns; i; i--)
		if (counts(&g->patterns[i - 1], 1, compare) &&
		    base_match(&g->patterns[i - 1], c, k))
			return i;
	return 0;
}

static int
base_in(const struct group *g, struct cut *c, unsigned k, int compare)
{
	size_t i = base_decider(g, c, k, compare);

	return !i || g->patterns[i - 1].kind != PATTERN_EXCLUDE;
}

/* Whether the leading directory k, or one above it, is out and holds it out. */
static int
held_out(const struct group *g, struct cut *c, unsigned k, int compare)
{
	for (; k; k--)
		if (!base_in(g, c, k, compare) && path_in(g, c, k, compare))
			return 1;
	return c->reserved;
}

static int
cut_match(const struct group *g, struct cut *c, int compare)
{
	return path_in(g, c, c->depth, compare) &&
	    !held_out(g, c, c->depth, compare);
}

int
match_group(const struct group *g, const char *name, int compare)
{
	struct cut c;

	return !cut_init(&c, name) && cut_match(g, &c, compare);
}

static const struct pattern *
numbered(const struct group *g, size_t i)
{
	return i ? &g->patterns[i - 1] : NULL;
}

void
match_explain(const struct group *g, const char *name, int compare,
    struct match_why *why)
{
	struct cut c;
	unsigned k;

	memset(why, 0, sizeof(*why));
	if (cut_init(&c, name) < 0)
		return;
	why->in = cut_match(g, &c, compare);
	why->reserved = c.reserved;
	why->path = numbered(g, path_decider(g, &c, c.depth, compare));
	why->base = numbered(g, base_decider(g, &c, c.depth, compare));
	for (k = c.depth; k && !why->out; k--) {
		if (base_in(g, &c, k, compare) || !path_in(g, &c, k, compare))
			continue;
		why->out = c.ends[k];
		why->base = numbered(g, base_decider(g, &c, k, compare));
	}
}

int
match_any(const struct conf *conf, const char *name, int compare)
{
	struct cut c;
	size_t i;

	if (cut_init(&c, name) < 0)
		return 0;
	for (i = 0; i < conf->ngroups; i++)
		if (conf->groups[i].self &&
		    cut_match(&conf->groups[i], &c, compare))
			return 1;
	return 0;
}

int
match_member(const struct conf *conf, const char *name)
{
	const struct group *g;

	for (g = conf->groups; g < conf->groups + conf->ngroups; g++)
		if (g->self && !g->self->receive_only &&
		    match_group(g, name, 0))
			return 1;
	return 0;
}

int
match_pattern(const struct pattern *p, const char *name)
{
	struct cut c;

	if (cut_init(&c, name) < 0)
		return 0;
	return p->base ? base_match(p, &c, c.depth) :
	    path_match(p, &c, c.depth);
}

struct reach {
	struct cut dir;
	char **parts;
	size_t n, cap;
	int all;
};

static void
reach_part(struct reach *r, const char *part)
{
	r->parts = mem_grow(r->parts, r->n, &r->cap, sizeof(*r->parts));
	r->parts[r->n++] = mem_strdup(part);
}

/* The child that the n bytes of a pattern's part at s stand for. */
static void
reach_child(struct reach *r, const char *s, size_t n)
{
	char part[PATH_BYTES_MAX + 1];
	int special;

	pattern_literal(s, n, part, &special);
	if (special)
		r->all = 1;
	else
		reach_part(r, part);
}

/* The slash number k, from 1, of a text that has so many. */
static const char *
nth_slash(const char *s, unsigned k)
{
	for (s = strchr(s, '/'); --k; )
		s = strchr(s + 1, '/');
	return s;
}

static void
reach_plain(struct reach *r, const struct pattern *p)
{
	char lead[PATTERN_BYTES_MAX + 1];
	unsigned d = r->dir.depth;
	const char *next;
	size_t n;
	int same;

	if (p->depth <= d)
		return;
	next = nth_slash(p->text, d + 1);
	n = (size_t)(next - p->text);
	memcpy(lead, p->text, n);
	lead[n] = 0;
	if (d)
		same = glob_match(lead, r->dir.text, 0);
	else
		same = !strcmp(n ? lead : "/", r->dir.text);
	if (same)
		reach_child(r, next + 1, strcspn(next + 1, "/"));
}

/* Behind its head a deep pattern may match anything. */
static void
reach_deep(struct reach *r, const struct pattern *p)
{
	size_t n = r->dir.ends[r->dir.depth], len;
	char part[PATH_BYTES_MAX + 1];

	if (r->dir.text[n - 1] != '/')
		r->dir.text[n++] = '/';
	len = n < p->headlen ? n : p->headlen;
	if (!memcmp(p->head, r->dir.text, len)) {
		len = strcspn(p->head + len, "/");
		if (n + len < p->headlen) {
			memcpy(part, p->head + n, len);
			part[len] = 0;
			reach_part(r, part);
		} else {
			r->all = 1;
		}
	}
	r->dir.text[r->dir.ends[r->dir.depth]] = 0;
}

static void
reach_group(struct reach *r, const struct group *g, int compare)
{
	unsigned d = r->dir.depth;
	const struct pattern *p;
	size_t i;

	if (held_out(g, &r->dir, d, compare))
		return;
	i = path_decider(g, &r->dir, d, compare);
	if (i && g->patterns[i - 1].kind != PATTERN_EXCLUDE)
		r->all = 1;
	/* What stands before an exclude of dir is overridden below dir, too. */
	for (; i < g->npatterns && !r->all; i++) {
		p = &g->patterns[i];
		if (!counts(p, 0, compare) || p->kind == PATTERN_EXCLUDE)
			continue;
		if (p->deep && !p->literal)
			reach_deep(r, p);
		else
			reach_plain(r, p);
	}
}

static int
compare_parts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
drop_twins(char **parts, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (kept && !strcmp(parts[kept - 1], parts[i]))
			free(parts[i]);
		else
			parts[kept++] = parts[i];
	}
	return kept;
}

enum match_reach
match_reach(const struct conf *c, const char *dir, int compare,
    char ***parts, size_t *n)
{
	struct reach r;
	size_t i;

	*parts = NULL;
	*n = 0;
	if (cut_init(&r.dir, dir) < 0)
		return REACH_NONE;
	r.parts = NULL;
	r.n = r.cap = 0;
	r.all = 0;
	for (i = 0; i < c->ngroups && !r.all; i++)
		if (c->groups[i].self)
			reach_group(&r, &c->groups[i], compare);
	if (r.all || !r.n) {
		match_free(r.parts, r.n);
		return r.all ? REACH_ALL : REACH_NONE;
	}
	qsort(r.parts, r.n, sizeof(*r.parts), compare_parts);
	*n = drop_twins(r.parts, r.n);
	*parts = r.parts;
	return REACH_LISTED;
}

void
match_free(char **parts, size_t n)
{
	while (n--)
		free(parts[n]);
	free(parts);
}
