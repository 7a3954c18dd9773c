/* SPDX-License-Identifier: ISC */
/*
 * The reader of operations: in the head of one (one or more varints, gathered
 * in hold), in the bytes of a literal, or past the end. The new content is
 * written in order: what follows an open gap waits as a step, and the gap is
 * filled by a patch of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "ops.h"
#include "patch.h"

enum { HEAD_MAX = 31, COPY_BYTES = 65536 };

/* What waits: a gap, or a copy behind one. */
struct step {
	int gap;
	uint64_t n;             /* of the new content */
	uint64_t from, len;     /* of the old content */
};

struct patch {
	struct patch_io io;
	uint64_t old_size, left;        /* left: bytes the result may yet get */
	uint64_t end;                   /* of the last copy */
	size_t literal;                 /* bytes of it still to come */
	int done;
	unsigned char hold[HEAD_MAX];
	size_t held;
	struct step *steps;             /* the first one is a gap */
	size_t nsteps, steps_cap;
	uint64_t open, gaps;            /* old bytes of gaps: open ones, all */
	struct patch *filling;          /* made with the first gap */
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
	if (!p)
		return;
	patch_free(p->filling);
	free(p->steps);
	free(p);
}

static int
carry_out(struct patch *p, uint64_t from, uint64_t n, struct err *e)
{
	size_t take;

	for (; n; n -= take, from += take) {
		take = n < COPY_BYTES ? (size_t)n : COPY_BYTES;
		if (p->io.read_old(p->io.ctx, from, p->copy, take, e) ||
		    p->io.write_new(p->io.ctx, p->copy, take, e))
			return -1;
	}
	return 0;
}

static int
put_off(struct patch *p, const struct step *s, struct err *e)
{
	if (p->nsteps == OPS_STEPS_MAX)
		return err_set(e, "delta: too much behind a gap");
	p->steps = mem_grow(p->steps, p->nsteps, &p->steps_cap,
	    sizeof(*p->steps));
	p->steps[p->nsteps++] = *s;
	return 0;
}

/* A copy, from the end of the one before on. */
static int
copy(struct patch *p, const struct step *s, struct err *e)
{
	if (s->from > p->old_size || s->n > p->old_size - s->from)
		return err_set(e, "delta: copy beyond the end");
	p->end = s->from + s->n;
	return p->nsteps ? put_off(p, s, e) :
	    carry_out(p, s->from, s->n, e);
}

static int
gap(struct patch *p, const struct step *s, struct err *e)
{
	if (!p->io.gap)
		return err_set(e, "delta: a gap within a gap");
	if (s->from > p->old_size || s->len > p->old_size - s->from)
		return err_set(e, "delta: gap beyond the end");
	if (s->len > p->old_size - p->gaps || s->len > OPS_OPEN_MAX - p->open)
		return err_set(e, "delta: gaps too long");
	p->end = s->from + s->len;
	p->gaps += s->len;
	p->open += s->len;
	if (put_off(p, s, e))
		return -1;
	return s->len ? p->io.gap(p->io.ctx, s->from, (size_t)s->len, e) : 0;
}

/* True when hold is a whole head: as many varints as the first byte wants. */
static int
head_whole(const struct patch *p)
{
	size_t i, ends = 0, want = p->hold[0] == 1 ? 4 : 1u + (p->hold[0] & 1);

	for (i = 0; i < p->held; i++)
		ends += p->hold[i] < 0x80;
	return p->held == HEAD_MAX || ends == want;
}

static int
operate(struct patch *p, struct err *e)
{
	struct view v = view_of(p->hold, p->held);
	uint64_t head = view_var(&v);
	struct step s = { head == 1, head >> 1, p->end, 0 };

	if (s.gap)
		s.n = view_var(&v);
	if (head & 1)
		s.from += (uint64_t)view_svar(&v);
	if (s.gap)
		s.len = view_var(&v);
	if (view_end(&v) || (head && !s.n))
		return err_set(e, "delta: malformed operation");
	if (s.n > p->left)
		return err_set(e, "delta: the result is too long");
	p->left -= s.n;
	if (head & 1)
		return s.gap ? gap(p, &s, e) : copy(p, &s, e);
	if (s.n > OPS_LITERAL_MAX)
		return err_set(e, "delta: literal too long");
	if (s.n && p->nsteps)
		return err_set(e, "delta: literal behind a gap");
	p->literal = (size_t)s.n;
	p->done = !s.n;
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
			if (p->io.write_new(p->io.ctx, q, take, e))
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

static int
read_gap(void *ctx, uint64_t offset, unsigned char *data, size_t n,
    struct err *e)
{
	struct patch *p = ctx;

	return p->io.read_old(p->io.ctx, p->steps[0].from + offset, data, n, e);
}

static int
write_gap(void *ctx, const unsigned char *data, size_t n, struct err *e)
{
	struct patch *p = ctx;

	return p->io.write_new(p->io.ctx, data, n, e);
}

/* Ready for the operations of the first step. */
static void
begin_gap(struct patch *p)
{
	struct patch_io io = { p, read_gap, write_gap, NULL };
	struct patch *f = p->filling;

	if (!f)
		f = p->filling = patch_new(0, 0, io);
	f->old_size = p->steps[0].len;
	f->left = p->steps[0].n;
	f->end = 0;
	f->done = 0;
}

/* The first gap is filled: what follows it, up to the next one. */
static int
go_on(struct patch *p, struct err *e)
{
	size_t i;

	p->open -= p->steps[0].len;
	for (i = 1; i < p->nsteps && !p->steps[i].gap; i++)
		if (carry_out(p, p->steps[i].from, p->steps[i].n, e))
			return -1;
	p->nsteps -= i;
	memmove(p->steps, p->steps + i, p->nsteps * sizeof(*p->steps));
	return 0;
}

int
patch_fill(struct patch *p, const void *data, size_t n, struct err *e)
{
	struct patch *f = p->filling;

	if (!p->nsteps)
		return err_set(e, "delta: there is no gap");
	if (!f || f->done) {
		begin_gap(p);
		f = p->filling;
	}
	if (patch_add(f, data, n, e))
		return -1;
	if (!f->done)
		return 0;
	if (f->left)
		return err_set(e, "delta: a gap is not filled");
	return go_on(p, e);
}

int
patch_done(const struct patch *p)
{
	return p->done && !p->nsteps;
}
