/* SPDX-License-Identifier: ISC */
#ifndef SYNC_GREETING_H
#define SYNC_GREETING_H

#include <stdint.h>

/*
 * The first message of each side: who it is, and what it knows of the other.
 */

struct cursor;
struct err;
struct exchange;
struct hello;

/* Fills all but the bits that are the speaker's wishes. */
void greeting_fill(struct hello *h, const struct exchange *x,
    const struct cursor *c);
/*
 * Whether the peer may be talked to: -1 with the reason, else what it said is
 * noted in x. A server names the highest version that it speaks, the client
 * (client: we are it) then the one to be spoken.
 */
int greeting_take(struct exchange *x, int client, const struct hello *theirs,
    struct err *e);
/*
 * What the peer knows of our own replica beyond what it was ever told is a
 * rollback; one that may not send anything is not believed. 1, 0, or -1.
 */
int greeting_from_future(const struct exchange *x, const struct hello *theirs,
    struct err *e);
/* The number up to which the peer has been told, as both remember it. */
uint64_t greeting_told(const struct exchange *x, const struct hello *theirs,
    const struct cursor *c);

#endif
