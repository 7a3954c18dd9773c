/* SPDX-License-Identifier: ISC */
/*
 * Greetings, halves and single words, as an honest peer says them.
 */
#include "wicked.h"

void
greet_as(struct line *l, const struct hello *like)
{
	struct hello h = *like;

	if (l->client)
		h.bits |= HELLO_TURN;
	say(l, MESSAGE_HELLO, made_hello(&h));
	until(l, MESSAGE_HELLO, 1);
}

void
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
	say(l, MESSAGE_BUCKETS, b);
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

void
to_offering(struct line *l)
{
	greet(l);
	if (!l->client)
		answer_all(l);
}

void
to_answering(struct line *l)
{
	greet(l);
	if (l->client)
		end(l);
	until(l, MESSAGE_END, 1);
}

void
to_the_end(struct line *l)
{
	end(l);
	if (l->client) {
		answer_all(l);
		until(l, MESSAGE_BYE, 1);
	} else {
		idle(l, 300);
		bye(l);
	}
}

const char *
below(const char *name)
{
	static char text[5000];
	const char *base = getenv("BASE");

	snprintf(text, sizeof(text), "%s%s", base ? base : "", name);
	return text;
}

void
offer_version(struct line *l, int eager, const void *name, size_t n,
    const struct version *v, uint64_t number)
{
	say(l, MESSAGE_OFFER, made_offer(eager, name, n, v, number, "w",
	    HISTORY_FORCED));
}

void
offer(struct line *l, int eager, const char *name, const char *text)
{
	struct version v = made_version(text);

	offer_version(l, eager, name, strlen(name), &v, 1);
}

void
to_content(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	until(l, MESSAGE_WANT, 1);
}

void
content(struct line *l, uint64_t index, unsigned bits, const void *p,
    size_t n)
{
	say(l, MESSAGE_CONTENT, made_content(index, bits, p, n));
}

void
text_content(struct line *l, uint64_t index, const char *text)
{
	content(l, index, CONTENT_LAST, text, strlen(text));
}

void
to_delta(struct line *l)
{
	struct version v = made_version("evil");
	const char *name = below("/srv/t/big");

	v.size = DELTA_OLD;
	to_offering(l);
	offer_version(l, 0, name, strlen(name), &v, 1);
	until(l, MESSAGE_SIGNATURE, 1);
}

void
delta(struct line *l, unsigned bits, struct buf *ops)
{
	content(l, 0, CONTENT_DELTA | bits, ops->p, ops->len);
	buf_free(ops);
}

void
after_delta(struct line *l)
{
	until(l, MESSAGE_WANT, 2);
	text_content(l, 0, "evil");
	to_the_end(l);
}

void
parent(struct line *l, const char *name)
{
	say(l, MESSAGE_PARENT, made_parent(name));
}

void
want(struct line *l, uint64_t index, int with_signature)
{
	say(l, MESSAGE_WANT, made_want(index, with_signature));
}

void
signature(struct line *l, uint64_t index, int last, const void *p, size_t n)
{
	say(l, MESSAGE_SIGNATURE, made_signature(index, last, p, n));
}

void
result(struct line *l, uint64_t index, enum result_code code)
{
	say(l, MESSAGE_RESULT, made_result(index, code));
}

void
end(struct line *l)
{
	say(l, MESSAGE_END, made_end(9));
}

void
bye(struct line *l)
{
	say(l, MESSAGE_BYE, made_end(9));
}

void
raw_frame(struct line *l, unsigned flags, const void *p, size_t n)
{
	buf_u32(&l->wire, (uint32_t)n | flags << 24);
	buf_put(&l->wire, p, n);
}

void
flood(struct line *l, unsigned type, struct buf body, int in_a_frame,
    int frames)
{
	struct frame_out *f = frame_out_new();

	while (in_a_frame--)
		frame_add(f, type, body.p, body.len);
	frame_seal(f);
	while (frames-- && !l->ended) {
		buf_put(&l->wire, frame_wire(f).p, frame_wire(f).len);
		send_off(l, 500);
		if (l->wire.len > 1 << 20)
			break;
	}
	frame_out_free(f);
	buf_free(&body);
}
