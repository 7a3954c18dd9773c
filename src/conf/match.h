/* SPDX-License-Identifier: ISC */
#ifndef CONF_MATCH_H
#define CONF_MATCH_H

#include <stddef.h>

/*
 * Which names belong to a group. A pattern that starts with '/' or '%' is a
 * path pattern and matches the whole name or any of its leading directories;
 * any other matches base names. Shell globs as in glob.h; '*' does not
 * match '/' unless the pattern has "**" in it: then every star does. Within
 * each class the last matching pattern decides; without one paths are out and
 * base names in; a name is in when both classes say in, and when no leading
 * directory that the path class has in is out: the exclusion of a directory
 * holds for everything below it, however a file was named. Reserved names
 * (PATH_RESERVED) are in nowhere.
 */

struct conf;
struct group;
struct pattern;

/* Whether name is in the group. Compare patterns count when compare is set. */
int match_group(const struct group *g, const char *name, int compare);

/* Whether name is in any group that lists this host. */
int match_any(const struct conf *c, const char *name, int compare);

/* Whether this host may change name: some group with it has it as a member. */
int match_member(const struct conf *c, const char *name);

/* Why a name is in a group or is not; what is not known of it is NULL or 0. */
struct match_why {
	int in;
	const struct pattern *path;     /* of the path patterns: decides */
	const struct pattern *base;     /* of the base names: lets in or out */
	size_t out;             /* length of the leading directory, or of the
				   name, that a base name holds out */
	int reserved;
};
void match_explain(const struct group *g, const char *name, int compare,
    struct match_why *why);

/* Whether one pattern (an action's) matches the name. */
int match_pattern(const struct pattern *p, const char *name);

/* What a walk has to look at below a directory. */
enum match_reach {
	REACH_NONE,             /* nothing */
	REACH_LISTED,           /* only these children, by name */
	REACH_ALL               /* every child */
};

/*
 * Tells it for all groups of this host. With REACH_LISTED, *parts is an
 * allocated array of *n allocated names, sorted bytewise, each once; match_free
 * frees it.
 */
enum match_reach match_reach(const struct conf *c, const char *dir, int compare,
    char ***parts, size_t *n);
void match_free(char **parts, size_t n);

#endif
