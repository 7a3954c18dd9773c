/* SPDX-License-Identifier: ISC */
/* A list; nothing is written before the end. */
#include <stdlib.h>

#include "base/mem.h"
#include "exchange.h"
#include "judge.h"
#include "owing.h"
#include "pair.h"
#include "state/fact.h"

struct debt {
	char *name;
	uint64_t number;        /* 0: a conflict, and nothing is owed */
	int conflict;
	struct conflict theirs;
};

struct owing {
	struct exchange *x;
	struct debt *at;
	size_t n, cap;
};

struct owing *
owing_new(struct exchange *x)
{
	struct owing *o = mem_alloc(sizeof(*o));

	o->x = x;
	return o;
}

void
owing_free(struct owing *o)
{
	if (!o)
		return;
	while (o->n)
		free(o->at[--o->n].name);
	free(o->at);
	free(o);
}

void
owing_note(struct owing *o, const char *name, const struct decision *d,
    const struct version *theirs)
{
	int conflict = d->code == RESULT_CONFLICT;

	if (!d->owed && !conflict)
		return;
	o->at = mem_grow(o->at, o->n, &o->cap, sizeof(*o->at));
	o->at[o->n++] = (struct debt){ mem_strdup(name), d->number, conflict,
	    { theirs->kind, theirs->size, theirs->mtime } };
}

static int
put(struct owing *o, const struct debt *d, struct err *e)
{
	struct state *s = o->x->state;
	const char *peer = o->x->pair->peer;

	if (d->conflict && fact_set_conflict(s, peer, d->name, &d->theirs,
	    e) < 0)
		return -1;
	/* a conflict, too: our edit has not got there either */
	return d->number ? fact_set_owed(s, peer, d->name, d->number,
	    o->x->peer_replica, e) : 0;
}

static int
put_all(void *ctx, struct err *e)
{
	struct owing *o = ctx;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (put(o, &o->at[i], e))
			return -1;
	return 0;
}

int
owing_record(struct owing *o, struct err *e)
{
	return o->n ? exchange_record(o->x, put_all, o, e) : 0;
}
