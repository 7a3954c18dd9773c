/* SPDX-License-Identifier: ISC */
/*
 * Patterns, part by part. What excludes do to an overlap is asked of the
 * matcher with the overlap's pattern taken for a name: an exclude pattern that
 * matches this text ("*" or the very same glob) takes all of it out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "conf.h"
#include "glob.h"
#include "match.h"
#include "overlap.h"
#include "pattern.h"

struct part {
	char *text;             /* unescaped when it is no glob */
	int glob;
};

struct parts {
	struct part *list;
	size_t n, cap;
	size_t fixed;           /* of a deep one: before the first glob */
	size_t root;            /* those that stand for "/" or "%p%" */
	const struct group *group;
	const struct pattern *pattern;
};

static void
part_add(struct parts *s, const char *text, size_t n, int raw)
{
	struct part *part;

	s->list = mem_grow(s->list, s->n, &s->cap, sizeof(*s->list));
	part = &s->list[s->n++];
	part->text = mem_alloc(n + 1);
	part->glob = 0;
	if (!raw)
		pattern_literal(text, n, part->text, &part->glob);
	if (raw || part->glob) {
		memcpy(part->text, text, n);
		part->text[n] = 0;
	}
}

/* The parts behind each '/' of s; nothing behind the one of "/". */
static void
parts_add(struct parts *s, const char *text, int raw)
{
	size_t n;

	while (*text == '/' && text[1]) {
		n = strcspn(++text, "/");
		part_add(s, text, n, raw);
		text += n;
	}
}

/* root: what stands for the prefix, a path; NULL: its name. */
static void
parts_init(struct parts *s, const struct pattern *p, const char *root)
{
	size_t n = pattern_prefix(p->text);

	memset(s, 0, sizeof(*s));
	s->pattern = p;
	part_add(s, p->text, root ? 0 : n, 1);
	if (root)
		parts_add(s, root, 1);
	s->root = s->n;
	parts_add(s, p->text + n, 0);
	s->fixed = s->n;
	if (p->deep)
		for (s->fixed = 0; s->fixed < s->n; s->fixed++)
			if (s->list[s->fixed].glob)
				break;
}

static void
parts_fini(struct parts *s)
{
	while (s->n)
		free(s->list[--s->n].text);
	free(s->list);
}

static int
star(const struct part *p)
{
	return p->glob && !strcmp(p->text, "*");
}

/* Whether the glob or text a takes the text b. */
static int
takes(const struct part *a, const struct part *b)
{
	return a->glob ? glob_match(a->text, b->text, 1) :
	    !strcmp(a->text, b->text);
}

/* Whether both can be the same; of two globs that differ: unsure. */
static int
meet(const struct part *a, const struct part *b, int unsure)
{
	if (!a->glob)
		return takes(b, a);
	if (!b->glob)
		return takes(a, b);
	return unsure || star(a) || star(b) || !strcmp(a->text, b->text);
}

static int
all_meet(const struct parts *a, const struct parts *b, int unsure)
{
	size_t i;

	for (i = 0; i < a->fixed && i < b->fixed; i++)
		if (!meet(&a->list[i], &b->list[i], unsure))
			return 0;
	return 1;
}

int
overlap_possible(const struct pattern *a, const struct pattern *b)
{
	struct parts x, y;
	int r;

	parts_init(&x, a, NULL);
	parts_init(&y, b, NULL);
	r = all_meet(&x, &y, 1);
	parts_fini(&x);
	parts_fini(&y);
	return r;
}

static int
all_covered(const struct parts *a, const struct parts *b)
{
	const struct part *x, *y;
	size_t i;

	if (a->fixed < a->n || b->fixed < a->n)
		return 0;
	for (i = 0; i < a->n; i++) {
		x = &a->list[i];
		y = &b->list[i];
		if (y->glob ? !star(x) && (!x->glob || strcmp(x->text, y->text))
		    : !takes(x, y))
			return 0;
	}
	return 1;
}

int
overlap_covers(const struct pattern *a, const struct pattern *b)
{
	struct parts x, y;
	int r;

	parts_init(&x, a, NULL);
	parts_init(&y, b, NULL);
	r = all_covered(&x, &y);
	parts_fini(&x);
	parts_fini(&y);
	return r;
}

/*
 * Whether s's group takes in the overlap of s and t, a pattern taken for a
 * name: the parts of the deeper one, the narrower where both have one.
 */
static int
takes_overlap(const struct parts *s, const struct parts *t)
{
	const struct parts *deeper = s, *other = t;
	size_t i, root = pattern_prefix(s->pattern->text);
	const struct part *part;
	struct buf name = BUF_INIT;
	int r;

	if (t->fixed > s->fixed || (t->fixed == s->fixed && t->n > s->n)) {
		deeper = t;
		other = s;
	}
	buf_put(&name, s->pattern->text, root);
	for (i = s->root; i < deeper->n; i++) {
		part = &deeper->list[i];
		if (i < other->fixed && (!other->list[i].glob || star(part)))
			part = &other->list[i];
		buf_put(&name, "/", 1);
		buf_put(&name, part->text, strlen(part->text));
	}
	if (!name.len)
		buf_put(&name, "/", 1);
	buf_u8(&name, 0);
	r = match_group(s->group, (const char *)name.p, 0);
	buf_free(&name);
	return r;
}

static int
same_root(const struct pattern *a, const struct pattern *b)
{
	size_t n = pattern_prefix(a->text);

	return n == pattern_prefix(b->text) && !memcmp(a->text, b->text, n);
}

static int
check_pair(const struct parts *a, const struct parts *b, struct err *e)
{
	const struct pattern *p = a->pattern, *q = b->pattern;

	if (same_root(p, q) || !all_meet(a, b, 0) || !takes_overlap(a, b) ||
	    !takes_overlap(b, a))
		return 0;
	return err_set(e, "%s:%u:%u: expected one name for each file, found"
	    " \"%.100s\" and, at %s:%u:%u, \"%.100s\" for the same path",
	    q->at.file, q->at.line, q->at.column, q->text, p->at.file,
	    p->at.line, p->at.column, p->text);
}

/* The path that p's root stands for on this host, or NULL. */
static const char *
root_path(const struct conf *c, const struct pattern *p)
{
	const struct prefix *x = conf_prefix(c, p->text);

	if (*p->text == '/')
		return "/";
	return x ? x->path : NULL;
}

/* The include path patterns that have a path on this host. */
static struct parts *
gather(const struct conf *c, size_t *n)
{
	struct parts *all = NULL;
	size_t i, k, cap = 0;

	*n = 0;
	for (i = 0; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];

		for (k = 0; g->self && k < g->npatterns; k++) {
			const struct pattern *p = &g->patterns[k];

			if (p->base || p->kind != PATTERN_INCLUDE ||
			    !root_path(c, p))
				continue;
			all = mem_grow(all, *n, &cap, sizeof(*all));
			parts_init(&all[*n], p, root_path(c, p));
			all[(*n)++].group = g;
		}
	}
	return all;
}

int
overlap_check(const struct conf *c, struct err *e)
{
	size_t i, k, n;
	struct parts *all;
	int r = 0;

	if (!c->nprefixes)
		return 0;
	all = gather(c, &n);
	for (k = 1; k < n && !r; k++)
		for (i = 0; i < k && !r; i++)
			r = check_pair(&all[i], &all[k], e);
	for (i = 0; i < n; i++)
		parts_fini(&all[i]);
	free(all);
	return r;
}
