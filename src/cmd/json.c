/* SPDX-License-Identifier: ISC */
/*
 * What JSON wants escaped of what base/escape.c leaves: quotes, backslashes and
 * line breaks.
 */
#include <stdio.h>

#include "base/escape.h"
#include "json.h"

static void
begin(struct json *j, const char *key)
{
	if (j->comma)
		putchar(',');
	if (key)
		printf("\"%s\":", key);
	j->comma = 1;
}

static void
put(char c)
{
	if (c == '"' || c == '\\')
		putchar('\\');
	if (c == '\n')
		printf("\\n");
	else
		putchar(c);
}

void
json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	putchar(bracket);
	j->comma = 0;
}

void
json_close(struct json *j, char bracket)
{
	putchar(bracket);
	j->comma = 1;
}

void
json_name(struct json *j, const char *key, const char *name)
{
	char one[ESCAPE_MAX];
	size_t n, i;

	begin(j, key);
	putchar('"');
	while ((n = escape_next(&name, one)))
		for (i = 0; i < n; i++)
			put(one[i]);
	putchar('"');
}

void
json_text(struct json *j, const char *key, const char *text)
{
	begin(j, key);
	if (!text) {
		printf("null");
		return;
	}
	putchar('"');
	while (*text)
		put(*text++);
	putchar('"');
}

void
json_number(struct json *j, const char *key, int64_t n)
{
	begin(j, key);
	printf("%lld", (long long)n);
}

void
json_bool(struct json *j, const char *key, int yes)
{
	begin(j, key);
	printf(yes ? "true" : "false");
}
