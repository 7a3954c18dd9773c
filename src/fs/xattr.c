/* SPDX-License-Identifier: ISC */
/*
 * Extended attributes. What signs the old content (IMA, EVM) is left behind: it
 * would make the new one unreadable. The kernel bounds list and values to 64
 * KiB each.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "base/mem.h"
#include "xattr.h"

enum { MOST = 64 << 10 };

static int
copy_one(int from, int to, const char *name, char *value)
{
	ssize_t n;

	if (!strcmp(name, "security.ima") || !strcmp(name, "security.evm"))
		return 0;
	n = fgetxattr(from, name, value, MOST);
	return n >= 0 && fsetxattr(to, name, value, (size_t)n, 0) == 0;
}

int
xattr_copy(int from, int to)
{
	char *names, *value;
	ssize_t n, i;
	int any = 0;

	if (flistxattr(from, NULL, 0) <= 0)
		return 0;
	names = mem_alloc(MOST + 1);
	value = mem_alloc(MOST);
	n = flistxattr(from, names, MOST);
	for (i = 0; i < n; i += (ssize_t)strlen(names + i) + 1)
		any |= copy_one(from, to, names + i, value);
	free(value);
	free(names);
	return any;
}
