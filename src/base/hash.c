/* SPDX-License-Identifier: ISC */
/*
 * BLAKE2s from libtomcrypt, and the content id over it. Data is gathered into
 * stripes of eight blocks, so that each leaf gets its block of a stripe, and
 * goes through lanes where these are faster; a stripe is no end while a whole
 * one follows. Of a large content the leaves are made aside.
 */
#include <stdlib.h>
#include <string.h>
#include <tomcrypt.h>

#include "aside.h"
#include "buf.h"
#include "hash.h"
#include "lanes.h"
#include "mem.h"

enum {
	BLOCK = LANES_BLOCK, LEAVES = LANES, STRIPE = LANES_STRIPE,
	LARGE = 4 << 20         /* above, a thread more takes no time */
};

struct content {
	uint64_t size;
	size_t held;                    /* bytes in hold */
	unsigned char hold[CONTENT_PLAIN_MAX + STRIPE];
	int is_large;
	struct aside *aside;            /* who has lanes and leaf; or NULL */
	struct lanes lanes;
	hash_state leaf[LEAVES];
};

static void
start(hash_state *h)
{
	blake2s_256_init(h);
}

static void
add(hash_state *h, const void *p, size_t n)
{
	if (n)
		blake2s_process(h, p, (unsigned long)n);
}

static void
finish(hash_state *h, unsigned char out[HASH_BYTES])
{
	blake2s_done(h, out);
}

void
hash_bytes(const void *p, size_t n, unsigned char out[HASH_BYTES])
{
	hash_state h;

	start(&h);
	add(&h, p, n);
	finish(&h, out);
}

uint64_t
hash_short(const void *p, size_t n)
{
	unsigned char full[HASH_BYTES];
	struct view v;

	hash_bytes(p, n, full);
	v = view_of(full, sizeof(full));
	return view_u64(&v);
}

static void
end_aside(struct content *c)
{
	aside_end(c->aside);
	c->aside = NULL;
}

void
content_reset(struct content *c)
{
	int i;

	end_aside(c);
	c->size = 0;
	c->held = 0;
	c->is_large = 0;
	lanes_init(&c->lanes);
	for (i = 0; i < LEAVES && !lanes_fast(); i++)
		start(&c->leaf[i]);
}

struct content *
content_new(void)
{
	struct content *c = mem_alloc(sizeof(*c));

	content_reset(c);
	return c;
}

/* Hands n bytes, beginning with a stripe's first, to the leaves. */
static void
spread(struct content *c, const unsigned char *p, size_t n)
{
	size_t take;
	int i = 0;

	for (; n; n -= take, p += take) {
		take = n < BLOCK ? n : BLOCK;
		add(&c->leaf[i], p, take);
		i = (i + 1) % LEAVES;
	}
}

/* The same for whole stripes that another whole one follows. */
static void
take(void *ctx, const unsigned char *p, size_t n)
{
	struct content *c = ctx;

	if (lanes_fast())
		lanes_add(&c->lanes, p, n / STRIPE);
	else
		spread(c, p, n);
}

static void
take_stripes(struct content *c, const unsigned char *p, size_t n)
{
	if (c->size > LARGE && !c->is_large) {
		c->is_large = 1;
		c->aside = aside_new(take, c);
	}
	if (c->aside)
		aside_add(c->aside, p, n * STRIPE);
	else
		take(c, p, n * STRIPE);
}

static void
hold(struct content *c, const unsigned char **p, size_t *n, size_t take)
{
	if (take > *n)
		take = *n;
	memcpy(c->hold + c->held, *p, take);
	c->held += take;
	*p += take;
	*n -= take;
}

void
content_add(struct content *c, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t stripes;

	c->size += n;
	if (c->size <= CONTENT_PLAIN_MAX) {
		hold(c, &p, &n, n);
		return;
	}
	if (c->held % STRIPE)
		hold(c, &p, &n, STRIPE - c->held % STRIPE);
	if (n >= STRIPE) {
		take_stripes(c, c->hold, c->held / STRIPE);
		c->held = 0;
		stripes = n / STRIPE - 1;
		take_stripes(c, p, stripes);
		p += stripes * STRIPE;
		n -= stripes * STRIPE;
	} else if (c->held + n > sizeof(c->hold)) {
		stripes = c->held / STRIPE - 1;
		take_stripes(c, c->hold, stripes);
		memcpy(c->hold, c->hold + stripes * STRIPE, STRIPE);
		c->held = STRIPE;
	}
	hold(c, &p, &n, n);
}

/* The digests of the leaves, which lanes or libtomcrypt have but for hold. */
static void
finish_leaves(struct content *c, unsigned char out[LEAVES][HASH_BYTES])
{
	size_t whole;
	uint32_t word;
	int i, k;

	end_aside(c);
	if (!lanes_fast()) {
		spread(c, c->hold, c->held);
		for (i = 0; i < LEAVES; i++)
			finish(&c->leaf[i], out[i]);
		return;
	}
	whole = c->held / STRIPE - 1;
	lanes_add(&c->lanes, c->hold, whole);
	whole *= STRIPE;
	lanes_end(&c->lanes, c->hold + whole, c->held - whole);
	for (i = 0; i < LEAVES; i++)
		for (k = 0; k < HASH_BYTES; k++) {
			word = c->lanes.h[k / 4][i];
			out[i][k] = (unsigned char)(word >> (8 * (k % 4)));
		}
}

void
content_final(struct content *c, unsigned char id[HASH_BYTES])
{
	unsigned char head[9] = { 0 }, leaves[LEAVES][HASH_BYTES];
	hash_state h;
	int i;

	start(&h);
	if (c->size <= CONTENT_PLAIN_MAX) {
		add(&h, head, 1);
		add(&h, c->hold, c->held);
	} else {
		head[0] = 1;
		for (i = 0; i < 8; i++)
			head[1 + i] = (unsigned char)(c->size >> (8 * i));
		add(&h, head, sizeof(head));
		finish_leaves(c, leaves);
		add(&h, leaves, sizeof(leaves));
	}
	finish(&h, id);
	content_reset(c);
}

void
content_free(struct content *c)
{
	if (c)
		end_aside(c);
	free(c);
}
