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
#include "cmd.h"
#include "conf/conf.h"
#include "keys.h"
#include "listener.h"
#include "serve.h"
#include "setup.h"
#include "wire/net.h"

enum { GRACE_MS = 5000, NAP_MS = 20, FULL_NAP_MS = 200 };

static volatile sig_atomic_t stop;

struct child {
	pid_t pid;
	int64_t began;
	int pipe;
	int shaking;                    /* its handshake is not through */
	int ended;                      /* by us, to make room */
	char address[NET_ADDRESS_MAX];
};

struct listener {
	const struct listener_options *o;
	int fds[NET_TRIES_MAX];
	int nfds;
	struct child *children;         /* room for o->max */
	struct pollfd *polled;          /* and for the sockets behind them */
	size_t n;
};

static void
on_stop(int signo)
{
	(void)signo;
	stop = 1;
}

static void
catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_stop;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

/*
 * Between fork and default_signals a child has our handler, which would swallow
 * the signal that is to end it: it waits meanwhile.
 */
static void
hold_signals(sigset_t *before)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigprocmask(SIG_BLOCK, &ours, before);
}

static void
default_signals(void)
{
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
}

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

static void
serve_child(const struct listener *l, int fd, int tell, const char *address,
    const sigset_t *mask)
{
	struct serve_options so = { .options = l->o->options, .in = fd,
		.out = fd, .address = address,
		.handshake_ms = l->o->handshake_ms, .idle_ms = l->o->idle_ms,
		.ready = say_ready, .ctx = &tell };
	size_t i;
	int k;

	default_signals();
	sigprocmask(SIG_SETMASK, mask, NULL);
	for (k = 0; k < l->nfds; k++)
		close(l->fds[k]);
	for (i = 0; i < l->n; i++)
		close(l->children[i].pipe);
	_exit(serve_connection(&so));
}

static void
add_child(struct listener *l, int fd, const char *address)
{
	struct child *c = &l->children[l->n];
	sigset_t mask;
	int ends[2];

	if (pipe(ends)) {
		log_error("%s: no descriptors left", address);
		return;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	hold_signals(&mask);
	c->pid = fork();
	if (!c->pid) {
		close(ends[0]);
		serve_child(l, fd, ends[1], address, &mask);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
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
	if (shaking(l, address) >= LISTENER_HANDSHAKES) {
		log_info("%s: too many connections at once", address);
	} else {
		if (shaking(l, NULL) >= (l->o->max + 1) / 2)
			make_room(l);
		add_child(l, fd, address);
	}
	close(fd);
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

static void
wait_once(struct listener *l, int accepting, int timeout)
{
	struct pollfd *at = l->polled;
	size_t i, n = l->n;
	int k;

	for (i = 0; i < n; i++)
		at[i] = (struct pollfd){ l->children[i].pipe, POLLIN, 0 };
	for (k = 0; k < l->nfds; k++)
		at[n + (size_t)k] = (struct pollfd){ l->fds[k],
		    accepting ? POLLIN : 0, 0 };
	if (poll(at, n + (accepting ? (size_t)l->nfds : 0), timeout) > 0) {
		/* first who has proved its key: room is made of the others */
		for (i = n; i-- > 0; )
			if (at[i].revents)
				hear_child(l, i);
		for (k = 0; accepting && k < l->nfds; k++)
			if (at[n + (size_t)k].revents && l->n < l->o->max)
				accept_one(l, l->fds[k]);
	}
}

static void
finish(struct listener *l)
{
	int64_t until = clock_ms() + GRACE_MS;
	size_t i;
	int k;

	for (k = 0; k < l->nfds; k++)
		close(l->fds[k]);
	l->nfds = 0;
	while (l->n && (l->o->once || clock_ms() < until))
		wait_once(l, 0, l->o->once ? -1 : NAP_MS);
	for (i = 0; i < l->n; i++)
		kill(l->children[i].pid, SIGTERM);
	while (l->n)
		wait_once(l, 0, -1);
	free(l->children);
	free(l->polled);
}

int
listener_run(const struct listener_options *o)
{
	struct listener l = { .o = o };
	struct err e;
	size_t before;

	l.nfds = net_listen(l.fds, o->host, o->options->port, &e);
	if (l.nfds < 0) {
		log_error("%s", e.text);
		return 1;
	}
	l.children = mem_alloc(o->max * sizeof(*l.children));
	l.polled = mem_alloc((o->max + NET_TRIES_MAX) * sizeof(*l.polled));
	catch_signals();
	log_info("listening on port %u", o->options->port);
	while (!stop) {
		before = l.n;
		wait_once(&l, l.n < o->max, -1);
		if (o->once && l.n > before)
			break;
	}
	finish(&l);
	return 0;
}

/*
 * Where -N binds: to the address under which the groups list that host; not to
 * one of several. Allocated or NULL.
 */
static char *
own_address(const struct setup *s)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; s->o->host && i < s->conf->ngroups; i++) {
		const struct member *self = s->conf->groups[i].self;

		if (self && found && strcmp(found, self->name))
			return NULL;
		if (self)
			found = self->name;
	}
	return found ? mem_strdup(found) : NULL;
}

/* The config must be good at the start, whatever becomes of it later. */
int
cmd_serve(const struct options *o)
{
	struct listener_options lo = { .options = o,
		.once = o->mode == MODE_SERVE_ONCE };
	char *address = NULL;
	struct setup s;
	struct err e;
	int rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    keys_check(s.conf, &e);

	if (!rc) {
		lo.host = address = own_address(&s);
		lo.max = s.conf->max_connections;
		lo.handshake_ms = s.conf->handshake_timeout * 1000;
		lo.idle_ms = s.conf->idle_timeout * 1000;
	} else {
		log_error("%s", e.text);
	}
	setup_free(&s);
	if (!rc)
		rc = listener_run(&lo);
	free(address);
	return rc != 0;
}
