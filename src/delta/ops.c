/* SPDX-License-Identifier: ISC */
/*
 * Writing operations. A copy waits until it is known whether the next one
 * goes on where it ends.
 */
#include "base/buf.h"

#include "ops.h"

void
ops_init(struct ops *o, struct buf *out)
{
	o->out = out;
	o->from = o->len = o->end = 0;
	o->copied = o->literal = o->count = 0;
}

static void
flush(struct ops *o)
{
	if (!o->len)
		return;
	buf_var(o->out, o->len << 1 | 1);
	buf_svar(o->out, (int64_t)(o->from - o->end));
	o->end = o->from + o->len;
	o->len = 0;
	o->count++;
}

void
ops_copy(struct ops *o, uint64_t from, uint64_t n)
{
	if (o->len && o->from + o->len != from)
		flush(o);
	if (!o->len)
		o->from = from;
	o->len += n;
	o->copied += n;
	if (o->len >= OPS_COPY_MAX)
		flush(o);
}

void
ops_literal(struct ops *o, const unsigned char *p, size_t n)
{
	size_t take;

	if (n)
		flush(o);
	o->literal += n;
	for (; n; n -= take, p += take) {
		take = n < OPS_LITERAL_MAX ? n : OPS_LITERAL_MAX;
		buf_var(o->out, (uint64_t)take << 1);
		buf_put(o->out, p, take);
		o->count++;
	}
}

void
ops_gap(struct ops *o, uint64_t n, uint64_t from, uint64_t len)
{
	flush(o);
	buf_var(o->out, 1);
	buf_var(o->out, n);
	buf_svar(o->out, len ? (int64_t)(from - o->end) : 0);
	buf_var(o->out, len);
	o->end = len ? from + len : o->end;
	o->count++;
}

void
ops_end(struct ops *o)
{
	flush(o);
	buf_var(o->out, 0);
}

static void
on_copy(void *ctx, uint64_t from, size_t n)
{
	ops_copy(ctx, from, n);
}

static void
on_literal(void *ctx, const unsigned char *p, size_t n)
{
	ops_literal(ctx, p, n);
}

struct delta_sink
ops_sink(struct ops *o)
{
	struct delta_sink s = { o, on_copy, on_literal };

	return s;
}
