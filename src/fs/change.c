/* SPDX-License-Identifier: ISC */
/*
 * Changes own their entry and the name of their temporary, not the temporary.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "change.h"

void
change_free(struct change *c)
{
	free(c->want.name);
	version_free(&c->want.v);
	free(c->want.h);
	free(c->temporary);
	free(c->err);
	memset(c, 0, sizeof(*c));
}

void
change_take(struct change *c, struct entry *e)
{
	c->want.name = e->name;
	c->want.number = e->number;
	c->want.v = e->v;
	c->want.look = e->look;
	change_set_history(c, &e->h);
	memset(e, 0, sizeof(*e));
}

struct entry
change_entry(const struct change *c)
{
	struct entry e = { .name = c->want.name, .number = c->want.number,
		.v = c->want.v, .look = c->want.look };

	change_history(c, &e.h);
	return e;
}

void
change_set_history(struct change *c, const struct history *h)
{
	free(c->want.h);
	c->want.h = history_pack(h);
	c->want.bits = h->bits;
}

/* What was packed had the bits of then. */
void
change_history(const struct change *c, struct history *h)
{
	memset(h, 0, sizeof(*h));
	if (c->want.h)
		history_unpack(h, c->want.h);
	h->bits = c->want.bits;
}

struct err *
change_err(struct change *c)
{
	if (!c->err)
		c->err = mem_alloc(sizeof(*c->err));
	return c->err;
}

const char *
change_why(const struct change *c)
{
	return c->err ? c->err->text : "";
}
