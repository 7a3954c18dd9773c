/* SPDX-License-Identifier: ISC */
/*
 * The typed facts over state_fact and its kin. Integers in values are 8 bytes,
 * little-endian.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "entry.h"
#include "fact.h"
#include "keyed.h"
#include "state.h"

static struct buf
cursor_key(const char *peer, uint64_t scope)
{
	struct buf k = keyed_key(peer, NULL);

	buf_u64(&k, scope);
	return k;
}

int
fact_cursor(struct state *s, const char *peer, uint64_t scope,
    struct cursor *c)
{
	struct buf key = cursor_key(peer, scope);
	struct view v;
	int there = keyed_find(s, FACT_CURSOR, &key, &v);

	memset(c, 0, sizeof(*c));
	buf_free(&key);
	if (!there)
		return 0;
	c->replica = view_u64(&v);
	c->out = view_u64(&v);
	c->in = view_u64(&v);
	if (!view_end(&v))
		return 1;
	memset(c, 0, sizeof(*c));
	return 0;
}

int
fact_set_cursor(struct state *s, const char *peer, uint64_t scope,
    const struct cursor *c, struct err *e)
{
	struct buf key = cursor_key(peer, scope), value = BUF_INIT;

	buf_u64(&value, c->replica);
	buf_u64(&value, c->out);
	buf_u64(&value, c->in);
	return keyed_finish(s, FACT_CURSOR, &key, &value, e);
}

/* The two numbers that a value is. */
static int
number_of(struct view v, uint64_t *number, uint64_t *replica)
{
	*number = view_u64(&v);
	*replica = view_u64(&v);
	return !view_end(&v);
}

int
fact_reconciled(struct state *s, const char *peer, uint64_t scope,
    uint64_t theirs, uint64_t ours)
{
	struct buf key = cursor_key(peer, scope);
	uint64_t a, b;
	struct view v;
	int there = keyed_find(s, FACT_RECONCILE, &key, &v);

	buf_free(&key);
	return there && number_of(v, &a, &b) && a == theirs && b == ours;
}

int
fact_set_reconciled(struct state *s, const char *peer, uint64_t scope,
    uint64_t theirs, uint64_t ours, struct err *e)
{
	struct buf key = cursor_key(peer, scope), value = BUF_INIT;

	buf_u64(&value, theirs);
	buf_u64(&value, ours);
	return keyed_finish(s, FACT_RECONCILE, &key, &value, e);
}

static int
pair(struct state *s, enum fact_kind kind, const char *peer, const char *name,
    uint64_t *number, uint64_t *replica)
{
	struct buf key = keyed_key(peer, name);
	struct view v;
	int there = keyed_find(s, kind, &key, &v);

	buf_free(&key);
	*number = *replica = 0;
	return there && number_of(v, number, replica);
}

int
fact_owed(struct state *s, const char *peer, const char *name,
    uint64_t *number)
{
	uint64_t replica;

	return pair(s, FACT_OWED, peer, name, number, &replica);
}

int
fact_done(struct state *s, const char *peer, const char *name,
    uint64_t *number, uint64_t *replica)
{
	return pair(s, FACT_DONE, peer, name, number, replica);
}

/* Sets the one and drops the other; number 0 drops both. */
static int
set_pair(struct state *s, enum fact_kind kind, enum fact_kind other,
    const char *peer, const char *name, const struct cursor *c, struct err *e)
{
	struct buf key = keyed_key(peer, name), value = BUF_INIT;
	int r;

	buf_u64(&value, c->out);
	buf_u64(&value, c->replica);
	r = c->out ? keyed_set(s, kind, &key, &value, e) :
	    state_drop_fact(s, kind, key.p, key.len, e);
	buf_free(&value);
	if (!r)
		return keyed_finish(s, other, &key, NULL, e);
	buf_free(&key);
	return r;
}

int
fact_set_owed(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e)
{
	struct cursor c = { replica, number, 0 };

	return set_pair(s, FACT_OWED, FACT_DONE, peer, name, &c, e);
}

int
fact_set_done(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e)
{
	struct cursor c = { replica, number, 0 };

	return set_pair(s, FACT_DONE, FACT_OWED, peer, name, &c, e);
}

int
fact_prune_done(struct state *s, const char *peer, uint64_t number,
    struct err *e)
{
	struct buf prefix = keyed_key(peer, NULL), key = keyed_key(peer, NULL);
	uint64_t have, replica;
	struct view v;
	int r = 0;

	while (!r && keyed_next(s, FACT_DONE, &prefix, &key, &v))
		if (number_of(v, &have, &replica) && have <= number)
			r = state_drop_fact(s, FACT_DONE, key.p, key.len, e);
	buf_free(&prefix);
	buf_free(&key);
	return r;
}

int
fact_any_owed(struct state *s, const char *peer)
{
	struct buf prefix = keyed_key(peer, NULL), key = keyed_key(peer, NULL);
	struct view v;
	int any = keyed_next(s, FACT_OWED, &prefix, &key, &v);

	buf_free(&prefix);
	buf_free(&key);
	return any;
}

/* Drops those of one kind, by the name that is second in the key. */
static int
keep_names(struct state *s, enum fact_kind kind,
    int (*keep)(void *ctx, const char *name), void *ctx, struct err *e)
{
	struct buf all = BUF_INIT, key = BUF_INIT;
	struct view v, k;
	int r = 0;

	while (!r && keyed_next(s, kind, &all, &key, &v)) {
		k = view_of(key.p, key.len);
		keyed_string_of(&k);
		if (!keep(ctx, keyed_string_of(&k)))
			r = state_drop_fact(s, kind, key.p, key.len, e);
	}
	buf_free(&key);
	return r;
}

int
fact_keep_names(struct state *s, int (*keep)(void *ctx, const char *name),
    void *ctx, struct err *e)
{
	return keep_names(s, FACT_OWED, keep, ctx, e) ||
	    keep_names(s, FACT_DONE, keep, ctx, e) ||
	    keep_names(s, FACT_CONFLICT, keep, ctx, e) ? -1 : 0;
}

enum { HINT_RECURSIVE = 1, HINT_TAKEN = 2 };

/* What the hint is; 0 also where there is none. */
static unsigned
hint_bits(struct state *s, const struct buf *key)
{
	struct view v;

	return keyed_find(s, FACT_HINT, key, &v) ? view_u8(&v) : 0;
}

static int
set_hint(struct state *s, struct buf *key, unsigned bits, struct err *e)
{
	struct buf value = BUF_INIT;

	buf_u8(&value, (uint8_t)bits);
	return keyed_finish(s, FACT_HINT, key, &value, e);
}

int
fact_set_hint(struct state *s, const char *name, int recursive, struct err *e)
{
	struct buf key = keyed_key(name, NULL);
	unsigned bits = hint_bits(s, &key) & HINT_RECURSIVE;

	return set_hint(s, &key, recursive ? HINT_RECURSIVE : bits, e);
}

int
fact_take_hint(struct state *s, const char *name, struct err *e)
{
	struct buf key = keyed_key(name, NULL);

	return set_hint(s, &key, hint_bits(s, &key) | HINT_TAKEN, e);
}

int
fact_drop_hint(struct state *s, const char *name, struct err *e)
{
	struct buf key = keyed_key(name, NULL);

	if (hint_bits(s, &key) & HINT_TAKEN)
		return keyed_finish(s, FACT_HINT, &key, NULL, e);
	buf_free(&key);
	return 0;
}

int
fact_hint_after(struct state *s, const char *after, char **name,
    int *recursive)
{
	struct buf key = BUF_INIT, all = BUF_INIT;
	const char *found = NULL;
	struct view v;

	if (after)
		keyed_string(&key, after);
	while (!found && keyed_next(s, FACT_HINT, &all, &key, &v))
		found = keyed_last(&key, 1);
	if (found) {
		*name = mem_strdup(found);
		*recursive = view_u8(&v) & HINT_RECURSIVE;
	}
	buf_free(&key);
	return found != NULL;
}

int
fact_set_action(struct state *s, const char *action, const char *name,
    const char *peer, struct err *e)
{
	struct buf key = keyed_key(action, name), value = BUF_INIT;

	keyed_string(&value, peer);
	return keyed_finish(s, FACT_ACTION, &key, &value, e);
}

int
fact_drop_actions(struct state *s, const char *action, struct err *e)
{
	struct buf prefix = keyed_key(action, NULL);
	struct buf key = keyed_key(action, NULL);
	struct view v;
	int r = 0;

	while (!r && keyed_next(s, FACT_ACTION, &prefix, &key, &v))
		r = state_drop_fact(s, FACT_ACTION, key.p, key.len, e);
	buf_free(&prefix);
	buf_free(&key);
	return r;
}

int
fact_action_after(struct state *s, const char *action, const char *after,
    char **name, char **peer)
{
	struct buf prefix = keyed_key(action, NULL);
	struct buf key = keyed_key(action, after);
	const char *found = NULL;
	struct view v;

	while (!found && keyed_next(s, FACT_ACTION, &prefix, &key, &v))
		found = keyed_last(&key, 2);
	if (found) {
		*name = mem_strdup(found);
		*peer = mem_strdup(keyed_string_of(&v));
	}
	buf_free(&prefix);
	buf_free(&key);
	return found != NULL;
}

int
fact_set_conflict(struct state *s, const char *peer, const char *name,
    const struct conflict *theirs, struct err *e)
{
	struct buf key = keyed_key(peer, name), value = BUF_INIT;

	buf_u8(&value, theirs->kind);
	buf_var(&value, theirs->size);
	buf_svar(&value, theirs->mtime.sec);
	buf_var(&value, theirs->mtime.nsec);
	return keyed_finish(s, FACT_CONFLICT, &key, &value, e);
}

static int
drop_every_conflict(struct state *s, const char *name, struct err *e)
{
	struct buf all = BUF_INIT, key = BUF_INIT;
	struct view v, k;
	int r = 0;

	while (!r && keyed_next(s, FACT_CONFLICT, &all, &key, &v)) {
		k = view_of(key.p, key.len);
		keyed_string_of(&k);
		if (!strcmp(keyed_string_of(&k), name))
			r = state_drop_fact(s, FACT_CONFLICT, key.p, key.len,
			    e);
	}
	buf_free(&key);
	return r;
}

int
fact_drop_conflict(struct state *s, const char *peer, const char *name,
    struct err *e)
{
	struct buf key;

	if (!peer)
		return drop_every_conflict(s, name, e);
	key = keyed_key(peer, name);
	return keyed_finish(s, FACT_CONFLICT, &key, NULL, e);
}

int
fact_conflict(struct state *s, const char *peer, const char *name,
    struct conflict *theirs)
{
	struct buf key = keyed_key(peer, name);
	struct view v;
	int there = keyed_find(s, FACT_CONFLICT, &key, &v);
	unsigned kind;

	buf_free(&key);
	if (!there || !theirs)
		return there;
	kind = view_u8(&v);
	theirs->kind = kind < KIND_COUNT ? (enum kind)kind : KIND_NONE;
	theirs->size = view_var(&v);
	theirs->mtime.sec = view_svar(&v);
	theirs->mtime.nsec = (uint32_t)view_max(&v, 999999999);
	if (view_end(&v))
		memset(theirs, 0, sizeof(*theirs));
	return 1;
}

/* A fact that is a number by itself; 0 where there is none. */
static uint64_t
number_fact(struct state *s, enum fact_kind kind, struct buf *key)
{
	struct view v = view_of(NULL, 0);

	keyed_find(s, kind, key, &v);
	buf_free(key);
	return view_u64(&v);
}

uint64_t
fact_known(struct state *s, uint64_t replica)
{
	struct buf key = BUF_INIT;

	buf_u64(&key, replica);
	return number_fact(s, FACT_KNOWN, &key);
}

int
fact_set_known(struct state *s, uint64_t replica, uint64_t number,
    struct err *e)
{
	struct buf key = BUF_INIT, value = BUF_INIT;

	buf_u64(&key, replica);
	buf_u64(&value, number);
	return keyed_finish(s, FACT_KNOWN, &key, &value, e);
}

int
fact_set_intent(struct state *s, const struct entry *entry,
    const char *temporary, struct err *e)
{
	struct buf key = keyed_key(entry->name, NULL), value = BUF_INIT;

	buf_str(&value, temporary);
	entry_encode(entry, &value);
	return keyed_finish(s, FACT_INTENT, &key, &value, e);
}

int
fact_drop_intent(struct state *s, const char *name, struct err *e)
{
	struct buf key = keyed_key(name, NULL);

	return keyed_finish(s, FACT_INTENT, &key, NULL, e);
}

/* What makes no sense is passed over. */
int
fact_intent_after(struct state *s, const char *after, char **temporary,
    struct entry *entry)
{
	struct buf key = BUF_INIT, all = BUF_INIT;
	const char *name;
	struct view v;
	int there;

	if (after)
		keyed_string(&key, after);
	while ((there = keyed_next(s, FACT_INTENT, &all, &key, &v))) {
		name = keyed_last(&key, 1);
		*temporary = view_str(&v, PATH_BYTES_MAX);
		if (*temporary && !entry_decode(entry, v.p, v.len)) {
			if (name && !strcmp(name, entry->name))
				break;
			entry_free(entry);
		}
		free(*temporary);
	}
	buf_free(&key);
	return there;
}

int
fact_root(struct state *s, const char *root, char **mount)
{
	struct buf key = keyed_key(root, NULL);
	struct view v;
	int there = keyed_find(s, FACT_ROOT, &key, &v);

	buf_free(&key);
	if (there)
		*mount = mem_strdup(keyed_string_of(&v));
	return there;
}

int
fact_set_root(struct state *s, const char *root, const char *mount,
    struct err *e)
{
	struct buf key = keyed_key(root, NULL), value = BUF_INIT;

	keyed_string(&value, mount);
	return keyed_finish(s, FACT_ROOT, &key, &value, e);
}

uint64_t
fact_meta(struct state *s, const char *word)
{
	struct buf key = keyed_key(word, NULL);

	return number_fact(s, FACT_META, &key);
}

int
fact_set_meta(struct state *s, const char *word, uint64_t value,
    struct err *e)
{
	struct buf key = keyed_key(word, NULL), v = BUF_INIT;

	buf_u64(&v, value);
	if (!value)
		buf_free(&v);
	return keyed_finish(s, FACT_META, &key, value ? &v : NULL, e);
}
