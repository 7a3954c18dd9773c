/* SPDX-License-Identifier: ISC */
/*
 * Words for events. A conflict names both sides, since the admin has to choose.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "memo.h"
#include "print.h"
#include "report.h"
#include "sync/action.h"
#include "sync/exchange.h"
#include "sync/message.h"
#include "wire/link.h"

const char *
report_kind(enum kind kind)
{
	static const char *const kinds[KIND_COUNT] = { "removed", "file",
		"directory", "link", "device", "device", "fifo" };

	return kinds[kind];
}

void
report_time(char out[REPORT_SIDE], int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm))
		snprintf(out, REPORT_SIDE, "%04d-%02d-%02d %02d:%02d:%02d UTC",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
	else
		snprintf(out, REPORT_SIDE, "?");
}

void
report_side(char out[REPORT_SIDE], enum kind kind, int64_t mtime, uint64_t size)
{
	char when[REPORT_SIDE];

	report_time(when, mtime);
	if (kind == KIND_REG)
		snprintf(out, REPORT_SIDE, "%.30s, %llu bytes", when,
		    (unsigned long long)size);
	else
		snprintf(out, REPORT_SIDE, "%s", report_kind(kind));
}

static void
conflict(struct report *r, const struct event *event)
{
	char ours[REPORT_SIDE], theirs[REPORT_SIDE];
	int offer_is_ours = !event->receiving;

	report_side(ours, event->type[0], event->mtime[0].sec, event->size[0]);
	report_side(theirs, event->type[1], event->mtime[1].sec,
	    event->size[1]);
	if (event->kind == EVENT_RESOLVED) {
		r->resolved++;
		log_error("%s: conflict on %s: here %s, there %s: %s wins",
		    r->peer, event->name, ours, theirs,
		    event->offer_won == offer_is_ours ? "ours" : "theirs");
		return;
	}
	r->failed++;
	log_error("%s: conflict on %s: here %s, there %s: left alone; "
	    "'-f %s' on the host that is right settles it", r->peer,
	    event->name, ours, theirs, event->name);
}

/* Whose version it is, for who asks why. */
static void
why(const struct report *r, const struct event *event)
{
	char side[REPORT_SIDE];

	if (!event->v || !event->h)
		return;
	report_side(side, event->v->kind, event->v->mtime.sec, event->v->size);
	log_info("%s: %s: %s's version %s: %s", r->peer, event->name,
	    event->h->author, event->forced ? "is forced" : "is newer", side);
}

/*
 * csync2's lines, with the host where it would be done. What both sides changed
 * is told where we offer ours, and not again when they offer theirs.
 */
static void
dry(const struct report *r, const struct event *event)
{
	int gone = event->v && event->v->kind == KIND_NONE;
	const char *at = event->receiving ? r->self : r->peer;

	if (event->kind == EVENT_DONE ||
	    (event->kind == EVENT_RESOLVED && !event->receiving))
		printf("%c%c: %-15s ", event->forced ? '!' : '?',
		    gone ? 'D' : 'M', at);
	else if (event->kind == EVENT_SAME && !event->receiving)
		printf("?S: %-15s ", at);
	else
		return;
	print_name(event->name);
	putchar('\n');
	if (event->kind != EVENT_SAME)
		why(r, event);
}

static void
done(struct report *r, const struct event *event)
{
	int gone = event->v && event->v->kind == KIND_NONE;
	size_t *count = event->receiving ? gone ? &r->dropped : &r->taken
	    : gone ? &r->removed : &r->sent;

	/* a removal of what was never here is noted, no more */
	if (gone && event->receiving && event->type[0] == KIND_NONE)
		return;
	++*count;
	if (event->receiving)
		log_info("%s: %s %s here ...", r->peer,
		    gone ? "Removing" : "Updating", event->name);
	else
		log_info("%s %s on %s ...", gone ? "Removing" : "Updating",
		    event->name, r->peer);
	why(r, event);
}

/*
 * A reason that begins with a name is about that, a directory above: it is told
 * of the first file only.
 */
static void
failed(struct report *r, const struct event *event)
{
	if (!r->failed++ && !*r->first.text)
		err_set(&r->first, "%s: %s", event->name, event->text);
	if (r->most && r->failed > r->most)
		return;
	if ((*event->text == '/' || *event->text == '%') &&
	    !strcmp(event->text, r->told))
		return;
	log_error("%s: %s: %s", r->peer, event->name, event->text);
	snprintf(r->told, sizeof(r->told), "%s", event->text);
}

void
report_event(struct report *r, const struct event *event)
{
	if (r->dry) {
		dry(r, event);
		if (event->kind == EVENT_DONE ||
		    event->kind == EVENT_RESOLVED || (event->receiving &&
		    event->kind != EVENT_DENIED && event->kind != EVENT_FAILED))
			return;
	}
	switch (event->kind) {
	case EVENT_DONE:
		done(r, event);
		break;
	case EVENT_RESOLVED:
		if (event->offer_won)
			done(r, event);
		conflict(r, event);
		break;
	case EVENT_CONFLICT:
		conflict(r, event);
		break;
	case EVENT_SAME:
		log_debug("%s: %s is the same", r->peer, event->name);
		break;
	case EVENT_STANDS:
		log_info("%s: %s is newer %s", r->peer, event->name,
		    event->receiving ? "here" : "there");
		break;
	case EVENT_LATER:
		r->later++;
		log_info("%s: %s: %s: left for the next run", r->peer,
		    event->name, event->text);
		break;
	case EVENT_DENIED:
	case EVENT_FAILED:
		failed(r, event);
		break;
	}
}

void
report_end(const struct report *r, const struct link_count *count, int64_t ms)
{
	size_t all = r->sent + r->removed + r->taken + r->dropped +
	    r->resolved + r->later + r->failed;
	char back[80] = "", rest[96] = "";

	if (r->taken + r->dropped)
		snprintf(back, sizeof(back), "; here %zu updated, %zu removed",
		    r->taken, r->dropped);
	if (r->later + r->failed + r->resolved)
		snprintf(rest, sizeof(rest),
		    "; %zu failed, %zu conflicts settled, %zu for later",
		    r->failed, r->resolved, r->later);
	log_line(all ? LOG_LEVEL_NOTE : LOG_LEVEL_INFO,
	    "%s: %zu updated, %zu removed%s%s (%llu bytes sent, %llu "
	    "received, %lld ms)", r->peer, r->sent, r->removed, back, rest,
	    (unsigned long long)count->sent,
	    (unsigned long long)count->received, (long long)ms);
}

void
report_action(struct report *r, const struct action_report *a)
{
	log_line(a->status ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "%s: %s",
	    r->peer, a->text);
	if (a->status && !*r->first.text)
		err_set(&r->first, "%s", a->text);
}

/* Group and command as one text, which no other two make. */
static void
about(const char *group, const char *command, struct err *out)
{
	err_set(out, "%.63s %s", group, command);
}

int
report_failure(const struct setup *s, const char *group, const char *command,
    struct err *text, int64_t *when)
{
	struct err key;

	about(group, command, &key);
	return memo_read(s, "action", key.text, text, when);
}

void
report_outcome(const struct setup *s, const struct action_outcome *o,
    struct action_report *out)
{
	long long sec = o->ms / 1000, ms = o->ms % 1000;
	struct err key;

	memset(out, 0, sizeof(*out));
	out->seconds = (uint64_t)sec;
	out->status = o->status < 0 ? 255 : o->status;
	if (o->status == -1)
		snprintf(out->text, sizeof(out->text),
		    "action of group %s could not be started: %.400s",
		    o->group, o->command);
	else if (o->status == -2)
		snprintf(out->text, sizeof(out->text), "action of group %s "
		    "was stopped after %lld s, its time limit: %.400s",
		    o->group, sec, o->command);
	else
		snprintf(out->text, sizeof(out->text),
		    "action of group %s ended with %d after %lld.%03lld s: "
		    "%.400s", o->group, o->status, sec, ms, o->command);
	log_line(out->status ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "%s",
	    out->text);
	about(o->group, o->command, &key);
	if (out->status)
		memo_say(s, "action", key.text, out->text);
	else
		memo_drop(s, "action", key.text);
}
