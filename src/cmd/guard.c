/* SPDX-License-Identifier: ISC */
/*
 * Removals that are more likely an accident. -y carries them out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "fs/roots.h"
#include "guard.h"
#include "setup.h"

enum { GUARD_MIN = 20 };        /* so many removals are always allowed */

struct guard {
	const struct setup *s;
	char *last;             /* the root that was told of last */
	size_t lost;
};

struct guard *
guard_new(const struct setup *s)
{
	struct guard *g = mem_alloc(sizeof(*g));

	g->s = s;
	return g;
}

void
guard_free(struct guard *g)
{
	free(g->last);
	free(g);
}

size_t
guard_lost(const struct guard *g)
{
	return g->lost;
}

int
guard_allows(struct guard *g, const char *name, int was_dir)
{
	char *lost;

	if (g->s->o->yes ||
	    roots_stand(g->s->conf, g->s->tree, name, was_dir, &lost))
		return 1;
	if (!g->last || strcmp(g->last, lost)) {
		g->lost++;
		log_error("%s is no directory any more (not mounted?): what "
		    "was below it is not taken as removed; if it is meant, "
		    "run again with -y", lost);
	}
	free(g->last);
	g->last = lost;
	return 0;
}

int
guard_too_many(const struct setup *s, size_t n, size_t of)
{
	if (s->o->yes || n <= GUARD_MIN ||
	    n * 100 <= of * s->conf->delete_guard)
		return 0;
	log_error("%zu of %zu files are gone: their removal is not recorded "
	    "(delete-guard %u); if it is meant, run again with -y", n, of,
	    s->conf->delete_guard);
	return 1;
}
