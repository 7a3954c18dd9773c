/* SPDX-License-Identifier: ISC */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include <stddef.h>

#include "conf.h"

/*
 * One pattern as written: what is allowed in it, and what the matcher wants to
 * know of it. match.h tells what it means; conf_free frees it.
 */

enum { PATTERN_BYTES_MAX = 4095 };

/*
 * Makes a pattern of the n bytes at text, which hold no NUL. Returns NULL, or
 * what was expected instead (a static text); then nothing is to be freed.
 */
const char *pattern_init(struct pattern *p, enum pattern_kind kind,
    const char *text, size_t n);

/* The length of the leading "%name%" of a text; 0: there is none. */
size_t pattern_prefix(const char *text);

/* Whether c, unescaped, is one of the characters that make a glob. */
int pattern_special(char c);

/*
 * Appends the n bytes of a pattern's part at s to out (n bytes of room and one
 * for a NUL) without escapes, up to its first glob. Returns the length; *glob
 * tells whether there was one.
 */
size_t pattern_literal(const char *s, size_t n, char *out, int *glob);

#endif
