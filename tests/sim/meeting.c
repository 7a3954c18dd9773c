/* SPDX-License-Identifier: ISC */
/*
 * Messages are seen by the oracle as they are sent: what was offered, and what
 * was answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "meeting.h"
#include "state/entry.h"
#include "state/state.h"
#include "sync/exchange.h"
#include "sync/message.h"
#include "sync/pair.h"
#include "sync/session.h"
#include "fs/tree.h"
#include "world.h"

enum { OFFERS = 64, LOCK_MS = 1000 };

struct end {
	struct meeting *m;
	struct end *other;
	struct actor actor;
	struct session *session;
	struct buf out;                 /* type, length, body of each */
	size_t noted;                   /* of out, seen by the oracle */
	struct brought brought;
	int offers[OFFERS];             /* the path of each that we sent */
	unsigned noffers;
	int finished, failed, closed;
	struct err e;
};

struct meeting {
	struct world *w;
	struct end end[2];              /* client, server */
	unsigned turn;
};

static int
path_number(const char *name)
{
	int p;

	for (p = 0; p < PATHS; p++)
		if (!strncmp(name, "%p%/", 4) &&
		    !strcmp(name + 4, script_paths[p]))
			return p;
	return -1;
}

static void
on_send(void *ctx, unsigned type, const struct buf *body)
{
	struct end *e = ctx;

	if (e->actor.process.dead)
		return;
	buf_u8(&e->out, type);
	buf_u32(&e->out, (uint32_t)body->len);
	buf_put(&e->out, body->p, body->len);
}

static void
on_beat(void *ctx)
{
	(void)ctx;
}

static void
on_finish(void *ctx)
{
	((struct end *)ctx)->finished = 1;
}

static void
on_tell(void *ctx, const struct event *event)
{
	static const char *const word[] = { "done", "same", "stands",
		"conflict", "resolved", "denied", "later", "failed" };
	struct end *e = ctx;
	int p = path_number(event->name);

	if (e->actor.process.dead)
		return;
	world_say(e->m->w, "    %c %s %s: %s %s", 'a' + e->actor.h,
	    event->receiving ? "<-" : "->", event->name, word[event->kind],
	    event->text);
	e->m->w->stuck += event->kind == EVENT_CONFLICT ||
	    event->kind == EVENT_LATER || event->kind == EVENT_FAILED;
	if (p >= 0 && event->kind == EVENT_RESOLVED) {
		e->brought.reported[p] = 1;
		e->m->w->conflicts++;
	}
}

static void
note_offer(struct end *e, struct view body)
{
	struct world *w = e->m->w;
	const struct sight *known;
	struct entry entry;
	struct offer o;
	int p;

	if (offer_decode(&o, body))
		return;
	p = path_number(o.name);
	if (e->noffers < OFFERS)
		e->offers[e->noffers++] = p;
	memset(&entry, 0, sizeof(entry));
	entry.v = o.v;
	entry.h = o.h;
	known = p < 0 ? NULL : oracle_offered(&w->oracle, e->actor.h, p,
	    &entry);
	if (p >= 0 && !known)
		oracle_alarm(&w->oracle, "%c: %s: offers what its state never "
		    "said", 'a' + e->actor.h, o.name);
	if (known) {
		e->brought.mine[p] = *known;
		e->other->brought.offer[p] = *known;
		e->other->brought.has_offer[p] = 1;
		e->other->brought.reported[p] = 0;
		oracle_receives(&w->oracle, e->other->actor.h, p, known);
	}
	offer_free(&o);
}

static void
note_result(struct end *e, struct view body)
{
	struct world *w = e->m->w;
	struct result r;
	int p;

	if (result_decode(&r, body) || r.index >= e->other->noffers)
		return;
	p = e->other->offers[r.index];
	if (p < 0 || !(r.bits & RESULT_HISTORY))
		return;
	e->other->brought.answer[p] =
	    *ring_last(&w->oracle.hosts[e->actor.h].path[p].entry);
	e->other->brought.has_answer[p] = 1;
}

static void
note_messages(struct end *e)
{
	struct view v = view_of(e->out.p + e->noted, e->out.len - e->noted);
	unsigned type;
	struct view body;
	size_t n;

	while (v.len) {
		type = view_u8(&v);
		n = view_u32(&v);
		body = view_of(view_get(&v, n), n);
		if (type == MESSAGE_OFFER)
			note_offer(e, body);
		else if (type == MESSAGE_RESULT)
			note_result(e, body);
	}
	e->noted = e->out.len;
}

/* After each step of e. */
static void
look(struct end *e)
{
	struct world *w = e->m->w;

	actor_look(&e->actor, &e->brought);
	note_messages(e);
	if (e->failed && *e->e.text && !e->closed)
		world_say(w, "    %c: %s", 'a' + e->actor.h, e->e.text);
}

static int
hear(struct end *e)
{
	struct buf *in = &e->other->out, body = BUF_INIT;
	struct view v = view_of(in->p, in->len);
	unsigned type;
	size_t n;

	if (!v.len || e->failed || e->closed)
		return 0;
	type = view_u8(&v);
	n = view_u32(&v);
	buf_put(&body, view_get(&v, n), n);
	buf_drop(in, 5 + n);
	e->other->noted -= 5 + n;
	actor_run(&e->actor);
	e->failed = session_handler.input(e->session, type,
	    view_of(body.p, body.len), &e->e) != 0;
	buf_free(&body);
	look(e);
	return 1;
}

static int
talk(struct end *e)
{
	int rc;

	if (e->failed || e->finished || e->closed)
		return 0;
	actor_run(&e->actor);
	rc = session_handler.output(e->session, &e->e);
	e->failed = rc < 0;
	if (rc)
		look(e);
	else
		actor_run(NULL);
	return rc != 0;
}

static int
begin_end(struct meeting *m, int i, int h, int peer, int how)
{
	struct end *e = &m->end[i];
	struct session_line line = { on_send, on_beat, on_finish, e };
	struct session_options o = { .client = !i,
		.turn = !i && how & MEET_TURN, .complete = 1,
		.reconcile = !i && how & MEET_RECONCILE,
		.tell = on_tell, .ctx = e,
		.lock_ms = LOCK_MS };
	const struct pair *pair = world_pair(m->w, h, peer);

	e->m = m;
	e->other = &m->end[!i];
	if (!pair || actor_begin(&e->actor, m->w, h))
		return -1;
	actor_run(&e->actor);
	e->session = session_new(pair, e->actor.state, e->actor.tree, &line,
	    &o);
	e->failed = session_handler.ready(e->session, &e->e) != 0;
	look(e);
	return 0;
}

struct meeting *
meeting_new(struct world *w, int client, int server, int how)
{
	struct meeting *m = mem_alloc(sizeof(*m));

	m->w = w;
	if (!begin_end(m, 0, client, server, how) &&
	    !begin_end(m, 1, server, client, how)) {
		w->sessions++;
		return m;
	}
	meeting_free(m);
	return NULL;
}

int
meeting_step(struct meeting *m)
{
	struct end *c = &m->end[m->turn & 1], *s = c->other;

	m->turn++;
	if (*m->w->oracle.alarm)
		return 0;
	return hear(c) || hear(s) || talk(c) || talk(s);
}

void
meeting_run(struct meeting *m)
{
	while (meeting_step(m))
		continue;
}

static void
end_end(struct end *e)
{
	struct err ignored;

	if (e->session) {
		actor_run(&e->actor);
		if (!session_complete(e->session))
			session_settle(e->session, &ignored);
		e->closed = 1;
		look(e);
		actor_run(&e->actor);
		session_free(e->session);
		actor_run(NULL);
	}
	actor_end(&e->actor);
	buf_free(&e->out);
}

void
meeting_free(struct meeting *m)
{
	if (!m)
		return;
	end_end(&m->end[0]);
	end_end(&m->end[1]);
	free(m);
}

int
meeting_has(const struct meeting *m, int host)
{
	return m->end[0].actor.h == host || m->end[1].actor.h == host;
}

int
meeting_complete(const struct meeting *m)
{
	return session_complete(m->end[0].session) &&
	    session_complete(m->end[1].session);
}

int
meeting_again(const struct meeting *m)
{
	return session_again(m->end[0].session) ||
	    session_again(m->end[1].session);
}
