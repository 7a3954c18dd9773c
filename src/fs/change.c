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
	entry_free(&c->want);
	free(c->temporary);
	free(c->err);
	memset(c, 0, sizeof(*c));
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
