/* SPDX-License-Identifier: ISC */
#ifndef SYNC_REPLICA_H
#define SYNC_REPLICA_H

/*
 * Which numbers are whose. The highest number of ours that anybody was told is
 * kept in the state: who knows of a higher one knows a time after this state.
 */

struct err;
struct exchange;

/*
 * A state that was rolled back (restored from a backup) may have used numbers
 * anew that others know for other changes. It takes a new replica id, and what
 * it authored gets new stamps without the old counter.
 */
int replica_renew(struct exchange *x, struct err *e);
/* Before a session: does the rest of a renewal that a crash cut short. */
int replica_finish(struct exchange *x, struct err *e);

/* Before stamps leave: notes that all numbers so far may be told. */
int replica_tell(struct exchange *x, struct err *e);

#endif
