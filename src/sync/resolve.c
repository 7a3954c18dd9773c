/* SPDX-License-Identifier: ISC */
/*
 * Who stands. No I/O, no clock: the same two sides always give the same answer,
 * whichever end is asked (rule "first" apart, which asks who offers).
 */
#include <string.h>

#include "resolve.h"

enum winner { NOBODY, OURS, OFFER };

static enum winner
by_sign(int sign)
{
	return sign > 0 ? OURS : sign < 0 ? OFFER : NOBODY;
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static enum winner
by_digest(const struct side *ours, const struct side *offer)
{
	unsigned char a[HASH_BYTES], b[HASH_BYTES];

	version_digest(ours->v, 1, a);
	version_digest(offer->v, 1, b);
	return memcmp(a, b, sizeof(a)) > 0 ? OURS : OFFER;
}

/* Place of the author in the host list; past the end for nobody's content. */
static size_t
place(const struct group *g, const struct history *h)
{
	size_t i;

	if (!h->stamp.number)
		return g->nmembers;
	for (i = 0; i < g->nmembers; i++)
		if (!strcmp(g->members[i].name, h->author) ||
		    !strcmp(g->members[i].host, h->author))
			break;
	return i;
}

static int
unplaced(const struct group *g, const struct side *s)
{
	return place(g, s->h) == g->nmembers;
}

static enum winner
by_place(const struct group *g, const struct side *ours,
    const struct side *offer, int leftmost)
{
	int sign;

	if (unplaced(g, ours) || unplaced(g, offer))
		return by_sign(unplaced(g, offer) - unplaced(g, ours));
	sign = cmp_u64(place(g, offer->h), place(g, ours->h));
	return by_sign(leftmost ? sign : -sign);
}

/* A file beats a removal, for all methods that compare files. */
static enum winner
by_presence(const struct side *ours, const struct side *offer)
{
	return by_sign((ours->v->kind != KIND_NONE) -
	    (offer->v->kind != KIND_NONE));
}

static enum winner
by_method(enum auto_method method, const struct group *g,
    const struct side *ours, const struct side *offer)
{
	enum winner w = by_presence(ours, offer);

	switch (method) {
	case AUTO_YOUNGER:
		return w ? w : by_sign(stime_cmp(ours->v->mtime,
		    offer->v->mtime));
	case AUTO_OLDER:
		return w ? w : by_sign(stime_cmp(offer->v->mtime,
		    ours->v->mtime));
	case AUTO_BIGGER:
		return w ? w : by_sign(cmp_u64(ours->v->size, offer->v->size));
	case AUTO_SMALLER:
		return w ? w : by_sign(cmp_u64(offer->v->size, ours->v->size));
	case AUTO_LEFT:
		return by_place(g, ours, offer, 1);
	case AUTO_RIGHT:
		return by_place(g, ours, offer, 0);
	case AUTO_FIRST:
		if (ours->h->bits & offer->h->bits & HISTORY_RESOLUTION)
			return NOBODY;
		return OFFER;
	case AUTO_NONE:
		break;
	}
	return NOBODY;
}

static enum winner
by_newness(const struct side *ours, const struct side *offer)
{
	int a = ours->new && ours->h->bits & HISTORY_FIRST && !offer->new;
	int b = offer->new && offer->h->bits & HISTORY_FIRST && !ours->new;

	return by_sign(b - a);
}

static enum winner
decide(const struct side *ours, const struct side *offer, const struct judge *j)
{
	enum auto_method method = j->group ? j->group->method : AUTO_NONE;
	int forced = !!(ours->h->bits & HISTORY_FORCED) -
	    !!(offer->h->bits & HISTORY_FORCED);
	enum winner w = by_sign(forced);

	if (w)
		return w;
	if (ours->h->bits & HISTORY_FORCED)
		return by_digest(ours, offer);
	if (method == AUTO_NONE)
		return NOBODY;
	w = by_newness(ours, offer);
	if (!w)
		w = by_method(method, j->group, ours, offer);
	return w ? w : by_digest(ours, offer);
}

/* What lies on a receive-only host and nobody has sent so far. */
static int
unstamped(const struct side *s)
{
	return !s->h->stamp.replica && !s->h->stamp.number;
}

static void
same(const struct side *ours, const struct side *offer, struct judgement *out)
{
	int back = history_merge(&out->merged, offer->h, ours->h);
	int which = history_merge(&out->merged, ours->h, offer->h);
	int younger = stime_cmp(ours->v->mtime, offer->v->mtime) < 0;

	if (which == back)      /* alike, or neither: nobody's mtime is it */
		which = 0;
	out->verdict = VERDICT_SAME;
	if (unstamped(ours)) {
		out->merged = *offer->h;
		out->mtime = offer->v->mtime;
		return;
	}
	out->mtime = which == 1 ? ours->v->mtime : offer->v->mtime;
	if (!which)
		out->mtime = younger ? offer->v->mtime : ours->v->mtime;
}

static void
conflict(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out)
{
	enum winner w = j->receive_only ? OFFER : decide(ours, offer, j);
	const struct side *winner = w == OURS ? ours : offer;
	const struct side *loser = w == OURS ? offer : ours;

	if (w == NOBODY) {
		out->verdict = VERDICT_CONFLICT;
		return;
	}
	out->verdict = w == OURS ? VERDICT_OURS : VERDICT_TAKE;
	out->resolved = 1;
	out->merged = *winner->h;
	history_unite(&out->merged, loser->h);
}

static int
unknown(const struct side *s)
{
	return s->v->kind == KIND_NONE && unstamped(s);
}

void
resolve(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out)
{
	int offer_seen, ours_seen;

	memset(out, 0, sizeof(*out));
	if (unknown(ours)) {
		out->verdict = VERDICT_TAKE;
		out->merged = *offer->h;
		return;
	}
	if (version_same(ours->v, offer->v, j->ignore)) {
		same(ours, offer, out);
		return;
	}
	offer_seen = history_seen(offer->h, ours->h);
	ours_seen = history_seen(ours->h, offer->h);
	if (offer_seen == ours_seen) {
		conflict(ours, offer, j, out);
		return;
	}
	out->verdict = offer_seen ? VERDICT_TAKE : VERDICT_OURS;
	out->merged = offer_seen ? *offer->h : *ours->h;
	history_unite(&out->merged, offer_seen ? ours->h : offer->h);
}
