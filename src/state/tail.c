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

enum { RECENT = 4096 };

struct recent {
	struct slot slot;
	char *name;
};

struct tail {
	struct journal *journal;
	struct slots *slots;
	size_t near;            /* where the last search in them ended, */
	int near_same;          /* whether it found the name, */
	char *near_name;        /* and what that was; NULL: nothing */
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

void
tail_free(struct tail *t)
{
	if (!t)
		return;
	clear_recent(t);
	free(t->recent);
	free(t->near_name);
	slots_unref(t->slots);
	journal_unref(t->journal);
	free(t);
}

size_t
tail_count(const struct tail *t)
{
	return t->slots->n + t->n;
}

/* Compares the name with that of the slot's record. */
static int
compare(struct journal *j, const char *name, const struct slot *s,
    struct buf *buf, int *c, struct err *e)
{
	char other[ENTRY_NAME_SIZE];
	struct record r;

	if (journal_record(j, s->off, s->size, buf, &r, e))
		return -1;
	if (entry_name(r.payload.p, r.payload.len, other))
		return journal_damaged(j, s->off, e);
	*c = path_cmp(name, other);
	return 0;
}

/*
 * The first slot from *i on whose name is not before the name; *same when it is
 * the name's. A comparison costs a read, and most names are close to the one
 * before: ever longer steps from *i come first, then halves.
 */
static int
search(const struct slots *s, struct journal *j, const char *name, size_t *i,
    int *same, struct err *e)
{
	struct buf buf = BUF_INIT;
	size_t hi = s->n, step = 1, mid;
	int c = 0, r = 0;

	*same = 0;
	while (!r && *i < hi) {
		mid = *i + (step && step - 1 < hi - *i ? step - 1 :
		    (hi - *i) / 2);
		r = compare(j, name, &s->at[mid], &buf, &c, e);
		if (c > 0) {
			*i = mid + 1;
			step *= 2;
		} else {
			hi = mid;
			step = 0;
			*same |= !c;
		}
	}
	buf_free(&buf);
	return r;
}

/* The same in the tail's own, beginning where the last search ended. */
static int
search_near(struct tail *t, const char *name, size_t *i, int *same,
    struct err *e)
{
	int c = t->near_name ? path_cmp(t->near_name, name) : 1;

	*i = c < 0 ? t->near + (size_t)t->near_same : c ? 0 : t->near;
	if (search(t->slots, t->journal, name, i, same, e))
		return -1;
	free(t->near_name);
	t->near_name = mem_strdup(name);
	t->near = *i;
	t->near_same = *same;
	return 0;
}

int
slots_from(const struct slots *s, struct journal *j, const char *name,
    size_t *i, struct err *e)
{
	int same;

	*i = 0;
	return search(s, j, name, i, &same, e);
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
	size_t i, from = 0, to = 0;
	int same;

	if (!t->n)
		return 0;
	new = slots_new(old->n + t->n);
	for (i = 0; i < t->n; i++) {
		if (search(old, t->journal, t->recent[i].name, &to, &same, e)) {
			slots_unref(new);
			return -1;
		}
		append(new, old->at + from, to - from);
		append(new, &t->recent[i].slot, 1);
		to += (size_t)same;
		from = to;
	}
	append(new, old->at + from, old->n - from);
	slots_unref(old);
	t->slots = new;
	free(t->near_name);
	t->near_name = NULL;
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
	if (search_near(t, name, &i, &same, e))
		return -1;
	if (same)
		*s = t->slots->at[i];
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
