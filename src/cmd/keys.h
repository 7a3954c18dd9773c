/* SPDX-License-Identifier: ISC */
#ifndef CMD_KEYS_H
#define CMD_KEYS_H

struct conf;
struct err;

/*
 * Looks at all key files of this host's groups: -1 when one is not good, or
 * when two of the lines with one peer could not be told apart. Each such is
 * logged but the last, which is in *e.
 */
int keys_check(const struct conf *c, struct err *e);

#endif
