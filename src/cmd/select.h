/* SPDX-License-Identifier: ISC */
#ifndef CMD_SELECT_H
#define CMD_SELECT_H

#include <stddef.h>

/*
 * Which files -G and -P leave.
 */

struct conf;
struct group;
struct options;
struct pair;

/* Whether this host is in the group, and -G does not leave it out. */
int select_group(const struct options *o, const struct group *g);
/* Whether such a group has the name; compare as for match_group. */
int select_name(const struct options *o, const struct conf *c,
    const char *name, int compare);
/* The same where the group must also have a peer that -P names. */
int select_shown(const struct options *o, const struct conf *c,
    const char *name, int compare);
/* Whether -G leaves a group of the pair that has the name. */
int select_pair(const struct options *o, const struct pair *p,
    const char *name);
/* The pairs of this host, less what they leave out; freed by pair_list_free. */
size_t select_pairs(const struct options *o, const struct conf *c,
    struct pair **out);
/*
 * Takes from a server's pair the groups that -G leaves out: its session has a
 * scope of its own then, since it is not complete for all groups. -1 when none
 * is left.
 */
int select_served(const struct options *o, struct pair *p);

#endif
