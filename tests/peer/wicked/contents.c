/* SPDX-License-Identifier: ISC */
/*
 * Contents that are not what was offered, and offers without end.
 */
#include "wicked.h"

static void
wrong(struct line *l, const char *first, const char *then)
{
	to_content(l);
	text_content(l, 0, first);
	if (until(l, MESSAGE_WANT, 2))
		text_content(l, 0, then);
	to_the_end(l);
}

static void
content_hash(struct line *l)
{
	wrong(l, "live", "vile");
}

static void
content_short(struct line *l)
{
	wrong(l, "evi", "");
}

static void
content_long(struct line *l)
{
	to_content(l);
	text_content(l, 0, "evil and more");
	to_the_end(l);
}

/* Far more than was offered, without an end. */
static void
content_endless(struct line *l)
{
	static char zeros[CONTENT_PIECE];
	int i;

	to_content(l);
	for (i = 0; i < 2000 && !l->ended; i++) {
		content(l, 0, 0, zeros, sizeof(zeros));
		send_off(l, 1000);
	}
	content(l, 0, CONTENT_LAST, "", 0);
	to_the_end(l);
}

/* Offers without end. */
static void
offer_all(struct line *l, const char *name)
{
	struct version v = made_version("evil");

	flood(l, MESSAGE_OFFER, made_offer(0, name, strlen(name), &v, 1, "w",
	    0), 200, 1500);
}

/* And no ear for the answers. */
static void
offers_unheard(struct line *l)
{
	to_offering(l);
	l->deaf = 1;
	offer_all(l, "/etc/evil-with-a-name-that-makes-the-answer-longer");
	l->deaf = 0;
}

static void
offers_unfulfilled(struct line *l)
{
	to_offering(l);
	offer_all(l, below("/srv/t/evil"));
}

const struct misbehaviour wicked_contents[] = {
	{ "content-hash", content_hash, BOTH, 1, "for later" },
	{ "content-short", content_short, BOTH, 1, "for later" },
	{ "content-long", content_long, BOTH, 2, "more content" },
	{ "content-endless", content_endless, BOTH, 2, "more content" },
	{ "offers-unheard", offers_unheard, CLIENT, 101, "listen|no answer" },
	{ "offers-unfulfilled", offers_unfulfilled, BOTH, 1, "too many" },
	{ NULL, NULL, 0, 0, NULL }
};
