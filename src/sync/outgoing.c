/* SPDX-License-Identifier: ISC */
/*
 * Who waits is parked; where all places are taken, the one that was read stays
 * in front until one is free.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "content.h"
#include "message.h"
#include "outgoing.h"

enum { PLACES = 1 + 8 };        /* the first one is being read */

struct outgoing {
	struct content_out *at[PLACES];
};

struct outgoing *
outgoing_new(void)
{
	return mem_alloc(sizeof(struct outgoing));
}

void
outgoing_free(struct outgoing *o)
{
	size_t i;

	if (!o)
		return;
	for (i = 0; i < PLACES; i++)
		content_close(o->at[i]);
	free(o);
}

int
outgoing_reads(const struct outgoing *o)
{
	return o->at[0] != NULL;
}

void
outgoing_begin(struct outgoing *o, struct content_out *c)
{
	o->at[0] = c;
}

static void
end(struct outgoing *o, size_t i)
{
	content_close(o->at[i]);
	o->at[i] = NULL;
}

static int
park(struct outgoing *o)
{
	size_t i;

	for (i = 1; i < PLACES; i++) {
		if (o->at[i])
			continue;
		o->at[i] = o->at[0];
		o->at[0] = NULL;
		return 1;
	}
	return 0;
}

int
outgoing_step(struct outgoing *o)
{
	switch (content_step(o->at[0])) {
	case CONTENT_GOES_ON:
		return 1;
	case CONTENT_WAITS:
		return content_is_read(o->at[0]) && park(o);
	case CONTENT_OVER:
		end(o, 0);
		break;
	}
	return 1;
}

/* Its place, or PLACES. */
static size_t
place(const struct outgoing *o, uint64_t index)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (o->at[i] && content_index(o->at[i]) == index)
			break;
	return i;
}

int
outgoing_has(const struct outgoing *o, uint64_t index)
{
	return place(o, index) < PLACES;
}

int
outgoing_signature(struct outgoing *o, const struct signature_piece *piece,
    struct err *e)
{
	size_t i = place(o, piece->index);
	enum content_state state;

	if (content_signature(o->at[i], piece, &state, e))
		return -1;
	if (state == CONTENT_OVER)
		end(o, i);
	return 0;
}
