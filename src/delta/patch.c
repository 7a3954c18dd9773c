/* SPDX-License-Identifier: ISC */
/*
 * The reader of operations: in the head of one (one or two varints, gathered
 * in hold), in the bytes of a literal, or past the end.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "ops.h"
#include "patch.h"

enum { HEAD_MAX = 20, COPY_BYTES = 65536 };

struct patch {
	struct patch_io io;
	uint64_t old_size, left;        /* left: bytes the result may yet get */
	uint64_t written;
	uint64_t end;                   /* of the last copy */
	size_t literal;                 /* bytes of it still to come */
	int done;
	unsigned char hold[HEAD_MAX];
	size_t held;
	unsigned char copy[COPY_BYTES];
};

struct patch *
patch_new(uint64_t old_size, uint64_t max_size, struct patch_io io)
{
	struct patch *p = mem_alloc(sizeof(*p));

	p->io = io;
	p->old_size = old_size;
	p->left = max_size;
	return p;
}

void
patch_free(struct patch *p)
{
	free(p);
}

static int
write_new(struct patch *p, const unsigned char *data, size_t n, struct err *e)
{
	if (p->io.write_new(p->io.ctx, data, n, e))
		return -1;
	p->written += n;
	return 0;
}

static int
copy(struct patch *p, uint64_t from, uint64_t n, struct err *e)
{
	size_t take;

	p->end = from + n;
	for (; n; n -= take, from += take) {
		take = n < COPY_BYTES ? (size_t)n : COPY_BYTES;
		if (p->io.read_old(p->io.ctx, from, p->copy, take, e) ||
		    write_new(p, p->copy, take, e))
			return -1;
	}
	return 0;
}

/* True when hold is a whole head: as many varints as the first bit wants. */
static int
head_whole(const struct patch *p)
{
	size_t i, ends = 0;

	for (i = 0; i < p->held; i++)
		ends += p->hold[i] < 0x80;
	return p->held == HEAD_MAX || ends == 1u + (p->hold[0] & 1);
}

static int
operate(struct patch *p, struct err *e)
{
	struct view v = view_of(p->hold, p->held);
	uint64_t head = view_var(&v), n = head >> 1, from = p->end;

	if (head & 1)
		from += (uint64_t)view_svar(&v);
	if (view_end(&v) || head == 1)
		return err_set(e, "delta: malformed operation");
	if (n > p->left)
		return err_set(e, "delta: the result is too long");
	p->left -= n;
	if (head & 1) {
		if (from > p->old_size || n > p->old_size - from)
			return err_set(e, "delta: copy beyond the end");
		return copy(p, from, n, e);
	}
	if (n > OPS_LITERAL_MAX)
		return err_set(e, "delta: literal too long");
	p->literal = (size_t)n;
	p->done = !n;
	return 0;
}

int
patch_add(struct patch *p, const void *data, size_t n, struct err *e)
{
	const unsigned char *q = data;
	size_t take;

	for (; n; n -= take, q += take) {
		if (p->done)
			return err_set(e, "delta: bytes after the end");
		if (p->literal) {
			take = p->literal < n ? p->literal : n;
			p->literal -= take;
			if (write_new(p, q, take, e))
				return -1;
			continue;
		}
		take = 1;
		p->hold[p->held++] = *q;
		if (!head_whole(p))
			continue;
		if (operate(p, e))
			return -1;
		p->held = 0;
	}
	return 0;
}

int
patch_done(const struct patch *p)
{
	return p->done;
}
