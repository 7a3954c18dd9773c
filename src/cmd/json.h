/* SPDX-License-Identifier: ISC */
#ifndef CMD_JSON_H
#define CMD_JSON_H

#include <stdint.h>

/*
 * JSON (RFC 8259) on stdout, piece by piece. Each piece is a member of the
 * object that is open (key), or an element of the array (NULL). Strings are
 * valid UTF-8 whatever is in a name: first it is escaped as base/escape.h
 * tells.
 */

struct json {
	int comma;              /* something stands before the next piece */
};

void json_open(struct json *j, const char *key, char bracket);  /* { or [ */
void json_close(struct json *j, char bracket);                  /* } or ] */
void json_name(struct json *j, const char *key, const char *name);
/* A text that is escaped already; NULL: null. */
void json_text(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, int64_t n);
void json_bool(struct json *j, const char *key, int yes);

#endif
