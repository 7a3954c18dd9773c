/* SPDX-License-Identifier: ISC */
#ifndef FS_APPLY_H
#define FS_APPLY_H

/*
 * One prepared change carried out on disk, after a last look. Afterwards the
 * job's look is what stands there; trusted, but for the clock, unless it was
 * edited meanwhile. What has to be synced is in the burst. A change that is not
 * carried out has left everything as it was.
 */

struct burst;
struct job;

void apply_job(struct burst *b, struct job *j);

#endif
