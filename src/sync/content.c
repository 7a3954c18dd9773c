/* SPDX-License-Identifier: ISC */
/*
 * Reading a file in pieces towards the peer. What the file's bytes turn out to
 * be is judged by the receiver against the offer's content id; a file that
 * shrinks under our hands, or cannot be read, is given up at once.
 *
 * What no block was found for is a hole; it becomes literals, or a gap. What a
 * gap is filled with is read once more then: nothing of it is held.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "content.h"
#include "delta/delta.h"
#include "delta/ops.h"
#include "delta/signature.h"
#include "delta/sigtable.h"
#include "exchange.h"
#include "fs/spare.h"
#include "fs/tree.h"
#include "message.h"
#include "pair.h"
#include "state/state.h"

enum {
	COARSE_MIN = 4096,              /* blocks that are worth gaps */
	HOLE_BLOCKS = 4,                /* longer holes are new altogether */
	OLD_MAX = 16,                   /* times a gap's length, of old bytes */
	/*
	 * What goes as it is before the first gap: where there is no more, a
	 * round trip is not worth what it saves.
	 */
	SPENT_MIN = 64 << 10,
	OPEN_MAX = 1 << 20,             /* new bytes of open gaps */
	SEND_EVERY = OPS_COPY_MAX
};

/* n bytes at `at`, where the peer has len bytes; 0: none of use. */
struct gap {
	uint64_t at, n, len;
	uint64_t count;                 /* operations before it */
};

struct content_out {
	struct exchange *x;
	uint64_t index, size, left;     /* left: bytes still to be read */
	int fd;
	struct sigtable *table;
	struct delta *delta;
	struct ops ops;
	struct buf made;                /* operations not yet sent */
	uint64_t sent_at;               /* bytes that were left then */
	uint64_t at;                    /* new bytes the delta has handled, */
	uint64_t hole;                  /* the last of them undecided */
	int is_new;                     /* more of the hole went as literals */
	uint64_t old;                   /* end of the last copy */
	uint64_t asked;                 /* old bytes of all gaps */
	struct gap *open;               /* gaps to be filled */
	size_t nopen, open_cap;
	uint64_t open_new, open_old;    /* their bytes */
	struct sigtable *fine;          /* of the first of them, arriving */
	int failed;                     /* reading; the error is in e */
	struct err e;
	unsigned char *piece;           /* SPARE_PIECE bytes of the tree's */
};

static void
send_piece(struct exchange *x, uint64_t index, unsigned bits, const void *p,
    size_t n)
{
	struct content_piece piece = { index, bits, view_of(p, n) };

	buf_clear(&x->room);
	content_encode(&piece, &x->room);
	x->send(x->ctx, MESSAGE_CONTENT, &x->room);
}

/* What errno says only means that it is another thing now. */
static int
is_change(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/*
 * Opens name if its look is the entry's; the descriptor, or -1, with *e where
 * that is no change of the file.
 */
static int
open_as_known(struct exchange *x, const struct entry *entry, struct err *e)
{
	struct look now;
	const char *base;
	int fd, dir = tree_parent(x->tree, entry->name, &base);

	if (dir >= 0 && look_read(dir, base, &now) == 0) {
		/* the receiver judges by the content */
		if (!look_shows_same(&now, &entry->look))
			return -1;
		fd = openat(dir, base,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && entry->v.size > CONTENT_PIECE)
			posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		if (fd >= 0)
			return fd;
	}
	if (!is_change(errno))
		err_sys(e, "cannot be read on %s", x->pair->self);
	return -1;
}

static int
open_entry(struct exchange *x, const char *name, uint64_t number,
    uint64_t *size, struct err *e)
{
	struct entry entry;
	int fd = -1;

	e->text[0] = 0;
	if (state_get(x->state, name, &entry, e) != 1)
		return -1;
	if (entry.number == number && entry.v.kind == KIND_REG)
		fd = open_as_known(x, &entry, e);
	*size = entry.v.size;
	entry_free(&entry);
	return fd;
}

static void
give_up(struct exchange *x, uint64_t index, const struct err *e)
{
	send_piece(x, index, CONTENT_GIVEN_UP | CONTENT_LAST, e->text,
	    strlen(e->text));
}

/* Reads n bytes at `at`; -1 when they are not there, with c->e. */
static int
read_at(struct content_out *c, unsigned char *p, uint64_t at, size_t n)
{
	size_t got = 0;
	ssize_t r;

	while (got < n) {
		r = pread(c->fd, p + got, n - got, (off_t)(at + got));
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			err_sys(&c->e, "cannot be read on %s",
			    c->x->pair->self);
		if (r <= 0) {           /* 0: it shrank */
			c->failed = 1;
			return -1;
		}
		got += (size_t)r;
	}
	return 0;
}

static enum content_state
fails(struct content_out *c)
{
	give_up(c->x, c->index, &c->e);
	return CONTENT_OVER;
}

/* The next bytes of the file, cap of them at most: how many. */
static size_t
next_piece(struct content_out *c, unsigned char *p, size_t cap)
{
	size_t want = c->left < cap ? (size_t)c->left : cap;

	if (read_at(c, p, c->size - c->left, want))
		return 0;
	c->left -= want;
	return want;
}

/* Read where it is sent from: copying it takes as long. */
static enum content_state
step_whole(struct content_out *c)
{
	struct content_piece head = { .index = c->index,
		.bits = c->left > CONTENT_PIECE ? 0 : CONTENT_LAST };
	struct buf *room = &c->x->room;

	buf_clear(room);
	content_encode(&head, room);
	room->len += next_piece(c, buf_room(room, CONTENT_PIECE),
	    CONTENT_PIECE);
	if (c->failed)
		return fails(c);
	c->x->send(c->x->ctx, MESSAGE_CONTENT, room);
	return c->left ? CONTENT_GOES_ON : CONTENT_OVER;
}

/* Sends operations in full pieces; with `all` the rest of them, too. */
static void
send_made(struct content_out *c, struct buf *made, unsigned bits, int all,
    int last)
{
	size_t at = 0, n;

	while (made->len - at >= CONTENT_PIECE || all) {
		n = made->len - at;
		if (n > CONTENT_PIECE)
			n = CONTENT_PIECE;
		all = all && at + n < made->len;
		send_piece(c->x, c->index, CONTENT_DELTA | bits |
		    (at + n == made->len && last ? CONTENT_LAST : 0u),
		    made->p + at, n);
		at += n;
	}
	buf_drop(made, at);
}

/* n bytes of the file as literals, but that it cannot be read any more. */
static void
put_literals(struct content_out *c, struct ops *ops, uint64_t at, uint64_t n)
{
	unsigned char p[4096];
	size_t take;

	for (; n && !c->failed; n -= take, at += take) {
		take = n < sizeof(p) ? (size_t)n : sizeof(p);
		if (!read_at(c, p, at, take))
			ops_literal(ops, p, take);
	}
}

static void
put_gap(struct content_out *c, uint64_t at, uint64_t n, uint64_t len)
{
	c->open = mem_grow(c->open, c->nopen, &c->open_cap, sizeof(*c->open));
	c->open[c->nopen++] = (struct gap){ at, n, len, c->ops.count };
	c->open_new += n;
	c->open_old += len;
	c->asked += len;
	ops_gap(&c->ops, n, c->old, len);
}

/*
 * Whether a finer signature of len old bytes pays for the hole. What there is
 * of old bytes stands between the blocks on both sides of the hole.
 */
static int
gap_pays(const struct content_out *c, uint64_t len)
{
	return len && !c->is_new && len <= OLD_MAX * c->hole &&
	    len <= OPS_OPEN_MAX - c->open_old &&
	    len <= sigtable_size(c->table) - c->asked &&
	    (size_t)1 << signature_log(len) < sigtable_block(c->table) &&
	    (c->asked || c->ops.literal + c->hole > SPENT_MIN);
}

/* The hole ends where the old content goes on at next. */
static void
fill_hole(struct content_out *c, uint64_t next)
{
	uint64_t len = next > c->old ? next - c->old : 0;
	uint64_t at = c->at - c->hole;

	if (!gap_pays(c, len))
		len = 0;
	if (c->hole && (len || c->nopen))
		put_gap(c, at, c->hole, len);
	else
		put_literals(c, &c->ops, at, c->hole);
	c->hole = 0;
}

static void
on_copy(void *ctx, uint64_t from, size_t n)
{
	struct content_out *c = ctx;

	fill_hole(c, from);
	ops_copy(&c->ops, from, n);
	c->at += n;
	c->old = from + n;
	c->is_new = 0;
}

static void
on_literal(void *ctx, const unsigned char *p, size_t n)
{
	struct content_out *c = ctx;

	c->at += n;
	c->hole += n;
	c->is_new |= c->hole > HOLE_BLOCKS * sigtable_block(c->table);
	if (!c->is_new)
		return;
	if (c->hole > n || c->nopen) {
		fill_hole(c, 0);
	} else {
		ops_literal(&c->ops, p, n);
		c->hole = 0;
	}
}

struct content_out *
content_open(struct exchange *x, const char *name, uint64_t number,
    uint64_t index, struct sigtable *table)
{
	struct content_out *c = mem_alloc(sizeof(*c));

	c->x = x;
	c->piece = spare_piece(tree_spare(x->tree));
	c->index = index;
	c->table = table;
	c->fd = open_entry(x, name, number, &c->size, &c->e);
	c->left = c->sent_at = c->size;
	if (c->fd >= 0 && table) {
		ops_init(&c->ops, &c->made);
		c->delta = delta_new(table,
		    sigtable_block(table) < COARSE_MIN ? ops_sink(&c->ops) :
		    (struct delta_sink){ c, on_copy, on_literal }, &c->e);
	}
	if (c->fd >= 0 && (!table || c->delta))
		return c;
	give_up(x, index, &c->e);
	content_close(c);
	return NULL;
}

/* Whether the peer is to fill gaps before it gets more. */
static int
is_full(const struct content_out *c)
{
	return c->nopen && (c->open_new > OPEN_MAX ||
	    c->open_old > OPS_OPEN_MAX / 2 ||
	    c->ops.count - c->open[0].count > OPS_STEPS_MAX / 2);
}

static enum content_state
end_delta(struct content_out *c)
{
	delta_end(c->delta);
	fill_hole(c, sigtable_size(c->table));
	if (c->failed)
		return fails(c);
	ops_end(&c->ops);
	send_made(c, &c->made, 0, 1, !c->nopen);
	delta_free(c->delta);
	sigtable_free(c->table);
	c->delta = NULL;
	c->table = NULL;
	return c->nopen ? CONTENT_WAITS : CONTENT_OVER;
}

static enum content_state
step_delta(struct content_out *c)
{
	size_t n;
	int due;

	if (is_full(c))
		return CONTENT_WAITS;
	n = next_piece(c, c->piece, SPARE_PIECE);
	if (!c->failed)
		delta_add(c->delta, c->piece, n);
	if (c->failed)
		return fails(c);
	if (!c->left)
		return end_delta(c);
	due = c->sent_at - c->left >= SEND_EVERY || is_full(c);
	if (due)
		c->sent_at = c->left;
	if (c->made.len >= CONTENT_PIECE || (due && c->made.len))
		send_made(c, &c->made, 0, due, 0);
	return CONTENT_GOES_ON;
}

enum content_state
content_step(struct content_out *c)
{
	if (c->nopen && content_is_read(c))
		return CONTENT_WAITS;
	return c->table ? step_delta(c) : step_whole(c);
}

uint64_t
content_index(const struct content_out *c)
{
	return c->index;
}

int
content_is_read(const struct content_out *c)
{
	return !c->left;
}

/* The operations for a gap by its finer signature. */
static int
find_in_gap(struct content_out *c, const struct gap *g, struct ops *ops,
    struct err *e)
{
	struct delta *d = delta_new(c->fine, ops_sink(ops), e);
	uint64_t done;
	size_t n;

	if (!d)
		return -1;
	for (done = 0; done < g->n && !c->failed; done += n) {
		n = g->n - done < SPARE_PIECE ? (size_t)(g->n - done)
		    : SPARE_PIECE;
		if (!read_at(c, c->piece, g->at + done, n))
			delta_add(d, c->piece, n);
	}
	delta_end(d);
	delta_free(d);
	return 0;
}

/* Fills the oldest gap. */
static int
fill_gap(struct content_out *c, struct err *e)
{
	struct buf made = BUF_INIT;
	struct gap g = c->open[0];
	struct ops ops;
	int rc = 0;

	ops_init(&ops, &made);
	if (g.len)
		rc = find_in_gap(c, &g, &ops, e);
	else
		put_literals(c, &ops, g.at, g.n);
	ops_end(&ops);
	memmove(c->open, c->open + 1, --c->nopen * sizeof(*c->open));
	c->open_new -= g.n;
	c->open_old -= g.len;
	if (!rc && !c->failed)
		send_made(c, &made, CONTENT_GAP, 1,
		    content_is_read(c) && !c->nopen);
	buf_free(&made);
	return rc;
}

/* A delta that the peer is not going to complete. */
static enum content_state
abandon(struct content_out *c)
{
	send_piece(c->x, c->index, CONTENT_DELTA | CONTENT_LAST, "", 0);
	return CONTENT_OVER;
}

static enum content_state
state_of(struct content_out *c)
{
	if (c->failed)
		return fails(c);
	if (!content_is_read(c))
		return CONTENT_GOES_ON;
	return c->nopen ? CONTENT_WAITS : CONTENT_OVER;
}

int
content_signature(struct content_out *c, const struct signature_piece *p,
    enum content_state *state, struct err *e)
{
	if (p->last && !p->data.len) {
		*state = abandon(c);
		return 0;
	}
	if (!c->nopen)
		return err_set(e, "the peer sent a malformed signature");
	if (!c->fine)
		c->fine = sigtable_new();
	if (sigtable_add(c->fine, p->data.p, p->data.len, e))
		return -1;
	/* before there is more of it than the gap needs */
	if (sigtable_blocks(c->fine) &&
	    sigtable_size(c->fine) != c->open[0].len)
		return err_set(e, "the peer sent a malformed signature");
	*state = CONTENT_WAITS;
	if (!p->last)
		return 0;
	if (!sigtable_ready(c->fine)) {
		*state = abandon(c);
		return 0;
	}
	/* and those behind it that were not asked for */
	do
		if (fill_gap(c, e))
			return -1;
	while (c->nopen && !c->open[0].len && !c->failed);
	sigtable_free(c->fine);
	c->fine = NULL;
	*state = state_of(c);
	return 0;
}

void
content_close(struct content_out *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	delta_free(c->delta);
	sigtable_free(c->table);
	sigtable_free(c->fine);
	free(c->open);
	buf_free(&c->made);
	free(c);
}
