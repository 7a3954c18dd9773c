/* SPDX-License-Identifier: ISC */
#ifndef SYNC_RESOLVE_H
#define SYNC_RESOLVE_H

#include "conf/conf.h"
#include "state/entry.h"

/*
 * The judgement on one offer: the rules of "Versions", as a pure function of
 * the two entries and what is configured.
 *
 *  1. Same kind, content, mode and owner: nothing to transfer, no conflict.
 *  2. The offer has seen ours: take it.
 *  3. Ours has seen the offer: ours stands.
 *  4. Neither, or both with different content: a conflict. A receive-only host
 *     takes the offer; forced beats not forced; what the first check of a new
 *     state found loses against a peer that is not new; then the group's
 *     method; two forced, two resolutions or a tie: the greater digest.
 */

struct side {
	const struct version *v;
	const struct history *h;
	int new;                /* that node's state had no complete session */
};

struct judge {
	const struct group *group;
	struct version_ignore ignore;
	int receive_only;       /* we are, and the sender is a member */
};

enum verdict {
	VERDICT_SAME,           /* rule 1; merged is the history of both */
	VERDICT_TAKE,           /* the offer stands */
	VERDICT_OURS,           /* ours stands */
	VERDICT_CONFLICT        /* nothing is touched */
};

struct judgement {
	enum verdict verdict;
	int resolved;           /* by rule 4: the winner gets a new stamp */
	struct history merged;  /* vectors united; for SAME the whole history */
	struct stime mtime;     /* SAME: that of both afterwards */
};

/*
 * A zero stamp of ours: with KIND_NONE nothing is known here, else nobody has
 * stamped what stands there, and the offer's history is all there is.
 */
void resolve(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out);

#endif
