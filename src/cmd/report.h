/* SPDX-License-Identifier: ISC */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "sync/message.h"

/*
 * What a session did, as lines for people: each failure at once, with peer,
 * path and reason; each file with -v; one line at the end.
 */

struct action_outcome;
struct action_report;
struct event;
struct link_count;

struct report {
	const char *peer;
	int dry;
	size_t sent, removed;           /* at the peer, by us */
	size_t taken, dropped;          /* here, from the peer */
	size_t resolved, later;
	size_t failed;                  /* what makes the exit code 1 */
	char told[MESSAGE_TEXT_MAX + 1];        /* the last reason */
};

void report_event(struct report *r, const struct event *event);
/* The line at the end; says nothing when nothing was done, but with -v. */
void report_end(const struct report *r, const struct link_count *count,
    int64_t ms);
void report_action(const char *peer, const struct action_report *a);
/* The same as text for the wire, and logged here. */
void report_outcome(const struct action_outcome *o, struct action_report *out);

#endif
