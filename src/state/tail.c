/* SPDX-License-Identifier: ISC */
/*
 * The tail's index. Both arrays are sorted; a merge makes a new big one, so
 * that a scan which holds the old one is not disturbed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "entry.h"
#include "journal.h"
#include "tail.h"

enum { RECENT = 2048 };

struct recent {
	struct slot slot;
	char *name;
};

/* Where a search ended: the next one may end there, too. */
struct near {
	size_t i;
	char *sought;           /* the name; NULL: nothing */
	char *found;            /* the name of slot i; "": it is the end */
};

struct tail {
	struct journal *journal;
	struct slots *slots;
	struct near near;       /* of the last search in them */
	struct recent *recent;
	size_t n, cap;
};

static struct slots *
slots_new(size_t n)
{
	struct slots *s;

	s = mem_alloc(sizeof(*s) + n * sizeof(s->at[0]));
	s->refs = 1;
	return s;
}

void
slots_unref(struct slots *s)
{
	if (s && !--s->refs)
		free(s);
}

struct tail *
tail_new(struct journal *j)
{
	struct tail *t = mem_alloc(sizeof(*t));

	t->journal = journal_ref(j);
	t->slots = slots_new(0);
	return t;
}

static void
clear_recent(struct tail *t)
{
	while (t->n)
		free(t->recent[--t->n].name);
}

static void
near_forget(struct near *n)
{
	free(n->sought);
	free(n->found);
	memset(n, 0, sizeof(*n));
}

void
tail_free(struct tail *t)
{
	if (!t)
		return;
	clear_recent(t);
	free(t->recent);
	near_forget(&t->near);
	slots_unref(t->slots);
	journal_unref(t->journal);
	free(t);
}

size_t
tail_count(const struct tail *t)
{
	return t->slots->n + t->n;
}

/* The name in the slot's record. */
static int
read_name(struct journal *j, const struct slot *s, struct buf *buf,
    char name[ENTRY_NAME_SIZE], struct err *e)
{
	struct record r;

	if (journal_record(j, s->off, s->size, buf, &r, e))
		return -1;
	if (entry_name(r.payload.p, r.payload.len, name))
		return journal_damaged(j, s->off, e);
	return 0;
}

/*
 * The first slot from *i on whose name is not before the name; at is what it is
 * called, or "". A comparison costs a read, and most names are close to the one
 * before: ever longer steps from *i come first, then halves.
 */
static int
search(const struct slots *s, struct journal *j, const char *name, size_t *i,
    char at[ENTRY_NAME_SIZE], struct err *e)
{
	char other[ENTRY_NAME_SIZE];
	struct buf buf = BUF_INIT;
	size_t hi = s->n, step = 1, mid;
	int r = 0;

	*at = 0;
	while (!r && *i < hi) {
		mid = *i + (step && step - 1 < hi - *i ? step - 1 :
		    (hi - *i) / 2);
		r = read_name(j, &s->at[mid], &buf, other, e);
		if (r)
			break;
		if (path_cmp(name, other) > 0) {
			*i = mid + 1;
			step *= 2;
		} else {
			hi = mid;
			step = 0;
			memcpy(at, other, strlen(other) + 1);
		}
	}
	buf_free(&buf);
	return r;
}

static int
is_near(const struct near *n, const char *name)
{
	return n->sought && path_cmp(n->sought, name) <= 0 &&
	    (!*n->found || path_cmp(name, n->found) <= 0);
}

/* The same, beginning where n ended; *same when the slot is the name's. */
static int
search_near(const struct slots *s, struct journal *j, struct near *n,
    const char *name, int *same, struct err *e)
{
	char found[ENTRY_NAME_SIZE];
	size_t i = 0;

	if (!is_near(n, name)) {
		/* behind what was sought, and so behind what was found */
		if (n->sought && path_cmp(n->sought, name) <= 0)
			i = n->i + 1;
		if (search(s, j, name, &i, found, e))
			return -1;
		near_forget(n);
		n->i = i;
		n->sought = mem_strdup(name);
		n->found = mem_strdup(found);
	}
	*same = !strcmp(name, n->found);
	return 0;
}

int
slots_from(const struct slots *s, struct journal *j, const char *name,
    size_t *i, struct err *e)
{
	char at[ENTRY_NAME_SIZE];

	*i = 0;
	return search(s, j, name, i, at, e);
}

/* The first recent one whose name is not before the name. */
static size_t
search_recent(const struct tail *t, const char *name, int *same)
{
	size_t lo = 0, hi = t->n, mid;
	int c;

	*same = 0;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = path_cmp(name, t->recent[mid].name);
		if (c > 0) {
			lo = mid + 1;
		} else {
			hi = mid;
			*same |= !c;
		}
	}
	return lo;
}

static void
append(struct slots *to, const struct slot *from, size_t n)
{
	if (n)
		memcpy(&to->at[to->n], from, n * sizeof(*from));
	to->n += n;
}

static int
merge(struct tail *t, struct err *e)
{
	struct slots *old = t->slots, *new;
	struct near near = { 0, NULL, NULL };
	size_t i, from = 0;
	int same;

	if (!t->n)
		return 0;
	new = slots_new(old->n + t->n);
	for (i = 0; i < t->n; i++) {
		if (search_near(old, t->journal, &near, t->recent[i].name,
		    &same, e)) {
			near_forget(&near);
			slots_unref(new);
			return -1;
		}
		append(new, old->at + from, near.i - from);
		append(new, &t->recent[i].slot, 1);
		from = near.i + (size_t)same;
	}
	near_forget(&near);
	append(new, old->at + from, old->n - from);
	slots_unref(old);
	t->slots = new;
	near_forget(&t->near);
	clear_recent(t);
	return 0;
}

int
tail_put(struct tail *t, const char *name, struct slot s, struct err *e)
{
	size_t i;
	int same;

	if (t->n >= RECENT && merge(t, e))
		return -1;
	i = search_recent(t, name, &same);
	if (same) {
		t->recent[i].slot = s;
		return 0;
	}
	t->recent = mem_grow(t->recent, t->n, &t->cap, sizeof(*t->recent));
	memmove(&t->recent[i + 1], &t->recent[i],
	    (t->n - i) * sizeof(*t->recent));
	t->recent[i].slot = s;
	t->recent[i].name = mem_strdup(name);
	t->n++;
	return 0;
}

int
tail_find(struct tail *t, const char *name, struct slot *s, struct err *e)
{
	int same;
	size_t i = search_recent(t, name, &same);

	if (same) {
		*s = t->recent[i].slot;
		return 1;
	}
	if (search_near(t->slots, t->journal, &t->near, name, &same, e))
		return -1;
	if (same)
		*s = t->slots->at[t->near.i];
	return same;
}

struct slots *
tail_slots(struct tail *t, struct err *e)
{
	if (merge(t, e))
		return NULL;
	t->slots->refs++;
	return t->slots;
}
