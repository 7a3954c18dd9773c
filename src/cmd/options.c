/* SPDX-License-Identifier: ISC */
/*
 * What several commands ask of the command line.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "options.h"

int
options_has(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	if (!list)
		return 1;
	for (;; list += n + 1) {
		n = strcspn(list, ",");
		if (n == len && !strncasecmp(list, word, n))
			return 1;
		if (!list[n])
			return 0;
	}
}

char *
options_host(const char *name)
{
	char *host = mem_strdup(name), *p;

	for (p = host; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return host;
}
