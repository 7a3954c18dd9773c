/* SPDX-License-Identifier: ISC */
#ifndef SYNC_VANISHED_H
#define SYNC_VANISHED_H

/*
 * The removal guard of sessions: what the peer has a new version of is gone
 * here, and no check has seen that. Each may be a removal; many are more likely
 * an accident, and only a check can say of how many that is too many. So
 * sessions record CONF_GUARD_MIN of them at most, counted in the state from one
 * check of everything that had nothing to hold back to the next.
 */

struct err;
struct exchange;
struct state;

/*
 * Whether one more such name may be recorded as removed, which is counted then:
 * 1; 0 when that is too many, and why says so; -1.
 */
int vanished_allowed(struct exchange *x, struct err *why, struct err *e);

/* A check of everything had nothing to hold back. */
int vanished_settled(struct state *s, unsigned lock_ms, struct err *e);

#endif
