/* SPDX-License-Identifier: ISC */
/*
 * The processes that stay: the server, the watch, and both in one, the agent.
 * One loop waits for all that they wait for. A server reads the config anew for
 * each connection; who watches has read it, and what is on the disk counts from
 * the next SIGHUP on, if it is good.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd.h"
#include "conf/conf.h"
#include "keys.h"
#include "listener.h"
#include "setup.h"
#include "signals.h"
#include "watch.h"

struct agent {
	struct options o;
	struct listener_options lo;
	char *address;                  /* to listen at; NULL: anywhere */
	struct listener *listener;      /* NULL: only watches */
	struct watch *watch;            /* NULL: only serves */
};

/* A config that is good, or NULL. */
static struct conf *
read_config(const struct options *o, struct err *e)
{
	struct options anew = *o;
	struct conf *conf = NULL;
	struct setup s;

	anew.conf = NULL;
	if (!setup_config(&s, &anew, o->config, e) && !setup_listed(&s, e) &&
	    !keys_check(s.conf, e)) {
		conf = s.conf;
		s.conf = NULL;
	}
	setup_free(&s);
	return conf;
}

/*
 * Where -N binds: to the address under which the groups list that host; not to
 * one of several. Allocated or NULL.
 */
static char *
own_address(const struct options *o, const struct conf *c)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; o->host && i < c->ngroups; i++) {
		const struct member *self = c->groups[i].self;

		if (self && found && strcmp(found, self->name))
			return NULL;
		if (self)
			found = self->name;
	}
	return found ? mem_strdup(found) : NULL;
}

static void
leave(void *ctx)
{
	const struct agent *a = ctx;

	if (a->listener)
		listener_leave(a->listener);
}

static void
reload(struct agent *a)
{
	struct conf *conf;
	struct err e;

	conf = read_config(&a->o, &e);
	if (!conf) {
		log_error("%s; the config that was read before stays", e.text);
		return;
	}
	conf_free(a->o.conf);
	a->o.conf = conf;
	log_info("the config was read again");
	watch_all(a->watch);
}

static void
wait_once(struct agent *a, struct pollfd *at)
{
	size_t n = a->listener ? listener_poll(a->listener, at) : 0, i;
	size_t all = n + (a->watch ? watch_poll(a->watch, at + n) : 0);

	if (signals_poll(at, all, a->watch ? watch_wait(a->watch) : -1) < 0)
		for (i = 0; i < all; i++)
			at[i].revents = 0;
	if (a->listener)
		listener_hear(a->listener, at);
	if (a->watch)
		watch_hear(a->watch, at + n);
}

static void
loop(struct agent *a)
{
	struct pollfd *at = mem_alloc((a->lo.max + LISTENER_SOCKETS +
	    WATCH_POLLS) * sizeof(*at));

	while (!signals_stop() &&
	    !(a->listener && listener_done(a->listener))) {
		wait_once(a, at);
		if (signals_hup())
			reload(a);
	}
	free(at);
}

static int
run(struct agent *a, int serves, int watches, struct err *e)
{
	struct conf *conf = read_config(&a->o, e);

	if (!conf)
		return -1;
	a->lo.host = a->address = own_address(&a->o, conf);
	a->lo.max = conf->max_connections;
	a->lo.handshake_ms = conf->handshake_timeout * 1000;
	a->lo.idle_ms = conf->idle_timeout * 1000;
	if (watches)
		a->o.conf = conf;
	else
		conf_free(conf);
	if (serves && !(a->listener = listener_new(&a->lo, e)))
		return -1;
	signals_catch(watches);
	if (watches)
		a->watch = watch_new(&a->o, leave, a);
	loop(a);
	return 0;
}

static int
stay(const struct options *o, int serves, int watches)
{
	struct agent a = { .o = *o };
	struct err e;
	int rc;

	a.lo = (struct listener_options){ .options = &a.o,
		.once = o->mode == MODE_SERVE_ONCE };
	rc = run(&a, serves, watches, &e);
	if (rc)
		log_error("%s", e.text);
	watch_free(a.watch);
	listener_free(a.listener);
	free(a.address);
	conf_free(a.o.conf);
	return rc ? 1 : 0;
}

int
cmd_serve(const struct options *o)
{
	return stay(o, 1, 0);
}

int
cmd_watch(const struct options *o)
{
	return stay(o, 0, 1);
}

int
cmd_agent(const struct options *o)
{
	return stay(o, 1, 1);
}
