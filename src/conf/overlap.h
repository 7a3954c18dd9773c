/* SPDX-License-Identifier: ISC */
#ifndef CONF_OVERLAP_H
#define CONF_OVERLAP_H

/*
 * Path patterns as sets of names, each with everything below it, compared
 * without looking at files.
 */

struct conf;
struct err;
struct pattern;

/* 0 when certainly no name is matched by both. */
int overlap_possible(const struct pattern *a, const struct pattern *b);

/* 1 when certainly every name that b matches is matched by a. */
int overlap_covers(const struct pattern *a, const struct pattern *b);

/*
 * -1 when two include patterns of groups that list this host give a file two
 * names: a plain one and one through a prefix, or through two prefixes. Parts
 * are compared one by one: text with text, text with a glob by glob.h; two
 * globs only meet when they are equal or one is "*".
 */
int overlap_check(const struct conf *c, struct err *e);

#endif
