/* SPDX-License-Identifier: ISC */
#ifndef CMD_PRINT_H
#define CMD_PRINT_H

#include <stdint.h>

/*
 * Parts of the lines that scripts read, on stdout.
 */

struct conf;
struct setup;
struct version;

/* A name, escaped as base/escape.h tells. */
void print_name(const char *name);
/* csync2's text for what a file looks like, less what is ignored. */
void print_version(const struct conf *c, const struct version *v);

/* "12 bytes", "3400 kB": four digits tell enough. */
void print_bytes(uint64_t n);
/*
 * Whether colours may be used on stdout: it is a terminal that can show them,
 * and NO_COLOR is not set (no-color.org).
 */
int print_colours(void);
/* How this program is called for a command of this config. */
void print_call(const struct setup *s, const char *command);

#endif
