/* SPDX-License-Identifier: ISC */
/*
 * Bytes that are under way count as those of the next file, but for what is
 * still to come; so that the line moves while one large file does. They may be
 * fewer than the file has: what the peer has already is not sent.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "state/version.h"
#include "sync/exchange.h"

enum { FIRST_MS = 1000, TICK_MS = 200, NUMBER = 24, COLUMNS_MAX = 400 };

struct progress {
	struct progress_slot *slots;    /* shared */
	int *drawn;                     /* likewise: there is a line */
	size_t n;
	int shown;
	int64_t began;
};

int
progress_wanted(const struct options *o)
{
	return !o->quiet && !o->dry && !o->syslog && !o->errand && isatty(2);
}

static void
on_tick(int signo)
{
	(void)signo;
}

static void
tick(int ms)
{
	struct itimerval every = { { 0, ms * 1000 }, { 0, ms * 1000 } };
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_tick;        /* without SA_RESTART */
	sigemptyset(&sa.sa_mask);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

struct progress *
progress_new(size_t n, int shown)
{
	struct progress *p = mem_alloc(sizeof(*p));
	void *shared = mmap(NULL, (n + 1) * sizeof(*p->slots),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	/* without it nothing is shown, and the sums are 0 */
	p->slots = shared == MAP_FAILED ? mem_alloc((n + 1) *
	    sizeof(*p->slots)) : shared;
	p->drawn = &p->slots[n].over;
	p->n = n;
	p->shown = shown;
	p->began = clock_ms();
	if (!shown)
		return p;
	log_set_erase(p->drawn);
	tick(TICK_MS);
	return p;
}

struct progress_slot *
progress_slot(struct progress *p, size_t i)
{
	return &p->slots[i];
}

static void
put_line(const char *text)
{
	ssize_t ignored = write(2, text, strlen(text));

	(void)ignored;
}

static void
take_away(const int *drawn)
{
	if (*drawn)
		put_line("\r\033[K");
	log_set_erase(NULL);
}

void
progress_free(struct progress *p, struct progress_sum *sum)
{
	const struct progress_slot *s;

	for (s = p->slots; s < p->slots + p->n; s++) {
		sum->peers += s->over != 0;
		sum->sent += s->sent;
		sum->removed += s->removed;
		sum->taken += s->taken;
		sum->dropped += s->dropped;
		sum->failed += s->failed;
		sum->bytes += s->wire.sent + s->wire.received;
	}
	if (p->shown) {
		tick(0);
		take_away(p->drawn);
	}
	/* the slots go with the process: they may be either kind of memory */
	free(p);
}

void
progress_expect(struct progress_slot *s, const struct version *v)
{
	s->files_all++;
	if (v->kind == KIND_REG)
		s->bytes_all += v->size;
}

void
progress_begin(struct progress_slot *s, const char *peer)
{
	s->peer = peer;         /* the config, which the parent has, too */
	s->began = clock_ms();
}

void
progress_event(struct progress_slot *s, const struct event *event)
{
	s->files++;
	if (event->v && event->v->kind == KIND_REG)
		s->bytes += event->v->size;
	s->wire_then = s->wire.sent + s->wire.received;
	/* nobody told us how much comes from there */
	if (s->files_all < s->files)
		s->files_all = s->files;
	if (s->bytes_all < s->bytes)
		s->bytes_all = s->bytes;
}

void
progress_end(struct progress_slot *s, const struct report *r)
{
	s->began = 0;
	if (!r)
		return;
	s->sent = r->sent;
	s->removed = r->removed;
	s->taken = r->taken;
	s->dropped = r->dropped;
	s->failed = r->failed;
	s->over = 1;
}

/* "12 B", "3.4 KiB" and so on. */
static void
human(char out[NUMBER], uint64_t n)
{
	static const char units[] = "KMGTP";
	unsigned u = 0;

	if (n < 1024) {
		snprintf(out, NUMBER, "%u B", (unsigned)n);
		return;
	}
	for (; n >= 1024 * 1024 && units[u + 1]; u++)
		n /= 1024;
	snprintf(out, NUMBER, "%u.%u %ciB", (unsigned)(n / 1024),
	    (unsigned)(n % 1024 * 10 / 1024), units[u]);
}

static size_t
put_slot(char *out, size_t size, const struct progress_slot *s)
{
	uint64_t done = s->bytes + s->wire.sent + s->wire.received -
	    s->wire_then, left, rate;
	char have[NUMBER], all[NUMBER], speed[NUMBER], time[NUMBER] = "";
	int64_t ms = clock_ms() - s->began;
	int n;

	if (done > s->bytes_all)
		done = s->bytes_all;
	rate = done * 1000 / (uint64_t)(ms > 0 ? ms : 1);
	human(have, done);
	human(all, s->bytes_all);
	human(speed, rate);
	left = rate ? (s->bytes_all - done) / rate : 0;
	if (rate)
		snprintf(time, sizeof(time), ", %u:%02u left",
		    (unsigned)(left / 60), (unsigned)(left % 60));
	n = snprintf(out, size, "  %s: %zu/%zu files, %s of %s, %s/s%s",
	    s->peer, s->files, s->files_all, have, all, speed, time);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* One line of the terminal: what is longer would stay there. */
static void
show(const char *text, int *drawn)
{
	char line[COLUMNS_MAX + 8];
	struct winsize w;
	int columns = 80;

	if (!ioctl(2, TIOCGWINSZ, &w) && w.ws_col > 1)
		columns = w.ws_col < COLUMNS_MAX ? w.ws_col : COLUMNS_MAX;
	*drawn = 1;
	snprintf(line, sizeof(line), "\r\033[K%.*s", columns - 1, text);
	put_line(line);
}

void
progress_show(const struct progress *p)
{
	char text[COLUMNS_MAX] = "";
	const struct progress_slot *s;
	size_t n = 0;

	if (!p->shown || clock_ms() - p->began < FIRST_MS)
		return;
	for (s = p->slots; s < p->slots + p->n; s++)
		if (s->began)
			n += put_slot(text + n, sizeof(text) - n, s);
	if (n)
		show(text + 2, p->drawn);
}

void
progress_checked(struct progress_check *c)
{
	int64_t now;
	char text[80];

	c->files++;
	if (!c->shown)
		return;
	now = clock_ms();
	if (!c->next) {
		c->next = now + FIRST_MS;
		log_set_erase(&c->drawn);
	}
	if (now < c->next)
		return;
	c->next = now + TICK_MS;
	snprintf(text, sizeof(text), "checking: %zu files", c->files);
	show(text, &c->drawn);
}

void
progress_checks_over(struct progress_check *c)
{
	take_away(&c->drawn);
}

void
progress_summary(const struct options *o, const struct progress_sum *sum,
    int failed, int64_t ms)
{
	char bytes[NUMBER];
	enum log_level level = progress_wanted(o) ? LOG_LEVEL_NOTE :
	    LOG_LEVEL_INFO;

	if (o->errand)
		return;
	human(bytes, sum->bytes);
	if (!sum->peers)
		log_line(level, "%s", failed ? "no peer was reached" :
		    "all was done already");
	else
		log_line(level, "%zu peer%s: %zu updated, %zu removed; here "
		    "%zu updated, %zu removed; %zu failed; %s in "
		    "%lld.%lld s", sum->peers, sum->peers == 1 ? "" : "s",
		    sum->sent, sum->removed, sum->taken, sum->dropped,
		    sum->failed, bytes, (long long)(ms / 1000),
		    (long long)(ms / 100 % 10));
}
