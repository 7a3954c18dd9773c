/* SPDX-License-Identifier: ISC */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "wire/link.h"

/*
 * How far a run is, for who watches it at a terminal: one line on stderr, from
 * its second second on, that is gone at the end. And what came of it. Sessions
 * are processes: each counts in a slot of memory that all of them share.
 */

struct event;
struct options;
struct progress;
struct report;
struct version;

struct progress_slot {
	const char *peer;
	size_t files_all, files;        /* to be done, done */
	uint64_t bytes_all, bytes;      /* the same of their contents */
	struct link_count wire;         /* what the line has carried */
	uint64_t wire_then;             /* and when the last file was done */
	int64_t began;                  /* 0: not yet */
	int over;                       /* in good order */
	/* at the end, as in struct report */
	size_t sent, removed, taken, dropped, failed;
};

/* What became of all sessions of a run. */
struct progress_sum {
	size_t peers, sent, removed, taken, dropped, failed;
	uint64_t bytes;
};

/* Whether somebody watches: stderr is a terminal, and -q, -d, -l not given. */
int progress_wanted(const struct options *o);

/* With n slots; shown says whether there is a line. */
struct progress *progress_new(size_t n, int shown);
struct progress_slot *progress_slot(struct progress *p, size_t i);
/* Takes the line away, and adds to the sum. */
void progress_free(struct progress *p, struct progress_sum *sum);

/* So much is to be done. */
void progress_expect(struct progress_slot *s, const struct version *v);
/*
 * In the session's process: the line stands; something happened; it is over,
 * with its report, or NULL when it failed.
 */
void progress_begin(struct progress_slot *s, const char *peer);
void progress_event(struct progress_slot *s, const struct event *event);
void progress_end(struct progress_slot *s, const struct report *r);

/*
 * While a line is shown, system calls that wait are interrupted (EINTR) five
 * times a second; then it is time for progress_show.
 */
void progress_show(const struct progress *p);

/* The same of a check. */
struct progress_check {
	int shown;              /* as progress_wanted says */
	size_t files;
	int64_t next;           /* when to show them; 0 at first */
	int drawn;
};
void progress_checked(struct progress_check *c);        /* one more */
void progress_checks_over(struct progress_check *c);

/* The last line: on a terminal, or with -v. */
void progress_summary(const struct options *o, const struct progress_sum *sum,
    int failed, int64_t ms);

#endif
