/* SPDX-License-Identifier: ISC */
#ifndef CMD_DIFFS_H
#define CMD_DIFFS_H

/*
 * Differences as unified diffs on stdout, from the peer's version to ours: by
 * the diff of this host where there is one, else by our own. What is no text
 * gets a line that says how it differs.
 */

struct difference;
struct diffs;
struct pair;
struct tree;

struct diffs *diffs_new(struct tree *t);
void diffs_show(struct diffs *ds, const struct pair *p,
    const struct difference *d);
void diffs_free(struct diffs *ds);              /* NULL is fine */

#endif
