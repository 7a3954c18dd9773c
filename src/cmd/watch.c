/* SPDX-License-Identifier: ISC */
/*
 * This process stays small: it remembers watches, some names that changed and
 * the peers that are away. While an errand is under way what the kernel tells
 * waits in the kernel: the errand adds watches whose names come by its pipe,
 * which has to be read first.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmd.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "errand.h"
#include "fs/notify.h"
#include "options.h"
#include "signals.h"
#include "watch.h"

enum {
	NAMES_MAX = 256,        /* more are looked for by a check of all */
	GRACE_MS = 5000,
	READ_BYTES = 4096,
	AWAY_MS = 5000,         /* the first time, then twice that ... */
	AWAY_MAX_MS = 300000,
	FAILED_MS = 30000,      /* the same for checks that failed */
	FAILED_MAX_MS = 3600000,
	FULL_MS = 3600000,      /* a check of all, where all is watched */
	BLIND_TIMES = 10        /* of the delay, or what a check took */
};

struct job {
	pid_t pid;              /* 0: none */
	int fd;
	int full;
	int64_t began;
	struct buf in;
};

struct away {
	char *peer;
	int64_t until;
	int delay;              /* ms */
	int met;                /* by the retry under way */
};

struct watch {
	const struct options *o;
	void (*leave)(void *ctx);
	void *ctx;
	struct notify *notify;  /* NULL: there is none */
	int64_t delay;          /* ms from a change to its errand */
	char *names[NAMES_MAX]; /* that changed */
	size_t n;
	int full;               /* too many, or some were lost */
	int64_t due;            /* when to look after them */
	int64_t full_due;       /* when to look after everything */
	int blind, told;        /* not all is watched; that was said */
	int failed_ms;          /* until a check that failed is done again */
	struct job work, retry;
	struct away *away;
	size_t naway, cap;
};

static void
be_blind(struct watch *w, const char *what, const char *why)
{
	w->blind = 1;
	if (!w->told)
		log_note("%s: cannot be watched: %s; everything is checked "
		    "every %lld s instead", what, why,
		    (long long)(w->delay * BLIND_TIMES / 1000));
	w->told = 1;
}

struct watch *
watch_new(const struct options *o, void (*leave)(void *ctx), void *ctx)
{
	struct watch *w = mem_alloc(sizeof(*w));
	struct err e;

	w->o = o;
	w->leave = leave;
	w->ctx = ctx;
	w->delay = o->delay * 1000;
	w->work.fd = w->retry.fd = -1;
	w->notify = notify_new(&e);
	if (!w->notify)
		be_blind(w, "files", e.text);
	w->full_due = clock_ms();
	return w;
}

static struct away *
find_away(const struct watch *w, const char *peer)
{
	size_t i;

	for (i = 0; i < w->naway; i++)
		if (!strcmp(w->away[i].peer, peer))
			return &w->away[i];
	return NULL;
}

static void
drop_away(struct watch *w, struct away *a)
{
	free(a->peer);
	*a = w->away[--w->naway];
}

/* What an errand says of a peer. */
static void
note_peer(struct watch *w, const char *peer, int away)
{
	struct away *a = find_away(w, peer);

	if (!away) {
		if (a)
			drop_away(w, a);
		return;
	}
	if (!a) {
		w->away = mem_grow(w->away, w->naway, &w->cap,
		    sizeof(*w->away));
		a = &w->away[w->naway++];
		*a = (struct away){ mem_strdup(peer), 0, AWAY_MS / 2, 1 };
	}
	a->delay = a->delay < AWAY_MAX_MS / 2 ? 2 * a->delay : AWAY_MAX_MS;
	a->until = clock_ms() + a->delay;
	a->met = 1;
}

/* In the errand's process. */
static int
skips(void *ctx, int retry, const char *peer)
{
	const struct watch *w = ctx;
	const struct away *a = find_away(w, peer);

	return retry ? !a || a->until > w->retry.began : a != NULL;
}

static void
note_blind(struct watch *w, int error, const char *path)
{
	be_blind(w, path, !error ? "its file system tells nothing" :
	    error == ENOSPC ? "more watches than "
	    "/proc/sys/fs/inotify/max_user_watches" : strerror(error));
}

/* What there is of an errand's words. */
static void
hear_words(struct watch *w, struct job *j)
{
	enum told told;
	char *text;
	int value;

	while (errand_hear(&j->in, &told, &value, &text)) {
		if (told == TOLD_WATCH)
			notify_know(w->notify, value, text);
		else if (told == TOLD_BLIND)
			note_blind(w, value, text);
		else
			note_peer(w, text, value);
		free(text);
	}
}

static int64_t
full_interval(const struct watch *w, int64_t took)
{
	int64_t ms = w->o->conf->reconcile ?
	    (int64_t)w->o->conf->reconcile * 1000 : FULL_MS;

	if (!w->blind)
		return ms;
	if (took < w->delay)
		took = w->delay;
	return took * BLIND_TIMES < ms ? took * BLIND_TIMES : ms;
}

/* When everything is checked next; what was not done is lost with its names. */
static void
plan(struct watch *w, const struct job *j, int failed)
{
	int64_t now = clock_ms();

	if (j->full)
		w->full_due = now + full_interval(w, now - j->began);
	if (!failed) {
		w->failed_ms = 0;
		return;
	}
	w->failed_ms = !w->failed_ms ? FAILED_MS :
	    w->failed_ms < FAILED_MAX_MS / 2 ? 2 * w->failed_ms :
	    FAILED_MAX_MS;
	if (w->full_due > now + w->failed_ms)
		w->full_due = now + w->failed_ms;
}

/* Who was to be tried, and there was nothing to say to it. */
static void
drop_unmet(struct watch *w)
{
	size_t i;

	for (i = w->naway; i-- > 0; )
		if (!w->away[i].met && w->away[i].until <= w->retry.began)
			drop_away(w, &w->away[i]);
}

static void
end_job(struct watch *w, struct job *j)
{
	int status;

	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	close(j->fd);
	buf_free(&j->in);
	j->fd = -1;
	j->pid = 0;
	if (j == &w->retry)
		drop_unmet(w);
	else
		plan(w, j, !WIFEXITED(status) || WEXITSTATUS(status));
}

/* One piece from an errand; its end when all its processes have ended. */
static void
hear_job(struct watch *w, struct job *j)
{
	unsigned char piece[READ_BYTES];
	ssize_t n = read(j->fd, piece, sizeof(piece));

	if (n > 0) {
		buf_put(&j->in, piece, (size_t)n);
		hear_words(w, j);
	} else if (!n || errno != EINTR) {
		end_job(w, j);
	}
}

/* In a child process. */
static void
run(struct watch *w, int retry, int fd)
{
	struct errand errand = { fd, w->notify, retry, skips, w };
	struct options o = *w->o;

	signals_default();
	w->leave(w->ctx);
	o.mode = MODE_SYNC;
	o.recursive = 1;
	o.errand = &errand;
	o.files = w->names;
	o.nfiles = retry || w->work.full ? 0 : w->n;
	retry = cmd_sync(&o);
	fflush(stdout);
	_exit(retry);
}

static int
begin(struct watch *w, struct job *j)
{
	int ends[2];

	if (pipe(ends)) {
		log_error("no descriptors left: tried again later");
		return -1;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	j->began = clock_ms();
	j->pid = fork();
	if (!j->pid) {
		close(ends[0]);
		run(w, j == &w->retry, ends[1]);
	}
	close(ends[1]);
	j->fd = ends[0];
	if (j->pid > 0)
		return 0;
	log_error("cannot start a process: %s", strerror(errno));
	close(ends[0]);
	j->fd = -1;
	j->pid = 0;
	return -1;
}

static void
forget_names(struct watch *w)
{
	while (w->n)
		free(w->names[--w->n]);
}

static void
begin_work(struct watch *w, int64_t now)
{
	w->work.full = w->full || now >= w->full_due;
	if (begin(w, &w->work)) {
		w->due = now + FAILED_MS;
		if (w->full_due <= now)
			w->full_due = w->due;
		return;
	}
	/* an errand that finds something blind says so again */
	w->blind = w->work.full ? !w->notify : w->blind;
	w->full = 0;
	forget_names(w);
}

static void
begin_retry(struct watch *w)
{
	size_t i;

	for (i = 0; i < w->naway; i++)
		w->away[i].met = 0;
	if (begin(w, &w->retry))
		for (i = 0; i < w->naway; i++)
			w->away[i].until = clock_ms() + AWAY_MAX_MS;
}

/* When a peer is to be tried; -1: none. */
static int64_t
retry_due(const struct watch *w)
{
	int64_t due = -1;
	size_t i;

	for (i = 0; i < w->naway; i++)
		if (due < 0 || w->away[i].until < due)
			due = w->away[i].until;
	return due;
}

/* A change begins the delay; those that come within it do not prolong it. */
static void
soon(struct watch *w)
{
	if (!w->n && !w->full)
		w->due = clock_ms() + w->delay;
}

/* Whether any group of this host has to do with a path. */
static int
concerns(const struct conf *c, const char *path, int dir)
{
	enum match_reach reach = REACH_NONE;
	char *name, **parts = NULL;
	size_t n = 0;
	int has;

	if (path_reserved(path_base(path)) || !path_valid(path))
		return 0;
	name = conf_name(c, path);
	has = match_any(c, name, 0);
	if (!has && dir)
		reach = match_reach(c, name, 0, &parts, &n);
	if (reach == REACH_LISTED)
		match_free(parts, n);
	free(name);
	return has || reach != REACH_NONE;
}

static void
changed(void *ctx, const char *path, int dir)
{
	struct watch *w = ctx;
	size_t i;

	if (w->full || !concerns(w->o->conf, path, dir))
		return;
	for (i = 0; i < w->n; i++)
		if (!strcmp(w->names[i], path))
			return;
	soon(w);
	if (w->n == NAMES_MAX)
		w->full = 1;
	else
		w->names[w->n++] = mem_strdup(path);
}

void
watch_all(struct watch *w)
{
	soon(w);
	w->full = 1;
}

/* Whether to listen to the kernel: not while it only adds to what is due. */
static int
listening(const struct watch *w)
{
	return w->notify && !w->work.pid && !w->n && !w->full;
}

size_t
watch_poll(struct watch *w, struct pollfd *at)
{
	int kernel = listening(w) ? notify_fd(w->notify) : -1;

	at[0] = (struct pollfd){ w->work.fd, POLLIN, 0 };
	at[1] = (struct pollfd){ w->retry.fd, POLLIN, 0 };
	at[2] = (struct pollfd){ kernel, POLLIN, 0 };
	return WATCH_POLLS;
}

static void
hear_kernel(struct watch *w)
{
	if (w->notify && notify_read(w->notify, changed, w))
		watch_all(w);
}

void
watch_hear(struct watch *w, const struct pollfd *at)
{
	int64_t now = clock_ms(), retry = retry_due(w);

	if (at[0].revents)
		hear_job(w, &w->work);
	if (at[1].revents)
		hear_job(w, &w->retry);
	if (at[2].revents)
		hear_kernel(w);
	if (!w->work.pid && (now >= w->full_due ||
	    ((w->n || w->full) && now >= w->due))) {
		hear_kernel(w);
		begin_work(w, now);
	}
	if (!w->retry.pid && retry >= 0 && now >= retry)
		begin_retry(w);
}

long long
watch_wait(const struct watch *w)
{
	int64_t now = clock_ms(), at = INT64_MAX, retry = retry_due(w);

	if (!w->work.pid)
		at = (w->n || w->full) && w->due < w->full_due ? w->due :
		    w->full_due;
	if (!w->retry.pid && retry >= 0 && retry < at)
		at = retry;
	if (at == INT64_MAX)
		return -1;
	return at > now ? at - now : 0;
}

/* What an errand has begun it may finish. */
static void
end_gently(struct watch *w, struct job *j)
{
	int64_t now, until = clock_ms() + GRACE_MS;
	struct pollfd at = { j->fd, POLLIN, 0 };

	while (j->pid && (now = clock_ms()) < until)
		if (poll(&at, 1, (int)(until - now)) > 0)
			hear_job(w, j);
	if (!j->pid)
		return;
	kill(j->pid, SIGTERM);
	end_job(w, j);
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	end_gently(w, &w->retry);
	end_gently(w, &w->work);
	forget_names(w);
	while (w->naway)
		drop_away(w, &w->away[w->naway - 1]);
	free(w->away);
	notify_free(w->notify);
	free(w);
}
