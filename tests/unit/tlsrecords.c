/* SPDX-License-Identifier: ISC */
/*
 * Records that are cut, torn, flipped, lost, played again or of another line.
 */
#include "refused.h"

/* Seals the next record under the nonce of the first. */
static void
again(struct tls *t)
{
	if (line_aes)
		t->eng->out.gcm.seq = 0;
	else
		t->eng->out.chapol.seq = 0;
}

/*
 * The client's own Finished, but of so many bytes (up to 17) and sealed anew:
 * what the cipher makes of zeros gives the proof away.
 */
static void
finish_with(struct line *l, size_t n)
{
	unsigned char *sealed, plain[17] = { 0 };
	const size_t nonce = line_aes ? 8 : 0;
	struct buf zeros = BUF_INIT;
	size_t i;

	to_client_key(l);
	CHECK_INT(l->up.len, KEY_LENGTH + 6 + 5 + nonce + 16 + 16);
	sealed = l->up.p + KEY_LENGTH + 6 + 5 + nonce;
	l->c->eng->application_data = 1;
	again(l->c);
	forge(l->c, 22, (char *)plain, 16);
	take(l->c, &zeros);
	for (i = 0; i < 16; i++)
		plain[i] = sealed[i] ^ zeros.p[5 + nonce + i];
	CHECK_MEM(plain, "\24\0\0\14", 4);
	if (n < 16)
		plain[3] = (unsigned char)(n - 4);
	again(l->c);
	forge(l->c, 22, (char *)plain, n);
	l->up.len = KEY_LENGTH + 6;
	take(l->c, &l->up);
	give(l, 1);
	buf_free(&zeros);
}

static void
behind_finished_in_its_record(void)
{
	struct line l;

	finish_with(&l, 16);
	CHECK(tls_established(l.s));
	close_line(&l);
	finish_with(&l, 17);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "the peer sent more behind its proof");
	CHECK(!tls_established(l.s));
	close_line(&l);
}

static void
short_finished(void)
{
	struct line l;
	size_t n;

	for (n = 4; n < 16; n++) {
		finish_with(&l, n);
		CHECK_INT(tls_failure(l.s), TLS_BROKEN);
		CHECK_STR(tls_reason(l.s), "the peer sent an unreadable proof");
		CHECK(!tls_established(l.s));
		close_line(&l);
	}
}

/*
 * In the clear record that ends b, cuts the message that begins at byte `at` to
 * so many bytes of its body (one more than it has: adds a zero), all lengths
 * being right; what comes behind it goes. Returns the body's length.
 */
static size_t
cut_message(struct buf *b, size_t record, size_t at, size_t keep)
{
	size_t n = (size_t)b->p[at + 2] << 8 | b->p[at + 3];

	if (keep > n) {
		buf_room(b, 1);
		b->p[at + 4 + n] = 0;
	}
	b->len = at + 4 + keep;
	b->p[at + 2] = (unsigned char)(keep >> 8);
	b->p[at + 3] = (unsigned char)keep;
	b->p[record + 3] = (unsigned char)((b->len - record - 5) >> 8);
	b->p[record + 4] = (unsigned char)(b->len - record - 5);
	return n;
}

/* Whether who hears this message, cut, refuses it with an alert. */
static int
refuses_cut(struct line *l, int up, size_t at, size_t keep, size_t *n)
{
	struct buf *b = up ? &l->up : &l->down;
	struct buf *answer = up ? &l->down : &l->up;
	struct tls *t = up ? l->s : l->c;

	*n = cut_message(b, 0, at, keep);
	give(l, up);
	buf_clear(answer);
	take(t, answer);
	return (*n == keep && *n) || (answer->len == 7 &&
	    !memcmp(answer->p, "\25\3\3\0\2\2", 6) &&
	    tls_state(t) == TLS_CLOSED && !tls_established(t));
}

static void
cut_messages(void)
{
	size_t keep, n, at;
	struct line l;
	int i;

	for (keep = 0, n = 1; keep < n + 2; keep++) {
		open_line(&l, IDENTITY, 0);
		take(l.c, &l.up);
		if (!refuses_cut(&l, 1, 5, keep, &n))
			CHECK_INT(keep, -1);
		close_line(&l);
	}
	CHECK(n > 60);
	for (keep = 0, n = 1; keep < n + 2; keep++) {
		to_client_key(&l);
		if (!refuses_cut(&l, 1, 5, keep, &n))
			CHECK_INT(keep, -2);
		close_line(&l);
	}
	CHECK_INT(n, KEY_LENGTH - 9);
	for (i = 0, at = 5; i < 3; i++, at += 4 + n) {
		for (keep = 0, n = 1; keep < n + 2; keep++) {
			open_line(&l, IDENTITY, 0);
			take(l.c, &l.up);
			give(&l, 1);
			take(l.s, &l.down);
			if (i == 2 && !keep) {          /* it is empty */
				n = 0;
				close_line(&l);
				continue;
			}
			if (!refuses_cut(&l, 0, at, keep, &n))
				CHECK_INT(keep, -3 - i);
			close_line(&l);
		}
	}
}

/* Makes each clear handshake record of b many records of one byte. */
static void
shred(struct buf *b)
{
	struct buf out = BUF_INIT;
	size_t at, n, i;
	int clear = 1;

	for (at = 0; at < b->len; at += 5 + n) {
		n = (size_t)b->p[at + 3] << 8 | b->p[at + 4];
		clear &= b->p[at] == 22;
		for (i = 0; clear && i < n; i++) {
			buf_put(&out, "\26\3\3\0\1", 5);
			buf_u8(&out, b->p[at + 5 + i]);
		}
		if (!clear)
			buf_put(&out, b->p + at, 5 + n);
	}
	buf_free(b);
	*b = out;
}

static void
records_of_one_byte(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	shred(&l.up);
	give(&l, 1);
	take(l.s, &l.down);
	shred(&l.down);
	give(&l, 0);
	take(l.c, &l.up);
	shred(&l.up);
	CHECK(l.up.len > 6 * 60);
	pump(&l);
	CHECK(both(&l));
	say(l.c, "whole");
	pump(&l);
	CHECK_STR(heard(l.s), "whole");
	close_line(&l);
}

/* Each bit of a record of data, and of the one that closes the line. */
static void
flipped_bits(void)
{
	struct tls *from, *to;
	struct line l;
	struct buf b = BUF_INIT;
	size_t bit, bits;
	int kind;

	for (kind = 0; kind < 4; kind++) {
		for (bit = 0, bits = 8; bit < bits; bit++) {
			open_line(&l, IDENTITY, 0);
			pump(&l);
			from = kind & 1 ? l.c : l.s;
			to = kind & 1 ? l.s : l.c;
			if (kind & 2)
				say(from, "secret");
			else
				tls_close(from);
			buf_clear(&b);
			take(from, &b);
			bits = b.len * 8;
			b.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			feed(to, b.p, b.len, 0);
			CHECK_STR(heard(to), "nothing");
			tls_eof(to);
			CHECK(tls_failure(to) == TLS_BROKEN ||
			    tls_failure(to) == TLS_TRUNCATED);
			close_line(&l);
		}
		CHECK(bits >= 8 * (5 + 2 + 16));
	}
	buf_free(&b);
}

/* A record that is left out, or comes after the next one. */
static void
lost_record(void)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.c, "one");
	take(l.c, &one);
	say(l.c, "two");
	take(l.c, &two);
	feed(l.s, two.p, two.len, 0);
	CHECK_STR(heard(l.s), "nothing");
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_INT(feed(l.s, one.p, one.len, 0), 0);
	buf_free(&one);
	buf_free(&two);
	close_line(&l);
}

/* Records of one line in another one of the same hosts and key. */
static void
record_of_another_line(void)
{
	struct buf b = BUF_INIT;
	struct line l, other;

	open_line(&l, IDENTITY, 0);
	open_line(&other, IDENTITY, 0);
	pump(&l);
	pump(&other);
	say(other.c, "stray");
	take(other.c, &b);
	feed(l.s, b.p, b.len, 0);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	/* and what it said itself */
	say(other.s, "echo");
	buf_clear(&b);
	take(other.s, &b);
	feed(other.s, b.p, b.len, 0);
	CHECK_STR(heard(other.s), "nothing");
	CHECK_INT(tls_failure(other.s), TLS_BROKEN);
	buf_free(&b);
	close_line(&l);
	close_line(&other);
}

static void
replayed_record(void)
{
	struct line l;
	struct buf copy = BUF_INIT;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.c, "once");
	take(l.c, &copy);
	feed(l.s, copy.p, copy.len, 0);
	CHECK_STR(heard(l.s), "once");
	feed(l.s, copy.p, copy.len, 0);
	CHECK_STR(heard(l.s), "nothing");
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "a record was changed on its way (error 7)");
	buf_free(&copy);
	close_line(&l);
}

/* A client's flight sent back to it, and a captured one to another server. */
static void
reflected_and_captured(void)
{
	struct line l;
	struct buf flight = BUF_INIT, out = BUF_INIT;
	struct tls *s;
	size_t n;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	buf_put(&flight, l.up.p, l.up.len);
	feed(l.c, l.up.p, l.up.len, 0);
	CHECK_INT(tls_failure(l.c), TLS_BROKEN);
	close_line(&l);

	buf_clear(&flight);
	open_line(&l, IDENTITY, 0);
	while (!tls_established(l.c)) {
		take(l.c, &l.up);
		buf_put(&flight, l.up.p, l.up.len);
		give(&l, 1);
		take(l.s, &l.down);
		give(&l, 0);
	}
	s = tls_server(lookup, NULL);
	n = feed(s, flight.p, part(HELLO_LENGTH), 0);
	take(s, &out);
	feed(s, flight.p + n, flight.len - n, 0);
	CHECK_INT(tls_failure(s), TLS_BAD_KEY);
	CHECK(!tls_established(s));
	CHECK_INT(tls_state(s), TLS_RECORD_OUT);
	tls_free(s);

	/* All at once: no alert into the middle of the server's own record. */
	s = tls_server(lookup, NULL);
	feed(s, flight.p, n, 0);
	tls_record_out(s, &n);
	tls_record_sent(s, 10);
	feed(s, flight.p + part(HELLO_LENGTH),
	    flight.len - part(HELLO_LENGTH), 0);
	CHECK_INT(tls_failure(s), TLS_BAD_KEY);
	CHECK_INT(tls_state(s), TLS_CLOSED);
	tls_free(s);
	buf_free(&flight);
	buf_free(&out);
	close_line(&l);
}

/* Another protocol knocks. */
static void
not_tls(void)
{
	struct tls *s = tls_server(lookup, NULL);
	const char *get = "GET / HTTP/1.0\r\n\r\n";

	feed(s, (const unsigned char *)get, strlen(get), 0);
	CHECK_INT(tls_state(s), TLS_CLOSED);
	CHECK_INT(tls_failure(s), TLS_BROKEN);
	CHECK_STR(tls_reason(s), "what the peer sent is not TLS 1.2 while "
	    "waiting for the client's hello (error 3); is it ucsync at the "
	    "other end?");
	tls_eof(s);
	tls_close(s);
	tls_flush(s);
	CHECK_INT(tls_state(s), TLS_CLOSED);
	tls_free(s);
	tls_free(NULL);
}

int
main(void)
{
	RUN_BOTH(behind_finished_in_its_record);
	RUN_BOTH(short_finished);
	RUN_BOTH(cut_messages);
	RUN_BOTH(records_of_one_byte);
	RUN_BOTH(flipped_bits);
	RUN_BOTH(lost_record);
	RUN_BOTH(record_of_another_line);
	RUN_BOTH(replayed_record);
	RUN_BOTH(reflected_and_captured);
	RUN_BOTH(not_tls);
	return unit_end();
}
