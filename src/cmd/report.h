/* SPDX-License-Identifier: ISC */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/message.h"

/*
 * What a session did, as lines for people: each failure at once, with peer,
 * path and reason; each file with -v; one line at the end.
 */

struct action_outcome;
struct action_report;
struct event;
struct link_count;
struct setup;

enum { REPORT_SERVED_MAX = 100 };

struct report {
	const char *self, *peer;
	int dry;
	/* Of what failed this many are named: no peer fills our log. 0: all. */
	size_t most;
	size_t sent, removed;           /* at the peer, by us */
	size_t taken, dropped;          /* here, from the peer */
	size_t resolved, later;
	size_t failed;                  /* what makes the exit code 1 */
	char told[MESSAGE_TEXT_MAX + 1];        /* the last reason */
	struct err first;       /* the first failure; "" */
};

/* One side of a conflict; a point in time; what a thing is. */
enum { REPORT_SIDE = 64 };
void report_side(char out[REPORT_SIDE], enum kind kind, int64_t mtime,
    uint64_t size);
void report_time(char out[REPORT_SIDE], int64_t seconds);
const char *report_kind(enum kind kind);

void report_event(struct report *r, const struct event *event);
/* The line at the end; says nothing when nothing was done, but with -v. */
void report_end(const struct report *r, const struct link_count *count,
    int64_t ms);
void report_action(struct report *r, const struct action_report *a);
/* The same of ours as text for the wire; logged here, a failure remembered. */
void report_outcome(const struct setup *s, const struct action_outcome *o,
    struct action_report *out);
/* What report_outcome remembers of a failed command: see memo_read. */
int report_failure(const struct setup *s, const char *group,
    const char *command, struct err *text, int64_t *when);

#endif
