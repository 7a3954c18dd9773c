/* SPDX-License-Identifier: ISC */
#ifndef SIM_KNOCK_H
#define SIM_KNOCK_H

/*
 * Rules of the product, knocked out one at a time to see whether the oracle
 * catches it. The linker leads some functions to knock.c first, which gives
 * another answer while a rule is out.
 */

enum knockout {
	KNOCK_NONE, KNOCK_CSYNC2, KNOCK_HEADS, KNOCK_MERGE, KNOCK_UNION,
	KNOCK_STANDS, KNOCK_TWINS, KNOCK_WINNER, KNOCK_STAMP, KNOCK_TIE,
	KNOCK_LOOK, KNOCK_COMMIT, KNOCK_ADOPT, KNOCK_CONTENT, KNOCK_KNOWN,
	KNOCK_TOLD, KNOCK_RESTAMP, KNOCK_CLONE, KNOCK_INTENTS, KNOCK_OWED,
	KNOCK_TOMBSTONES, KNOCK_LIVING, KNOCKOUTS
};

struct knock {
	const char *name;
	const char *what;       /* the rule, and what stands in its place */
	unsigned worlds;        /* by then one has failed; 0: not asked for */
	int schedule;           /* one of the schedules fails */
};

extern const struct knock knocks[KNOCKOUTS];

int knock_find(const char *name);       /* -1: there is no such */

#endif
