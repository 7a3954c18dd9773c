/* SPDX-License-Identifier: ISC */
/*
 * Changes own their entry and the name of their temporary, not the temporary.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"

void
change_free(struct change *c)
{
	entry_free(&c->want);
	free(c->temporary);
	memset(c, 0, sizeof(*c));
}
