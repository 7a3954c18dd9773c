/* SPDX-License-Identifier: ISC */
/*
 * String keys over state_fact and its kin.
 */
#include <string.h>

#include "keyed.h"
#include "state.h"

void
keyed_string(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s) + 1);
}

struct buf
keyed_key(const char *a, const char *b)
{
	struct buf k = BUF_INIT;

	keyed_string(&k, a);
	if (b)
		keyed_string(&k, b);
	return k;
}

const char *
keyed_string_of(struct view *key)
{
	const unsigned char *end = NULL;

	if (key->len)
		end = memchr(key->p, 0, key->len);
	if (!end) {
		key->bad = 1;
		return "";
	}
	return (const char *)view_get(key, (size_t)(end - key->p) + 1);
}

static int
begins_with(struct view v, const struct buf *prefix)
{
	return !prefix->len || (v.len >= prefix->len &&
	    !memcmp(v.p, prefix->p, prefix->len));
}

int
keyed_find(struct state *s, enum fact_kind kind, const struct buf *key,
    struct view *value)
{
	return state_fact(s, kind, key->p, key->len, value);
}

int
keyed_set(struct state *s, enum fact_kind kind, const struct buf *key,
    const struct buf *value, struct err *e)
{
	return state_set_fact(s, kind, key->p, key->len, value->p, value->len,
	    e);
}

int
keyed_finish(struct state *s, enum fact_kind kind, struct buf *key,
    struct buf *value, struct err *e)
{
	int r;

	if (value)
		r = keyed_set(s, kind, key, value, e);
	else
		r = state_drop_fact(s, kind, key->p, key->len, e);
	buf_free(key);
	if (value)
		buf_free(value);
	return r;
}

int
keyed_next(struct state *s, enum fact_kind kind, const struct buf *prefix,
    struct buf *key, struct view *value)
{
	struct view found;

	if (!state_fact_after(s, kind, key->p, key->len, &found, value) ||
	    !begins_with(found, prefix))
		return 0;
	buf_clear(key);
	buf_put(key, found.p, found.len);
	return 1;
}

const char *
keyed_last(const struct buf *key, unsigned n)
{
	struct view k = view_of(key->p, key->len);
	const char *last = NULL;

	while (n--)
		last = keyed_string_of(&k);
	return view_end(&k) ? NULL : last;
}
