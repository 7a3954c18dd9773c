/* SPDX-License-Identifier: ISC */
#ifndef CONF_WORD_H
#define CONF_WORD_H

#include <stddef.h>

/* Words that are nearly right. */

/*
 * The word of the NULL-terminated list that is closest to the n bytes at s,
 * when at most two letters have to be inserted, removed or replaced (one in a
 * word of up to three letters); else NULL. The first of equally close ones,
 * never s itself.
 */
const char *word_suggest(const char *s, size_t n, const char *const *list);

#endif
