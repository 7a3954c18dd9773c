/* SPDX-License-Identifier: ISC */
/*
 * The rules of versions and histories, without any I/O.
 *
 * An encoded version (integers are varints unless a size is told):
 *
 *   kind 1 byte
 *   mode                        all but removed and links
 *   uid, gid                    all but removed
 *   mtime: sec (zigzag), nsec   all but directories
 *   size, content id (32 bytes) regular files
 *   target: length, bytes       links
 *   major, minor                devices
 *
 * An encoded history; a stamp is replica (8 bytes LE), number:
 *
 *   stamp, n 1 byte, n heads, n 1 byte, n stamps of the vector (oldest first),
 *   bits, author: length, bytes
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "version.h"

enum { NSEC_MAX = 999999999, BITS_ALL = 127 };

static const unsigned local_bits = HISTORY_TAKEN | HISTORY_DEVIATES;

static int
has_mode(unsigned k)
{
	return k != KIND_NONE && k != KIND_LNK;
}

static int
is_device(unsigned k)
{
	return k == KIND_CHR || k == KIND_BLK;
}

void
version_free(struct version *v)
{
	free(v->target);
	v->target = NULL;
}

struct version
version_copy(const struct version *v)
{
	struct version c = *v;

	if (v->target)
		c.target = mem_strdup(v->target);
	return c;
}

static const char *
target_of(const struct version *v)
{
	return v->target ? v->target : "";
}

int
version_same_content(const struct version *a, const struct version *b)
{
	if (a->kind != b->kind)
		return 0;
	if (a->kind == KIND_REG)
		return a->size == b->size && !memcmp(a->id, b->id, HASH_BYTES);
	if (a->kind == KIND_LNK)
		return !strcmp(target_of(a), target_of(b));
	if (is_device(a->kind))
		return a->major == b->major && a->minor == b->minor;
	return 1;
}

int
version_same(const struct version *a, const struct version *b,
    struct version_ignore ignore)
{
	if (!version_same_content(a, b))
		return 0;
	if (a->kind == KIND_NONE)
		return 1;
	if (!ignore.mode && has_mode(a->kind) && a->mode != b->mode)
		return 0;
	return (ignore.uid || a->uid == b->uid) &&
	    (ignore.gid || a->gid == b->gid);
}

void
version_encode(const struct version *v, struct buf *b)
{
	buf_u8(b, v->kind);
	if (has_mode(v->kind))
		buf_var(b, v->mode & 07777);
	if (v->kind != KIND_NONE) {
		buf_var(b, v->uid);
		buf_var(b, v->gid);
	}
	if (v->kind != KIND_DIR) {
		buf_svar(b, v->mtime.sec);
		buf_var(b, v->mtime.nsec);
	}
	if (v->kind == KIND_REG) {
		buf_var(b, v->size);
		buf_put(b, v->id, HASH_BYTES);
	} else if (v->kind == KIND_LNK) {
		buf_str(b, target_of(v));
	} else if (is_device(v->kind)) {
		buf_var(b, v->major);
		buf_var(b, v->minor);
	}
}

void
version_decode(struct version *v, struct view *in)
{
	unsigned kind = view_u8(in);

	memset(v, 0, sizeof(*v));
	if (kind >= KIND_COUNT) {
		in->bad = 1;
		return;
	}
	v->kind = (enum kind)kind;
	if (has_mode(v->kind))
		v->mode = (uint32_t)view_max(in, 07777);
	if (v->kind != KIND_NONE) {
		v->uid = (uint32_t)view_max(in, UINT32_MAX);
		v->gid = (uint32_t)view_max(in, UINT32_MAX);
	}
	if (v->kind != KIND_DIR) {
		v->mtime.sec = view_svar(in);
		v->mtime.nsec = (uint32_t)view_max(in, NSEC_MAX);
	}
	if (v->kind == KIND_REG) {
		v->size = view_max(in, INT64_MAX);
		view_copy(in, v->id, HASH_BYTES);
	} else if (v->kind == KIND_LNK) {
		v->target = view_str(in, TARGET_MAX);
	} else if (is_device(v->kind)) {
		v->major = (uint32_t)view_max(in, UINT32_MAX);
		v->minor = (uint32_t)view_max(in, UINT32_MAX);
	}
}

enum kind
version_skip(struct view *in)
{
	unsigned kind = view_u8(in);

	if (kind >= KIND_COUNT)
		in->bad = 1;
	view_skip(in, (has_mode(kind) ? 1u : 0) +
	    (kind != KIND_NONE ? 2u : 0) + (kind != KIND_DIR ? 2u : 0) +
	    (kind == KIND_REG ? 1u : 0) + (is_device(kind) ? 2u : 0));
	if (kind == KIND_REG)
		view_get(in, HASH_BYTES);
	else if (kind == KIND_LNK)
		view_blob(in, TARGET_MAX);
	return in->bad ? KIND_NONE : (enum kind)kind;
}

void
version_digest(const struct version *v, int with_mtime,
    unsigned char out[HASH_BYTES])
{
	struct version plain = *v;
	struct buf b = BUF_INIT;

	if (!with_mtime)
		memset(&plain.mtime, 0, sizeof(plain.mtime));
	version_encode(&plain, &b);
	hash_bytes(b.p, b.len, out);
	buf_free(&b);
}

struct stamp
version_stamp(const struct version *v)
{
	unsigned char digest[HASH_BYTES];
	struct stamp s = { 0, 0 };
	struct view in;

	version_digest(v, 0, digest);
	in = view_of(digest, sizeof(digest));
	s.replica = view_u64(&in);
	return s;
}

static void
put_stamp(struct buf *b, struct stamp s)
{
	buf_u64(b, s.replica);
	buf_var(b, s.number);
}

static struct stamp
get_stamp(struct view *in)
{
	struct stamp s;

	s.replica = view_u64(in);
	s.number = view_max(in, NUMBER_MAX - 1);
	return s;
}

/* Stamps of different replicas, at most max. */
static unsigned
get_stamps(struct view *in, struct stamp *at, unsigned max)
{
	unsigned i, j, n = view_u8(in);

	if (n > max) {
		in->bad = 1;
		return 0;
	}
	for (i = 0; i < n; i++) {
		at[i] = get_stamp(in);
		for (j = 0; j < i; j++)
			if (at[j].replica == at[i].replica)
				in->bad = 1;
	}
	return in->bad ? 0 : n;
}

void
history_encode(const struct history *h, int local, struct buf *b)
{
	unsigned i;

	put_stamp(b, h->stamp);
	buf_u8(b, h->nheads);
	for (i = 0; i < h->nheads; i++)
		put_stamp(b, h->heads[i]);
	buf_u8(b, h->vector.n);
	for (i = 0; i < h->vector.n; i++)
		put_stamp(b, h->vector.at[i]);
	buf_var(b, local ? h->bits : h->bits & ~local_bits);
	buf_str(b, h->author);
}

void
history_decode(struct history *h, struct view *in)
{
	char *author;

	memset(h, 0, sizeof(*h));
	h->stamp = get_stamp(in);
	h->nheads = get_stamps(in, h->heads, HEADS_MAX);
	h->vector.n = get_stamps(in, h->vector.at, VECTOR_MAX);
	h->bits = (unsigned)view_max(in, BITS_ALL);
	author = view_str(in, AUTHOR_MAX);
	if (author)
		memcpy(h->author, author, strlen(author));
	free(author);
}

static void
skip_stamps(struct view *in, unsigned n)
{
	for (; n && !in->bad; n--) {
		view_get(in, 8);
		view_skip(in, 1);
	}
}

unsigned
history_skip(struct view *in)
{
	unsigned bits;

	skip_stamps(in, 1);
	skip_stamps(in, view_u8(in));
	skip_stamps(in, view_u8(in));
	bits = (unsigned)view_max(in, BITS_ALL);
	view_blob(in, AUTHOR_MAX);
	return bits;
}

/* Packed, two bytes tell how many follow. */
unsigned char *
history_pack(const struct history *h)
{
	struct buf b = BUF_INIT;
	unsigned char *packed;

	history_encode(h, 1, &b);
	packed = mem_alloc(2 + b.len);
	packed[0] = (unsigned char)(b.len & 255);
	packed[1] = (unsigned char)(b.len >> 8);
	memcpy(packed + 2, b.p, b.len);
	buf_free(&b);
	return packed;
}

void
history_unpack(struct history *h, const unsigned char *packed)
{
	struct view in = view_of(packed + 2,
	    packed[0] | (size_t)packed[1] << 8);

	history_decode(h, &in);
	assert(!view_end(&in));
}

/* A total order; content stamps are less than all others. */
static int
stamp_cmp(struct stamp a, struct stamp b)
{
	if (a.number != b.number)
		return a.number < b.number ? -1 : 1;
	if (a.replica != b.replica)
		return a.replica < b.replica ? -1 : 1;
	return 0;
}

int
vector_has(const struct vector *v, struct stamp s)
{
	unsigned i;

	for (i = 0; i < v->n; i++)
		if (v->at[i].replica == s.replica)
			return v->at[i].number >= s.number;
	return 0;
}

static int
keeps(const struct history *h, uint64_t replica)
{
	unsigned i;

	if (!h)
		return 0;
	for (i = 0; i < h->nheads; i++)
		if (h->heads[i].replica == replica)
			return 1;
	return h->stamp.replica == replica;
}

static void
take_out(struct vector *v, unsigned i)
{
	v->n--;
	memmove(&v->at[i], &v->at[i + 1], (v->n - i) * sizeof(v->at[0]));
}

/* Adds a stamp; keeps what either history needs: VECTOR_MAX at most. */
static void
add(struct vector *v, struct stamp s, const struct history *h,
    const struct history *g)
{
	unsigned i = 0;

	while (i < v->n && v->at[i].replica != s.replica)
		i++;
	if (i < v->n) {
		if (v->at[i].number >= s.number)
			return;
		take_out(v, i);
	} else if (v->n == VECTOR_MAX) {
		i = 0;
		while (i < v->n && (keeps(h, v->at[i].replica) ||
		    keeps(g, v->at[i].replica)))
			i++;
		if (i == v->n)
			return;
		take_out(v, i);
	}
	v->at[v->n++] = s;
}

void
vector_add(struct vector *v, struct stamp s, const struct history *h)
{
	add(v, s, h, NULL);
}

int
history_seen(const struct history *w, const struct history *v)
{
	unsigned i;

	for (i = 0; i < v->nheads; i++)
		if (!vector_has(&w->vector, v->heads[i]))
			return 0;
	return vector_has(&w->vector, v->stamp);
}

/*
 * Both vectors are gone through side by side, aligned at their newest ends, so
 * that what is dropped is old on either side.
 */
void
history_unite(struct history *to, const struct history *from)
{
	const struct history f = *from;
	const struct vector t = to->vector;
	unsigned i;

	to->vector.n = 0;
	for (i = VECTOR_MAX; i > 0; i--) {
		if (i <= f.vector.n)
			add(&to->vector, f.vector.at[f.vector.n - i], to, &f);
		if (i <= t.n)
			add(&to->vector, t.at[t.n - i], to, &f);
	}
}

void
history_change(struct history *h, struct stamp s, const char *author)
{
	size_t n = strlen(author);

	h->stamp = s;
	h->nheads = 0;
	h->bits = 0;
	vector_add(&h->vector, s, h);
	if (n > AUTHOR_MAX)
		n = AUTHOR_MAX;
	memset(h->author, 0, sizeof(h->author));
	memcpy(h->author, author, n);
}

/*
 * Adds a head where it says something new; heads stand in falling order, so
 * that both sides come to the same ones, and the least is the one that goes.
 */
static void
add_head(struct history *h, struct stamp s)
{
	unsigned i, n = h->nheads;

	if (s.replica == h->stamp.replica && s.number <= h->stamp.number)
		return;
	for (i = 0; i < n; i++)
		if (h->heads[i].replica == s.replica)
			break;
	if (i < n) {
		if (h->heads[i].number >= s.number)
			return;
		n--;
		memmove(&h->heads[i], &h->heads[i + 1],
		    (n - i) * sizeof(h->heads[0]));
	}
	for (i = 0; i < n && stamp_cmp(h->heads[i], s) > 0; i++)
		;
	if (i == HEADS_MAX)
		return;
	if (n == HEADS_MAX)
		n--;
	memmove(&h->heads[i + 1], &h->heads[i], (n - i) * sizeof(h->heads[0]));
	h->heads[i] = s;
	h->nheads = n + 1;
}

static void
add_heads(struct history *h, const struct history *from)
{
	unsigned i;

	add_head(h, from->stamp);
	for (i = 0; i < from->nheads; i++)
		add_head(h, from->heads[i]);
}

/* Neither has seen the other: one history of both, alike from either side. */
static struct history
join(const struct history *a, const struct history *b)
{
	const unsigned any = HISTORY_FORCED | HISTORY_RESOLUTION | HISTORY_KEPT;
	const unsigned both = HISTORY_QUIET | HISTORY_FIRST;
	const struct history *hi = a, *lo = b;
	struct history m;
	int c = stamp_cmp(a->stamp, b->stamp);

	/* a content stamp may have several authors */
	if (c < 0 || (!c && strcmp(a->author, b->author) < 0))
		hi = b, lo = a;
	m = *hi;
	m.nheads = 0;
	add_heads(&m, hi);
	add_heads(&m, lo);
	m.bits = ((a->bits | b->bits) & any) | (a->bits & b->bits & both) |
	    (a->bits & local_bits);
	return m;
}

/* Who stands when both have seen each other: <0 is b, alike from both sides. */
static int
rank(const struct history *a, const struct history *b)
{
	unsigned i;
	int c = stamp_cmp(a->stamp, b->stamp);

	if (!c && a->nheads != b->nheads)
		c = a->nheads < b->nheads ? -1 : 1;
	for (i = 0; !c && i < a->nheads; i++)
		c = stamp_cmp(a->heads[i], b->heads[i]);
	if (!c && (a->bits ^ b->bits) & ~local_bits)
		c = (a->bits & ~local_bits) < (b->bits & ~local_bits) ? -1 : 1;
	return c ? c : strcmp(a->author, b->author);
}

int
history_merge(struct history *out, const struct history *a,
    const struct history *b)
{
	const int ab = history_seen(a, b), ba = history_seen(b, a);
	struct history m;
	int which = 0;

	if (ab && (!ba || rank(a, b) >= 0))
		which = 1;
	else if (ba)
		which = 2;
	m = which == 1 ? *a : which == 2 ? *b : join(a, b);
	history_unite(&m, a);
	history_unite(&m, b);
	*out = m;
	return which;
}
