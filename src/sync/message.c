/* SPDX-License-Identifier: ISC */
/*
 * Messages to bytes and back. Numbers are varints unless said otherwise; a
 * text is a blob. Nothing is allocated for a message that turns out malformed.
 *
 *   HELLO      version, bits, replica (8), clock (zigzag), peer replica (8),
 *              in, count, count * (replica (8), number)
 *   PARENT     name, mode, uid, gid
 *   OFFER      eager (1), name, version, history
 *   CONTENT    index, bits (1), data to the end
 *   END        snapshot
 *   WANT       index, signed (1)
 *   SIGNATURE  index, last (1), data to the end
 *   RESULT     index, code (1), bits (1), [history, seconds (zigzag),
 *              nanoseconds], [kind (1), size, seconds, nanoseconds], text
 *   ACTION     status, seconds, text
 *   BYE        snapshot
 *   ERROR      text
 *   DIGEST     bits (1), 2^bits * sum (8)
 *   BUCKETS    all (1), a bit for each bucket, lowest first, in whole bytes
 *   ITEMS      last (1), items to the end: name (8), what (8)
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "message.h"

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
	t.nsec = (uint32_t)view_max(in, 999999999);
	return t;
}

static void
put_text(struct buf *b, const char *text)
{
	size_t n = strlen(text);

	buf_blob(b, text, n > MESSAGE_TEXT_MAX ? MESSAGE_TEXT_MAX : n);
}

static void
get_text(char out[MESSAGE_TEXT_MAX + 1], struct view *in)
{
	struct view v = view_blob(in, MESSAGE_TEXT_MAX);

	if (!v.bad && v.len)
		memcpy(out, v.p, v.len);
	out[v.bad ? 0 : v.len] = 0;
}

/* The bits that do not travel are not believed either. */
static void
get_history(struct history *h, struct view *in)
{
	history_decode(h, in);
	h->bits &= ~(unsigned)HISTORY_LOCAL;
}

void
hello_encode(const struct hello *h, struct buf *b)
{
	unsigned i;

	buf_var(b, h->version);
	buf_var(b, h->bits);
	buf_u64(b, h->replica);
	buf_svar(b, h->clock);
	buf_u64(b, h->peer_replica);
	buf_var(b, h->in);
	buf_var(b, h->nknown);
	for (i = 0; i < h->nknown; i++) {
		buf_u64(b, h->known[i].replica);
		buf_var(b, h->known[i].number);
	}
}

int
hello_decode(struct hello *h, struct view in)
{
	unsigned i;

	h->version = (unsigned)view_max(&in, 0xffff);
	h->bits = (unsigned)view_max(&in, 0xffff);
	h->replica = view_u64(&in);
	h->clock = view_svar(&in);
	h->peer_replica = view_u64(&in);
	h->in = view_max(&in, NUMBER_MAX - 1);
	h->nknown = (unsigned)view_max(&in, HELLO_KNOWN_MAX);
	for (i = 0; i < h->nknown; i++) {
		h->known[i].replica = view_u64(&in);
		h->known[i].number = view_max(&in, NUMBER_MAX - 1);
	}
	return view_end(&in);
}

void
parent_encode(const struct parent *p, struct buf *b)
{
	buf_str(b, p->name);
	buf_var(b, p->mode);
	buf_var(b, p->uid);
	buf_var(b, p->gid);
}

int
parent_decode(struct parent *p, struct view in)
{
	p->name = view_str(&in, PATH_BYTES_MAX);
	p->mode = (uint32_t)view_max(&in, 07777);
	p->uid = (uint32_t)view_max(&in, UINT32_MAX);
	p->gid = (uint32_t)view_max(&in, UINT32_MAX);
	if (!view_end(&in) && path_valid(p->name))
		return 0;
	free(p->name);
	p->name = NULL;
	return -1;
}

void
offer_encode(int eager, const char *name, const struct version *v,
    const struct history *h, struct buf *b)
{
	buf_u8(b, eager ? 1 : 0);
	buf_str(b, name);
	version_encode(v, b);
	history_encode(h, 0, b);
}

int
offer_decode(struct offer *o, struct view in)
{
	memset(o, 0, sizeof(*o));
	o->eager = (int)view_u8(&in);
	o->name = view_str(&in, PATH_BYTES_MAX);
	version_decode(&o->v, &in);
	get_history(&o->h, &in);
	if (!view_end(&in) && o->eager <= 1)
		return 0;
	offer_free(o);
	return -1;
}

void
offer_free(struct offer *o)
{
	free(o->name);
	version_free(&o->v);
	memset(o, 0, sizeof(*o));
}

void
content_encode(const struct content_piece *p, struct buf *b)
{
	buf_var(b, p->index);
	buf_u8(b, p->bits);
	buf_put(b, p->data.p, p->data.len);
}

int
content_decode(struct content_piece *p, struct view in)
{
	p->index = view_var(&in);
	p->bits = view_u8(&in);
	p->data = in;
	return in.bad || p->bits > 15 ? -1 : 0;
}

void
end_encode(uint64_t snapshot, struct buf *b)
{
	buf_var(b, snapshot);
}

int
end_decode(uint64_t *snapshot, struct view in)
{
	*snapshot = view_max(&in, NUMBER_MAX - 1);
	return view_end(&in);
}

void
want_encode(uint64_t index, int with_signature, struct buf *b)
{
	buf_var(b, index);
	buf_u8(b, with_signature ? 1 : 0);
}

int
want_decode(uint64_t *index, int *with_signature, struct view in)
{
	*index = view_var(&in);
	*with_signature = (int)view_u8(&in);
	return *with_signature > 1 ? -1 : view_end(&in);
}

void
signature_encode(const struct signature_piece *p, struct buf *b)
{
	buf_var(b, p->index);
	buf_u8(b, p->last ? 1 : 0);
	buf_put(b, p->data.p, p->data.len);
}

int
signature_decode(struct signature_piece *p, struct view in)
{
	p->index = view_var(&in);
	p->last = (int)view_u8(&in);
	p->data = in;
	return in.bad || p->last > 1 ? -1 : 0;
}

void
result_encode(const struct result *r, struct buf *b)
{
	buf_var(b, r->index);
	buf_u8(b, r->code);
	buf_u8(b, r->bits);
	if (r->bits & RESULT_HISTORY) {
		history_encode(&r->h, 0, b);
		put_time(b, r->mtime);
	}
	if (r->bits & RESULT_SIDES) {
		buf_u8(b, r->kind);
		buf_var(b, r->size);
		put_time(b, r->their_mtime);
	}
	put_text(b, r->text);
}

int
result_decode(struct result *r, struct view in)
{
	unsigned code, kind = KIND_NONE;

	memset(r, 0, sizeof(*r));
	r->index = view_var(&in);
	code = view_u8(&in);
	r->bits = view_u8(&in);
	if (r->bits & RESULT_HISTORY) {
		get_history(&r->h, &in);
		r->mtime = get_time(&in);
	}
	if (r->bits & RESULT_SIDES) {
		kind = view_u8(&in);
		r->size = view_var(&in);
		r->their_mtime = get_time(&in);
	}
	get_text(r->text, &in);
	if (code >= RESULT_CODES || kind >= KIND_COUNT || r->bits > 7)
		return -1;
	r->code = code;
	r->kind = kind;
	return view_end(&in);
}

void
action_encode(const struct action_report *a, struct buf *b)
{
	buf_var(b, (unsigned)a->status);
	buf_var(b, a->seconds);
	put_text(b, a->text);
}

int
action_decode(struct action_report *a, struct view in)
{
	a->status = (int)view_max(&in, 255);
	a->seconds = view_var(&in);
	get_text(a->text, &in);
	return view_end(&in);
}

void
error_encode(const char *text, struct buf *b)
{
	put_text(b, text);
}

int
error_decode(char text[MESSAGE_TEXT_MAX + 1], struct view in)
{
	get_text(text, &in);
	return view_end(&in);
}

void
digest_encode(unsigned bits, const uint64_t *sums, struct buf *b)
{
	size_t i;

	buf_u8(b, bits);
	for (i = 0; i < (size_t)1 << bits; i++)
		buf_u64(b, sums[i]);
}

int
digest_decode(unsigned *bits, uint64_t sums[DIGEST_BUCKETS_MAX],
    struct view in)
{
	size_t i;

	*bits = view_u8(&in);
	if (*bits > DIGEST_BITS_MAX)
		return -1;
	for (i = 0; i < (size_t)1 << *bits; i++)
		sums[i] = view_u64(&in);
	return view_end(&in);
}

void
buckets_encode(int all, unsigned bits, const unsigned char *differs,
    struct buf *b)
{
	size_t i, k, n = (size_t)1 << bits;
	unsigned byte;

	buf_u8(b, all != 0);
	for (i = 0; i < n; i += 8) {
		byte = 0;
		for (k = 0; k < 8 && i + k < n; k++)
			byte |= (differs[i + k] != 0) * (1u << k);
		buf_u8(b, byte);
	}
}

int
buckets_decode(int *all, unsigned bits,
    unsigned char differs[DIGEST_BUCKETS_MAX], struct view in)
{
	size_t i, n = (size_t)1 << bits;
	unsigned byte = 0;

	*all = (int)view_u8(&in);
	for (i = 0; i < n; i++) {
		if (i % 8 == 0)
			byte = view_u8(&in);
		differs[i] = (unsigned char)(byte >> i % 8 & 1);
	}
	return *all > 1 ? -1 : view_end(&in);
}

void
items_encode(int last, const struct digest_item *items, size_t n,
    struct buf *b)
{
	size_t i;

	buf_u8(b, last != 0);
	for (i = 0; i < n; i++) {
		buf_u64(b, items[i].name);
		buf_u64(b, items[i].what);
	}
}

int
items_begin(int *last, struct view *in)
{
	*last = (int)view_u8(in);
	return in->bad || *last > 1 ? -1 : 0;
}

void
items_next(struct digest_item *item, struct view *in)
{
	item->name = view_u64(in);
	item->what = view_u64(in);
}
