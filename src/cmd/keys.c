/* SPDX-License-Identifier: ISC */
/*
 * What only a look into the key files tells, before somebody connects.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "keys.h"
#include "sync/pair.h"
#include "wire/key.h"

struct seen {
	const struct pair *pair;
	const char *path;
	char tag[5];
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

int
keys_check(const struct conf *c, struct err *e)
{
	struct pair *pairs;
	size_t npairs = pair_list(c, &pairs), n = 0, cap = 0, i, k;
	struct seen *list = NULL;
	int rc = 0;

	for (i = 0; !rc && i < npairs; i++) {
		for (k = 0; !rc && k < pairs[i].nkeys; k++) {
			list = mem_grow(list, n, &cap, sizeof(*list));
			list[n] = (struct seen){ &pairs[i], pairs[i].keys[k],
			    "" };
			rc = look(list, n, &list[n], e);
			n++;
		}
	}
	free(list);
	pair_list_free(pairs, npairs);
	return rc;
}
