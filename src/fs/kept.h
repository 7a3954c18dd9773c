/* SPDX-License-Identifier: ISC */
#ifndef FS_KEPT_H
#define FS_KEPT_H

#include "rename.h"

/*
 * A directory that is to be removed: what lives in it? Temporaries of the dead
 * are removed on the way. Needs the state's lock.
 */

struct burst;

enum kept {
	KEPT_NOTHING,
	KEPT_LIVES,             /* something synced that is not being removed
				   itself; its name, allocated, in *found */
	KEPT_OTHERS             /* only what is not synced */
};

/* One of these, or -1 with errno. */
int kept_scan(struct burst *b, const char *name, struct place dir,
    char **found);

#endif
