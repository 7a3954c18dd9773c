/* SPDX-License-Identifier: ISC */
/*
 * What several commands ask of the command line.
 */
#include <string.h>
#include <strings.h>

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
