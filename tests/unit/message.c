/* SPDX-License-Identifier: ISC */
/*
 * The messages of a session: there and back, cut anywhere, changed in any byte,
 * and at their limits. What is accepted must be encoded as it came.
 */
#include <stdlib.h>

#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "sync/message.h"

static struct buf body;

static struct history
full_history(void)
{
	struct history h;
	unsigned i;

	memset(&h, 0, sizeof(h));
	h.stamp = (struct stamp){ 0x0123456789abcdef, NUMBER_MAX - 1 };
	h.nheads = HEADS_MAX;
	for (i = 0; i < HEADS_MAX; i++)
		h.heads[i] = (struct stamp){ 1000 + i, 5 * i };
	h.vector.n = VECTOR_MAX;
	for (i = 0; i < VECTOR_MAX; i++)
		h.vector.at[i] = (struct stamp){ 2000 + i, 1 + 7 * i };
	h.bits = HISTORY_FORCED | HISTORY_RESOLUTION | HISTORY_FIRST;
	memset(h.author, 'h', AUTHOR_MAX);
	return h;
}

static struct version
version_of(enum kind kind)
{
	struct version v;

	memset(&v, 0, sizeof(v));
	v.kind = kind;
	if (kind != KIND_NONE) {
		v.mode = kind == KIND_LNK ? 0 : 07654;
		v.uid = UINT32_MAX;
		v.gid = 7;
	}
	if (kind != KIND_DIR) {
		v.mtime.sec = -1;
		v.mtime.nsec = 999999999;
	}
	if (kind == KIND_REG) {
		v.size = INT64_MAX;
		memset(v.id, 0xa5, sizeof(v.id));
	}
	if (kind == KIND_LNK)
		v.target = mem_strdup("../where");
	if (kind == KIND_CHR || kind == KIND_BLK) {
		v.major = 4;
		v.minor = UINT32_MAX;
	}
	return v;
}

/* Decodes as that type; what it accepts is encoded again, into again. */
static int
recode(unsigned type, struct view in, struct buf *again)
{
	static struct hello hello;
	static struct result result;
	struct parent parent;
	struct offer offer;
	struct content_piece piece;
	struct signature_piece sig;
	struct action_report report;
	char text[MESSAGE_TEXT_MAX + 1];
	uint64_t n;
	int rc, bit;

	buf_clear(again);
	switch (type) {
	case MESSAGE_HELLO:
		rc = hello_decode(&hello, in);
		if (!rc)
			hello_encode(&hello, again);
		return rc;
	case MESSAGE_PARENT:
		rc = parent_decode(&parent, in);
		if (!rc) {
			parent_encode(&parent, again);
			free(parent.name);
		}
		return rc;
	case MESSAGE_OFFER:
		rc = offer_decode(&offer, in);
		if (!rc) {
			offer_encode(offer.eager, offer.name, &offer.v,
			    &offer.h, again);
			offer_free(&offer);
		}
		return rc;
	case MESSAGE_CONTENT:
		rc = content_decode(&piece, in);
		if (!rc)
			content_encode(&piece, again);
		return rc;
	case MESSAGE_END:
		rc = end_decode(&n, in);
		if (!rc)
			end_encode(n, again);
		return rc;
	case MESSAGE_WANT:
		rc = want_decode(&n, &bit, in);
		if (!rc)
			want_encode(n, bit, again);
		return rc;
	case MESSAGE_SIGNATURE:
		rc = signature_decode(&sig, in);
		if (!rc)
			signature_encode(&sig, again);
		return rc;
	case MESSAGE_RESULT:
		rc = result_decode(&result, in);
		if (!rc)
			result_encode(&result, again);
		return rc;
	case MESSAGE_ACTION:
		rc = action_decode(&report, in);
		if (!rc)
			action_encode(&report, again);
		return rc;
	default:
		rc = error_decode(text, in);
		if (!rc)
			error_encode(text, again);
		return rc;
	}
}

static int
same_bytes(const struct buf *x, const struct buf *y)
{
	return x->len == y->len && !memcmp(x->p, y->p, x->len);
}

/* Bits that a decoder clears, and a text with a NUL in it, come back less. */
static int
may_differ(unsigned type)
{
	return type == MESSAGE_OFFER || type == MESSAGE_RESULT ||
	    type == MESSAGE_ACTION || type == MESSAGE_ERROR;
}

/*
 * The body as it is: accepted and the same. Cut: refused, but for what has
 * bytes to its end (open). Longer: refused likewise. A changed byte: refused,
 * or another message that is encoded in just this way.
 */
static void
all_ways(unsigned type, int open)
{
	struct buf again = BUF_INIT, copy = BUF_INIT;
	size_t i;
	int v;

	CHECK(!recode(type, view_of(body.p, body.len), &again));
	CHECK(same_bytes(&again, &body));
	for (i = 0; i < body.len; i++) {
		void *cut = mem_alloc(i ? i : 1);

		memcpy(cut, body.p, i);
		if (!recode(type, view_of(cut, i), &again) && !open)
			CHECK_INT(i, body.len);
		free(cut);
	}
	buf_put(&copy, body.p, body.len);
	buf_u8(&copy, 0);
	CHECK_INT(!recode(type, view_of(copy.p, copy.len), &again), open);
	copy.len--;
	for (i = 0; i < body.len; i++) {
		for (v = 1; v < 256; v++) {
			copy.p[i] = (unsigned char)(body.p[i] ^ v);
			if (!recode(type, view_of(copy.p, copy.len), &again) &&
			    !may_differ(type))
				CHECK(same_bytes(&again, &copy));
		}
		copy.p[i] = body.p[i];
	}
	buf_free(&again);
	buf_free(&copy);
	buf_free(&body);
}

static void
hellos(void)
{
	struct hello h;
	unsigned i;

	memset(&h, 0, sizeof(h));
	h.version = PROTOCOL_VERSION;
	h.bits = HELLO_NEW | HELLO_TURN | HELLO_DRY;
	h.replica = UINT64_MAX;
	h.clock = INT64_MIN;
	h.peer_replica = 99;
	h.in = NUMBER_MAX - 1;
	hello_encode(&h, &body);
	all_ways(MESSAGE_HELLO, 0);
	h.nknown = HELLO_KNOWN_MAX;
	for (i = 0; i < HELLO_KNOWN_MAX; i++)
		h.known[i] = (struct stamp){ i, i * 1000 };
	hello_encode(&h, &body);
	all_ways(MESSAGE_HELLO, 0);
	h.nknown = 0;
	h.in = NUMBER_MAX;
	hello_encode(&h, &body);
	CHECK(hello_decode(&h, view_of(body.p, body.len)));
	buf_free(&body);
	h.in = 0;
	h.nknown = 1;
	h.known[0].number = NUMBER_MAX;
	hello_encode(&h, &body);
	CHECK(hello_decode(&h, view_of(body.p, body.len)));
	buf_free(&body);
}

static void
parents(void)
{
	static char text[PATH_BYTES_MAX + 2] = "/";
	struct parent p = { text, 07777, UINT32_MAX, 0 }, q;
	size_t i;

	for (i = 1; i < PATH_BYTES_MAX; i++)
		text[i] = i % 200 ? 'd' : '/';
	parent_encode(&p, &body);
	CHECK(!parent_decode(&q, view_of(body.p, body.len)));
	CHECK_STR(q.name, text);
	free(q.name);
	buf_clear(&body);
	text[i] = 'd';
	parent_encode(&p, &body);
	CHECK(parent_decode(&q, view_of(body.p, body.len)));
	CHECK(!q.name);
	buf_clear(&body);
	snprintf(text, sizeof(text), "/etc");
	parent_encode(&p, &body);
	all_ways(MESSAGE_PARENT, 0);
	snprintf(text, sizeof(text), "/etc/../x");
	parent_encode(&p, &body);
	CHECK(parent_decode(&q, view_of(body.p, body.len)) && !q.name);
	buf_clear(&body);
	snprintf(text, sizeof(text), "/etc");
	p.mode = 010000;
	parent_encode(&p, &body);
	CHECK(parent_decode(&q, view_of(body.p, body.len)));
	buf_free(&body);
}

static void
offers(void)
{
	struct history h = full_history();
	struct version v;
	struct offer o;
	int kind;

	for (kind = 0; kind < KIND_COUNT; kind++) {
		v = version_of((enum kind)kind);
		offer_encode(kind & 1, "%p%/some/name", &v, &h, &body);
		CHECK(!offer_decode(&o, view_of(body.p, body.len)));
		CHECK_INT(o.eager, kind & 1);
		CHECK_STR(o.name, "%p%/some/name");
		CHECK_STR(o.h.author, h.author);
		CHECK_INT(o.v.size, v.size);
		CHECK_INT(o.v.mtime.nsec, v.mtime.nsec);
		offer_free(&o);
		CHECK(!o.name);
		all_ways(MESSAGE_OFFER, 0);
		version_free(&v);
	}
}

static void
offer_limits(void)
{
	struct history h = full_history();
	struct version v = version_of(KIND_REG);
	struct offer o;

	h.stamp.number = NUMBER_MAX;
	offer_encode(0, "/x", &v, &h, &body);
	CHECK(offer_decode(&o, view_of(body.p, body.len)));
	CHECK(!o.name && !o.v.target);
	buf_clear(&body);
	h.stamp.number = 1;
	h.vector.at[3].number = NUMBER_MAX;
	offer_encode(0, "/x", &v, &h, &body);
	CHECK(offer_decode(&o, view_of(body.p, body.len)));
	buf_clear(&body);
	h.vector.at[3] = h.vector.at[4];        /* one replica twice */
	offer_encode(0, "/x", &v, &h, &body);
	CHECK(offer_decode(&o, view_of(body.p, body.len)));
	buf_clear(&body);
	h = full_history();
	v.size = (uint64_t)INT64_MAX + 1;
	offer_encode(0, "/x", &v, &h, &body);
	CHECK(offer_decode(&o, view_of(body.p, body.len)));
	buf_free(&body);
}

/* What is local to the sender's state is nobody else's business. */
static void
local_bits(void)
{
	struct history h = full_history();
	struct version v = version_of(KIND_DIR);
	struct offer o;

	h.bits = 127;
	buf_u8(&body, 0);
	buf_str(&body, "/x");
	version_encode(&v, &body);
	history_encode(&h, 1, &body);
	if (!offer_decode(&o, view_of(body.p, body.len)))
		CHECK(!(o.h.bits & (HISTORY_TAKEN | HISTORY_DEVIATES)));
	offer_free(&o);
	buf_free(&body);
}

static void
pieces(void)
{
	struct content_piece c = { UINT64_MAX, 15, view_of("bytes", 5) };
	struct signature_piece s = { 12345, 1, view_of("", 0) };

	content_encode(&c, &body);
	all_ways(MESSAGE_CONTENT, 1);
	c.bits = 16;
	content_encode(&c, &body);
	CHECK(content_decode(&c, view_of(body.p, body.len)));
	buf_free(&body);
	signature_encode(&s, &body);
	all_ways(MESSAGE_SIGNATURE, 1);
	buf_var(&body, 0);
	CHECK(content_decode(&c, view_of(body.p, body.len)));
	CHECK(signature_decode(&s, view_of(body.p, body.len)));
	buf_u8(&body, 2);
	CHECK(signature_decode(&s, view_of(body.p, body.len)));
	buf_free(&body);
}

static void
short_ones(void)
{
	uint64_t n;

	end_encode(NUMBER_MAX - 1, &body);
	all_ways(MESSAGE_END, 0);
	end_encode(NUMBER_MAX, &body);
	CHECK(end_decode(&n, view_of(body.p, body.len)));
	buf_free(&body);
	want_encode(300, 1, &body);
	all_ways(MESSAGE_WANT, 0);
	error_encode("it is so", &body);
	all_ways(MESSAGE_ERROR, 0);
	error_encode("", &body);
	all_ways(MESSAGE_ERROR, 0);
}

static void
results(void)
{
	struct result r, q;
	unsigned bits, code;

	for (bits = 0; bits < 8; bits++) {
		for (code = 0; code < RESULT_CODES; code++) {
			memset(&r, 0, sizeof(r));
			r.index = UINT64_MAX;
			r.code = (enum result_code)code;
			r.bits = bits;
			if (bits & RESULT_HISTORY) {
				r.h = full_history();
				r.mtime = (struct stime){ INT64_MAX, 1 };
			}
			if (bits & RESULT_SIDES) {
				r.kind = KIND_FIFO;
				r.size = UINT64_MAX;
				r.their_mtime = (struct stime){ -5, 999999999 };
			}
			strncat(r.text, "because", MESSAGE_TEXT_MAX);
			result_encode(&r, &body);
			CHECK(!result_decode(&q, view_of(body.p, body.len)));
			CHECK_MEM(&q.h.vector, &r.h.vector, sizeof(q.h.vector));
			CHECK_INT(q.their_mtime.sec, r.their_mtime.sec);
			CHECK_STR(q.text, "because");
			all_ways(MESSAGE_RESULT, 0);
		}
	}
}

static void
result_limits(void)
{
	struct result r;
	unsigned char raw[] = { 0, RESULT_CODES, 0, 0 };

	CHECK(result_decode(&r, view_of(raw, sizeof(raw))));
	raw[1] = 0;
	CHECK(!result_decode(&r, view_of(raw, sizeof(raw))));
	raw[2] = 8;
	CHECK(result_decode(&r, view_of(raw, sizeof(raw))));
}

/* Texts that are too long are cut on our side, and refused from others. */
static void
texts(void)
{
	static char text[2000], got[MESSAGE_TEXT_MAX + 1];
	struct action_report a = { 255, UINT64_MAX, "command" }, c;

	memset(text, 't', sizeof(text) - 1);
	error_encode(text, &body);
	CHECK(!error_decode(got, view_of(body.p, body.len)));
	CHECK_INT(strlen(got), MESSAGE_TEXT_MAX);
	buf_clear(&body);
	buf_blob(&body, text, MESSAGE_TEXT_MAX + 1);
	CHECK(error_decode(got, view_of(body.p, body.len)));
	CHECK_STR(got, "");
	buf_free(&body);
	action_encode(&a, &body);
	all_ways(MESSAGE_ACTION, 0);
	a.status = 256;
	action_encode(&a, &body);
	CHECK(action_decode(&c, view_of(body.p, body.len)));
	buf_free(&body);
}

int
main(void)
{
	RUN(hellos);
	RUN(parents);
	RUN(offers);
	RUN(offer_limits);
	RUN(local_bits);
	RUN(pieces);
	RUN(short_ones);
	RUN(results);
	RUN(result_limits);
	RUN(texts);
	return unit_end();
}
