/* SPDX-License-Identifier: ISC */
/*
 * Two links over a pair of sockets, in two processes, with real TLS between
 * them. The source is included, so that a test can move the clock.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "unit.h"

#include "base/clock.h"

static int64_t clock_shift;

static int64_t
shifted_ms(void)
{
	return clock_ms() + clock_shift;
}

#define clock_ms shifted_ms
#define wait link_wait
#include "../../src/wire/link.c"
#undef clock_ms
#undef wait

#include <fcntl.h>

static const unsigned char psk[32] = "0123456789abcdef0123456789abcdef";

static int
lookup(void *ctx, const char *identity, size_t n, unsigned char to[32])
{
	(void)ctx;
	(void)identity;
	(void)n;
	memcpy(to, psk, 32);
	return 0;
}

/* What one side is to do, and what happened to it. */
struct party {
	struct link *l;
	size_t to_send, sent;           /* messages of size bytes */
	size_t size;
	size_t to_hear, heard;
	size_t fail_at;                 /* input fails at this message */
	int stay;                       /* never finishes by itself */
	int busy;                       /* so many turns of work after that, */
	int told[2];                    /* unless all is heard: a pipe */
	int readies, wrong;
	char last[64];                  /* the last short message */
};

static int
ready(void *ctx, struct err *e)
{
	struct party *p = ctx;

	(void)e;
	p->readies++;
	return 0;
}

static void
maybe_finish(struct party *p)
{
	if (!p->stay && p->sent == p->to_send && p->heard == p->to_hear)
		link_finish(p->l);
}

static int
input(void *ctx, unsigned type, struct view v, struct err *e)
{
	struct party *p = ctx;
	struct buf why = BUF_INIT;
	size_t i;

	if (type == 9) {
		snprintf(p->last, sizeof(p->last), "%.*s", (int)v.len,
		    (const char *)v.p);
		return err_set(e, "the peer gave up");
	}
	if (type != 1 + p->heard % 5)
		p->wrong++;
	for (i = 0; i < v.len; i++)
		if (v.p[i] != (unsigned char)(p->heard + i))
			p->wrong++;
	p->heard++;
	if (p->heard == p->to_hear && p->told[1])
		p->wrong += write(p->told[1], "", 1) != 1;
	if (p->heard == p->fail_at) {
		buf_put(&why, "because", 7);
		link_send(p->l, 9, &why);
		buf_free(&why);
		return err_set(e, "too much");
	}
	maybe_finish(p);
	return 0;
}

/* A millisecond of work: 1, or 0 when it is over. */
static int
work(struct party *p)
{
	struct pollfd heard = { p->told[0], POLLIN, 0 };

	if (poll(&heard, 1, 1) == 0 && --p->busy)
		return 1;
	p->wrong += !p->busy;
	link_finish(p->l);
	return 0;
}

static int
output(void *ctx, struct err *e)
{
	struct party *p = ctx;
	struct buf b = BUF_INIT;
	size_t i;

	(void)e;
	if (p->sent == p->to_send)
		return p->busy ? work(p) : 0;
	for (i = 0; i < p->size; i++)
		buf_u8(&b, (unsigned char)(p->sent + i));
	link_send(p->l, (unsigned)(1 + p->sent % 5), &b);
	buf_free(&b);
	p->sent++;
	maybe_finish(p);
	return 1;
}

static const struct link_handler handler = { ready, input, output };

static struct link_options
options(int fd, int server)
{
	return (struct link_options){ .in = fd, .out = fd,
		.tls = server ? tls_server(lookup, NULL)
		    : tls_client("c1/0000/a/b/", psk),
		.handshake_ms = 10000, .idle_ms = 10000 };
}

static int
run_party(struct party *p, const struct link_options *o, struct err *e)
{
	int rc;

	p->l = link_new(o);
	rc = link_run(p->l, &handler, p, e);
	link_free(p->l);
	tls_free(o->tls);
	return rc;
}

static void
pair_of_sockets(int fd[2], int small)
{
	int n = 4096, i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
		abort();
	for (i = 0; i < 2; i++) {
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
		if (small) {
			setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &n, sizeof(n));
			setsockopt(fd[i], SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
		}
	}
}

/* Runs the other party, the server, in a child; its socket becomes ours. */
static pid_t
fork_server(struct party *p, int small, enum link_compress compress, int *fd)
{
	struct link_options o;
	struct err e;
	int both[2], rc;
	pid_t pid;

	pair_of_sockets(both, small);
	fflush(stdout);
	pid = fork();
	if (pid) {
		close(both[1]);
		*fd = both[0];
		return pid;
	}
	close(both[0]);
	o = options(both[1], 1);
	o.compress = compress;
	rc = run_party(p, &o, &e);
	if (p->wrong || p->readies != 1)
		_exit(3);
	_exit(rc ? 1 : 0);
}

static int
status_of(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
traffic_both_ways(void)
{
	static const struct {
		size_t up, down, size;
		int small;
		enum link_compress compress;
	} t[] = {
		{ 300, 300, 32 << 10, 0, LINK_PLAIN },
		{ 100, 100, 32 << 10, 1, LINK_PLAIN },
		{ 200, 200, 32 << 10, 0, LINK_PACKED },
		{ 200, 200, 32 << 10, 0, LINK_AUTO },
		{ 20000, 20000, 10, 0, LINK_PLAIN },
		{ 1, 0, 0, 0, LINK_PLAIN },
		{ 0, 1, 33 << 10, 1, LINK_PLAIN }
	};
	struct party c, s;
	struct link_options o;
	struct err e;
	pid_t pid;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&c, 0, sizeof(c));
		c.to_send = t[i].up;
		c.to_hear = t[i].down;
		c.size = t[i].size;
		s = c;
		s.to_send = t[i].down;
		s.to_hear = t[i].up;
		pid = fork_server(&s, t[i].small, t[i].compress, &fd);
		o = options(fd, 0);
		o.compress = t[i].compress;
		e.text[0] = 0;
		if (run_party(&c, &o, &e))
			CHECK_STR(e.text, "");
		close(fd);
		CHECK_INT(status_of(pid), 0);
		CHECK_INT(c.heard, t[i].down);
		CHECK_INT(c.wrong, 0);
	}
}

/* The server stands and says nothing. */
static void
idle(void)
{
	struct party c, s;
	struct link_options o;
	struct err e;
	int64_t start;
	pid_t pid;
	int fd;

	memset(&c, 0, sizeof(c));
	c.stay = 1;
	s = c;
	pid = fork_server(&s, 0, LINK_PLAIN, &fd);
	o = options(fd, 0);
	o.idle_ms = 300;
	start = clock_ms();
	CHECK(run_party(&c, &o, &e));
	CHECK_STR(e.text, "no answer for 0 s");
	CHECK(clock_ms() - start >= 300);
	CHECK_INT(c.readies, 1);
	close(fd);
	CHECK_INT(status_of(pid), 1);           /* it sees the end */
}

static void
no_handshake(void)
{
	struct party c;
	struct link_options o;
	struct err e;
	int fd[2], server;

	for (server = 0; server < 2; server++) {
		memset(&c, 0, sizeof(c));
		pair_of_sockets(fd, 0);
		o = options(fd[0], server);
		o.handshake_ms = 200;
		CHECK(run_party(&c, &o, &e));
		CHECK_STR(e.text, "no answer to the handshake for 0 s; "
		    "is it ucsync at the other end?");
		CHECK_INT(c.readies, 0);
		close(fd[0]);
		close(fd[1]);
	}
}

/* The line ends before, in and after the handshake. */
/*
 * A peer that goes on sending what counts for nothing (warnings, empty records)
 * has as little time as a silent one.
 */
static void
chatter_is_no_handshake(void)
{
	static const struct {
		const char *bytes;
		size_t n;
	} chatter[] = {
		{ "\25\3\3\0\2\1\132", 7 }, { "\26\3\3\0\0", 5 }
	};
	size_t i;

	for (i = 0; i < 2; i++) {
		struct link_options o;
		struct party p = { .stay = 1 };
		struct err e;
		struct buf many = BUF_INIT;
		int fds[2], status;
		int64_t start = clock_ms();
		pid_t pid;

		while (many.len < 60000)
			buf_put(&many, chatter[i].bytes, chatter[i].n);

		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		pid = fork();
		if (!pid) {
			close(fds[0]);
			alarm(10);
			signal(SIGPIPE, SIG_IGN);
			while (write(fds[1], many.p, many.len) > 0)
				continue;
			_exit(0);
		}
		close(fds[1]);
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
		o = options(fds[0], 1);
		o.handshake_ms = 300;
		p.l = link_new(&o);
		CHECK_INT(link_run(p.l, &handler, &p, &e), -1);
		close(fds[0]);
		buf_free(&many);
		waitpid(pid, &status, 0);
		CHECK_STR(e.text, "no answer to the handshake for 0 s; "
		    "is it ucsync at the other end?");
		CHECK(clock_ms() - start < 5000);
		link_free(p.l);
		tls_free(o.tls);
	}
}

static void
breaks_off(void)
{
	struct party c, s;
	struct link_options o;
	struct err e;
	pid_t pid;
	int fd[2], one;

	memset(&c, 0, sizeof(c));
	pair_of_sockets(fd, 0);
	close(fd[1]);
	o = options(fd[0], 0);
	CHECK(run_party(&c, &o, &e));
	CHECK_STR(e.text, "the peer broke the line off");
	close(fd[0]);
	c.stay = 1;
	c.to_send = 10000;
	c.size = 1000;
	s = c;
	pid = fork_server(&s, 0, LINK_PLAIN, &one);
	o = options(one, 0);
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL);
	kill(pid, SIGCONT);
	CHECK(run_party(&c, &o, &e));
	CHECK(e.text[0]);
	close(one);
	CHECK_INT(status_of(pid), -1);
}

/* Our handler fails in the middle of traffic: the peer learns why. */
static void
failure_is_told(void)
{
	static const size_t sizes[] = { 100, 32 << 10 };
	struct party c, s;
	struct link_options o;
	struct err e;
	pid_t pid;
	size_t i;
	int fd, small;

	for (i = 0; i < 4; i++) {
		small = i & 1;
		memset(&c, 0, sizeof(c));
		c.stay = 1;
		c.size = sizes[i / 2];
		c.to_send = 100;
		s = c;
		s.fail_at = 20;
		pid = fork_server(&s, small, LINK_PLAIN, &fd);
		o = options(fd, 0);
		CHECK(run_party(&c, &o, &e));
		CHECK_STR(e.text, "the peer gave up");
		CHECK_STR(c.last, "because");
		close(fd);
		CHECK_INT(status_of(pid), 1);
	}
}

/* Who has much to do and little to say about it says that little at once. */
static void
work_is_not_waited_for(void)
{
	static const size_t sizes[] = { 10, 20000, 33000 };
	struct party c, s;
	struct link_options o;
	struct err e;
	size_t i;
	pid_t pid;
	int fd;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(&s, 0, sizeof(s));
		s.stay = 1;
		s.size = sizes[i];
		s.to_send = 3;
		s.busy = 5000;
		if (pipe(s.told))
			abort();
		memset(&c, 0, sizeof(c));
		c.to_hear = 3;
		pid = fork_server(&s, 0, LINK_PLAIN, &fd);
		c.told[1] = s.told[1];
		o = options(fd, 0);
		CHECK(!run_party(&c, &o, &e));
		CHECK_INT(status_of(pid), 0);
		close(fd);
		close(s.told[0]);
		close(s.told[1]);
	}
}

/* While we work, the peer hears from us; but only every ten seconds. */
static void
beats(void)
{
	struct link_count before, after;
	struct link_options o;
	struct link *l;
	struct tls *s;
	int fd[2], i;

	pair_of_sockets(fd, 0);
	o = options(fd[0], 0);
	l = link_new(&o);
	s = tls_server(lookup, NULL);
	for (i = 0; i < 1000 && !(tls_established(s) &&
	    tls_established(o.tls)); i++) {
		struct err e;
		const unsigned char *p;
		unsigned char *q;
		ssize_t got;
		size_t n;

		CHECK(push(l, &e) >= 0);
		if ((q = tls_record_in(s, &n)) && (got = read(fd[1], q, n)) > 0)
			tls_record_got(s, (size_t)got);
		while ((p = tls_record_out(s, &n))) {
			CHECK(write(fd[1], p, n) == (ssize_t)n);
			tls_record_sent(s, n);
		}
		if ((q = tls_record_in(o.tls, &n)) &&
		    (got = read(fd[0], q, n)) > 0)
			tls_record_got(o.tls, (size_t)got);
	}
	CHECK(tls_established(s) && tls_established(o.tls));
	before = link_counts(l);
	link_beat(l);
	after = link_counts(l);
	CHECK_INT(after.sent, before.sent);
	clock_shift += LINK_BEAT_MS;
	l->hold = 1;
	link_beat(l);
	after = link_counts(l);
	CHECK(after.sent > before.sent);
	before = after;
	link_beat(l);
	after = link_counts(l);
	CHECK_INT(after.sent, before.sent);
	link_free(l);
	tls_free(o.tls);
	tls_free(s);
	close(fd[0]);
	close(fd[1]);
}

/* A beat is nothing to the handler; but beats alone are no conversation. */
static void
beats_are_not_heard(void)
{
	struct link_options o = { .in = -1, .out = -1 };
	struct link *l = link_new(&o);
	struct party p;
	struct taker t = { l, &handler, &p };
	struct err e;
	int i;

	memset(&p, 0, sizeof(p));
	p.stay = 1;
	for (i = 0; i < LINK_BEATS_MAX; i++)
		CHECK(!take_message(&t, LINK_WORKING, view_of("", 0), &e));
	CHECK_INT(p.heard, 0);
	CHECK(take_message(&t, LINK_WORKING, view_of("", 0), &e));
	CHECK_STR(e.text, "the peer only says that it is at work");
	link_free(l);
}

/* Who talks and does not listen has no end of answers kept for it. */
static void
unheard(void)
{
	struct link_options o = { .in = -1, .out = -1 };
	struct link *l = link_new(&o);
	struct party p;
	struct taker t = { l, &handler, &p };
	struct buf b = BUF_INIT;
	struct err e;
	int i;

	memset(&p, 0, sizeof(p));
	memset(buf_room(&b, 30000), 'x', 30000);
	b.len = 30000;
	for (i = 0; i < LINK_UNHEARD_MAX / 30000; i++)
		link_send(l, 7, &b);
	CHECK(!take_message(&t, 7, view_of("", 0), &e));
	link_send(l, 7, &b);
	CHECK(take_message(&t, 7, view_of("", 0), &e));
	CHECK_STR(e.text, "the peer does not listen");
	buf_free(&b);
	link_free(l);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	RUN(traffic_both_ways);
	RUN(idle);
	RUN(no_handshake);
	RUN(chatter_is_no_handshake);
	RUN(breaks_off);
	RUN(failure_is_told);
	RUN(work_is_not_waited_for);
	RUN(beats);
	RUN(beats_are_not_heard);
	RUN(unheard);
	return unit_end();
}
