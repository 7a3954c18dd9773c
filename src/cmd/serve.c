/* SPDX-License-Identifier: ISC */
/*
 * Serving: one process a connection. Who connects is known from the identity of
 * the handshake; the config is read anew then, so that it is always the current
 * one, and which of several is the client's to say.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd.h"
#include "conf/conf.h"
#include "contact.h"
#include "report.h"
#include "select.h"
#include "serve.h"
#include "setup.h"
#include "sync/action.h"
#include "sync/message.h"
#include "sync/pair.h"
#include "sync/session.h"
#include "wire/key.h"
#include "wire/net.h"
#include "wire/tls.h"

struct service {
	const struct serve_options *o;
	struct setup s;
	int has_setup;
	struct pair *pair;              /* whose session this is */
	int looks;                      /* nothing is changed for it */
	struct tls *tls;
	struct link *link;
	struct session *session;
	struct report report;
	struct err refused;             /* why the identity was */
};

/* Whether this key of the pair is the one of the identity; fills psk. */
static int
try_key(struct service *v, const struct pair *p, const char *path,
    const struct identity *id, unsigned char psk[PSK_BYTES])
{
	struct key key;
	char tag[5];
	int fits;

	if (key_load_for(&key, path, pair_key_host(p, path), &v->refused))
		return 0;
	key_tag(&key, tag);
	fits = !strcmp(tag, id->tag);
	if (fits)
		key_psk(&key, id->client, id->server, psk);
	else
		err_set(&v->refused, "it says it is %s, and has another key; "
		    "compare the key files",
		    id->client);
	key_wipe(&key);
	return fits;
}

/* Opens v->pair, of the groups that have the identity's key; fills psk. */
static int
find_pair(struct service *v, const struct identity *id,
    unsigned char psk[PSK_BYTES])
{
	const struct conf *c = v->s.conf;
	size_t i, k;

	for (i = 0; i < c->ngroups; i++) {
		for (k = 0; k < c->groups[i].nkeys; k++) {
			const char *path = c->groups[i].keys[k];

			if (pair_of_key(c, id->server, id->client, path,
			    &v->pair))
				continue;
			if (!select_served(v->o->options, v->pair) &&
			    try_key(v, v->pair, path, id, psk))
				return 0;
			pair_list_free(v->pair, 1);
			v->pair = NULL;
		}
	}
	return -1;
}

static int
lookup(void *ctx, const char *text, size_t n, unsigned char psk[32])
{
	struct service *v = ctx;
	struct identity id;

	if (identity_parse(&id, text, n))
		return err_set(&v->refused, "not an identity of ours");
	v->has_setup = 1;
	v->looks = id.looks;
	if (setup_config(&v->s, v->o->options, id.config, &v->refused))
		return -1;
	err_set(&v->refused, "it says it is %s and calls us %s: no group has "
	    "both; compare the configs", id.client, id.server);
	return find_pair(v, &id, psk);
}

static void
tell(void *ctx, const struct event *event)
{
	struct service *v = ctx;

	if (!session_dry(v->session))
		report_event(&v->report, event);
}

struct acting {
	const struct setup *s;
	struct session *session;
};

static void
tell_outcome(void *ctx, const struct action_outcome *outcome)
{
	struct acting *a = ctx;
	struct action_report report;

	report_outcome(a->s, outcome, &report);
	session_report(a->session, &report);
}

static int
run_actions(void *ctx, struct session *session, const struct pulse *pulse,
    struct err *e)
{
	struct service *v = ctx;
	struct acting a = { &v->s, session };
	struct action_options o = { .conf = v->s.conf, .state = v->s.state,
		.lock_ms = v->s.lock_ms, .pulse = pulse,
		.tell = tell_outcome, .ctx = &a };

	return action_run(&o, e);
}

/* Tells the peer why there will be no session. */
static int
refuse(struct service *v, const struct err *e)
{
	struct buf b = BUF_INIT;

	error_encode(e->text, &b);
	link_send(v->link, MESSAGE_ERROR, &b);
	buf_free(&b);
	return -1;
}

static int
ready(void *ctx, struct err *e)
{
	struct service *v = ctx;
	struct session_options o = { .dry = v->looks, .tell = tell,
		.actions = run_actions, .ctx = v, .lock_ms = v->s.lock_ms };
	struct session_line line = session_link(v->link);

	if (v->o->ready)
		v->o->ready(v->o->ctx);
	v->report.peer = v->pair->peer;
	v->report.most = REPORT_SERVED_MAX;
	log_debug("%s: connected from %s, %s", v->pair->peer, v->o->address,
	    tls_cipher(v->tls));
	if (v->looks ? setup_look(&v->s, e) : setup_state(&v->s, e))
		return refuse(v, e);
	v->session = session_new(v->pair, v->s.state, v->s.tree, &line, &o);
	return session_handler.ready(v->session, e);
}

static int
input(void *ctx, unsigned type, struct view body, struct err *e)
{
	struct service *v = ctx;

	return session_handler.input(v->session, type, body, e);
}

static int
output(void *ctx, struct err *e)
{
	struct service *v = ctx;

	return session_handler.output(v->session, e);
}

static void
complain(const struct service *v, enum tls_failure failure,
    const struct err *e)
{
	if (v->pair) {
		contact_failed(&v->s, v->pair, e->text);
		log_error("%s: %s", v->pair->peer, e->text);
	} else if (failure == TLS_UNKNOWN || v->refused.text[0]) {
		log_error("%s: refused: %s", v->o->address, v->refused.text);
	} else {
		log_error("%s: %s", v->o->address, e->text);
	}
}

static void
end_well(const struct service *v, int64_t ms)
{
	struct link_count count = link_counts(v->link);

	report_end(&v->report, &count, ms);
	contact_met(&v->s, v->pair, v->report.first.text);
	if (session_reconciled(v->session))
		contact_note(&v->s, v->pair);
}

int
serve_connection(const struct serve_options *o)
{
	static const struct link_handler handler = { ready, input, output };
	struct service v = { .o = o };
	struct link_options lo = { .in = o->in, .out = o->out,
		.handshake_ms = o->handshake_ms, .idle_ms = o->idle_ms,
		.compress = LINK_AUTO };
	struct err e;
	int64_t start = clock_ms();
	int rc;

	v.tls = lo.tls = tls_server(lookup, &v);
	v.link = link_new(&lo);
	rc = link_run(v.link, &handler, &v, &e);
	if (rc)
		complain(&v, tls_failure(v.tls), &e);
	if (v.session && !rc)
		end_well(&v, clock_ms() - start);
	session_free(v.session);
	link_free(v.link);
	tls_free(v.tls);
	pair_list_free(v.pair, v.pair != NULL);
	if (v.has_setup)
		setup_free(&v.s);
	return rc ? 1 : v.report.failed != 0;
}

/* inetd makes stderr the connection, too: nothing of ours must get into it. */
static void
spare_line(const struct options *o)
{
	struct stat line, err;
	int null;

	if (fstat(0, &line) || fstat(2, &err) || line.st_dev != err.st_dev ||
	    line.st_ino != err.st_ino || !S_ISSOCK(err.st_mode))
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0)
		dup2(null, 2);
	if (null > 2)
		close(null);
	log_to_syslog(o->as_csync2 ? "csync2" : "ucsync");
}

int
cmd_serve_one(const struct options *o)
{
	struct serve_options so = { .options = o, .in = 0, .out = 1,
		.address = "stdin", .handshake_ms = SERVE_HANDSHAKE_MS,
		.idle_ms = SERVE_IDLE_MS };
	struct err e;

	spare_line(o);
	if (net_prepare(0, &e) || net_prepare(1, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	return serve_connection(&so);
}
