/* SPDX-License-Identifier: ISC */
/*
 * A hash set with linear probing, at most seven eighths full, since it is large
 * where much is synced; 0 marks a free place.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "settled.h"

struct settled {
	uint64_t *at;
	size_t n, size;                 /* size: a power of two */
};

struct settled *
settled_new(void)
{
	struct settled *s = mem_alloc(sizeof(*s));

	s->size = 64;
	s->at = mem_alloc(s->size * sizeof(*s->at));
	return s;
}

void
settled_free(struct settled *s)
{
	if (!s)
		return;
	free(s->at);
	free(s);
}

static uint64_t
digest(const char *name)
{
	uint64_t key = hash_short(name, strlen(name));

	return key ? key : 1;
}

/* The place that holds the key, or the free one where it would go. */
static uint64_t *
find(const struct settled *s, uint64_t key)
{
	size_t i = (size_t)key & (s->size - 1);

	while (s->at[i] && s->at[i] != key)
		i = (i + 1) & (s->size - 1);
	return &s->at[i];
}

static void
grow(struct settled *s)
{
	struct settled bigger = { NULL, s->n, s->size * 2 };
	size_t i;

	bigger.at = mem_alloc(bigger.size * sizeof(*bigger.at));
	for (i = 0; i < s->size; i++)
		if (s->at[i])
			*find(&bigger, s->at[i]) = s->at[i];
	free(s->at);
	*s = bigger;
}

void
settled_add(struct settled *s, const char *name)
{
	uint64_t key = digest(name), *at = find(s, key);

	if (*at)
		return;
	*at = key;
	if (++s->n > s->size / 8 * 7)
		grow(s);
}

int
settled_has(const struct settled *s, const char *name)
{
	return s->n && *find(s, digest(name)) != 0;
}
