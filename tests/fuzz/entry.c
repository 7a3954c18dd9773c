/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes entries: the input is one, or two, the first byte saying where the
 * second begins. What is decoded must come to the same bytes when it is encoded
 * and decoded again, and its histories can be united in any order. With
 * -DFUZZ_MAIN it runs the files named as arguments; else it is for libFuzzer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "state/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(const struct entry *e)
{
	static const struct version_ignore nothing;
	struct buf one = BUF_INIT, two = BUF_INIT;
	char name[ENTRY_NAME_SIZE];
	struct entry again, copy = entry_copy(e);

	assert(path_valid(e->name) && e->v.kind < KIND_COUNT);
	assert(e->h.vector.n <= VECTOR_MAX && e->h.nheads <= HEADS_MAX);
	assert(!e->v.target == (e->v.kind != KIND_LNK));
	entry_encode(&copy, &one);
	entry_free(&copy);
	assert(!entry_name(one.p, one.len, name) && !strcmp(name, e->name));
	assert(!entry_decode(&again, one.p, one.len));
	entry_encode(&again, &two);
	assert(one.len == two.len && !memcmp(one.p, two.p, one.len));
	assert(entry_digest(&again) == entry_digest(e) && entry_digest(e));
	assert(version_same(&again.v, &e->v, nothing));
	entry_free(&again);
	buf_free(&one);
	buf_free(&two);
}

static int
vector_holds(const struct vector *big, const struct vector *small)
{
	unsigned i;

	for (i = 0; i < small->n; i++)
		if (!vector_has(big, small->at[i]))
			return 0;
	return 1;
}

static void
unite(const struct history *a, const struct history *b)
{
	struct history ab = *a, twice;

	history_unite(&ab, b);
	assert(ab.vector.n <= VECTOR_MAX);
	twice = ab;
	history_unite(&twice, &ab);
	assert(vector_holds(&twice.vector, &ab.vector));
	if (a->vector.n + b->vector.n <= VECTOR_MAX)
		assert(vector_holds(&ab.vector, &a->vector) &&
		    vector_holds(&ab.vector, &b->vector));
	history_seen(a, b);
	history_seen(&ab, b);
}

/* From memory of just that size. */
static int
decode(struct entry *e, const uint8_t *p, size_t n)
{
	char name[ENTRY_NAME_SIZE];
	void *exact = malloc(n ? n : 1);
	int rc;

	if (n)
		memcpy(exact, p, n);
	entry_name(exact, n, name);
	rc = entry_decode(e, exact, n);
	free(exact);
	assert(!rc || !e->name);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct entry a, b;
	size_t cut;

	if (!n--)
		return 0;
	cut = *data++ < n ? data[-1] : n;
	if (decode(&a, data, cut))
		return 0;
	check(&a);
	if (!decode(&b, data + cut, n - cut)) {
		check(&b);
		unite(&a.h, &b.h);
		look_equal(&a.look, &b.look);
		entry_free(&b);
	}
	entry_free(&a);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
