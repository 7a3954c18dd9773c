/* SPDX-License-Identifier: ISC */
/*
 * Reading a file in pieces towards the peer. What the file's bytes turn out to
 * be is judged by the receiver against the offer's content id; a file that
 * shrinks under our hands, or cannot be read, is given up at once.
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
#include "delta/sigtable.h"
#include "exchange.h"
#include "fs/tree.h"
#include "message.h"
#include "pair.h"
#include "state/state.h"

struct content_out {
	struct exchange *x;
	uint64_t index, left;           /* left: bytes still to be read */
	int fd;
	struct sigtable *table;
	struct delta *delta;
	struct ops ops;
	struct buf made;                /* operations not yet sent */
	unsigned char piece[CONTENT_PIECE];
};

static void
send_piece(struct exchange *x, uint64_t index, unsigned bits, const void *p,
    size_t n)
{
	struct content_piece piece = { index, bits, view_of(p, n) };
	struct buf b = BUF_INIT;

	content_encode(&piece, &b);
	exchange_send(x, MESSAGE_CONTENT, &b);
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
		if (fd >= 0) {
			posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
			return fd;
		}
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

struct content_out *
content_open(struct exchange *x, const char *name, uint64_t number,
    uint64_t index, struct sigtable *table)
{
	struct content_out *c = mem_alloc(sizeof(*c));
	struct err e;

	c->x = x;
	c->index = index;
	c->table = table;
	c->fd = open_entry(x, name, number, &c->left, &e);
	if (c->fd >= 0 && table) {
		ops_init(&c->ops, &c->made);
		c->delta = delta_new(table, ops_sink(&c->ops), &e);
	}
	if (c->fd >= 0 && (!table || c->delta))
		return c;
	give_up(x, index, &e);
	content_close(c);
	return NULL;
}

/* The next bytes of the file: how many, or -1, having given up. */
static ssize_t
next_piece(struct content_out *c)
{
	size_t want = c->left < sizeof(c->piece) ? (size_t)c->left
	    : sizeof(c->piece), got = 0;
	struct err e = { "" };
	ssize_t n;

	while (got < want) {
		n = read(c->fd, c->piece + got, want - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err_sys(&e, "cannot be read on %s", c->x->pair->self);
		if (n <= 0) {           /* 0: it shrank */
			give_up(c->x, c->index, &e);
			return -1;
		}
		got += (size_t)n;
	}
	c->left -= got;
	return (ssize_t)got;
}

static int
step_whole(struct content_out *c)
{
	ssize_t n = next_piece(c);

	if (n < 0)
		return 0;
	send_piece(c->x, c->index, c->left ? 0 : CONTENT_LAST, c->piece,
	    (size_t)n);
	return c->left != 0;
}

/* Sends what was made in full pieces; the rest too at the end. */
static void
send_made(struct content_out *c, int last)
{
	size_t at = 0, n;

	while (c->made.len - at >= CONTENT_PIECE || last) {
		n = c->made.len - at;
		if (n > CONTENT_PIECE)
			n = CONTENT_PIECE;
		last = last && at + n < c->made.len;
		send_piece(c->x, c->index, CONTENT_DELTA |
		    (at + n == c->made.len && !c->left ? CONTENT_LAST : 0),
		    c->made.p + at, n);
		at += n;
	}
	buf_drop(&c->made, at);
}

static int
step_delta(struct content_out *c)
{
	ssize_t n = next_piece(c);

	if (n < 0)
		return 0;
	delta_add(c->delta, c->piece, (size_t)n);
	if (!c->left) {
		delta_end(c->delta);
		ops_end(&c->ops);
		send_made(c, 1);
		return 0;
	}
	if (c->made.len >= CONTENT_PIECE)
		send_made(c, 0);
	return 1;
}

int
content_step(struct content_out *c)
{
	return c->delta ? step_delta(c) : step_whole(c);
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
	buf_free(&c->made);
	free(c);
}
