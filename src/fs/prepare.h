/* SPDX-License-Identifier: ISC */
#ifndef FS_PREPARE_H
#define FS_PREPARE_H

/*
 * What can be done before the lock: telling what a change is on disk, and
 * making its temporary complete, metadata and all.
 */

#include "base/clock.h"

struct burst;
struct change;
struct conf;
struct err;
struct job;
struct tree;

/*
 * The same for a file that is complete, and still open at fd, before its batch
 * is: what would be opened once more. Where that cannot be done now, or should
 * not be, prepare_job does it. latest: as a burst has it.
 */
void prepare_early(struct tree *t, const struct conf *conf,
    struct stime latest, struct change *c, int fd);

/* Of a job whose change is given. It may be over afterwards (failed). */
void prepare_job(struct burst *b, struct job *j);

/* Makes the temporaries durable; jobs whose temporary cannot be are over. */
void prepare_sync(struct burst *b);

#endif
