/* SPDX-License-Identifier: ISC */
/*
 * The states of a session:
 *
 *   client  GREETING -> OFFERING -> RECEIVING (if it asked) -> LEAVING -> OVER
 *   server  GREETING -> RECEIVING -> OFFERING (if asked) -> LEAVING -> OVER
 *   (both with RECONCILING after GREETING, if the client wishes)
 *
 *   a comparison:
 *   client  GREETING -> COMPARING -> LEAVING -> OVER
 *   server  GREETING -> OFFERING -> LEAVING -> OVER
 *
 * Messages of a half whose time has not come, or is over, end the session.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "comparing.h"
#include "conf/conf.h"
#include "exchange.h"
#include "fs/roots.h"
#include "greeting.h"
#include "message.h"
#include "offering.h"
#include "pair.h"
#include "receiving.h"
#include "reconcile.h"
#include "replica.h"
#include "session.h"
#include "settled.h"
#include "state/fact.h"
#include "state/state.h"

enum step {
	GREETING, RECONCILING, OFFERING, RECEIVING, COMPARING, LEAVING, OVER
};

struct session {
	struct session_options o;
	struct exchange x;
	struct pulse pulse;
	struct session_line line;
	enum step step;
	struct hello theirs;
	struct cursor cursor;           /* as it was at the start, */
	uint64_t high;                  /* and the highest number */
	uint64_t told;                  /* client: what the peer's BYE covers */
	struct reconcile *reconcile;
	struct offering *offering;
	struct receiving *receiving;
	struct comparing *comparing;
	int again, gave_up;             /* gave_up: the peer said so */
};

static void
send_message(void *ctx, unsigned type, const struct buf *body)
{
	struct session *s = ctx;

	s->line.send(s->line.ctx, type, body);
}

static void
tell(void *ctx, const struct event *event)
{
	struct session *s = ctx;

	s->o.tell(s->o.ctx, event);
}

static void
beat(void *ctx)
{
	struct session *s = ctx;

	s->line.beat(s->line.ctx);
}

static void
to_link(void *ctx, unsigned type, const struct buf *body)
{
	link_send(ctx, type, body);
}

static void
beat_link(void *ctx)
{
	link_beat(ctx);
}

static void
finish_link(void *ctx)
{
	link_finish(ctx);
}

struct session_line
session_link(struct link *l)
{
	return (struct session_line){ to_link, beat_link, finish_link, l };
}

struct session *
session_new(const struct pair *p, struct state *state, struct tree *t,
    const struct session_line *line, const struct session_options *o)
{
	struct session *s = mem_alloc(sizeof(*s));
	const struct conf *c = p->conf;

	s->o = *o;
	s->line = *line;
	s->pulse = (struct pulse){ beat, s };
	s->x = (struct exchange){
		.pair = p, .conf = c, .state = state, .tree = t,
		.roots = roots_new(c, t, state),
		.ignore = { c->ignore_uid, c->ignore_gid, c->ignore_mod },
		.pulse = &s->pulse, .dry = o->dry || o->compare,
		.lock_ms = o->lock_ms,
		.settled = settled_new(), .swept = settled_new(),
		.send = send_message, .tell = tell, .ctx = s
	};
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	reconcile_free(s->reconcile);
	offering_free(s->offering);
	receiving_free(s->receiving);
	comparing_free(s->comparing);
	settled_free(s->x.settled);
	settled_free(s->x.swept);
	roots_free(s->x.roots);
	free(s->x.none_lost);
	buf_free(&s->x.room);
	free(s);
}

int
session_complete(const struct session *s)
{
	return s->step == OVER;
}

int
session_again(const struct session *s)
{
	return s->again;
}

int
session_reconciled(const struct session *s)
{
	return session_complete(s) && s->reconcile;
}

int
session_dry(const struct session *s)
{
	return s->x.dry;
}

void
session_report(struct session *s, const struct action_report *report)
{
	struct buf b = BUF_INIT;

	action_encode(report, &b);
	exchange_send(&s->x, MESSAGE_ACTION, &b);
}

static void
send_hello(struct session *s)
{
	struct hello h;
	struct buf b = BUF_INIT;

	greeting_fill(&h, &s->x, &s->cursor);
	h.bits |= (s->o.turn ? HELLO_TURN : 0u) |
	    (s->x.dry ? HELLO_DRY : 0u) |
	    (s->o.compare ? HELLO_COMPARE : 0u) |
	    (s->reconcile ? HELLO_RECONCILE : 0u);
	hello_encode(&h, &b);
	exchange_send(&s->x, MESSAGE_HELLO, &b);
}

/* Whether the session is a comparison: by our wish, or at the client's. */
static int
compares(const struct session *s)
{
	return s->o.client ? s->o.compare != NULL
	    : !!(s->theirs.bits & HELLO_COMPARE);
}

static int
begin_offering(struct session *s, struct err *e)
{
	struct offering_options o = { .complete = s->o.complete ||
	    !s->o.client, .all = compares(s), .relay = 1,
	    .deviating = s->o.client, .reconcile = s->reconcile,
	    .wants = s->o.wants, .ctx = s->o.ctx };

	if (!reconcile_all(s->reconcile))
		o.from = greeting_told(&s->x, &s->theirs, &s->cursor);
	s->step = OFFERING;
	return offering_new(&s->offering, &s->x, &o, e);
}

static void
begin_receiving(struct session *s)
{
	s->step = RECEIVING;
	s->receiving = receiving_new(&s->x);
}

static int
begin_comparing(struct session *s, struct err *e)
{
	s->step = COMPARING;
	return comparing_new(&s->comparing, &s->x, s->o.compare, e);
}

/* The client offers first. */
static int
begin_half(struct session *s, struct err *e)
{
	if (s->o.client || compares(s))
		return begin_offering(s, e);
	begin_receiving(s);
	return 0;
}

/*
 * Whether there is something to reconcile: when it is time, or with a state
 * that is new to us or that we are new to; unless all that the one side has is
 * new to the other anyway.
 */
static int
reconciles(const struct session *s)
{
	const struct hello *theirs = &s->theirs;
	struct state *state = s->x.state;
	int new_to_us = s->cursor.replica != theirs->replica;
	int new_to_them = theirs->peer_replica != state_replica(state);

	if (!s->o.client)
		return !!(theirs->bits & HELLO_RECONCILE);
	if (!s->o.turn || !s->o.complete || s->x.dry)
		return 0;
	if ((theirs->bits & HELLO_EMPTY && new_to_us) ||
	    (!state_count(state) && new_to_us))
		return 0;
	return s->o.reconcile || new_to_us || new_to_them;
}

static int
first_step(struct session *s, struct err *e)
{
	if (reconciles(s)) {
		s->reconcile = reconcile_new(&s->x, s->o.client);
		s->step = RECONCILING;
	}
	if (s->o.client)
		send_hello(s);
	if (s->reconcile)
		return 0;
	if (s->o.client && compares(s))
		return begin_comparing(s, e);
	return begin_half(s, e);
}

static int
is_rollback(struct session *s, struct err *e)
{
	int rc = greeting_from_future(&s->x, &s->theirs, e);

	if (rc <= 0)
		return rc;
	if (!s->x.dry && replica_renew(&s->x, e))
		return -1;
	s->again = 1;
	return err_set(e, "the state of this host is older than what %s "
	    "knows of it: it has a new replica id now", s->x.pair->peer);
}

static int
take_hello(struct session *s, struct view body, struct err *e)
{
	if (hello_decode(&s->theirs, body))
		return err_set(e, "the peer sent a malformed greeting");
	if (greeting_take(&s->x, s->o.client, &s->theirs, e))
		return -1;
	if (!s->o.client && s->theirs.bits & (HELLO_DRY | HELLO_COMPARE))
		s->x.dry = 1;
	if (!compares(s) && is_rollback(s, e))
		return -1;
	return replica_tell(&s->x, e) ? -1 : first_step(s, e);
}

static int
handle_ready(void *ctx, struct err *e)
{
	struct session *s = ctx;
	struct state *state = s->x.state;

	if (replica_finish(&s->x, e))
		return -1;
	fact_cursor(state, s->x.pair->peer, s->x.pair->scope, &s->cursor);
	s->high = state_high(state);
	s->x.self_new = !fact_meta(state, "complete");
	if (!s->o.client)
		send_hello(s);
	return 0;
}

/*
 * A peer that only pushed has what it pushed: where it had been told all
 * before, and nobody else wrote meanwhile, the cursor passes that.
 */
static int
all_from_peer(const struct session *s, const struct cursor *c)
{
	return s->receiving && !s->offering && c->out >= s->high &&
	    state_high(s->x.state) == s->high + s->x.taken;
}

static int
put_ending(void *ctx, struct err *e)
{
	struct session *s = ctx;
	struct state *state = s->x.state;
	struct cursor c = s->cursor;
	uint64_t known = 0;

	if (c.replica != s->x.peer_replica)
		c.out = c.in = 0;
	c.replica = s->x.peer_replica;
	if (s->offering && (s->o.complete || !s->o.client))
		c.out = offering_snapshot(s->offering);
	if (all_from_peer(s, &c))
		c.out = state_high(state);
	if (s->receiving)
		known = receiving_snapshot(s->receiving);
	if (s->told > known)
		known = s->told;
	if (known)
		c.in = known;
	s->cursor = c;
	if (fact_set_cursor(state, s->x.pair->peer, s->x.pair->scope, &c, e) ||
	    fact_prune_done(state, s->x.pair->peer, c.out, e))
		return -1;
	/* all that is numbered by now may be told: spares a write next time */
	if (fact_set_known(state, state_replica(state), state_high(state), e))
		return -1;
	if (s->reconcile && reconcile_record(s->reconcile, e))
		return -1;
	if (s->offering && s->receiving && !fact_meta(state, "complete"))
		return fact_set_meta(state, "complete", 1, e);
	return 0;
}

int
session_settle(struct session *s, struct err *e)
{
	if (!s->o.client || s->step != LEAVING || s->gave_up ||
	    exchange_record(&s->x, put_ending, s, e))
		return -1;
	s->step = OVER;
	return 0;
}

static int
leave(struct session *s, struct err *e)
{
	struct buf b = BUF_INIT;

	if (exchange_record(&s->x, put_ending, s, e))
		return -1;
	if (!s->o.client) {
		if (!s->x.dry && s->o.actions &&
		    s->o.actions(s->o.ctx, s, &s->pulse, e))
			return -1;
		end_encode(s->cursor.out, &b);
		exchange_send(&s->x, MESSAGE_BYE, &b);
	}
	s->step = OVER;
	s->line.finish(s->line.ctx);
	return 0;
}

/* After one half is through: the other one, or the end. */
static int
next_step(struct session *s, struct err *e)
{
	if (s->o.client && s->step == OFFERING && s->o.turn) {
		begin_receiving(s);
		return 0;
	}
	if (!s->o.client && s->step == RECEIVING &&
	    s->theirs.bits & HELLO_TURN)
		return begin_offering(s, e);
	s->step = LEAVING;
	return 0;
}

static int
handle_output(void *ctx, struct err *e)
{
	struct session *s = ctx;
	int rc = 0;

	switch (s->step) {
	case OFFERING:
		rc = offering_output(s->offering, e);
		if (rc >= 0 && offering_finished(s->offering))
			return next_step(s, e) ? -1 : 1;
		break;
	case RECONCILING:
		rc = reconcile_output(s->reconcile, e);
		if (rc >= 0 && reconcile_finished(s->reconcile))
			return begin_half(s, e) ? -1 : 1;
		break;
	case RECEIVING:
		rc = receiving_output(s->receiving, e);
		if (rc >= 0 && receiving_finished(s->receiving))
			return next_step(s, e) ? -1 : 1;
		break;
	case COMPARING:
		rc = comparing_output(s->comparing, e);
		if (rc >= 0 && comparing_finished(s->comparing))
			return next_step(s, e) ? -1 : 1;
		break;
	case LEAVING:
		if (!s->o.client)
			return leave(s, e) ? -1 : 1;
		break;
	case GREETING:
	case OVER:
		break;
	}
	return rc;
}

static int
take_action(struct session *s, struct view body, struct err *e)
{
	struct action_report report;

	if (!s->o.client || action_decode(&report, body))
		return err_set(e, "the peer sent a malformed action report");
	s->o.action_ran(s->o.ctx, &report);
	return 0;
}

static int
take_error(struct session *s, struct view body, struct err *e)
{
	char text[MESSAGE_TEXT_MAX + 1];

	s->gave_up = 1;
	if (error_decode(text, body))
		return err_set(e, "the peer gave up");
	return err_set(e, "the peer says: %s", text);
}

/*
 * The peer goes on as soon as it has what it waited for; what we have to do
 * before we follow (recording its answers) is done here. One call ends a half
 * of which nothing is left to be sent: else the peer did not wait.
 */
static int
catch_up(struct session *s, enum step until, struct err *e)
{
	enum step was;

	while (s->step < until) {
		was = s->step;
		if (handle_output(s, e) < 0)
			return -1;
		if (s->step == was)
			break;
	}
	return 0;
}

static int
hear_reconcile(struct session *s, unsigned type, struct view body,
    struct err *e)
{
	if (reconcile_input(s->reconcile, type, body, e))
		return -1;
	return reconcile_finished(s->reconcile) ? begin_half(s, e) : 0;
}

static int
route(struct session *s, unsigned type, struct view body, struct err *e)
{
	switch (type) {
	case MESSAGE_DIGEST:
	case MESSAGE_BUCKETS:
	case MESSAGE_ITEMS:
		if (s->step == RECONCILING)
			return hear_reconcile(s, type, body, e);
		break;
	case MESSAGE_WANT:
	case MESSAGE_SIGNATURE:
	case MESSAGE_RESULT:
		if (s->step == OFFERING)
			return offering_input(s->offering, type, body, e);
		break;
	case MESSAGE_PARENT:
	case MESSAGE_OFFER:
	case MESSAGE_CONTENT:
	case MESSAGE_END:
		if (s->o.client && catch_up(s, RECEIVING, e))
			return -1;
		if (s->step == RECEIVING)
			return receiving_input(s->receiving, type, body, e);
		if (s->step == COMPARING)
			return comparing_input(s->comparing, type, body, e);
		break;
	case MESSAGE_BYE:
		if (s->o.client && catch_up(s, LEAVING, e))
			return -1;
		if (!s->o.client || s->step != LEAVING)
			break;
		if (end_decode(&s->told, body))
			return err_set(e, "the peer sent a malformed goodbye");
		return leave(s, e);
	case MESSAGE_ACTION:
		if (s->o.client && catch_up(s, LEAVING, e))
			return -1;
		if (s->o.client && s->step == LEAVING)
			return take_action(s, body, e);
		break;
	default:
		break;
	}
	return err_set(e, "the peer sent message %u out of turn", type);
}

static int
handle_message(struct session *s, unsigned type, struct view body,
    struct err *e)
{
	if (type == MESSAGE_ERROR)
		return take_error(s, body, e);
	if (s->step == GREETING) {
		if (type == MESSAGE_HELLO)
			return take_hello(s, body, e);
		return err_set(e, "the peer sent message %u out of turn",
		    type);
	}
	return route(s, type, body, e);
}

static int
handle_input(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct session *s = ctx;
	struct buf b = BUF_INIT;

	if (!handle_message(s, type, body, e))
		return 0;
	if (type != MESSAGE_ERROR) {
		error_encode(e->text, &b);
		exchange_send(&s->x, MESSAGE_ERROR, &b);
	}
	return -1;
}

const struct link_handler session_handler = {
	handle_ready, handle_input, handle_output
};
