/* SPDX-License-Identifier: ISC */
/*
 * Two hosts that have come from the same, and whether they are alike again.
 */
#ifndef AGREED_H
#define AGREED_H

#include "stamps.h"
#include "twohosts.h"

/* Both have that text and one history; what is not so, else NULL. */
static inline const char *
unequal(const char *path, const char *text)
{
	struct entry x = host_entry(&ha, path), y = host_entry(&hb, path);
	const char *why = NULL;

	if (!holds(&ha, path, text))
		why = "a's disk";
	else if (!holds(&hb, path, text))
		why = "b's disk";
	else if (!x.name || !y.name)
		why = "no entry";
	else if (!stamp_equal(x.h.stamp, y.h.stamp))
		why = "stamp";
	else if (!history_seen(&x.h, &y.h) || !history_seen(&y.h, &x.h))
		why = "history";
	else if (stime_cmp(x.v.mtime, y.v.mtime))
		why = "mtime";
	entry_free(&x);
	entry_free(&y);
	return why;
}

/*
 * What is left to say is what a client took and its peer may know already; then
 * there is nothing more to offer.
 */
static inline int
settled(void)
{
	int i;

	for (i = 0; i < 2; i++)
		if (sync_hosts(i ? &hb : &ha, i ? &ha : &hb) ||
		    ha.said[MESSAGE_WANT] || hb.said[MESSAGE_WANT])
			return 0;
	return !sync_hosts(&ha, &hb) && !ha.offers && !hb.offers;
}

/* The state that both come from: a file of theirs, synced. */
static inline void
shared_file(const char *more, const char *path, const char *text)
{
	hosts_new(more);
	edit(&ha, path, text);
	scratch_need(!sync_hosts(&ha, &hb), "sync");
}

#endif
