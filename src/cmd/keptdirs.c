/* SPDX-License-Identifier: ISC */
/*
 * A stack, each in the one before, as long as names come in order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "keptdirs.h"
#include "state/entry.h"

struct keptdirs {
	struct entry *at;
	size_t n, cap;
};

struct keptdirs *
keptdirs_new(void)
{
	return mem_alloc(sizeof(struct keptdirs));
}

static void
unwind(struct keptdirs *k, const char *name)
{
	while (k->n && !path_within(name, k->at[k->n - 1].name))
		entry_free(&k->at[--k->n]);
}

void
keptdirs_free(struct keptdirs *k)
{
	while (k->n)
		entry_free(&k->at[--k->n]);
	free(k->at);
	free(k);
}

void
keptdirs_add(struct keptdirs *k, const struct entry *entry,
    const struct look *look)
{
	struct entry *one;

	unwind(k, entry->name);
	k->at = mem_grow(k->at, k->n, &k->cap, sizeof(*k->at));
	one = &k->at[k->n++];
	*one = entry_copy(entry);
	one->look = *look;
	one->v.kind = KIND_DIR;
	one->v.mode = look->mode;
	one->v.uid = look->uid;
	one->v.gid = look->gid;
	memset(&one->v.mtime, 0, sizeof(one->v.mtime));
}

int
keptdirs_take(struct keptdirs *k, const char *name, struct entry *out)
{
	unwind(k, name);
	if (!k->n)
		return 0;
	*out = k->at[0];
	memmove(k->at, k->at + 1, --k->n * sizeof(*k->at));
	return 1;
}
