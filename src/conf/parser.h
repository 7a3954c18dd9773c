/* SPDX-License-Identifier: ISC */
#ifndef CONF_PARSER_H
#define CONF_PARSER_H

#include <stddef.h>

/*
 * Parses a text into a configuration: the grammar, and what one statement can
 * show to be wrong. What needs the whole is done by check.h.
 */

struct conf;
struct err;
struct source;

/*
 * Adds the n bytes at text, read from path, to c, whose host is set. After an
 * error c holds a part, which conf_free frees.
 */
int parser_run(struct conf *c, const struct source *s, const char *path,
    const char *text, size_t n, struct err *e);

#endif
