/* SPDX-License-Identifier: ISC */
/*
 * wicked client ADDRESS PORT KEY SELF PEER [CONFIG] MISBEHAVIOUR
 * wicked server ADDRESS PORT KEY SELF PEER MISBEHAVIOUR
 * wicked list client|server
 *
 * A peer that holds the group's key and does not keep to the rules, in one way
 * a run; as a server it says `ready` and takes one connection. It ends when the
 * other side has ended the line, and says what it heard; exit 1 when that did
 * not happen in time. `list` prints of each misbehaviour the name, how many
 * lines the other side should log, and what one of them should say. BASE in the
 * environment is where the other side's files are as it names them.
 */
#include "line.h"

#include <zlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "delta/signature.h"

enum { CLIENT = 1, SERVER = 2, BOTH = 3, RAW = 4, OTHER_KEY = 8 };

static const char *
base(void)
{
	return getenv("BASE") ? getenv("BASE") : "";
}

/* Greetings and halves, as an honest peer brings them about. */

static void
greet_as(struct line *l, const struct hello *like)
{
	struct hello h = *like;
	struct buf b = BUF_INIT;

	h.version = PROTOCOL_VERSION;
	if (!h.replica)
		h.replica = 4711;
	if (l->client)
		h.bits |= HELLO_TURN;
	hello_encode(&h, &b);
	say(l, MESSAGE_HELLO, &b);
	until(l, MESSAGE_HELLO, 1);
}

/* Tells a client that asks for a digest that all is to be offered. */
static void
greet(struct line *l)
{
	static const unsigned char none[DIGEST_BUCKETS_MAX];
	static const struct hello plain;
	struct buf b = BUF_INIT;

	greet_as(l, &plain);
	if (l->client || !(l->hello_bits & HELLO_RECONCILE) ||
	    !until(l, MESSAGE_DIGEST, 1))
		return;
	buckets_encode(1, l->digest_bits, none, &b);
	say(l, MESSAGE_BUCKETS, &b);
}

static void
end(struct line *l)
{
	struct buf b = BUF_INIT;

	end_encode(9, &b);
	say(l, MESSAGE_END, &b);
}

static void
result(struct line *l, uint64_t index, enum result_code code)
{
	struct result r;
	struct buf b = BUF_INIT;

	memset(&r, 0, sizeof(r));
	r.index = index;
	r.code = code;
	result_encode(&r, &b);
	say(l, MESSAGE_RESULT, &b);
}

static void
answer_all(struct line *l)
{
	uint64_t i;

	if (!until(l, MESSAGE_END, 1))
		return;
	for (i = 0; i < l->got[MESSAGE_OFFER]; i++)
		result(l, i, RESULT_SAME);
}

/* To where we offer; a server hears the client's offers first. */
static void
to_offering(struct line *l)
{
	greet(l);
	if (!l->client)
		answer_all(l);
}

/* To where the other side offers, and has ended its offers. */
static void
to_answering(struct line *l)
{
	greet(l);
	if (l->client)
		end(l);
	until(l, MESSAGE_END, 1);
}

/* After our offers: the rest as it should be. */
static void
to_the_end(struct line *l)
{
	struct buf b = BUF_INIT;

	end(l);
	if (l->client) {
		answer_all(l);
		until(l, MESSAGE_BYE, 1);
	} else {
		idle(l, 300);
		end_encode(9, &b);
		say(l, MESSAGE_BYE, &b);
	}
}

/* Offers and contents. */

static struct version
version_of(const char *text)
{
	struct version v;
	struct content *c = content_new();

	memset(&v, 0, sizeof(v));
	v.kind = KIND_REG;
	v.mode = 0644;
	v.size = strlen(text);
	v.mtime.sec = 1000000;
	content_add(c, text, v.size);
	content_final(c, v.id);
	content_free(c);
	return v;
}

static void
offer_version(struct line *l, int eager, const void *name, size_t n,
    const struct version *v, uint64_t number)
{
	struct history h;
	struct buf b = BUF_INIT;

	memset(&h, 0, sizeof(h));
	history_change(&h, (struct stamp){ 4711, number }, "w");
	h.bits = HISTORY_FORCED;
	buf_u8(&b, (unsigned)eager);
	buf_blob(&b, name, n);
	version_encode(v, &b);
	history_encode(&h, 0, &b);
	say(l, MESSAGE_OFFER, &b);
}

static void
offer(struct line *l, int eager, const char *name, const char *text)
{
	struct version v = version_of(text);

	offer_version(l, eager, name, strlen(name), &v, 1);
}

/* A name below BASE; static memory. */
static const char *
below(const char *name)
{
	static char text[5000];

	snprintf(text, sizeof(text), "%s%s", base(), name);
	return text;
}

static void
content(struct line *l, uint64_t index, unsigned bits, const void *p,
    size_t n)
{
	struct content_piece piece = { index, bits, view_of(p, n) };
	struct buf b = BUF_INIT;

	content_encode(&piece, &b);
	say(l, MESSAGE_CONTENT, &b);
}

static void
text_content(struct line *l, uint64_t index, const char *text)
{
	content(l, index, CONTENT_LAST, text, strlen(text));
}

static void
bad_name(struct line *l, const char *name, size_t n)
{
	struct version v = version_of("evil");

	to_offering(l);
	offer_version(l, 0, name, n, &v, 1);
}

#define NAME(function, text) \
static void function(struct line *l) \
{ \
	char name[5000]; \
	int n = snprintf(name, sizeof(name), "%s%s", base(), text); \
	bad_name(l, name, (size_t)n); \
}

NAME(name_dotdot, "/srv/t/../../../../../../../../etc/evil")
NAME(name_dot, "/srv/t/./evil")
NAME(name_slashes, "/srv/t//evil")
NAME(name_slash_end, "/srv/t/evil/")
NAME(name_reserved, "/srv/t/.ucsync-evil")
NAME(name_in_reserved, "/srv/t/.ucsync-evil/x")

static void
name_empty(struct line *l)
{
	bad_name(l, "", 0);
}

static void
name_relative(struct line *l)
{
	bad_name(l, "evil", 4);
}

static void
name_nul(struct line *l)
{
	bad_name(l, "/srv/t/evil\0x", 13);
}

static void
name_long(struct line *l)
{
	static char name[33000];

	memset(name, '/', sizeof(name));
	bad_name(l, name, sizeof(name));
}

/* A frame of that payload, whatever it is. */
static void
raw_frame(struct line *l, unsigned flags, const void *p, size_t n)
{
	buf_u32(&l->wire, (uint32_t)n | flags << 24);
	buf_put(&l->wire, p, n);
}

/* An offer whose name has 64 KB: no message may be so long. */
static void
name_64k(struct line *l)
{
	static char name[65000];
	struct buf b = BUF_INIT, offered = BUF_INIT;

	to_offering(l);
	memset(name, 'x', sizeof(name));
	buf_u8(&offered, 0);
	buf_blob(&offered, name, sizeof(name));
	buf_u8(&b, MESSAGE_OFFER);
	buf_blob(&b, offered.p, offered.len);
	raw_frame(l, 0, b.p, b.len);
	buf_free(&offered);
	buf_free(&b);
}

static void
denied(struct line *l, const char *name)
{
	to_offering(l);
	offer(l, 1, name, "evil");
	text_content(l, 0, "evil");
	to_the_end(l);
}

static void
outside(struct line *l)
{
	denied(l, "/etc/evil");
}

static void
other_group(struct line *l)
{
	denied(l, below("/srv/x/evil"));
}

static void
receive_only(struct line *l)
{
	denied(l, below("/srv/r/evil"));
}

static void
other_prefix(struct line *l)
{
	denied(l, "%none%/evil");
}

static void
through_link(struct line *l)
{
	denied(l, below("/srv/t/link/evil"));
}

static void
parent_link(struct line *l)
{
	struct parent p = { (char *)(size_t)below("/srv/t/link/sub"), 0777, 0,
		0 };
	struct buf b = BUF_INIT;

	to_offering(l);
	parent_encode(&p, &b);
	say(l, MESSAGE_PARENT, &b);
	offer(l, 1, below("/srv/t/link/sub/evil"), "evil");
	text_content(l, 0, "evil");
	to_the_end(l);
}

static void
parent_outside(struct line *l)
{
	struct parent p = { (char *)(size_t)below("/srv/x/sub"), 0777, 0, 0 };
	struct buf b = BUF_INIT;

	to_offering(l);
	parent_encode(&p, &b);
	say(l, MESSAGE_PARENT, &b);
	offer(l, 1, below("/srv/x/sub/evil"), "evil");
	text_content(l, 0, "evil");
	to_the_end(l);
}

/* Numbers. */

static void
size_number(struct line *l, uint64_t size, uint64_t number)
{
	struct version v = version_of("evil");
	const char *name = below("/srv/t/evil");
	unsigned i;

	v.size = size;
	to_offering(l);
	offer_version(l, 1, name, strlen(name), &v, number);
	text_content(l, 0, "evil");
	for (i = 1; i < 3 && until(l, MESSAGE_WANT, i); i++)
		text_content(l, 0, "evil");
	to_the_end(l);
}

static void
size_negative(struct line *l)
{
	size_number(l, UINT64_MAX, 1);
}

static void
size_2_63(struct line *l)
{
	size_number(l, UINT64_C(1) << 63, 1);
}

static void
size_huge(struct line *l)
{
	size_number(l, INT64_MAX, 1);
}

static void
counter_2_48(struct line *l)
{
	size_number(l, 4, UINT64_C(1) << 48);
}

static void
hello_version(struct line *l)
{
	struct buf b = BUF_INIT;
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.version = PROTOCOL_VERSION + (l->client ? 1 : -1);
	hello_encode(&h, &b);
	say(l, MESSAGE_HELLO, &b);
}

static void
hello_in_2_48(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.in = UINT64_C(1) << 48;
	greet_as(l, &h);
}

static void
hello_known_2_48(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.nknown = 1;
	h.known[0] = (struct stamp){ 5, UINT64_MAX };
	greet_as(l, &h);
}

static void
hello_many_known(struct line *l)
{
	struct buf b = BUF_INIT;
	struct hello h;
	int i;

	memset(&h, 0, sizeof(h));
	h.version = PROTOCOL_VERSION;
	h.replica = 5;
	hello_encode(&h, &b);
	b.p[b.len - 1] = 127;
	for (i = 0; i < 127 * 9; i++)
		buf_u8(&b, 1);
	say(l, MESSAGE_HELLO, &b);
}

static void
hello_twice(struct line *l)
{
	greet(l);
	greet(l);
}

static void
end_2_63(struct line *l)
{
	struct buf b = BUF_INIT;

	to_offering(l);
	end_encode(UINT64_C(1) << 63, &b);
	say(l, MESSAGE_END, &b);
}

/* Indexes, and words of a half that is over or has not come. */

static void
content_for_nobody(struct line *l)
{
	to_offering(l);
	text_content(l, UINT64_MAX, "evil");
}

static void
content_unasked(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	text_content(l, 1, "evil");
}

static void
content_twice(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	text_content(l, 0, "evil");
	offer(l, 0, below("/srv/t/evil2"), "evil");
	text_content(l, 0, "evil");
}

static void
end_twice(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	end(l);
	end(l);
}

static void
offer_after_end(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	end(l);
	offer(l, 0, below("/srv/t/evil2"), "evil");
}

static void
result_for_nothing(struct line *l)
{
	to_answering(l);
	result(l, UINT64_MAX, RESULT_DONE);
}

static void
result_twice(struct line *l)
{
	to_answering(l);
	result(l, 0, RESULT_SAME);
	result(l, 0, RESULT_SAME);
}

static void
result_code(struct line *l)
{
	to_answering(l);
	result(l, 0, RESULT_CODES);
}

static void
want(struct line *l, uint64_t index, int with_signature)
{
	struct buf b = BUF_INIT;

	want_encode(index, with_signature, &b);
	say(l, MESSAGE_WANT, &b);
}

static void
want_nothing(struct line *l)
{
	to_answering(l);
	want(l, l->got[MESSAGE_OFFER], 0);
}

static void
want_forever(struct line *l)
{
	int i;

	to_answering(l);
	for (i = 0; i < 1000 && !l->ended; i++) {
		want(l, 0, 0);
		step(l, 1);
	}
}

/* Signatures. */

static void
signature(struct line *l, uint64_t index, int last, const void *p, size_t n)
{
	struct signature_piece piece = { index, last, view_of(p, n) };
	struct buf b = BUF_INIT;

	signature_encode(&piece, &b);
	say(l, MESSAGE_SIGNATURE, &b);
}

static void
signature_head(struct buf *b, unsigned log, uint64_t size)
{
	buf_u8(b, SIGNATURE_VERSION);
	buf_u8(b, log);
	buf_u8(b, SIGNATURE_STRONG_MAX);
	buf_u64(b, 5);
	buf_var(b, size);
}

static void
signature_unasked(struct line *l)
{
	to_answering(l);
	signature(l, 0, 1, "", 0);
}

static void
signature_size(struct line *l, unsigned log, uint64_t size)
{
	struct buf b = BUF_INIT;

	to_answering(l);
	want(l, 0, 1);
	signature_head(&b, log, size);
	signature(l, 0, 0, b.p, b.len);
	buf_free(&b);
}

static void
signature_2_63(struct line *l)
{
	signature_size(l, 20, UINT64_C(1) << 63);
}

static void
signature_blocks_many(struct line *l)
{
	signature_size(l, SIGNATURE_LOG_MIN, SIGNATURE_SIZE_MAX);
}

static void
signature_garbage(struct line *l)
{
	to_answering(l);
	want(l, 0, 1);
	signature(l, 0, 0, "garbage and more of it", 22);
}

/* As long as is allowed, for as many offers as there are. */
static void
signature_flood(struct line *l)
{
	static unsigned char zeros[CONTENT_PIECE];
	struct buf b = BUF_INIT;
	uint64_t i;
	int k;

	to_answering(l);
	signature_head(&b, 20, UINT64_C(1) << 40);
	for (i = 0; i < l->got[MESSAGE_OFFER] && !l->ended; i++) {
		want(l, i, 1);
		signature(l, i, 0, b.p, b.len);
		for (k = 0; k < 300 && !l->ended; k++) {
			signature(l, i, 0, zeros, sizeof(zeros));
			send_off(l, 1000);
		}
	}
	buf_free(&b);
}

/* Content that is not what was offered. */

enum { BIG = 200000 };          /* of the file /srv/t/big */

/* Offers another /srv/t/big, and hears the signature of the one there. */
static void
to_delta(struct line *l, uint64_t size)
{
	struct version v = version_of("evil");
	const char *name = below("/srv/t/big");

	v.size = size;
	to_offering(l);
	offer_version(l, 0, name, strlen(name), &v, 1);
	until(l, MESSAGE_SIGNATURE, 1);
}

static void
delta(struct line *l, const struct buf *ops, unsigned bits)
{
	content(l, 0, CONTENT_DELTA | bits, ops->p, ops->len);
}

/* One copy; then whole content that is no better, and the end. */
static void
delta_copy(struct line *l, uint64_t n, int64_t from, int times)
{
	struct buf ops = BUF_INIT;

	to_delta(l, BIG);
	while (times--) {
		buf_var(&ops, n * 2 + 1);
		buf_svar(&ops, from);
	}
	buf_var(&ops, 0);
	delta(l, &ops, CONTENT_LAST);
	buf_free(&ops);
	until(l, MESSAGE_WANT, 2);
	text_content(l, 0, "evil");
	to_the_end(l);
}

static void
delta_beyond(struct line *l)
{
	delta_copy(l, BIG + 1, 0, 1);
}

static void
delta_before(struct line *l)
{
	delta_copy(l, 10, -1, 1);
}

static void
delta_2_62(struct line *l)
{
	delta_copy(l, UINT64_C(1) << 62, INT64_MAX, 1);
}

static void
delta_overlap(struct line *l)
{
	delta_copy(l, 1000, -999, 3);
}

static void
delta_nothing(struct line *l)
{
	delta_copy(l, 0, 0, 1);
}

/* The whole again and again: far more than was offered. */
static void
delta_long(struct line *l)
{
	delta_copy(l, BIG, -BIG, 3000);
}

static void
delta_literal(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_delta(l, BIG);
	buf_var(&ops, UINT64_C(1) << 62);
	buf_put(&ops, "evil", 4);
	delta(l, &ops, CONTENT_LAST);
	buf_free(&ops);
	until(l, MESSAGE_WANT, 2);
	text_content(l, 0, "evil");
	to_the_end(l);
}

static void
delta_unasked(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	buf_var(&ops, 9);
	buf_svar(&ops, 0);
	delta(l, &ops, CONTENT_LAST);
	buf_free(&ops);
	to_the_end(l);
}

static void
wrong(struct line *l, const char *first, const char *then)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	text_content(l, 0, first);
	if (until(l, MESSAGE_WANT, 2))
		text_content(l, 0, then);
	to_the_end(l);
}

static void
content_hash(struct line *l)
{
	wrong(l, "live", "vile");
}

static void
content_short(struct line *l)
{
	wrong(l, "evi", "");
}

static void
content_long(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	text_content(l, 0, "evil and more");
	to_the_end(l);
}

/* Far more than was offered, without an end. */
static void
content_endless(struct line *l)
{
	static char zeros[CONTENT_PIECE];
	int i;

	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	for (i = 0; i < 2000 && !l->ended; i++) {
		content(l, 0, 0, zeros, sizeof(zeros));
		send_off(l, 1000);
	}
	content(l, 0, CONTENT_LAST, "", 0);
	to_the_end(l);
}

/* Offers without end, and no ear for the answers. */
static void
flood(struct line *l, const char *name, int deaf)
{
	struct frame_out *f = frame_out_new();
	struct version v = version_of("evil");
	struct history h;
	struct buf b = BUF_INIT;
	int i, k;

	memset(&h, 0, sizeof(h));
	history_change(&h, (struct stamp){ 4711, 1 }, "w");
	offer_encode(0, name, &v, &h, &b);
	to_offering(l);
	l->deaf = deaf;
	for (k = 0; k < 200; k++)
		frame_add(f, MESSAGE_OFFER, b.p, b.len);
	frame_seal(f);
	for (i = 0; i < 1500 && !l->ended; i++) {
		buf_put(&l->wire, frame_wire(f)->p, frame_wire(f)->len);
		send_off(l, 500);
		if (l->wire.len > 1 << 20)
			break;
	}
	frame_out_free(f);
	buf_free(&b);
	l->deaf = 0;
}

static void
offers_unheard(struct line *l)
{
	flood(l, "/etc/evil-with-a-name-that-makes-the-answer-longer", 1);
}

static void
offers_unfulfilled(struct line *l)
{
	flood(l, below("/srv/t/evil"), 0);
}

/* Frames. */

static void
frame_long(struct line *l)
{
	greet(l);
	buf_u32(&l->wire, FRAME_MAX + 1);
}

static void
frame_empty(struct line *l)
{
	greet(l);
	buf_u32(&l->wire, 0);
}

static void
frame_flags(struct line *l)
{
	greet(l);
	raw_frame(l, 0x80, "x", 1);
}

static void
frame_half(struct line *l)
{
	greet(l);
	buf_u32(&l->wire, 1000);
	buf_put(&l->wire, "half", 4);
}

static void
frame_damaged(struct line *l)
{
	greet(l);
	raw_frame(l, 1, "damaged", 7);
}

/* 64 KB that would become 60 MB. */
static void
bomb(struct line *l)
{
	static unsigned char packed[FRAME_MAX], zeros[FRAME_MAX];
	z_stream z;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, 1, Z_DEFLATED, -13, 9, Z_DEFAULT_STRATEGY))
		exit(2);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	while (z.avail_out > 1000) {
		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		deflate(&z, Z_NO_FLUSH);
	}
	deflate(&z, Z_FINISH);
	greet(l);
	raw_frame(l, 1, packed, sizeof(packed) - z.avail_out);
	deflateEnd(&z);
}

static void
unknown_type(struct line *l)
{
	struct buf b = BUF_INIT;

	greet(l);
	say(l, 200, &b);
}

/* Digests: a client's, which is asked for with the greeting. */

static void
greet_reconciling(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.bits = HELLO_RECONCILE;
	greet_as(l, &h);
}

/* So many sums, under a head that says so many bits. */
static void
digest(struct line *l, unsigned bits, unsigned sums)
{
	struct buf b = BUF_INIT;

	buf_u8(&b, bits);
	while (sums--)
		buf_u64(&b, 4711 + sums);
	say(l, MESSAGE_DIGEST, &b);
}

static void
digest_wide(struct line *l)
{
	greet_reconciling(l);
	digest(l, 200, 1);
}

static void
digest_deep(struct line *l)
{
	greet_reconciling(l);
	digest(l, DIGEST_BITS_MAX + 1, DIGEST_BUCKETS_MAX * 2);
}

static void
digest_short(struct line *l)
{
	greet_reconciling(l);
	digest(l, 4, 15);
}

static void
digest_twice(struct line *l)
{
	greet_reconciling(l);
	digest(l, 0, 1);
	digest(l, 0, 1);
}

static void
digest_unasked(struct line *l)
{
	greet(l);
	digest(l, 0, 1);
}

static void
offer_for_digest(struct line *l)
{
	greet_reconciling(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
}

/* To where the other side hears items; both have listed theirs. */
static void
to_items(struct line *l)
{
	struct buf b = BUF_INIT;
	static unsigned char differ[DIGEST_BUCKETS_MAX];

	if (l->client) {
		greet_reconciling(l);
		digest(l, 0, 1);
		until(l, MESSAGE_ITEMS, 1);
		return;
	}
	greet_reconciling(l);
	until(l, MESSAGE_DIGEST, 1);
	memset(differ, 1, sizeof(differ));
	buckets_encode(0, l->digest_bits, differ, &b);
	say(l, MESSAGE_BUCKETS, &b);
}

static void
items(struct line *l, int last, uint64_t first, unsigned n, int step_by)
{
	struct digest_item *list = mem_alloc((n + 1) * sizeof(*list));
	struct buf b = BUF_INIT;
	unsigned i;

	for (i = 0; i < n; i++)
		list[i].name = first + (uint64_t)(int64_t)(step_by * (int)i);
	items_encode(last, list, n, &b);
	say(l, MESSAGE_ITEMS, &b);
	free(list);
}

static void
items_falling(struct line *l)
{
	to_items(l);
	items(l, 1, 1000, 10, -1);
}

static void
items_twice(struct line *l)
{
	to_items(l);
	items(l, 0, 1, 10, 1);
	items(l, 1, 10, 10, 1);
}

static void
items_endless(struct line *l)
{
	unsigned i;

	to_items(l);
	for (i = 0; i < 1000 && !l->ended; i++) {
		items(l, 0, 1 + i * 2000u, 2000, 1);
		send_off(l, 1000);
	}
}

static void
items_torn(struct line *l)
{
	struct buf b = BUF_INIT;

	to_items(l);
	buf_u8(&b, 1);
	buf_put(&b, "torn", 4);
	say(l, MESSAGE_ITEMS, &b);
}

static void
buckets_short(struct line *l)
{
	struct buf b = BUF_INIT;

	greet_reconciling(l);
	until(l, MESSAGE_DIGEST, 1);
	buf_u8(&b, 2);
	say(l, MESSAGE_BUCKETS, &b);
}

/* Silence, and talk that says nothing. */

static void
silence(struct line *l)
{
	greet(l);
}

static void
working(struct line *l)
{
	struct frame_out *f = frame_out_new();
	int i;

	for (i = 0; i < 1000; i++)
		frame_add(f, MESSAGE_WORKING, "", 0);
	frame_seal(f);
	greet(l);
	for (i = 0; i < 1000 && !l->ended; i++) {
		buf_put(&l->wire, frame_wire(f)->p, frame_wire(f)->len);
		send_off(l, 1000);
	}
	frame_out_free(f);
}

static void
error_lines(struct line *l)
{
	struct buf b = BUF_INIT;

	greet(l);
	error_encode("first\nnobody: second\r\033[2J line", &b);
	say(l, MESSAGE_ERROR, &b);
}

static void
bye_at_once(struct line *l)
{
	struct buf b = BUF_INIT;

	greet(l);
	end_encode(9, &b);
	say(l, MESSAGE_BYE, &b);
}

static void
action_report(struct line *l)
{
	struct action_report a = { 0, 0, "evil" };
	struct buf b = BUF_INIT;

	greet(l);
	action_encode(&a, &b);
	say(l, MESSAGE_ACTION, &b);
}

/* Ends of the line. */

static void
reset(struct line *l)
{
	struct linger at_once = { 1, 0 };

	send_off(l, 1000);
	setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	l->ended = 1;
}

static void
cut_in_content(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	content(l, 0, 0, "ev", 2);
	send_off(l, 1000);
	shutdown(l->fd, SHUT_WR);
}

static void
reset_in_content(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
	content(l, 0, 0, "ev", 2);
	reset(l);
}

static void
cut_after_end(struct line *l)
{
	to_offering(l);
	end(l);
	send_off(l, 1000);
	shutdown(l->fd, SHUT_WR);
}

static void
close_after_end(struct line *l)
{
	to_offering(l);
	end(l);
	until(l, MESSAGE_END, 1);
	tls_close(l->tls);
}

/* Before the handshake is through. */

static void
slow_handshake(struct line *l)
{
	unsigned char one;
	size_t n;
	const unsigned char *p;

	while (!l->ended && (p = tls_record_out(l->tls, &n))) {
		if (write(l->fd, p, 1) != 1 ||
		    recv(l->fd, &one, 1, MSG_DONTWAIT) == 0)
			l->ended = 1;
		tls_record_sent(l->tls, 1);
		poll(NULL, 0, 100);
	}
}

static void
no_handshake(struct line *l)
{
	char buf[100];
	struct pollfd at = { l->fd, POLLIN, 0 };

	while (poll(&at, 1, PATIENCE_MS) > 0 &&
	    read(l->fd, buf, sizeof(buf)) > 0)
		continue;
	l->ended = 1;
}

static void
no_tls(struct line *l)
{
	static const char text[] = "GET / HTTP/1.0\r\n\r\n";

	if (write(l->fd, text, sizeof(text)) < 0)
		l->ended = 1;
	no_handshake(l);
}

static void
wrong_key(struct line *l)
{
	shake_hands(l);
}

static const struct misbehaviour {
	const char *name;
	void (*run)(struct line *l);
	int who;
	int lines;              /* that the other side logs */
	const char *says;       /* in one of them */
} all[] = {
	{ "name-dotdot", name_dotdot, BOTH, 1, "invalid name" },
	{ "name-dot", name_dot, BOTH, 1, "invalid name" },
	{ "name-slashes", name_slashes, BOTH, 1, "invalid name" },
	{ "name-slash-end", name_slash_end, BOTH, 1, "invalid name" },
	{ "name-reserved", name_reserved, BOTH, 1, "invalid name" },
	{ "name-in-reserved", name_in_reserved, BOTH, 1, "invalid name" },
	{ "name-empty", name_empty, BOTH, 1, "invalid name" },
	{ "name-relative", name_relative, BOTH, 1, "invalid name" },
	{ "name-nul", name_nul, BOTH, 1, "malformed offer" },
	{ "name-33k", name_long, BOTH, 1, "malformed offer" },
	{ "name-64k", name_64k, BOTH, 1, "malformed frame" },
	{ "outside", outside, BOTH, 2, "Permission denied" },
	{ "other-group", other_group, BOTH, 2, "Permission denied" },
	{ "receive-only", receive_only, BOTH, 2, "denied for slave" },
	{ "other-prefix", other_prefix, BOTH, 2, "cannot open" },
	{ "through-link", through_link, BOTH, 1, "for later" },
	{ "parent-link", parent_link, BOTH, 2, "link/sub/evil: " },
	{ "parent-outside", parent_outside, BOTH, 2, "Permission denied" },
	{ "size-negative", size_negative, BOTH, 1, "malformed offer" },
	{ "size-2-63", size_2_63, BOTH, 1, "malformed offer" },
	{ "size-huge", size_huge, BOTH, 1, "for later" },
	{ "counter-2-48", counter_2_48, BOTH, 1, "malformed offer" },
	{ "hello-version", hello_version, BOTH, 1, "version [13] of" },
	{ "hello-in-2-48", hello_in_2_48, BOTH, 1, "malformed greeting" },
	{ "hello-known-2-48", hello_known_2_48, BOTH, 1,
	    "malformed greeting" },
	{ "hello-many-known", hello_many_known, BOTH, 1,
	    "malformed greeting" },
	{ "hello-twice", hello_twice, BOTH, 1, "message 1 out of turn" },
	{ "end-2-63", end_2_63, BOTH, 1, "malformed end" },
	{ "content-for-nobody", content_for_nobody, BOTH, 1, "out of turn" },
	{ "content-unasked", content_unasked, BOTH, 1, "out of turn" },
	{ "content-twice", content_twice, BOTH, 1, "out of turn" },
	{ "end-twice", end_twice, BOTH, 1, "malformed end" },
	{ "offer-after-end", offer_after_end, BOTH, 1, "malformed offer" },
	{ "result-for-nothing", result_for_nothing, BOTH, 1,
	    "malformed result" },
	{ "result-twice", result_twice, BOTH, 1, "malformed result" },
	{ "result-code", result_code, BOTH, 1, "malformed result" },
	{ "want-nothing", want_nothing, BOTH, 1, "malformed request" },
	{ "want-forever", want_forever, BOTH, 1, "malformed request" },
	{ "signature-unasked", signature_unasked, BOTH, 1,
	    "malformed signature" },
	{ "signature-2-63", signature_2_63, BOTH, 1, "malformed header" },
	{ "signature-blocks", signature_blocks_many, BOTH, 1,
	    "too many blocks" },
	{ "signature-garbage", signature_garbage, BOTH, 1,
	    "malformed header" },
	{ "signature-flood", signature_flood, BOTH, 1, "signature" },
	{ "delta-beyond", delta_beyond, BOTH, 1, "for later" },
	{ "delta-before", delta_before, BOTH, 1, "for later" },
	{ "delta-2-62", delta_2_62, BOTH, 1, "for later" },
	{ "delta-overlap", delta_overlap, BOTH, 1, "for later" },
	{ "delta-nothing", delta_nothing, BOTH, 1, "for later" },
	{ "delta-long", delta_long, BOTH, 1, "for later" },
	{ "delta-literal", delta_literal, BOTH, 1, "for later" },
	{ "delta-unasked", delta_unasked, BOTH, 2, "nobody asked for" },
	{ "content-hash", content_hash, BOTH, 1, "for later" },
	{ "content-short", content_short, BOTH, 1, "for later" },
	{ "content-long", content_long, BOTH, 2, "more content" },
	{ "content-endless", content_endless, BOTH, 2, "more content" },
	{ "offers-unheard", offers_unheard, CLIENT, 101, "listen|no answer" },
	{ "offers-unfulfilled", offers_unfulfilled, BOTH, 1, "too many" },
	{ "frame-long", frame_long, BOTH, 1, "malformed frame" },
	{ "frame-empty", frame_empty, BOTH, 1, "malformed frame" },
	{ "frame-flags", frame_flags, BOTH, 1, "malformed frame" },
	{ "frame-half", frame_half, BOTH, 1, "no answer" },
	{ "frame-damaged", frame_damaged, BOTH, 1, "damaged compressed" },
	{ "bomb", bomb, BOTH, 1, "damaged compressed" },
	{ "unknown-type", unknown_type, BOTH, 1, "message 200" },
	{ "digest-wide", digest_wide, CLIENT, 1, "malformed digest" },
	{ "digest-deep", digest_deep, CLIENT, 1, "malformed digest" },
	{ "digest-short", digest_short, CLIENT, 1, "malformed digest" },
	{ "digest-twice", digest_twice, CLIENT, 1, "malformed digest" },
	{ "digest-unasked", digest_unasked, BOTH, 1, "out of turn" },
	{ "offer-for-digest", offer_for_digest, CLIENT, 1, "out of turn" },
	{ "buckets-short", buckets_short, SERVER, 1, "answer to a digest" },
	{ "items-falling", items_falling, BOTH, 1, "malformed list" },
	{ "items-twice", items_twice, BOTH, 1, "malformed list" },
	{ "items-endless", items_endless, BOTH, 1, "malformed list" },
	{ "items-torn", items_torn, BOTH, 1, "malformed list" },
	{ "silence", silence, BOTH, 1, "no answer" },
	{ "working", working, BOTH, 1, "only says" },
	{ "error-lines", error_lines, BOTH, 1, "the peer says: first" },
	{ "bye-at-once", bye_at_once, BOTH, 1, "out of turn" },
	{ "action-report", action_report, BOTH, 1, "out of turn" },
	{ "cut-in-content", cut_in_content, BOTH, 1, "closed|broke|ended" },
	{ "reset-in-content", reset_in_content, BOTH, 1, "broke" },
	{ "cut-after-end", cut_after_end, BOTH, 1, "closed|broke|ended" },
	{ "close-after-end", close_after_end, BOTH, 1, "ended" },
	{ "slow-handshake", slow_handshake, CLIENT | RAW, 1, "no answer" },
	{ "no-handshake", no_handshake, BOTH | RAW, 1, "no answer" },
	{ "no-tls", no_tls, BOTH | RAW, 1, "." },
	{ "wrong-key", wrong_key, BOTH | RAW | OTHER_KEY, 1, "key" }
};

enum { HOW_MANY = sizeof(all) / sizeof(all[0]) };

static int
list(int who)
{
	size_t i;

	for (i = 0; i < HOW_MANY; i++)
		if (all[i].who & who)
			printf("%s %d %s\n", all[i].name, all[i].lines,
			    all[i].says);
	return 0;
}

static struct line
begin(char **argv, int client, const char *config, const char *name,
    const struct misbehaviour *m)
{
	static unsigned char psk[PSK_BYTES];
	char text[IDENTITY_MAX + 1];
	struct identity id;
	struct key key;
	struct err e;
	int fd;

	if (key_load(&key, argv[4], &e)) {
		fprintf(stderr, "wicked: %s\n", e.text);
		exit(2);
	}
	memset(&id, 0, sizeof(id));
	key_tag(&key, id.tag);
	snprintf(id.client, sizeof(id.client), "%s", argv[client ? 5 : 6]);
	snprintf(id.server, sizeof(id.server), "%s", argv[client ? 6 : 5]);
	snprintf(id.config, sizeof(id.config), "%s", config);
	key_psk(&key, id.client, id.server, psk);
	psk[0] ^= m->who & OTHER_KEY ? 1 : 0;
	if (identity_format(&id, text, &e)) {
		fprintf(stderr, "wicked: %s: %s\n", name, e.text);
		exit(2);
	}
	fd = client ? dial(argv[2], argv[3]) : answer_one(argv[2], argv[3]);
	return line_of(fd, client, client ? tls_client(text, psk)
	    : tls_server(lookup, psk));
}

static int
finish(struct line *l)
{
	unsigned i;

	idle(l, PATIENCE_MS);
	for (i = 0; i < TYPES; i++)
		if (l->got[i])
			printf("%u of message %u\n", l->got[i], i);
	if (l->error[0])
		printf("it said: %s\n", l->error);
	if (!l->ended)
		printf("the line did not end\n");
	i = !l->ended;
	line_close(l);
	return (int)i;
}

int
main(int argc, char **argv)
{
	int client = argc > 1 && !strcmp(argv[1], "client");
	const char *name = argv[argc - 1];
	struct line l;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "list"))
		return list(!strcmp(name, "client") ? CLIENT : SERVER);
	for (i = 0; i < HOW_MANY && strcmp(all[i].name, name); i++)
		continue;
	if (argc < 8 || argc > 9 || i == HOW_MANY) {
		fprintf(stderr, "usage: see the source\n");
		return 2;
	}
	l = begin(argv, client, argc == 9 ? argv[7] : "", name, &all[i]);
	if (!(all[i].who & RAW) && shake_hands(&l)) {
		printf("no handshake: %s\n", tls_reason(l.tls));
		return 1;
	}
	all[i].run(&l);
	return finish(&l);
}
