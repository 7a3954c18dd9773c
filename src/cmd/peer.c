/* SPDX-License-Identifier: ISC */
/*
 * The client's side of a session. A pair may have two keys; the second one is
 * tried only when the peer does not know the first.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "contact.h"
#include "errand.h"
#include "fs/walk.h"
#include "peer.h"
#include "progress.h"
#include "report.h"
#include "setup.h"
#include "sync/message.h"
#include "sync/pair.h"
#include "sync/session.h"
#include "wire/key.h"
#include "wire/net.h"
#include "wire/tls.h"

enum outcome { DONE, BROKEN_OFF, FAILED, UNREACHABLE, UNKNOWN_KEY, AGAIN };

struct call {
	const struct peer_task *task;
	struct report report;
	struct link_count count;
	int actions_failed;
};

static void
tell(void *ctx, const struct event *event)
{
	struct call *c = ctx;

	report_event(&c->report, event);
	if (c->task->slot)
		progress_event(c->task->slot, event);
}

static void
action_ran(void *ctx, const struct action_report *report)
{
	struct call *c = ctx;

	report_action(&c->report, report);
	c->actions_failed |= report->status != 0;
}

static int
wants(void *ctx, const char *name)
{
	const struct call *c = ctx;

	return args_have(c->task->only, c->task->nonly, name);
}

static struct tls *
begin_tls(const struct call *c, const char *key_path, struct err *e)
{
	const struct pair *p = c->task->pair;
	unsigned char psk[PSK_BYTES];
	char text[IDENTITY_MAX + 1];
	struct identity id;
	struct key key;
	struct tls *t;

	if (key_load_for(&key, key_path, pair_key_host(p, key_path), e))
		return NULL;
	memset(&id, 0, sizeof(id));
	id.looks = c->task->s->o->dry || c->task->compare;
	key_tag(&key, id.tag);
	strncat(id.client, p->self, sizeof(id.client) - 1);
	strncat(id.server, p->peer, sizeof(id.server) - 1);
	strncat(id.config, c->task->s->config, sizeof(id.config) - 1);
	key_psk(&key, p->self, p->peer, psk);
	key_wipe(&key);
	t = identity_format(&id, text, e) ? NULL : tls_client(text, psk);
	mem_wipe(psk, sizeof(psk));
	return t;
}

static enum outcome
talk(struct call *c, int fd, struct tls *t, struct err *e)
{
	const struct setup *s = c->task->s;
	static const enum link_compress compress[] = {
		[COMPRESS_AUTO] = LINK_AUTO, [COMPRESS_YES] = LINK_PACKED,
		[COMPRESS_NO] = LINK_PLAIN
	};
	struct link_options lo = { fd, fd, t,
	    s->conf->handshake_timeout * 1000, s->conf->idle_timeout * 1000,
	    compress[s->conf->compress],
	    c->task->slot ? &c->task->slot->wire : NULL };
	struct session_options so = { .client = 1, .dry = s->o->dry,
		.turn = c->task->turn,
		.complete = c->task->complete,
		.reconcile = c->task->reconcile, .compare = c->task->compare,
		.wants = c->task->only ? wants : NULL,
		.action_ran = action_ran, .tell = tell, .ctx = c,
		.lock_ms = s->lock_ms };
	struct link *l = link_new(&lo);
	struct session_line line = session_link(l);
	struct session *session = session_new(c->task->pair, s->state,
	    s->tree, &line, &so);
	enum outcome outcome = FAILED;
	struct err late;

	if (!link_run(l, &session_handler, session, e) &&
	    session_complete(session))
		outcome = DONE;
	else if (!session_settle(session, &late))
		outcome = BROKEN_OFF;
	else if (session_again(session))
		outcome = AGAIN;
	else if (tls_failure(t) == TLS_UNKNOWN)
		outcome = UNKNOWN_KEY;
	c->count = link_counts(l);
	session_free(session);
	link_free(l);
	return outcome;
}

static enum outcome
call_with(struct call *c, const char *key_path, struct err *e)
{
	const struct setup *s = c->task->s;
	enum outcome outcome;
	struct tls *t;
	int fd;

	t = begin_tls(c, key_path, e);
	if (!t)
		return FAILED;
	log_info("Connecting to host %s (PSK) ...", c->task->pair->peer);
	fd = net_connect(c->task->pair->peer, s->o->port, s->o->host ?
	    c->task->pair->self : NULL, s->conf->connect_timeout * 1000, e);
	if (fd < 0) {
		tls_free(t);
		return UNREACHABLE;
	}
	if (c->task->slot)
		progress_begin(c->task->slot, c->task->pair->peer);
	outcome = talk(c, fd, t, e);
	close(fd);
	tls_free(t);
	return outcome;
}

static enum outcome
call(struct call *c, struct err *e)
{
	const struct pair *p = c->task->pair;
	enum outcome outcome = FAILED;
	size_t i;

	for (i = 0; i < p->nkeys; i++) {
		outcome = call_with(c, p->keys[i], e);
		if (outcome == AGAIN) {
			log_error("%s: %s", p->peer, e->text);
			outcome = call_with(c, p->keys[i], e);
		}
		if (outcome != UNKNOWN_KEY)
			break;
	}
	return outcome;
}

int
peer_run(const struct peer_task *task)
{
	struct call c = { .task = task, .report = { .self = task->pair->self,
	    .peer = task->pair->peer, .dry = task->s->o->dry } };
	int64_t start = clock_ms();
	enum outcome outcome;
	struct err e;

	outcome = call(&c, &e);
	errand_met(task->s->o, task->pair->peer, outcome > BROKEN_OFF);
	if (task->slot)
		progress_end(task->slot, outcome > BROKEN_OFF ? NULL :
		    &c.report);
	switch (outcome) {
	case BROKEN_OFF:
		log_note("%s: %s, but all was done", task->pair->peer, e.text);
		/* fallthrough */
	case DONE:
		if (!task->compare)
			contact_met(task->s, task->pair, c.report.first.text);
		if (task->reconcile)
			contact_note(task->s, task->pair);
		if (!task->compare)
			report_end(&c.report, &c.count, clock_ms() - start);
		return c.report.failed || c.actions_failed;
	case UNREACHABLE:
		if (!task->compare)
			contact_failed(task->s, task->pair, e.text);
		log_line(task->pending ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
		    "%s: %s", task->pair->peer, e.text);
		return task->pending;
	default:
		if (!task->compare)
			contact_failed(task->s, task->pair, e.text);
		log_error("%s: %s", task->pair->peer, e.text);
		return 1;
	}
}
