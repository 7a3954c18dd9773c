/* SPDX-License-Identifier: ISC */
/*
 * What only a look into the key files tells, before somebody connects.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "keys.h"
#include "sync/pair.h"
#include "wire/key.h"

struct seen {
	const struct pair *pair;
	const char *path;
	char tag[5];
	int bad;
};

/* One with the same hosts and tag and another file, or NULL. */
static const struct seen *
clash(const struct seen *list, size_t n, const struct seen *one)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i].pair->peer, one->pair->peer) &&
		    !strcmp(list[i].pair->self, one->pair->self) &&
		    !strcmp(list[i].tag, one->tag) &&
		    strcmp(list[i].path, one->path))
			return &list[i];
	return NULL;
}

static int
look(const struct seen *list, size_t n, struct seen *one, struct err *e)
{
	const struct seen *other;
	struct key key;

	if (key_load_for(&key, one->path, pair_key_host(one->pair, one->path),
	    e))
		return -1;
	key_tag(&key, one->tag);
	key_wipe(&key);
	other = clash(list, n, one);
	return !other ? 0 : err_set(e, "key files %s and %s: both are marked "
	    "%s, or hold one key; groups of one key name one file, and of two "
	    "such keys one has to be made anew", other->path, one->path,
	    one->tag);
}

static int
is_told(const struct seen *list, size_t n, const char *path)
{
	while (n--)
		if (list[n].bad && !strcmp(list[n].path, path))
			return 1;
	return 0;
}

/* Looks at one more of n; an error before it is logged when it is bad, too. */
static int
add(struct seen *list, size_t n, int bad, struct err *e)
{
	struct err why;

	if (is_told(list, n, list[n].path) || !look(list, n, &list[n], &why))
		return bad;
	list[n].bad = 1;
	if (bad)
		log_error("%s", e->text);
	*e = why;
	return -1;
}

int
keys_check(const struct conf *c, struct err *e)
{
	struct pair *pairs;
	size_t npairs = pair_list(c, &pairs), n = 0, cap = 0, i, k;
	struct seen *list = NULL;
	int rc = 0;

	for (i = 0; i < npairs; i++)
		for (k = 0; k < pairs[i].nkeys; k++) {
			list = mem_grow(list, n, &cap, sizeof(*list));
			list[n] = (struct seen){ &pairs[i], pairs[i].keys[k],
			    "", 0 };
			rc = add(list, n++, rc, e);
		}
	free(list);
	pair_list_free(pairs, npairs);
	return rc;
}
