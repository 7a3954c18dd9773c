/* SPDX-License-Identifier: ISC */
/*
 * The poll loop of one line. Each turn asks the handler for more, moves bytes
 * towards the socket as far as it takes them, moves bytes from the socket to
 * the handler, and sleeps only when neither got anywhere. Some records at once
 * are written and read: a system call for each costs more than to copy them.
 *
 * With LINK_AUTO frames are deflated while the line is what we wait for: more
 * than half of the last MEASURE_MS was spent waiting to write, and the line is
 * slower than SLOW_LINE.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "link.h"
#include "tls.h"

enum {
	MEASURE_MS = 200,
	SLOW_LINE = 8 << 10,    /* bytes a millisecond */
	ROOM = 64 << 10,        /* bytes to be written or read at once */
	HOLD_MS = 10,           /* that something waits for more to go with */
	LINGER_MS = 2000
};

struct link {
	struct link_options o;
	struct frame_out *out;
	struct frame_in *in;
	int unflushed;                  /* TLS has what fills no record, */
	int hold;                       /* and more of it is about to come */
	struct buf records;             /* from TLS, to be written */
	size_t written;                 /* of them */
	unsigned char *came;            /* ROOM bytes, once needed, */
	struct view unread;             /* and what of them TLS has not got */
	int ready, finishing;
	unsigned beats;                 /* since the peer's last message */
	int64_t began, moved, spoke;    /* moved: when last anything did */
	int64_t measured, blocked_ms;
	uint64_t measured_sent;
	struct link_count own, *count;
};

struct link *
link_new(const struct link_options *o)
{
	struct link *l = mem_alloc(sizeof(*l));

	l->o = *o;
	l->count = o->count ? o->count : &l->own;
	memset(l->count, 0, sizeof(*l->count));
	l->out = frame_out_new();
	l->in = frame_in_new();
	frame_compress(l->out, o->compress == LINK_PACKED);
	l->began = l->moved = l->spoke = l->measured = clock_ms();
	return l;
}

void
link_free(struct link *l)
{
	if (!l)
		return;
	frame_out_free(l->out);
	frame_in_free(l->in);
	buf_free(&l->records);
	free(l->came);
	free(l);
}

void
link_send(struct link *l, unsigned type, const struct buf *body)
{
	frame_add(l->out, type, body->p, body->len);
}

void
link_finish(struct link *l)
{
	l->finishing = 1;
}

struct link_count
link_counts(const struct link *l)
{
	return *l->count;
}

/* Hands sealed frames to TLS; whether it took any. */
static int
feed_tls(struct link *l)
{
	struct view wire = frame_wire(l->out);
	size_t room, n = wire.len;
	unsigned char *to;

	if (!n)
		return 0;
	to = tls_data_out(l->o.tls, &room);
	if (!to)
		return 0;
	if (n > room)
		n = room;
	memcpy(to, wire.p, n);
	tls_data_written(l->o.tls, n);
	frame_sent(l->out, n);
	l->unflushed = 1;
	return n != 0;
}

/* Takes records from TLS until some are enough; whether there were any. */
static int
take_records(struct link *l)
{
	const unsigned char *p;
	int moved = 0;
	size_t n;

	while (!l->written && l->records.len < ROOM &&
	    (p = tls_record_out(l->o.tls, &n))) {
		buf_put(&l->records, p, n);
		tls_record_sent(l->o.tls, n);
		moved = 1;
	}
	return moved;
}

static int
broken(struct err *e, const char *what)
{
	if (errno == ECONNRESET || errno == EPIPE)
		return err_set(e, "the peer broke the line off");
	return err_sys(e, "%s", what);
}

/* Writes them; 1 when all went out, 0 when there are none or some stay, -1. */
static int
send_records(struct link *l, struct err *e)
{
	size_t n = l->records.len - l->written;
	ssize_t got;

	if (!n)
		return 0;
	do
		got = write(l->o.out, l->records.p + l->written, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? 0 : broken(e, "cannot send");
	l->count->sent += (uint64_t)got;
	l->spoke = l->moved = clock_ms();
	l->written += (size_t)got;
	if ((size_t)got < n)
		return 0;       /* and none would go at once */
	l->written = l->records.len = 0;
	return 1;
}

static int
push(struct link *l, struct err *e)
{
	int moved = 0, fed, rc;

	for (;;) {
		fed = feed_tls(l);
		if (!fed && l->unflushed && !l->hold) {
			tls_flush(l->o.tls);
			l->unflushed = 0;
		}
		if (take_records(l) || fed) {
			moved = 1;
			continue;
		}
		rc = send_records(l, e);
		if (rc <= 0)
			return rc < 0 ? -1 : moved;
		moved = 1;
	}
}

struct taker {
	struct link *link;
	const struct link_handler *handler;
	void *ctx;
};

static int
take_message(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct taker *t = ctx;

	if (type == LINK_WORKING && ++t->link->beats > LINK_BEATS_MAX)
		return err_set(e, "the peer only says that it is at work");
	if (type == LINK_WORKING)
		return 0;
	t->link->beats = 0;
	if (frame_waiting(t->link->out) > LINK_UNHEARD_MAX)
		return err_set(e, "the peer does not listen");
	return t->handler->input(t->ctx, type, body, e);
}

/* Tells the handler, once, when the handshake is through. */
static int
greet(struct link *l, const struct link_handler *h, void *ctx, struct err *e)
{
	if (l->ready || !tls_established(l->o.tls))
		return 0;
	l->ready = 1;
	return h->ready(ctx, e);
}

static int
take_data(struct link *l, const struct link_handler *h, void *ctx,
    struct err *e)
{
	struct taker t = { l, h, ctx };
	const unsigned char *p;
	size_t n;

	while ((p = tls_data_in(l->o.tls, &n))) {
		/* a peer in a hurry may have sent before our turn came */
		if (greet(l, h, ctx, e))
			return -1;
		if (frame_read(l->in, p, n, take_message, &t, e))
			return -1;
		tls_data_read(l->o.tls, n);
	}
	return 0;
}

static int
unsent(const struct link *l)
{
	return frame_wire(l->out).len || l->unflushed || l->records.len ||
	    tls_state(l->o.tls) & TLS_RECORD_OUT;
}

/* Nothing is left but to leave. */
static int
is_over(const struct link *l)
{
	return l->finishing && !frame_waiting(l->out) && !unsent(l);
}

/* Reads what is there, once; 1 when something came, 0, -1. */
static int
receive(struct link *l, struct err *e)
{
	ssize_t got;

	if (!l->came)
		l->came = mem_realloc(NULL, ROOM);
	got = read(l->o.in, l->came, ROOM);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got < 0)
		return broken(e, "cannot receive");
	if (!got)
		tls_eof(l->o.tls);
	l->unread = view_of(l->came, (size_t)got);
	l->count->received += (uint64_t)got;
	return 1;
}

/* Once around: hands on what was read; 1 when something moved, 0, -1. */
static int
pull(struct link *l, const struct link_handler *h, void *ctx, struct err *e)
{
	unsigned char *p;
	int moved = 0;
	size_t n;

	if (!l->unread.len && tls_record_in(l->o.tls, &n))
		moved = receive(l, e);
	/* a close_notify behind the last message wants no answer */
	while (moved >= 0 && l->unread.len && !is_over(l) &&
	    (p = tls_record_in(l->o.tls, &n))) {
		if (n > l->unread.len)
			n = l->unread.len;
		memcpy(p, view_get(&l->unread, n), n);
		tls_record_got(l->o.tls, n);
		moved = take_data(l, h, ctx, e) ? -1 : 1;
	}
	return moved;
}

static int
closed(struct link *l, struct err *e)
{
	if (l->finishing && tls_failure(l->o.tls) == TLS_OK)
		return 0;
	if (tls_failure(l->o.tls) == TLS_OK)
		return err_set(e, "the peer ended the session early");
	return err_set(e, "%s", tls_reason(l->o.tls));
}

static int
overdue(struct link *l, int64_t now, struct err *e)
{
	if (!l->ready && now - l->began >= l->o.handshake_ms)
		return err_set(e, "no answer to the handshake for %u s; "
		    "is it ucsync at the other end?",
		    l->o.handshake_ms / 1000);
	if (now - l->moved >= l->o.idle_ms)
		return err_set(e, "no answer for %u s", l->o.idle_ms / 1000);
	return 0;
}

static void
measure(struct link *l, int64_t now)
{
	int64_t span = now - l->measured;
	uint64_t sent = l->count->sent - l->measured_sent;

	if (span < MEASURE_MS || l->o.compress != LINK_AUTO)
		return;
	frame_compress(l->out, l->blocked_ms * 2 > span &&
	    sent < (uint64_t)span * SLOW_LINE);
	l->measured = now;
	l->measured_sent = l->count->sent;
	l->blocked_ms = 0;
}

static int
wait(struct link *l, struct err *e)
{
	struct pollfd at[2] = {
		{ l->o.in, tls_state(l->o.tls) & TLS_RECORD_IN ? POLLIN : 0,
		    0 },
		{ l->o.out, l->records.len ? POLLOUT : 0, 0 }
	};
	int64_t now = clock_ms(), until = l->moved + l->o.idle_ms;

	if (overdue(l, now, e))
		return -1;
	if (!l->ready && until > l->began + l->o.handshake_ms)
		until = l->began + l->o.handshake_ms;
	if (poll(at, 2, (int)(until - now)) < 0 && errno != EINTR)
		return err_sys(e, "poll");
	if (at[1].events)
		l->blocked_ms += clock_ms() - now;
	measure(l, clock_ms());
	return 0;
}

/* Asks the handler for more; 1 when it had some, 0, -1. */
static int
ask(struct link *l, const struct link_handler *h, void *ctx, struct err *e)
{
	int rc = 0;

	if (greet(l, h, ctx, e))
		return -1;
	if (!l->ready)
		return 0;
	if (!l->finishing && frame_waiting(l->out) < LINK_QUEUE_MAX)
		rc = h->output(ctx, e);
	/* long work that says little: the peer can begin with that */
	l->hold = rc > 0 && l->moved - l->spoke < HOLD_MS;
	if (!l->hold || frame_waiting(l->out) >= FRAME_MAX)
		frame_seal(l->out);
	return rc;
}

/* Sends close_notify and leaves; the peer's own is not waited for. */
static void
finish(struct link *l)
{
	struct err ignored;

	tls_close(l->o.tls);
	take_records(l);
	send_records(l, &ignored);
}

/*
 * Waits for bytes, which are dropped, or for room to write: 0, or -1 when the
 * time is over or the line ends.
 */
static int
drain(struct link *l, int writing, int64_t until)
{
	struct pollfd at[2] = {
		{ l->o.in, POLLIN, 0 }, { writing ? l->o.out : -1, POLLOUT, 0 }
	};
	int64_t now = clock_ms();
	char dropped[4096];
	ssize_t got = 1;

	if (now >= until || poll(at, 2, (int)(until - now)) <= 0)
		return -1;
	if (at[0].revents)
		got = read(l->o.in, dropped, sizeof(dropped));
	return got > 0 || (got < 0 && errno == EAGAIN) ? 0 : -1;
}

/*
 * After a failure of ours: what is queued (the reason, for the peer) goes out,
 * and what still comes in is read and dropped for a while, since closing with
 * unread bytes would make the peer lose what we sent.
 */
static void
linger(struct link *l)
{
	int64_t until = clock_ms() + LINGER_MS;
	struct err ignored;

	if (!l->ready && tls_failure(l->o.tls) == TLS_OK)
		return;
	frame_seal(l->out);
	l->hold = 0;
	do
		if (push(l, &ignored) < 0)
			return;
	while (unsent(l) && !drain(l, 1, until));
	finish(l);
	shutdown(l->o.out, SHUT_WR);
	while (!drain(l, 0, until))
		continue;
}

/* One turn of the loop: 1 when it is over, 0 to go on, -1. */
static int
turn(struct link *l, const struct link_handler *h, void *ctx, struct err *e)
{
	uint64_t sent = l->count->sent;
	int asked, pushed, pulled = 0;

	/* also while bytes come: they may be there to keep us busy */
	if (!l->ready && overdue(l, clock_ms(), e))
		return -1;
	asked = ask(l, h, ctx, e);
	if (asked < 0)
		return -1;
	pushed = push(l, e);
	if (pushed < 0)
		return -1;
	if (is_over(l)) {
		finish(l);
		return 1;
	}
	/* until a record is full the peer has nothing new to answer to */
	if (!asked || l->count->sent != sent)
		pulled = pull(l, h, ctx, e);
	if (pulled < 0)
		return -1;
	if (tls_state(l->o.tls) & TLS_CLOSED)
		return closed(l, e) ? -1 : 1;
	if (!asked && !pushed && !pulled)
		return wait(l, e);
	/* the peer's silence counts from here: we may have worked for long */
	l->moved = clock_ms();
	return 0;
}

int
link_run(struct link *l, const struct link_handler *h, void *ctx,
    struct err *e)
{
	int rc;

	do
		rc = turn(l, h, ctx, e);
	while (!rc);
	if (rc < 0)
		linger(l);
	return rc < 0 ? -1 : 0;
}

void
link_beat(struct link *l)
{
	struct err ignored;

	if (clock_ms() - l->spoke < LINK_BEAT_MS &&
	    clock_ms() - l->spoke < l->o.idle_ms / 3)
		return;
	l->spoke = clock_ms();
	frame_add(l->out, LINK_WORKING, NULL, 0);
	frame_seal(l->out);
	l->hold = 0;
	push(l, &ignored);
}
