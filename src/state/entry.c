/* SPDX-License-Identifier: ISC */
/*
 * Entries as bytes: name (length, bytes), number (varint), version, history
 * (version.c), look:
 *
 *   trusted * 16 + kind, 1 byte; then, unless it was not there, varints:
 *   size, mtime sec (zigzag), nsec, ctime sec (zigzag), nsec, mode, uid, gid
 *
 * The name stands first so that an index can look at it alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "entry.h"

enum { TRUSTED = 16, NSEC_MAX = 999999999 };

void
entry_free(struct entry *e)
{
	free(e->name);
	version_free(&e->v);
	memset(e, 0, sizeof(*e));
}

struct entry
entry_copy(const struct entry *e)
{
	struct entry c = *e;

	c.name = e->name ? mem_strdup(e->name) : NULL;
	c.v = version_copy(&e->v);
	return c;
}

static void
put_time(struct buf *b, struct stime t)
{
	buf_svar(b, t.sec);
	buf_var(b, t.nsec);
}

static struct stime
get_time(struct view *in)
{
	struct stime t;

	t.sec = view_svar(in);
	t.nsec = (uint32_t)view_max(in, NSEC_MAX);
	return t;
}

static void
look_encode(const struct look *l, struct buf *b)
{
	buf_u8(b, (l->trusted ? TRUSTED : 0u) + l->kind);
	if (l->kind == KIND_NONE)
		return;
	buf_var(b, l->size);
	put_time(b, l->mtime);
	put_time(b, l->ctime);
	buf_var(b, l->mode);
	buf_var(b, l->uid);
	buf_var(b, l->gid);
}

static void
look_decode(struct look *l, struct view *in)
{
	unsigned c = view_u8(in);

	memset(l, 0, sizeof(*l));
	if (c >= 2 * TRUSTED || c % TRUSTED >= KIND_COUNT) {
		in->bad = 1;
		return;
	}
	l->trusted = c >= TRUSTED;
	l->kind = (enum kind)(c % TRUSTED);
	if (l->kind == KIND_NONE)
		return;
	l->size = view_var(in);
	l->mtime = get_time(in);
	l->ctime = get_time(in);
	l->mode = (uint32_t)view_max(in, UINT32_MAX);
	l->uid = (uint32_t)view_max(in, UINT32_MAX);
	l->gid = (uint32_t)view_max(in, UINT32_MAX);
}

void
entry_encode(const struct entry *e, struct buf *b)
{
	buf_str(b, e->name);
	buf_var(b, e->number);
	version_encode(&e->v, b);
	history_encode(&e->h, 1, b);
	look_encode(&e->look, b);
}

int
entry_decode(struct entry *e, const void *p, size_t n)
{
	struct view in = view_of(p, n);

	memset(e, 0, sizeof(*e));
	e->name = view_str(&in, PATH_BYTES_MAX);
	e->number = view_max(&in, NUMBER_MAX - 1);
	version_decode(&e->v, &in);
	history_decode(&e->h, &in);
	look_decode(&e->look, &in);
	if (!view_end(&in) && path_valid(e->name))
		return 0;
	entry_free(e);
	return -1;
}

int
entry_glance(struct glance *g, struct view in)
{
	view_blob(&in, PATH_BYTES_MAX);
	view_skip(&in, 1);
	g->kind = version_skip(&in);
	g->bits = history_skip(&in);
	look_decode(&g->look, &in);
	return view_end(&in);
}

int
entry_name(const void *p, size_t n, char name[ENTRY_NAME_SIZE])
{
	struct view in = view_of(p, n), s = view_blob(&in, PATH_BYTES_MAX);

	if (s.bad || !s.len || memchr(s.p, 0, s.len))
		return -1;
	memcpy(name, s.p, s.len);
	name[s.len] = 0;
	return 0;
}

int
look_equal(const struct look *a, const struct look *b)
{
	if (!a->trusted || !b->trusted || a->kind != b->kind)
		return 0;
	if (a->kind == KIND_NONE)
		return 1;
	return a->size == b->size && a->mode == b->mode && a->uid == b->uid &&
	    a->gid == b->gid && !stime_cmp(a->mtime, b->mtime) &&
	    !stime_cmp(a->ctime, b->ctime);
}

uint64_t
entry_digest(const struct entry *e)
{
	struct buf b = BUF_INIT;
	uint64_t digest;

	buf_u64(&b, e->number);
	history_encode(&e->h, 1, &b);
	digest = hash_short(b.p, b.len);
	buf_free(&b);
	return digest ? digest : 1;
}
