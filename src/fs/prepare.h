/* SPDX-License-Identifier: ISC */
#ifndef FS_PREPARE_H
#define FS_PREPARE_H

/*
 * What can be done before the lock: telling what a change is on disk, and
 * making its temporary complete, metadata and all.
 */

struct burst;
struct err;
struct job;

/* Of a job whose change is given. It may be over afterwards (failed). */
void prepare_job(struct burst *b, struct job *j);

/* Makes the temporaries durable; jobs whose temporary cannot be are over. */
void prepare_sync(struct burst *b);

#endif
