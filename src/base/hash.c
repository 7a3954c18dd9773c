/* SPDX-License-Identifier: ISC */
/*
 * BLAKE2s from libtomcrypt, and the content id over it. Data is gathered into
 * stripes of eight blocks, so that each leaf gets its block of a stripe. All
 * but the end, which stays with libtomcrypt, goes through lanes where these are
 * faster; a stripe is no end while a whole one follows.
 */
#include <stdlib.h>
#include <string.h>
#include <tomcrypt.h>

#include "buf.h"
#include "hash.h"
#include "lanes.h"
#include "mem.h"

enum { BLOCK = LANES_BLOCK, LEAVES = LANES, STRIPE = LANES_STRIPE };

struct content {
	uint64_t size;
	size_t held;                    /* bytes in hold */
	unsigned char hold[CONTENT_PLAIN_MAX + STRIPE];
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
restart(struct content *c)
{
	int i;

	c->size = 0;
	c->held = 0;
	lanes_init(&c->lanes);
	for (i = 0; i < LEAVES; i++)
		start(&c->leaf[i]);
}

struct content *
content_new(void)
{
	struct content *c = mem_alloc(sizeof(*c));

	restart(c);
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

/* The same for n whole stripes that another whole one follows. */
static void
take_stripes(struct content *c, const unsigned char *p, size_t n)
{
	if (lanes_fast())
		lanes_add(&c->lanes, p, n);
	else
		spread(c, p, n * STRIPE);
}

/* What lanes did so far, so that libtomcrypt can go on. */
static void
leave_lanes(struct content *c)
{
	struct blake2s_state *b;
	int i, k;

	if (!c->lanes.bytes)
		return;
	for (i = 0; i < LEAVES; i++) {
		b = &c->leaf[i].blake2s;
		for (k = 0; k < 8; k++)
			b->h[k] = c->lanes.h[k][i];
		b->t[0] = (uint32_t)c->lanes.bytes;
		b->t[1] = (uint32_t)(c->lanes.bytes >> 32);
	}
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

void
content_final(struct content *c, unsigned char id[HASH_BYTES])
{
	unsigned char head[9] = { 0 }, leaf[HASH_BYTES];
	hash_state h;
	int i;

	start(&h);
	if (c->size <= CONTENT_PLAIN_MAX) {
		add(&h, head, 1);
		add(&h, c->hold, c->held);
	} else {
		leave_lanes(c);
		spread(c, c->hold, c->held);
		head[0] = 1;
		for (i = 0; i < 8; i++)
			head[1 + i] = (unsigned char)(c->size >> (8 * i));
		add(&h, head, sizeof(head));
		for (i = 0; i < LEAVES; i++) {
			finish(&c->leaf[i], leaf);
			add(&h, leaf, sizeof(leaf));
		}
	}
	finish(&h, id);
	restart(c);
}

void
content_free(struct content *c)
{
	free(c);
}
