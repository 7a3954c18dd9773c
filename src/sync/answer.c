/* SPDX-License-Identifier: ISC */
/*
 * Results, on the side that offered. Most of them leave no trace: the cursor
 * passes them. Noted is what was not settled, and what had been owed before.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/err.h"
#include "base/mem.h"
#include "exchange.h"
#include "fs/commit.h"
#include "message.h"
#include "pair.h"
#include "state/fact.h"
#include "state/state.h"

enum { ADOPT_BATCH = 1000 };

enum noted { NOTE_DONE, NOTE_OWED, NOTE_CONFLICT };

struct note {
	char *name;
	uint64_t number;
	enum noted what;
	struct conflict theirs;         /* NOTE_CONFLICT */
};

struct answers {
	struct exchange *x;
	int complete;
	struct note *notes;
	size_t nnotes, notes_cap;
	struct change *adopt;
	size_t nadopt, adopt_cap;
};

struct answers *
answers_new(struct exchange *x, int complete)
{
	struct answers *a = mem_alloc(sizeof(*a));

	a->x = x;
	a->complete = complete;
	return a;
}

void
answers_free(struct answers *a)
{
	if (!a)
		return;
	while (a->nnotes)
		free(a->notes[--a->nnotes].name);
	free(a->notes);
	while (a->nadopt)
		change_free(&a->adopt[--a->nadopt]);
	free(a->adopt);
	free(a);
}

static struct note *
note(struct answers *a, enum noted what, const char *name, uint64_t number)
{
	struct note *n;

	a->notes = mem_grow(a->notes, a->nnotes, &a->notes_cap,
	    sizeof(*a->notes));
	n = &a->notes[a->nnotes++];
	*n = (struct note){ .name = mem_strdup(name), .number = number,
	    .what = what };
	return n;
}

/* A name that is settled: noted only if the cursor alone does not say it. */
static void
note_settled(struct answers *a, const char *name, uint64_t number)
{
	uint64_t owed;

	if (!a->complete || fact_owed(a->x->state, a->x->pair->peer, name,
	    &owed) || fact_conflict(a->x->state, a->x->pair->peer, name,
	    NULL))
		note(a, NOTE_DONE, name, number);
}

/*
 * Our entry becomes what the result says, if disk and entry are unchanged. Its
 * number stays: who has our version is not told again, the receiver passes on
 * what it resolved.
 */
static void
adopt(struct answers *a, struct entry *ours, const struct result *r)
{
	struct entry want = entry_copy(ours);
	struct change *c;

	a->adopt = mem_grow(a->adopt, a->nadopt, &a->adopt_cap,
	    sizeof(*a->adopt));
	c = &a->adopt[a->nadopt++];
	memset(c, 0, sizeof(*c));
	c->expect = ours->look;
	c->entry_seen = entry_digest(ours);
	want.h = r->h;
	want.h.bits |= ours->h.bits & HISTORY_LOCAL;
	change_take(c, &want);
	c->record = !stime_cmp(ours->v.mtime, r->mtime) ||
	    ours->v.kind == KIND_DIR || ours->v.kind == KIND_NONE;
	if (!c->record)
		c->want.v.mtime = r->mtime;
}

static void
tell(struct answers *a, const struct entry *ours, const struct result *r)
{
	struct event event = {
		.kind = exchange_event(r->code, r->bits),
		.name = ours->name, .v = &ours->v, .h = &ours->h,
		.text = r->text, .offer_won = r->code == RESULT_DONE,
		.forced = (ours->h.bits & HISTORY_FORCED) != 0,
		.mtime = { ours->v.mtime, r->their_mtime },
		.size = { ours->v.size, r->size },
		.type = { ours->v.kind, r->kind }
	};

	a->x->tell(a->x->ctx, &event);
}

/* What a receive-only host says about stamps and times counts for nothing. */
static int
may_adopt(const struct answers *a, const struct entry *ours,
    const struct result *r)
{
	return r->bits & RESULT_HISTORY && pair_right(a->x->pair,
	    a->x->pair->peer, ours->name) == PAIR_MEMBER;
}

static void
take(struct answers *a, struct entry *ours, uint64_t number,
    const struct result *r)
{
	tell(a, ours, r);
	switch (r->code) {
	case RESULT_DONE:
	case RESULT_SAME:
		if (ours->number == number && may_adopt(a, ours, r))
			adopt(a, ours, r);
		/* fallthrough */
	case RESULT_OURS:
		note_settled(a, ours->name, number);
		break;
	case RESULT_CONFLICT:
		note(a, NOTE_CONFLICT, ours->name, number)->theirs =
		    (struct conflict){ r->kind, r->size, r->their_mtime };
		break;
	case RESULT_DENIED:
		if (ours->h.bits & HISTORY_DEVIATES)
			break;
		/* fallthrough */
	default:
		note(a, NOTE_OWED, ours->name, number);
		break;
	}
}

/* What could not be put on our disk is owed: the same answer comes again. */
static void
note_failed(struct answers *a, const struct change *c)
{
	const char *name = c->want.name, *why = change_why(c);
	size_t n = strlen(name);
	struct history h;
	struct event event = { .kind = EVENT_FAILED, .receiving = 1,
		.name = name, .v = &c->want.v, .h = &h };

	change_history(c, &h);

	/* without the name that whoever reports it puts in front */
	event.text = !strncmp(why, name, n) && !strncmp(why + n, ": ", 2) ?
	    why + n + 2 : why;
	a->x->tell(a->x->ctx, &event);
	note(a, NOTE_OWED, name, c->want.number);
}

static int
carry_out(struct answers *a, struct err *e)
{
	size_t i;

	if (exchange_commit(a->x, a->adopt, a->nadopt, e))
		return -1;
	for (i = 0; !a->x->dry && i < a->nadopt; i++)
		if (a->adopt[i].result == CHANGE_FAILED)
			note_failed(a, &a->adopt[i]);
	while (a->nadopt)
		change_free(&a->adopt[--a->nadopt]);
	return 0;
}

int
answers_take(struct answers *a, const char *name, uint64_t number,
    const struct result *r, struct err *e)
{
	struct entry ours;
	int rc = state_get(a->x->state, name, &ours, e);

	if (rc <= 0)
		return rc;
	take(a, &ours, number, r);
	entry_free(&ours);
	return a->nadopt < ADOPT_BATCH ? 0 : carry_out(a, e);
}

static int
put_note(struct answers *a, const struct note *n, struct err *e)
{
	struct state *s = a->x->state;
	const char *peer = a->x->pair->peer;
	uint64_t replica = a->x->peer_replica, owed;

	switch (n->what) {
	case NOTE_DONE:
		if (fact_drop_conflict(s, peer, n->name, e))
			return -1;
		/* another session may owe a newer version by now */
		if (fact_owed(s, peer, n->name, &owed) && owed > n->number)
			return 0;
		return fact_set_done(s, peer, n->name,
		    a->complete ? 0 : n->number, replica, e);
	case NOTE_CONFLICT:
		if (fact_set_conflict(s, peer, n->name, &n->theirs, e) < 0)
			return -1;
		break;
	case NOTE_OWED:
		break;
	}
	return fact_set_owed(s, peer, n->name, n->number, replica, e);
}

static int
put_notes(void *ctx, struct err *e)
{
	struct answers *a = ctx;
	size_t i;

	for (i = 0; i < a->nnotes; i++)
		if (put_note(a, &a->notes[i], e))
			return -1;
	return 0;
}

int
answers_record(struct answers *a, struct err *e)
{
	if (!a->nnotes && !a->nadopt)
		return 0;
	if (carry_out(a, e))
		return -1;
	return a->nnotes ? exchange_record(a->x, put_notes, a, e) : 0;
}
