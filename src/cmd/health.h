/* SPDX-License-Identifier: ISC */
#ifndef CMD_HEALTH_H
#define CMD_HEALTH_H

#include <stddef.h>
#include <stdint.h>

#include "contact.h"
#include "setup.h"
#include "state/fact.h"

/*
 * How one config of this host is doing: what is pending for whom, conflicts,
 * what failed last. Taken from the state and from memos; nobody is asked but
 * where that is wanted.
 */

struct err;
struct options;

struct flow {                   /* what has to go one way */
	size_t files, removals;
	uint64_t bytes;         /* of the files, as they are */
};

struct clash {                  /* a conflict that is left alone */
	size_t peer;            /* whose: its index */
	char *name;
	struct conflict here, there;
};

struct peer_health {
	const struct pair *pair;
	struct contact_last contact;
	struct cursor cursor;
	struct flow out;
	size_t put_back;        /* names that we may only receive, and differ */
	size_t nclashes;
	int answered;           /* it was asked, and in is known */
	struct flow in;
};

struct trouble {
	const char *what;       /* "run", "check" or "action" */
	int64_t since;          /* seconds since 1970 */
	char *lines;            /* as they are shown */
};

struct health {
	struct setup s;
	struct pair *pairs;
	struct peer_health *peers;
	size_t npeers;
	struct clash *clashes;
	size_t nclashes, clashes_cap;
	struct trouble *troubles;
	size_t ntroubles, troubles_cap;
	size_t actions;         /* files that wait for actions */
	int asked;
};

/*
 * ask: every peer tells what its state knows, which may take a while; who does
 * not is logged. -1 when the config or the state cannot be read. In any case
 * health_fini has to be called.
 */
int health_init(struct health *h, const struct options *o, const char *config,
    int ask, struct err *e);
void health_fini(struct health *h);

/*
 * Whether nobody has to look: no conflict, no trouble here or with a peer, none
 * that was asked and did not answer.
 */
int health_well(const struct health *h);

#endif
