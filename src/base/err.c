/* SPDX-License-Identifier: ISC */
/*
 * Error texts. No allocation, so that an error can always be told.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

enum { LONG_MAX_BYTES = 8192 }; /* two of the longest names, and words */

/* Text, what follows it or "", and what follows that, as far as it fits. */
static int
put(struct err *e, const char *text, const char *colon, const char *why)
{
	static const char gap[] = "...";
	const size_t half = (sizeof(e->text) - sizeof(gap)) / 2;
	char all[LONG_MAX_BYTES + sizeof(e->text)];
	size_t n;

	n = (size_t)snprintf(all, sizeof(all), "%s%s%s", text, colon, why);
	if (n < sizeof(e->text)) {
		memcpy(e->text, all, n + 1);
		return -1;
	}
	memcpy(e->text, all, half);
	memcpy(e->text + half, gap, sizeof(gap) - 1);
	memcpy(e->text + half + sizeof(gap) - 1, all + n - half, half + 1);
	return -1;
}

int
err_set(struct err *e, const char *fmt, ...)
{
	char text[LONG_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return put(e, text, "", "");
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	char text[LONG_MAX_BYTES];
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put(e, text, ": ", strerror(saved));
	errno = saved;
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char text[LONG_MAX_BYTES];
	struct err old = *e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return put(e, text, ": ", old.text);
}

int
err_hint(struct err *e, const char *hint)
{
	struct err old = *e;

	return put(e, old.text, "; ", hint);
}
