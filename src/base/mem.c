/* SPDX-License-Identifier: ISC */
/*
 * Allocation for small things, and wiping of secrets.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

static void *
checked(void *p)
{
	static const char msg[] = "ucsync: out of memory\n";
	ssize_t ignored;

	if (p)
		return p;
	ignored = write(2, msg, sizeof(msg) - 1);
	(void)ignored;
	_exit(1);
}

void *
mem_alloc(size_t n)
{
	return checked(calloc(1, n ? n : 1));
}

void *
mem_realloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1));
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *
mem_strndup(const char *s, size_t n)
{
	char *p = mem_alloc(n + 1);

	memcpy(p, s, n);
	return p;
}

void *
mem_dup(const void *p, size_t n)
{
	void *q = mem_alloc(n);

	if (n)
		memcpy(q, p, n);
	return q;
}

void *
mem_grow(void *array, size_t n, size_t *cap, size_t size)
{
	size_t want;

	if (n < *cap)
		return array;
	want = *cap ? *cap * 2 : 8;
	if (want <= *cap || want > SIZE_MAX / size)
		return checked(NULL);
	*cap = want;
	return mem_realloc(array, want * size);
}

void
mem_wipe(void *p, size_t n)
{
	volatile unsigned char *v = p;

	while (n--)
		*v++ = 0;
}
