/* SPDX-License-Identifier: ISC */
/*
 * The table over a signature. Sums and strong hashes stand in arrays by block
 * number, the strong ones with just the bytes that travelled. Buckets are
 * chains of block numbers. In front of them is a filter of 16 to 32 bits a
 * block that says no to 98 places of 100 and more: a sum has two bits of one
 * word. Both are indexed by a sum's upper bits, which are its best.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "blockhash.h"
#include "signature.h"
#include "sigtable.h"

enum {
	HEAD_MAX = 3 + 8 + 10,
	HEAD_MIN = 3 + 8 + 1,
	ENTRY_MAX = 4 + SIGNATURE_STRONG_MAX,
	ROOM_MIN = 64                   /* blocks of the first allocation */
};

struct sigtable {
	uint64_t size, seed;
	unsigned log, strong;
	uint32_t blocks;                /* announced */
	uint32_t full;                  /* of them not short */
	uint32_t have;                  /* arrived */
	uint32_t room;                  /* allocated */
	int begun, ready;
	uint32_t *sum;
	unsigned char *hash;
	uint32_t *next, *head;          /* block numbers or SIGTABLE_NONE */
	unsigned head_shift;
	uint32_t *filter;
	unsigned filter_shift;
	uint32_t power;
	unsigned char hold[HEAD_MAX];   /* a header or entry that is split */
	size_t held;
};

struct sigtable *
sigtable_new(void)
{
	return mem_alloc(sizeof(struct sigtable));
}

void
sigtable_free(struct sigtable *t)
{
	if (!t)
		return;
	free(t->sum);
	free(t->hash);
	free(t->next);
	free(t->head);
	free(t->filter);
	free(t);
}

static int
no_memory(const struct sigtable *t, struct err *e)
{
	return err_set(e, "signature: no memory for %lu blocks",
	    (unsigned long)t->blocks);
}

/* Room for one more block. */
static int
grow(struct sigtable *t, struct err *e)
{
	uint32_t room = t->room < ROOM_MIN ? ROOM_MIN : t->room * 2;
	unsigned char *hash;
	uint32_t *sum;

	if (t->have < t->room)
		return 0;
	if (room > t->blocks)
		room = t->blocks;
	sum = realloc(t->sum, room * sizeof(*sum));
	if (!sum)
		return no_memory(t, e);
	t->sum = sum;
	hash = realloc(t->hash, (size_t)room * t->strong);
	if (!hash)
		return no_memory(t, e);
	t->hash = hash;
	t->room = room;
	return 0;
}

static const unsigned char *
hash_of(const struct sigtable *t, uint32_t i)
{
	return t->hash + (size_t)i * t->strong;
}

static void
truncated(const struct sigtable *t, const unsigned char *p, size_t n,
    unsigned char out[SIGNATURE_STRONG_MAX])
{
	uint64_t h = blockhash_strong(t->seed, p, n);
	unsigned i;

	for (i = 0; i < SIGNATURE_STRONG_MAX; i++)
		out[i] = (unsigned char)(h >> (8 * i));
}

/* A sum's two bits in the filter, from what no index has: bits 2 to 11. */
static uint32_t
marks(uint32_t sum)
{
	return UINT32_C(1) << (sum >> 7 & 31) | UINT32_C(1) << (sum >> 2 & 31);
}

/* Puts block i into its bucket, unless its like is there or it is full. */
static void
insert(struct sigtable *t, uint32_t i)
{
	uint32_t sum = t->sum[i], *at = &t->head[sum >> t->head_shift];
	unsigned n;

	for (n = 0; *at != SIGTABLE_NONE; at = &t->next[*at]) {
		if (++n == SIGTABLE_CHAIN_MAX)
			return;
		if (t->sum[*at] == sum && memcmp(hash_of(t, *at),
		    hash_of(t, i), t->strong) == 0)
			return;
	}
	*at = i;
	t->filter[sum >> t->filter_shift] |= marks(sum);
}

static int
build(struct sigtable *t, struct err *e)
{
	unsigned log = 2;
	uint32_t i;

	while (UINT32_C(1) << log < t->full)
		log++;
	t->head_shift = 32 - log;
	t->filter_shift = 32 - (log - 1);
	t->head = malloc(sizeof(*t->head) << log);
	t->next = malloc(sizeof(*t->next) * (t->full + 1));
	t->filter = calloc((size_t)1 << (log - 1), sizeof(*t->filter));
	if (!t->head || !t->next || !t->filter)
		return no_memory(t, e);
	for (i = 0; i < UINT32_C(1) << log; i++)
		t->head[i] = SIGTABLE_NONE;
	for (i = 0; i < t->full; i++)
		t->next[i] = SIGTABLE_NONE;
	for (i = 0; i < t->full; i++)
		insert(t, i);
	t->power = blockhash_power(sigtable_block(t));
	t->ready = 1;
	return 0;
}

/* Whether hold has a whole header: the varint's last byte ends it. */
static int
head_whole(const struct sigtable *t)
{
	return t->held == HEAD_MAX ||
	    (t->held >= HEAD_MIN && t->hold[t->held - 1] < 0x80);
}

static int
get_head(struct sigtable *t, struct err *e)
{
	struct view v = view_of(t->hold, t->held);
	unsigned version = view_u8(&v);
	uint64_t blocks;

	t->log = view_u8(&v);
	t->strong = view_u8(&v);
	t->seed = view_u64(&v);
	t->size = view_max(&v, SIGNATURE_SIZE_MAX);
	if (view_end(&v) || version != SIGNATURE_VERSION ||
	    t->log < SIGNATURE_LOG_MIN || t->log > signature_log(t->size) ||
	    t->strong < SIGNATURE_STRONG_MIN ||
	    t->strong > SIGNATURE_STRONG_MAX)
		return err_set(e, "signature: malformed header");
	blocks = signature_blocks(t->size, t->log);
	if (blocks > SIGNATURE_BLOCKS_MAX)
		return err_set(e, "signature: too many blocks");
	t->blocks = (uint32_t)blocks;
	t->full = (uint32_t)(t->size >> t->log);
	t->begun = 1;
	return 0;
}

static int
get_entry(struct sigtable *t, struct err *e)
{
	struct view v = view_of(t->hold, t->held);

	if (grow(t, e))
		return -1;
	t->sum[t->have] = view_u32(&v);
	view_copy(&v, t->hash + (size_t)t->have * t->strong, t->strong);
	t->have++;
	return 0;
}

/* One byte more; the last one of a header or an entry has it read. */
static int
take(struct sigtable *t, unsigned char c, struct err *e)
{
	int r;

	if (t->ready)
		return err_set(e, "signature: too long");
	t->hold[t->held++] = c;
	if (t->begun ? t->held < 4 + t->strong : !head_whole(t))
		return 0;
	r = t->begun ? get_entry(t, e) : get_head(t, e);
	t->held = 0;
	if (!r && t->have == t->blocks)
		r = build(t, e);
	return r;
}

int
sigtable_add(struct sigtable *t, const void *data, size_t n, struct err *e)
{
	const unsigned char *p = data;

	for (; n; n--)
		if (take(t, *p++, e))
			return -1;
	return 0;
}

int
sigtable_ready(const struct sigtable *t)
{
	return t->ready;
}

uint64_t
sigtable_size(const struct sigtable *t)
{
	return t->size;
}

size_t
sigtable_block(const struct sigtable *t)
{
	return (size_t)1 << t->log;
}

uint32_t
sigtable_blocks(const struct sigtable *t)
{
	return t->blocks;
}

uint64_t
sigtable_offset(const struct sigtable *t, uint32_t i)
{
	return (uint64_t)i << t->log;
}

size_t
sigtable_length(const struct sigtable *t, uint32_t i)
{
	if (i < t->full)
		return sigtable_block(t);
	return (size_t)(t->size - sigtable_offset(t, i));
}

int
sigtable_is(const struct sigtable *t, uint32_t i, const unsigned char *p)
{
	unsigned char h[SIGNATURE_STRONG_MAX];

	truncated(t, p, sigtable_length(t, i), h);
	return memcmp(h, hash_of(t, i), t->strong) == 0;
}

int
sigtable_maybe(const struct sigtable *t, uint32_t sum)
{
	return !(marks(sum) & ~t->filter[sum >> t->filter_shift]);
}

size_t
sigtable_roll(const struct sigtable *t, const unsigned char *p, size_t n,
    uint32_t *sum)
{
	const unsigned char *in = p + sigtable_block(t);
	const uint32_t *filter = t->filter;
	uint32_t s = *sum, power = t->power;
	unsigned shift = t->filter_shift;
	size_t i = 0;

	do {
		s = blockhash_roll(s, power, p[i], in[i]);
		i++;
	} while (marks(s) & ~filter[s >> shift] && i < n);
	*sum = s;
	return i;
}

uint32_t
sigtable_find(const struct sigtable *t, uint32_t sum, const unsigned char *p,
    int *hashed)
{
	unsigned char h[SIGNATURE_STRONG_MAX];
	uint32_t i = t->head[sum >> t->head_shift];

	*hashed = 0;
	for (; i != SIGTABLE_NONE; i = t->next[i]) {
		if (t->sum[i] != sum)
			continue;
		if (!*hashed)
			truncated(t, p, sigtable_block(t), h);
		*hashed = 1;
		if (memcmp(h, hash_of(t, i), t->strong) == 0)
			return i;
	}
	return SIGTABLE_NONE;
}
