/* SPDX-License-Identifier: ISC */
/*
 * Walks: what a scan of the index shows, decoded as far as it is asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "entries.h"
#include "entry.h"
#include "scan.h"

struct state_walk {
	struct scan *w;         /* NULL: there is no file */
	const char *name;       /* of what was shown last, */
	struct view entry;      /* encoded */
};

struct state_walk *
entries_walk(struct index *x, const char *from, struct err *e)
{
	struct state_walk *w = mem_alloc(sizeof(*w));

	if (!x)
		return w;
	w->w = scan_new(x, from, e);
	if (w->w)
		return w;
	free(w);
	return NULL;
}

/* 1 and the next one in w, or 0, or -1. */
static int
step(struct state_walk *w, struct err *e)
{
	int r = w->w ? scan_next(w->w, &w->name, &w->entry, e) : 0;

	return r < 0 ? -1 : r;
}

static int
nonsense(const struct state_walk *w, struct err *e)
{
	return err_set(e, "state: the entry of %s makes no sense", w->name);
}

int
state_walk_whole(struct state_walk *w, struct entry *out, struct err *e)
{
	if (entry_decode(out, w->entry.p, w->entry.len))
		return nonsense(w, e);
	return 1;
}

int
state_walk_next(struct state_walk *w, struct entry *out, struct err *e)
{
	int r = step(w, e);

	if (r > 0)
		return state_walk_whole(w, out, e);
	memset(out, 0, sizeof(*out));
	return r;
}

int
state_walk_glance(struct state_walk *w, const char **name, struct glance *out,
    struct err *e)
{
	int r = step(w, e);

	if (r <= 0)
		return r;
	*name = w->name;
	return entry_glance(out, w->entry) ? nonsense(w, e) : 1;
}

void
state_walk_above(struct state_walk *w, uint64_t number)
{
	if (w->w)
		scan_above(w->w, number);
}

void
state_walk_free(struct state_walk *w)
{
	if (w)
		scan_free(w->w);
	free(w);
}
