/* SPDX-License-Identifier: ISC */
#ifndef FS_KEPT_H
#define FS_KEPT_H

#include "rename.h"

/*
 * A directory that is to be removed and is not empty: what lives in it? 1 when
 * it holds something that is synced and not itself being removed, the name of
 * which is allocated in *found; 0 when nothing of that kind; -1 with errno.
 * Temporaries of the dead are removed on the way. Needs the state's lock.
 */

struct burst;

int kept_scan(struct burst *b, const char *name, struct place dir,
    char **found);

#endif
