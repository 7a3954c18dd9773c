/* SPDX-License-Identifier: ISC */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

/*
 * What can only be said of a whole configuration: finds this host in each
 * group, then errors (unknown prefixes, keys, identities, files with two
 * names), then warnings.
 */

struct conf;
struct err;

int check_conf(struct conf *c, struct err *e);

#endif
