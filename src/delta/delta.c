/* SPDX-License-Identifier: ISC */
/*
 * The search for known blocks. The window buffer holds, from `lit`, bytes that
 * no block was found for and that the sink has not got yet; from `pos` the
 * block that is being looked at; up to `len` what came. When it is full, the
 * sink gets what is before `pos` and the rest moves to the front.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#include "blockhash.h"
#include "delta.h"
#include "sigtable.h"

enum {
	SLACK_MIN = 65536,
	WASTE_MAX = 8           /* bytes hashed for nothing, for each byte */
};

struct delta {
	const struct sigtable *table;
	struct delta_sink sink;
	unsigned char *win;
	size_t cap, lit, pos, len;
	size_t block;
	uint32_t sum;                   /* of the block at pos, when summed */
	int summed;
	uint32_t next;                  /* block to try first, or none */
	uint64_t base;                  /* bytes that came before win */
	/*
	 * Bytes hashed for nothing: sums are alike and the blocks are not,
	 * which is rare unless somebody wants us to be busy.
	 */
	uint64_t wasted;
};

static void
restart(struct delta *d)
{
	d->lit = d->pos = d->len = 0;
	d->summed = 0;
	d->next = sigtable_blocks(d->table) ? 0 : SIGTABLE_NONE;
	d->base = d->wasted = 0;
}

struct delta *
delta_new(const struct sigtable *t, struct delta_sink sink, struct err *e)
{
	struct delta *d = mem_alloc(sizeof(*d));

	d->table = t;
	d->sink = sink;
	d->block = sigtable_block(t);
	d->cap = d->block + (d->block < SLACK_MIN / 2 ? SLACK_MIN :
	    2 * d->block);
	d->win = malloc(d->cap);
	if (!d->win) {
		err_set(e, "delta: no memory for blocks of %lu bytes",
		    (unsigned long)d->block);
		free(d);
		return NULL;
	}
	restart(d);
	return d;
}

void
delta_free(struct delta *d)
{
	if (!d)
		return;
	free(d->win);
	free(d);
}

static void
literal(struct delta *d, size_t end)
{
	if (end > d->lit)
		d->sink.literal(d->sink.ctx, d->win + d->lit, end - d->lit);
	d->lit = end;
}

/* Block i of the old content is at `at`. */
static void
found(struct delta *d, uint32_t i, size_t at)
{
	size_t n = sigtable_length(d->table, i);

	literal(d, at);
	d->sink.copy(d->sink.ctx, sigtable_offset(d->table, i), n);
	d->lit = d->pos = at + n;
	d->summed = 0;
	d->next = i + 1 < sigtable_blocks(d->table) ? i + 1 : SIGTABLE_NONE;
}

static int
lookup(struct delta *d)
{
	uint32_t i;
	int hashed;

	if (!sigtable_maybe(d->table, d->sum) ||
	    d->wasted > WASTE_MAX * (d->base + d->pos))
		return 0;
	i = sigtable_find(d->table, d->sum, d->win + d->pos, &hashed);
	if (i == SIGTABLE_NONE) {
		d->wasted += hashed ? d->block : 0;
		return 0;
	}
	found(d, i, d->pos);
	return 1;
}

/*
 * From a whole block at pos on to the next known one: true; or to the end of
 * what is there. Where the sum is known already, it was looked up before.
 */
static int
scan(struct delta *d)
{
	size_t left = d->len - d->pos - d->block, n;

	if (!d->summed) {
		d->sum = blockhash_sum(d->win + d->pos, d->block);
		d->summed = 1;
		if (lookup(d))
			return 1;
	}
	for (; left; left -= n) {
		n = sigtable_roll(d->table, d->win + d->pos, left, &d->sum);
		d->pos += n;
		if (lookup(d))
			return 1;
	}
	return 0;
}

/* Goes as far as what is in the window allows. */
static void
search(struct delta *d)
{
	for (;;) {
		if (d->next == SIGTABLE_NONE) {
			if (d->len - d->pos < d->block || !scan(d))
				return;
			continue;
		}
		if (d->len - d->pos < sigtable_length(d->table, d->next))
			return;
		if (sigtable_is(d->table, d->next, d->win + d->pos))
			found(d, d->next, d->pos);
		else
			d->next = SIGTABLE_NONE;
	}
}

static void
make_room(struct delta *d)
{
	if (d->len < d->cap)
		return;
	literal(d, d->pos);
	d->base += d->pos;
	d->len -= d->pos;
	memmove(d->win, d->win + d->pos, d->len);
	d->lit = d->pos = 0;
}

void
delta_add(struct delta *d, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t take;

	for (; n; n -= take, p += take) {
		make_room(d);
		take = d->cap - d->len < n ? d->cap - d->len : n;
		memcpy(d->win + d->len, p, take);
		d->len += take;
		search(d);
	}
}

/* The short last block is looked for at the very end, wherever that is. */
void
delta_end(struct delta *d)
{
	uint32_t blocks = sigtable_blocks(d->table);
	size_t n;

	n = blocks ? sigtable_length(d->table, blocks - 1) : d->block;
	if (n < d->block && d->len - d->lit >= n &&
	    sigtable_is(d->table, blocks - 1, d->win + d->len - n))
		found(d, blocks - 1, d->len - n);
	literal(d, d->len);
	restart(d);
}
