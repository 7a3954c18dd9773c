/* SPDX-License-Identifier: ISC */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

/*
 * How names and the texts of others are shown, on stdout and in messages alike,
 * so that a line stays a line, a terminal is told nothing, and a script gets
 * the bytes back (`printf %b` of bash and BusyBox does it): each byte of these
 * is \xNN, all else is as it is:
 *
 *	control characters, ASCII's and U+0080 to U+009F
 *	the backslash
 *	what breaks or turns lines: U+2028 to U+202E, U+2066 to U+2069
 *	bytes that are no UTF-8
 */

enum { ESCAPE_MAX = 4 };        /* bytes that one byte can become */

/*
 * Takes the next character of *text, which ends with a NUL, and puts what
 * stands for it to out, without a NUL. Returns its length, 0 at the end.
 */
size_t escape_next(const char **text, char out[ESCAPE_MAX]);

/*
 * All of text, as far as whole characters fit into size bytes (at least one),
 * with a NUL. Returns the length without it.
 */
size_t escape_text(char *out, size_t size, const char *text);

#endif
