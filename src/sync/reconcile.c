/* SPDX-License-Identifier: ISC */
/*
 *   client  SUMMING -> AWAITING -> COLLECTING -> WISHING -> DONE
 *   server  AWAITING -> LISTING -> COLLECTING -> DONE
 *
 * Only items in buckets that differ are ever held: on the client the server's,
 * on the server those that the client asks for. Of a bucket in which the client
 * has nothing, nothing is listed: all of it is asked for.
 *
 * Entries with a number above the digest's time are beyond it: they are offered
 * as they would be without it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "digest.h"
#include "exchange.h"
#include "message.h"
#include "pair.h"
#include "reconcile.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"

enum {
	ITEMS_MAX = 1 << 18,            /* 4 MiB; beyond, all is offered */
	ITEMS_PIECE = 2000
};

/* The second hash of a name that the client asks for. */
enum { WISHED = 1 };

enum step { SUMMING, AWAITING, LISTING, COLLECTING, WISHING, DONE };
enum meeting { MET_NOT, MET_SAME, MET_QUIET };
/* How the two hosts' buckets stand; absent: the client has nothing in it. */
enum bucket { BUCKET_SAME, BUCKET_DIFFERS, BUCKET_ABSENT };

struct reconcile {
	struct exchange *x;
	int client, all;
	enum step step;
	uint64_t high;                  /* state_high at the digest's time */
	struct digest digest;
	uint64_t theirs;                /* server: the total of the client's */
	unsigned char bucket[DIGEST_BUCKETS_MAX];
	struct digest_item *items;             /* sorted by name */
	unsigned char *met;             /* enum meeting, of each */
	size_t n, cap;
};

struct reconcile *
reconcile_new(struct exchange *x, int client)
{
	struct reconcile *r = mem_alloc(sizeof(*r));

	r->x = x;
	r->client = client;
	r->step = client ? SUMMING : AWAITING;
	return r;
}

void
reconcile_free(struct reconcile *r)
{
	if (!r)
		return;
	free(r->items);
	free(r->met);
	free(r);
}

int
reconcile_finished(const struct reconcile *r)
{
	return r->step == DONE;
}

int
reconcile_all(const struct reconcile *r)
{
	return r && r->all;
}

static int
malformed(struct err *e, const char *what)
{
	return err_set(e, "the peer sent a malformed %s", what);
}

/* The place of the name among the items, or n. */
static size_t
find(const struct reconcile *r, uint64_t name)
{
	size_t lo = 0, hi = r->n, i;

	while (lo < hi) {
		i = lo + (hi - lo) / 2;
		if (r->items[i].name == name)
			return i;
		if (r->items[i].name < name)
			lo = i + 1;
		else
			hi = i;
	}
	return r->n;
}

static enum reconcile_word
compare(const struct reconcile *r, const struct digest_item *ours)
{
	size_t i;

	switch (r->bucket[digest_bucket(ours->name, r->digest.bits)]) {
	case BUCKET_SAME:
		return RECONCILE_SAME;
	case BUCKET_ABSENT:
		return RECONCILE_DIFFERS;
	default:
		break;
	}
	i = find(r, ours->name);
	if (i == r->n)
		return r->client ? RECONCILE_DIFFERS : RECONCILE_SAME;
	if (r->items[i].what == DIGEST_QUIET)
		return RECONCILE_UNKNOWN;
	if (r->client && r->items[i].what == ours->what)
		return RECONCILE_SAME;
	return RECONCILE_DIFFERS;
}

enum reconcile_word
reconcile_says(const struct reconcile *r, const struct entry *entry)
{
	struct digest_item ours;

	if (!r || r->all || entry->number > r->high ||
	    !digest_entry(r->x, entry, &ours) || ours.what == DIGEST_QUIET)
		return RECONCILE_UNKNOWN;
	return compare(r, &ours);
}

static int
make_digest(struct reconcile *r, struct err *e)
{
	r->high = state_high(r->x->state);
	return digest_make(&r->digest, r->x, e);
}

static int
send_digest(struct reconcile *r, struct err *e)
{
	struct buf b = BUF_INIT;

	if (make_digest(r, e))
		return -1;
	digest_fold(&r->digest, digest_bits(&r->digest));
	digest_encode(r->digest.bits, r->digest.sum, &b);
	exchange_send(r->x, MESSAGE_DIGEST, &b);
	r->step = AWAITING;
	return 0;
}

/* What differs; nothing, where this pair of digests is known. */
static int
any_differs(struct reconcile *r, const uint64_t theirs[DIGEST_BUCKETS_MAX])
{
	const struct digest *ours = &r->digest;
	size_t listed = 0;
	unsigned i;
	int any = 0;

	if (fact_reconciled(r->x->state, r->x->pair->peer, r->x->pair->scope,
	    r->theirs, digest_total(ours)))
		return 0;
	for (i = 0; i < 1u << ours->bits; i++) {
		if (theirs[i] == ours->sum[i])
			continue;
		any = 1;
		r->bucket[i] = theirs[i] ? BUCKET_DIFFERS : BUCKET_ABSENT;
		if (theirs[i])
			listed += ours->count[i];
	}
	r->all = listed > ITEMS_MAX;
	return any;
}

static int
take_digest(struct reconcile *r, struct view body, struct err *e)
{
	struct digest theirs;
	struct buf b = BUF_INIT;
	int any;

	memset(&theirs, 0, sizeof(theirs));
	if (r->step != AWAITING || r->high ||
	    digest_decode(&theirs.bits, theirs.sum, body))
		return malformed(e, "digest");
	if (make_digest(r, e))
		return -1;
	digest_fold(&r->digest, theirs.bits);
	r->theirs = digest_total(&theirs);
	any = any_differs(r, theirs.sum);
	buckets_encode(r->all, r->digest.bits, r->bucket, &b);
	exchange_send(r->x, MESSAGE_BUCKETS, &b);
	r->step = any && !r->all ? LISTING : DONE;
	return 0;
}

static int
take_buckets(struct reconcile *r, struct view body, struct err *e)
{
	unsigned i;
	int any = 0;

	if (!r->client || r->step != AWAITING ||
	    buckets_decode(&r->all, r->digest.bits, r->bucket, body))
		return malformed(e, "answer to a digest");
	for (i = 0; i < 1u << r->digest.bits; i++)
		any |= r->bucket[i];
	r->step = any && !r->all ? COLLECTING : DONE;
	return 0;
}

static void
send_items(struct reconcile *r, const struct digest_item *items, size_t n,
    int last)
{
	struct buf b = BUF_INIT;

	items_encode(last, items, n, &b);
	exchange_send(r->x, MESSAGE_ITEMS, &b);
}

static void
send_list(struct reconcile *r, const struct digest_item *items, size_t n)
{
	for (; n > ITEMS_PIECE; items += ITEMS_PIECE, n -= ITEMS_PIECE)
		send_items(r, items, ITEMS_PIECE, 0);
	send_items(r, items, n, 1);
}

static void
add(struct reconcile *r, const struct digest_item *item)
{
	r->items = mem_grow(r->items, r->n, &r->cap, sizeof(*r->items));
	r->items[r->n++] = *item;
}

static int
by_name(const void *a, const void *b)
{
	const struct digest_item *x = a, *y = b;

	return (x->name > y->name) - (x->name < y->name);
}

/* Calls each with our items in buckets that differ. */
static int
each_item(struct reconcile *r, void (*each)(struct reconcile *r,
    const struct digest_item *item), struct err *e)
{
	struct state_walk *w = state_walk_new(r->x->state, NULL, e);
	struct entry entry;
	struct digest_item item;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		r->x->pulse->beat(r->x->pulse->ctx);
		if (digest_entry(r->x, &entry, &item) &&
		    r->bucket[digest_bucket(item.name, r->digest.bits)] ==
		    BUCKET_DIFFERS)
			each(r, &item);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

static int
send_ours(struct reconcile *r, struct err *e)
{
	if (each_item(r, add, e))
		return -1;
	if (r->n)
		qsort(r->items, r->n, sizeof(*r->items), by_name);
	send_list(r, r->items, r->n);
	r->n = 0;
	r->step = COLLECTING;
	return 0;
}

/* What is left of the other's items, once ours have been by, is asked for. */
static void
meet(struct reconcile *r, const struct digest_item *ours)
{
	size_t i = find(r, ours->name);

	if (i == r->n)
		return;
	if (ours->what == DIGEST_QUIET)
		r->met[i] = MET_QUIET;
	else if (ours->what == r->items[i].what)
		r->met[i] = MET_SAME;
}

static int
send_wishes(struct reconcile *r, struct err *e)
{
	struct digest_item *wishes = mem_alloc((r->n + 1) * sizeof(*wishes));
	size_t i, n = 0;

	r->met = mem_alloc(r->n + 1);
	if (each_item(r, meet, e)) {
		free(wishes);
		return -1;
	}
	for (i = 0; i < r->n; i++) {
		if (r->met[i] == MET_SAME || r->items[i].what == DIGEST_QUIET)
			continue;
		wishes[n].name = r->items[i].name;
		wishes[n++].what = r->met[i] == MET_QUIET ? DIGEST_QUIET
		    : WISHED;
	}
	send_list(r, wishes, n);
	free(wishes);
	r->step = DONE;
	return 0;
}

int
reconcile_output(struct reconcile *r, struct err *e)
{
	int rc;

	switch (r->step) {
	case SUMMING:
		rc = send_digest(r, e);
		break;
	case LISTING:
		rc = send_ours(r, e);
		break;
	case WISHING:
		rc = send_wishes(r, e);
		break;
	default:
		return 0;
	}
	return rc ? -1 : 1;
}

static int
take_items(struct reconcile *r, struct view body, struct err *e)
{
	struct digest_item item;
	int last;

	if (r->step != COLLECTING || items_begin(&last, &body))
		return malformed(e, "list of items");
	while (body.len) {
		items_next(&item, &body);
		if (body.bad || r->n == ITEMS_MAX ||
		    (r->n && item.name <= r->items[r->n - 1].name))
			return malformed(e, "list of items");
		add(r, &item);
	}
	if (last)
		r->step = r->client ? WISHING : DONE;
	return 0;
}

int
reconcile_input(struct reconcile *r, unsigned type, struct view body,
    struct err *e)
{
	switch (type) {
	case MESSAGE_DIGEST:
		return take_digest(r, body, e);
	case MESSAGE_BUCKETS:
		return take_buckets(r, body, e);
	case MESSAGE_ITEMS:
		return take_items(r, body, e);
	default:
		return err_set(e, "the peer sent message %u out of turn", type);
	}
}

int
reconcile_record(const struct reconcile *r, struct err *e)
{
	uint64_t ours = digest_total(&r->digest);

	if (r->client || r->all || r->theirs == ours)
		return 0;
	return fact_set_reconciled(r->x->state, r->x->pair->peer,
	    r->x->pair->scope, r->theirs, ours, e);
}
