/* SPDX-License-Identifier: ISC */
/*
 * Digests: those of a client, which asks for one with its greeting, and the
 * lists that follow.
 */
#include "base/mem.h"
#include "wicked.h"

static void
greet_reconciling(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.bits = HELLO_RECONCILE;
	greet_as(l, &h);
}

/* So many sums, under a head that says so many bits. */
static void
digest(struct line *l, unsigned bits, unsigned sums)
{
	struct buf b = BUF_INIT;

	buf_u8(&b, bits);
	while (sums--)
		buf_u64(&b, 4711 + sums);
	say(l, MESSAGE_DIGEST, b);
}

static void
digest_wide(struct line *l)
{
	greet_reconciling(l);
	digest(l, 200, 1);
}

static void
digest_deep(struct line *l)
{
	greet_reconciling(l);
	digest(l, DIGEST_BITS_MAX + 1, DIGEST_BUCKETS_MAX * 2);
}

static void
digest_short(struct line *l)
{
	greet_reconciling(l);
	digest(l, 4, 15);
}

static void
digest_twice(struct line *l)
{
	greet_reconciling(l);
	digest(l, 0, 1);
	digest(l, 0, 1);
}

static void
digest_unasked(struct line *l)
{
	greet(l);
	digest(l, 0, 1);
}

static void
offer_for_digest(struct line *l)
{
	greet_reconciling(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
}

/* To where the other side hears items; both have listed theirs. */
static void
to_items(struct line *l)
{
	struct buf b = BUF_INIT;
	static unsigned char differ[DIGEST_BUCKETS_MAX];

	if (l->client) {
		greet_reconciling(l);
		digest(l, 0, 1);
		until(l, MESSAGE_ITEMS, 1);
		return;
	}
	greet_reconciling(l);
	until(l, MESSAGE_DIGEST, 1);
	memset(differ, 1, sizeof(differ));
	buckets_encode(0, l->digest_bits, differ, &b);
	say(l, MESSAGE_BUCKETS, b);
}

static void
items(struct line *l, int last, uint64_t first, unsigned n, int step_by)
{
	struct digest_item *list = mem_alloc((n + 1) * sizeof(*list));
	struct buf b = BUF_INIT;
	unsigned i;

	for (i = 0; i < n; i++)
		list[i].name = first + (uint64_t)(int64_t)(step_by * (int)i);
	items_encode(last, list, n, &b);
	say(l, MESSAGE_ITEMS, b);
	free(list);
}

static void
items_falling(struct line *l)
{
	to_items(l);
	items(l, 1, 1000, 10, -1);
}

static void
items_twice(struct line *l)
{
	to_items(l);
	items(l, 0, 1, 10, 1);
	items(l, 1, 10, 10, 1);
}

static void
items_endless(struct line *l)
{
	unsigned i;

	to_items(l);
	for (i = 0; i < 1000 && !l->ended; i++) {
		items(l, 0, 1 + i * 2000u, 2000, 1);
		send_off(l, 1000);
	}
}

static void
items_torn(struct line *l)
{
	struct buf b = BUF_INIT;

	to_items(l);
	buf_u8(&b, 1);
	buf_put(&b, "torn", 4);
	say(l, MESSAGE_ITEMS, b);
}

static void
buckets_short(struct line *l)
{
	struct buf b = BUF_INIT;

	greet_reconciling(l);
	until(l, MESSAGE_DIGEST, 1);
	buf_u8(&b, 2);
	say(l, MESSAGE_BUCKETS, b);
}

const struct misbehaviour wicked_digests[] = {
	{ "digest-wide", digest_wide, CLIENT, 1, "malformed digest" },
	{ "digest-deep", digest_deep, CLIENT, 1, "malformed digest" },
	{ "digest-short", digest_short, CLIENT, 1, "malformed digest" },
	{ "digest-twice", digest_twice, CLIENT, 1, "malformed digest" },
	{ "digest-unasked", digest_unasked, BOTH, 1, "out of turn" },
	{ "offer-for-digest", offer_for_digest, CLIENT, 1, "out of turn" },
	{ "items-falling", items_falling, BOTH, 1, "malformed list" },
	{ "items-twice", items_twice, BOTH, 1, "malformed list" },
	{ "items-endless", items_endless, BOTH, 1, "malformed list" },
	{ "items-torn", items_torn, BOTH, 1, "malformed list" },
	{ "buckets-short", buckets_short, SERVER, 1, "answer to a digest" },
	{ NULL, NULL, 0, 0, NULL }
};
