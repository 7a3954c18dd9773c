/* SPDX-License-Identifier: ISC */
#ifndef UNIT_HEX_H
#define UNIT_HEX_H

/*
 * Bytes as text, for known answers.
 */
#include <stdio.h>
#include <string.h>

static inline const char *
hex(const unsigned char *p, size_t n)
{
	static char text[201];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < n && i < 100; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	return text;
}

static inline void
unhex(const char *text, unsigned char *to, int reversed)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, n = strlen(text) / 2;

	for (i = 0; i < n; i++)
		to[reversed ? n - 1 - i : i] = (unsigned char)(
		    (strchr(digits, text[2 * i]) - digits) << 4 |
		    (strchr(digits, text[2 * i + 1]) - digits));
}

#endif
