/* SPDX-License-Identifier: ISC */
/*
 * A treap. Priorities come from a generator of its own (xorshift, Marsaglia
 * 2003): no key can choose its place.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "facts.h"

struct node {
	struct node *left, *right;
	uint32_t priority;
	unsigned kind;
	size_t key_len, value_len;
	unsigned char bytes[];          /* key, value */
};

struct facts {
	struct node *root;
	uint64_t seed;
};

struct facts *
facts_new(void)
{
	struct facts *f = mem_alloc(sizeof(*f));

	f->seed = random_u64() | 1;
	return f;
}

static void
free_nodes(struct node *n)
{
	if (!n)
		return;
	free_nodes(n->left);
	free_nodes(n->right);
	free(n);
}

void
facts_free(struct facts *f)
{
	if (f)
		free_nodes(f->root);
	free(f);
}

static uint32_t
priority(struct facts *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return (uint32_t)(f->seed >> 32);
}

static int
compare(unsigned kind, struct view key, const struct node *n)
{
	size_t len = key.len < n->key_len ? key.len : n->key_len;
	int c = 0;

	if (kind != n->kind)
		return kind < n->kind ? -1 : 1;
	if (len)
		c = memcmp(key.p, n->bytes, len);
	if (c || key.len == n->key_len)
		return c;
	return key.len < n->key_len ? -1 : 1;
}

static struct view
value_of(const struct node *n)
{
	return view_of(n->bytes + n->key_len, n->value_len);
}

/* The pointer to the node with that key, or to where it would be. */
static struct node *const *
place(struct node *const *at, unsigned kind, struct view key)
{
	int c;

	while (*at && (c = compare(kind, key, *at)))
		at = c < 0 ? &(*at)->left : &(*at)->right;
	return at;
}

int
facts_find(const struct facts *f, unsigned kind, struct view key,
    struct view *value)
{
	const struct node *n = *place(&f->root, kind, key);

	if (n)
		*value = value_of(n);
	return n != NULL;
}

/* Parts a tree into what is before and after a key that is not in it. */
static void
split(struct node *n, unsigned kind, struct view key, struct node **before,
    struct node **after)
{
	while (n) {
		if (compare(kind, key, n) < 0) {
			*after = n;
			after = &n->left;
			n = n->left;
		} else {
			*before = n;
			before = &n->right;
			n = n->right;
		}
	}
	*before = *after = NULL;
}

static void
join(struct node **to, struct node *a, struct node *b)
{
	while (a && b) {
		if (a->priority > b->priority) {
			*to = a;
			to = &a->right;
			a = a->right;
		} else {
			*to = b;
			to = &b->left;
			b = b->left;
		}
	}
	*to = a ? a : b;
}

void
facts_drop(struct facts *f, unsigned kind, struct view key)
{
	struct node **at = (struct node **)place(&f->root, kind, key);
	struct node *n = *at;

	if (!n)
		return;
	join(at, n->left, n->right);
	free(n);
}

static struct node *
node_new(struct facts *f, const struct fact *fact)
{
	struct node *n;

	n = mem_alloc(sizeof(*n) + fact->key.len + fact->value.len);
	n->priority = priority(f);
	n->kind = fact->kind;
	n->key_len = fact->key.len;
	n->value_len = fact->value.len;
	if (n->key_len)
		memcpy(n->bytes, fact->key.p, n->key_len);
	if (n->value_len)
		memcpy(n->bytes + n->key_len, fact->value.p, n->value_len);
	return n;
}

void
facts_put(struct facts *f, const struct fact *fact)
{
	struct node *n = node_new(f, fact), **at = &f->root;
	struct view key = view_of(n->bytes, n->key_len);

	facts_drop(f, n->kind, key);
	while (*at && (*at)->priority >= n->priority)
		at = compare(n->kind, key, *at) < 0 ? &(*at)->left :
		    &(*at)->right;
	split(*at, n->kind, key, &n->left, &n->right);
	*at = n;
}

int
facts_after(const struct facts *f, unsigned kind, struct view key,
    struct fact *found)
{
	const struct node *n = f->root, *best = NULL;

	while (n) {
		if (compare(kind, key, n) < 0) {
			best = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (!best)
		return 0;
	found->kind = best->kind;
	found->key = view_of(best->bytes, best->key_len);
	found->value = value_of(best);
	return 1;
}
