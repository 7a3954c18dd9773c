/* SPDX-License-Identifier: ISC */
/*
 * Items and their sums. The first hash is the first 8 bytes of BLAKE2s-256 over
 * the name, the second one of BLAKE2s-256 over name, version (version.c; what
 * is not compared is zero), whether the disk deviates, and, where both hosts
 * are members, the number of stamps, the stamp and the heads in ascending
 * order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "digest.h"
#include "exchange.h"
#include "pair.h"
#include "state/entry.h"
#include "state/state.h"

enum { ITEMS_A_BUCKET = 64 };

static void
put_version(const struct exchange *x, const struct version *v, struct buf *b)
{
	struct version seen = *v;

	if (x->ignore.mode)
		seen.mode = 0;
	if (x->ignore.uid)
		seen.uid = 0;
	if (x->ignore.gid)
		seen.gid = 0;
	version_encode(&seen, b);
}

static int
by_stamp(const void *a, const void *b)
{
	const struct stamp *x = a, *y = b;

	if (x->replica != y->replica)
		return x->replica < y->replica ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static void
put_stamps(const struct history *h, struct buf *b)
{
	struct stamp all[HEADS_MAX + 1];
	unsigned i, n = 0;

	all[n++] = h->stamp;
	for (i = 0; i < h->nheads; i++)
		all[n++] = h->heads[i];
	qsort(all, n, sizeof(*all), by_stamp);
	buf_u8(b, n);
	for (i = 0; i < n; i++) {
		buf_u64(b, all[i].replica);
		buf_var(b, all[i].number);
	}
}

int
digest_entry(const struct exchange *x, const struct entry *entry,
    struct digest_item *out)
{
	const struct pair *p = x->pair;
	int quiet = (entry->h.bits & HISTORY_QUIET) != 0, we, they;
	struct buf b = BUF_INIT;

	if (entry->v.kind == KIND_NONE && !quiet)
		return 0;
	we = pair_right(p, p->self, entry->name) == PAIR_MEMBER;
	they = pair_right(p, p->peer, entry->name) == PAIR_MEMBER;
	if (!we && !they)
		return 0;
	out->name = hash_short(entry->name, strlen(entry->name));
	out->what = DIGEST_QUIET;
	if (quiet)
		return 1;
	buf_str(&b, entry->name);
	put_version(x, &entry->v, &b);
	buf_u8(&b, (entry->h.bits & HISTORY_DEVIATES) != 0);
	if (we && they)
		put_stamps(&entry->h, &b);
	out->what = hash_short(b.p, b.len);
	buf_free(&b);
	if (out->what == DIGEST_QUIET)
		out->what = 1;
	return 1;
}

unsigned
digest_bucket(uint64_t name, unsigned bits)
{
	return bits ? (unsigned)(name >> (64 - bits)) : 0;
}

static void
add(struct digest *d, const struct digest_item *item)
{
	unsigned i = digest_bucket(item->name, d->bits);

	d->sum[i] += item->what == DIGEST_QUIET ? item->name : item->what;
	d->count[i]++;
}

int
digest_make(struct digest *d, struct exchange *x, struct err *e)
{
	struct state_walk *w = state_walk_new(x->state, NULL, e);
	struct entry entry;
	struct digest_item item;
	int rc;

	if (!w)
		return -1;
	memset(d, 0, sizeof(*d));
	d->bits = DIGEST_BITS_MAX;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		x->pulse->beat(x->pulse->ctx);
		if (digest_entry(x, &entry, &item))
			add(d, &item);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

void
digest_fold(struct digest *d, unsigned bits)
{
	unsigned i, from;

	for (; d->bits > bits; d->bits--) {
		for (i = 0, from = 0; from < 1u << d->bits; i++, from += 2) {
			d->sum[i] = d->sum[from] + d->sum[from + 1];
			d->count[i] = d->count[from] + d->count[from + 1];
		}
	}
}

unsigned
digest_bits(const struct digest *d)
{
	size_t n = 0, i;
	unsigned bits = 0;

	for (i = 0; i < 1u << d->bits; i++)
		n += d->count[i];
	while (bits < d->bits && n >> bits > ITEMS_A_BUCKET)
		bits++;
	return bits;
}

uint64_t
digest_total(const struct digest *d)
{
	struct buf b = BUF_INIT;
	uint64_t total;
	unsigned i;

	for (i = 0; i < 1u << d->bits; i++)
		buf_u64(&b, d->sum[i]);
	total = hash_short(b.p, b.len);
	buf_free(&b);
	return total;
}
