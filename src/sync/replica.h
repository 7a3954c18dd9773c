/* SPDX-License-Identifier: ISC */
#ifndef SYNC_REPLICA_H
#define SYNC_REPLICA_H

struct err;
struct exchange;

/*
 * A state that was rolled back (restored from a backup) may have used numbers
 * anew that others know for other changes. It takes a new replica id, and what
 * it authored gets new stamps without the old counter.
 */
int replica_renew(struct exchange *x, struct err *e);

#endif
