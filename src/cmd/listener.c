/* SPDX-License-Identifier: ISC */
/*
 * The accepting loop. A child tells by a pipe that its handshake is through;
 * the pipe's end tells that it is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "listener.h"
#include "options.h"
#include "serve.h"
#include "signals.h"
#include "wire/net.h"

enum { GRACE_MS = 5000, FULL_NAP_MS = 200 };

struct child {
	pid_t pid;
	int64_t began;
	int pipe;
	int shaking;                    /* its handshake is not through */
	int ended;                      /* by us, to make room */
	char address[NET_ADDRESS_MAX];
};

/* Accepted, and its address has its share already. */
struct waiting {
	int fd;
	char address[NET_ADDRESS_MAX];
};

struct listener {
	const struct listener_options *o;
	int fds[LISTENER_SOCKETS];
	int nfds;
	struct child *children;         /* room for o->max */
	size_t n;
	struct waiting *waiting;        /* the same room, first come first */
	size_t nwaiting;
	size_t polled;                  /* of them, when poll was asked */
	int accepting;                  /* so many sockets behind them */
	int came;                       /* a connection */
};

/* How many handshakes are not through, of an address or (NULL) of all. */
static unsigned
shaking(const struct listener *l, const char *address)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		n += l->children[i].shaking && (!address ||
		    net_same_source(l->children[i].address, address));
	return n;
}

/* Half of all places, which is what some may have of them. */
static unsigned
half(const struct listener *l)
{
	return (l->o->max + 1) / 2;
}

static int
has_share(const struct listener *l, const char *address)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		n += (unsigned)net_same_source(l->children[i].address, address);
	return n >= half(l);
}

/* Ends the oldest handshake. */
static void
make_room(struct listener *l)
{
	struct child *oldest = NULL, *c;

	for (c = l->children; c < l->children + l->n; c++)
		if (c->shaking && (!oldest || c->began < oldest->began))
			oldest = c;
	if (!oldest)
		return;
	log_info("%s: no handshake yet, and others wait", oldest->address);
	kill(oldest->pid, SIGTERM);
	oldest->shaking = 0;
	oldest->ended = 1;
}

static void
say_ready(void *ctx)
{
	int *fd = ctx;
	ssize_t ignored = write(*fd, "r", 1);

	(void)ignored;
}

void
listener_leave(const struct listener *l)
{
	size_t i;
	int k;

	for (k = 0; k < l->nfds; k++)
		close(l->fds[k]);
	for (i = 0; i < l->n; i++)
		close(l->children[i].pipe);
	for (i = 0; i < l->nwaiting; i++)
		close(l->waiting[i].fd);
}

static void
serve_child(const struct listener *l, int fd, int tell, const char *address)
{
	struct serve_options so = { .options = l->o->options, .in = fd,
		.out = fd, .address = address,
		.handshake_ms = l->o->handshake_ms, .idle_ms = l->o->idle_ms,
		.ready = say_ready, .ctx = &tell };
	signals_default();
	listener_leave(l);
	_exit(serve_connection(&so));
}

static void
add_child(struct listener *l, int fd, const char *address)
{
	struct child *c = &l->children[l->n];
	int ends[2];

	if (pipe(ends)) {
		log_error("%s: no descriptors left", address);
		return;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	c->pid = fork();
	if (!c->pid) {
		close(ends[0]);
		serve_child(l, fd, ends[1], address);
	}
	close(ends[1]);
	if (c->pid < 0) {
		log_error("%s: cannot start a process: %s", address,
		    strerror(errno));
		close(ends[0]);
		return;
	}
	c->pipe = ends[0];
	c->shaking = 1;
	c->ended = 0;
	c->began = clock_ms();
	memcpy(c->address, address, sizeof(c->address));
	l->n++;
	l->came = 1;
}

/* The descriptor is closed in the end. */
static void
begin(struct listener *l, int fd, const char *address)
{
	if (shaking(l, address) >= LISTENER_HANDSHAKES) {
		log_info("%s: too many connections at once", address);
	} else {
		if (shaking(l, NULL) >= half(l))
			make_room(l);
		add_child(l, fd, address);
	}
	close(fd);
}

static void
put_off(struct listener *l, int fd, const char *address)
{
	struct waiting *w = &l->waiting[l->nwaiting];

	if (l->nwaiting == l->o->max) {
		log_info("%s: too many connections at once", address);
		close(fd);
		return;
	}
	w->fd = fd;
	memcpy(w->address, address, sizeof(w->address));
	l->nwaiting++;
}

/* Those whose turn has come. */
static void
begin_waiting(struct listener *l)
{
	struct waiting w;
	size_t i = 0;

	while (i < l->nwaiting && l->n < l->o->max) {
		w = l->waiting[i];
		if (has_share(l, w.address) ||
		    shaking(l, w.address) >= LISTENER_HANDSHAKES) {
			i++;
			continue;
		}
		l->nwaiting--;
		memmove(l->waiting + i, l->waiting + i + 1,
		    (l->nwaiting - i) * sizeof(w));
		begin(l, w.fd, w.address);
	}
}

static void
accept_one(struct listener *l, int from)
{
	char address[NET_ADDRESS_MAX];
	int fd = net_accept(from, address);

	if (fd < 0) {
		/* the connection stays in the queue, poll would not wait */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			clock_sleep_ms(FULL_NAP_MS);
		return;
	}
	if (has_share(l, address))
		put_off(l, fd, address);
	else
		begin(l, fd, address);
}

/* What a child's pipe says: a byte, or its end. */
static void
hear_child(struct listener *l, size_t i)
{
	struct child *c = &l->children[i];
	char byte;
	int status;

	if (read(c->pipe, &byte, 1) > 0) {
		c->shaking = 0;
		return;
	}
	close(c->pipe);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFSIGNALED(status) && !c->ended)
		log_error("%s: its session was ended by signal %d",
		    c->address, WTERMSIG(status));
	*c = l->children[--l->n];
}

size_t
listener_poll(struct listener *l, struct pollfd *at)
{
	size_t i;
	int k;

	for (i = 0; i < l->n; i++)
		at[i] = (struct pollfd){ l->children[i].pipe, POLLIN, 0 };
	l->polled = l->n;
	l->accepting = l->n < l->o->max ? l->nfds : 0;
	for (k = 0; k < l->accepting; k++)
		at[l->n + (size_t)k] = (struct pollfd){ l->fds[k], POLLIN, 0 };
	return l->n + (size_t)l->accepting;
}

void
listener_hear(struct listener *l, const struct pollfd *at)
{
	size_t i, n = l->polled;
	int k;

	/* first who has proved its key: room is made of the others */
	for (i = n; i-- > 0; )
		if (at[i].revents)
			hear_child(l, i);
	begin_waiting(l);
	for (k = 0; k < l->accepting; k++)
		if (at[n + (size_t)k].revents && l->n < l->o->max)
			accept_one(l, l->fds[k]);
}

int
listener_done(const struct listener *l)
{
	return l->o->once && l->came;
}

static void
wait_once(struct listener *l, struct pollfd *at, int64_t timeout)
{
	if (signals_poll(at, listener_poll(l, at), timeout) > 0)
		listener_hear(l, at);
}

void
listener_free(struct listener *l)
{
	int64_t now, until;
	struct pollfd *at;
	size_t i;

	if (!l)
		return;
	at = mem_alloc((l->n + 1) * sizeof(*at));
	while (l->nfds)
		close(l->fds[--l->nfds]);
	while (l->nwaiting)
		close(l->waiting[--l->nwaiting].fd);
	while (l->n && l->o->once && !signals_stop())
		wait_once(l, at, -1);
	until = clock_ms() + GRACE_MS;
	while (l->n && (now = clock_ms()) < until)
		wait_once(l, at, until - now);
	for (i = 0; i < l->n; i++)
		kill(l->children[i].pid, SIGTERM);
	while (l->n)
		wait_once(l, at, -1);
	free(at);
	free(l->children);
	free(l->waiting);
	free(l);
}

struct listener *
listener_new(const struct listener_options *o, struct err *e)
{
	struct listener *l = mem_alloc(sizeof(*l));

	l->o = o;
	l->nfds = net_listen(l->fds, o->host, o->options->port, e);
	if (l->nfds < 0) {
		free(l);
		return NULL;
	}
	l->children = mem_alloc(o->max * sizeof(*l->children));
	l->waiting = mem_alloc(o->max * sizeof(*l->waiting));
	log_info("listening on port %u", o->options->port);
	return l;
}
