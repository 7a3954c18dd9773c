/* SPDX-License-Identifier: ISC */
#ifndef CMD_CONTACT_H
#define CMD_CONTACT_H

#include <stdint.h>

/*
 * What became of the sessions with a peer, as memos: when all was last compared
 * (where that is lost the next run does it), when it was last met, and what
 * went wrong then, or since.
 */

struct err;
struct pair;
struct setup;

void contact_note(const struct setup *s, const struct pair *p);
/* Whether that is longer ago than so many seconds, or unknown. */
int contact_old(const struct setup *s, const struct pair *p, unsigned seconds);

/* The peer was met; trouble: what failed there, "" for nothing. */
void contact_met(const struct setup *s, const struct pair *p,
    const char *trouble);
/* It was not, or the session did not come to its end. */
void contact_failed(const struct setup *s, const struct pair *p,
    const char *why);

struct contact_last {
	int64_t met;            /* seconds since 1970; 0: not known */
	int64_t since;          /* of the trouble; 0: there is none */
	char *trouble;          /* as it is shown; to be freed */
};
void contact_read(const struct setup *s, const struct pair *p,
    struct contact_last *out);

#endif
