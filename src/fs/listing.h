/* SPDX-License-Identifier: ISC */
#ifndef FS_LISTING_H
#define FS_LISTING_H

#include <stddef.h>

/*
 * The names in one directory, sorted bytewise, without "." and "..".
 */

enum listing_type {
	LISTING_UNKNOWN,
	LISTING_DIR,
	LISTING_OTHER           /* surely no directory */
};

struct listing {                /* all zero: empty */
	char **names;
	size_t n;
	char *text;             /* type and name of each, one after the other */
};

/* Reads the open directory. -1 with errno; *l is empty then. */
int listing_read(struct listing *l, int fd);
/* The same from n sorted names; what is no name of a file is left out. */
void listing_of(struct listing *l, char *const *names, size_t n);
enum listing_type listing_type(const struct listing *l, size_t i);
void listing_free(struct listing *l);

#endif
