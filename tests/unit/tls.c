/* SPDX-License-Identifier: ISC */
/*
 * TLS over memory as it should be: handshakes, data, ends, other keys. Peers
 * that misbehave: tlspeer.c; other people's TLS: tests/t/20-tls.sh.
 */
#include "line.h"

/* Good lines */

static void
handshake(void)
{
	size_t step;

	for (step = 0; step < 8; step++) {
		struct line l;

		open_line(&l, IDENTITY, 0);
		l.step = step;
		CHECK_INT(tls_state(l.c), TLS_RECORD_OUT | TLS_RECORD_IN);
		CHECK_INT(tls_state(l.s), TLS_RECORD_IN);
		CHECK(!both(&l));
		pump(&l);
		CHECK(both(&l));
		CHECK_INT(tls_state(l.c), TLS_RECORD_IN | TLS_DATA_OUT);
		CHECK_INT(tls_state(l.s), TLS_RECORD_IN | TLS_DATA_OUT);
		say(l.c, "ping");
		say(l.s, "pong");
		pump(&l);
		CHECK_INT(tls_state(l.s), TLS_DATA_IN | TLS_DATA_OUT);
		CHECK_STR(heard(l.s), "ping");
		CHECK_STR(heard(l.c), "pong");
		CHECK_INT(tls_failure(l.c), TLS_OK);
		CHECK_INT(tls_failure(l.s), TLS_OK);
		close_line(&l);
	}
}

static unsigned char
pattern(size_t i, unsigned salt)
{
	return (unsigned char)(i * 31 + (i >> 8) * 7 + (i >> 16) + salt);
}

/* Writes what there is room for, of a pattern of max bytes. */
static void
fill(struct tls *t, size_t *done, size_t max, unsigned salt)
{
	size_t n, i;
	unsigned char *to = tls_data_out(t, &n);

	if (!to || *done == max)
		return;
	if (n > max - *done)
		n = max - *done;
	for (i = 0; i < n; i++)
		to[i] = pattern(*done + i, salt);
	*done += n;
	tls_data_written(t, n);
	if (*done == max)
		tls_flush(t);
}

static int
check(struct tls *t, size_t *done, unsigned salt)
{
	const unsigned char *p;
	size_t n, i;

	while ((p = tls_data_in(t, &n))) {
		for (i = 0; i < n; i++)
			if (p[i] != pattern(*done + i, salt))
				return -1;
		*done += n;
		tls_data_read(t, n);
	}
	return 0;
}

static void
bulk_both_ways(void)
{
	static const size_t steps[] = { 0, 1, 1000 };
	const size_t max = 1 << 20;
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t up = 0, down = 0, up_got = 0, down_got = 0;
		struct line l;

		open_line(&l, IDENTITY, 0);
		l.step = steps[i];
		while (up_got < max || down_got < max) {
			fill(l.c, &up, max, 1);
			fill(l.s, &down, max, 2);
			pump(&l);
			CHECK_INT(check(l.s, &up_got, 1), 0);
			CHECK_INT(check(l.c, &down_got, 2), 0);
			CHECK_INT(tls_failure(l.c), TLS_OK);
			CHECK_INT(tls_failure(l.s), TLS_OK);
		}
		CHECK_INT(up_got, max);
		CHECK_INT(down_got, max);
		close_line(&l);
	}
}

/*
 * Data that comes right behind the peer's Finished, in one run of bytes; from
 * the server, which may send it at once.
 */
static void
data_behind_finished(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	while (!tls_established(l.s)) {
		take(l.c, &l.up);
		give(&l, 1);
		take(l.s, &l.down);
		if (!tls_established(l.s))
			give(&l, 0);
	}
	say(l.s, "early");
	take(l.s, &l.down);
	CHECK(!tls_established(l.c));
	give(&l, 0);
	CHECK(tls_established(l.c));
	CHECK_STR(heard(l.c), "early");
	close_line(&l);
}

/*
 * A client that sends data without waiting for the server's Finished (RFC
 * 7918): its bytes are there when the server has all its records still to send.
 */
static void
data_before_our_finished(void)
{
	struct line l;
	struct buf data = BUF_INIT;

	open_line(&l, IDENTITY, 0);
	while (l.c->eng->out.vtable == &br_sslrec_out_clear_vtable ||
	    take(l.c, &l.up)) {
		take(l.c, &l.up);
		if (l.c->eng->out.vtable != &br_sslrec_out_clear_vtable)
			continue;
		give(&l, 1);
		take(l.s, &l.down);
		give(&l, 0);
	}
	l.c->eng->application_data = 1;
	l.c->eng->record_type_out = 23;
	say(l.c, "false start");
	take(l.c, &data);
	l.c->eng->application_data = 0;
	buf_put(&l.up, data.p, data.len);
	give(&l, 1);
	CHECK(l.up.len == data.len);
	CHECK_INT(tls_state(l.s), TLS_RECORD_OUT);
	pump(&l);
	CHECK(tls_established(l.s));
	CHECK_STR(heard(l.s), "false start");
	buf_free(&data);
	close_line(&l);
}

/* OpenSSL's first record says TLS 1.0 and its second one 1.2. */
static void
first_record_of_tls10(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	l.up.p[2] = 1;
	pump(&l);
	CHECK(both(&l));
	close_line(&l);
}

/* Ends */

static void
closed_by(int who)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.c, "last words");
	if (who & 1)
		tls_close(l.c);
	if (who & 2)
		tls_close(l.s);
	CHECK(!(tls_state(l.c) & TLS_DATA_OUT) || !(who & 1));
	pump(&l);
	if (who == 1)
		CHECK_STR(heard(l.s), "last words");
	pump(&l);
	CHECK_INT(tls_state(l.c), TLS_CLOSED);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	tls_eof(l.c);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.c), TLS_OK);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	CHECK_STR(tls_reason(l.c), "");
	CHECK(both(&l));
	close_line(&l);
}

static void
close_by_client(void)
{
	closed_by(1);
}

static void
close_by_server(void)
{
	closed_by(2);
}

static void
close_by_both(void)
{
	closed_by(3);
}

/* BearSSL 0.6 hangs here when left alone. */
static void
close_with_unread_data(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	say(l.s, "nobody reads this");
	pump(&l);
	say(l.s, "nor that");
	pump(&l);
	CHECK(tls_state(l.c) & TLS_DATA_IN);
	tls_close(l.c);
	pump(&l);
	CHECK_INT(tls_state(l.c), TLS_CLOSED);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.c), TLS_OK);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	close_line(&l);
}

static void
close_flushes(void)
{
	struct line l;
	unsigned char *to;
	size_t n;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	to = tls_data_out(l.c, &n);
	CHECK(to && n >= 16384);
	memcpy(to, "unflushed", 9);
	tls_data_written(l.c, 9);
	tls_close(l.c);
	pump(&l);
	CHECK_STR(heard(l.s), "unflushed");
	pump(&l);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	close_line(&l);
}

static void
close_in_the_handshake(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	take(l.c, &l.up);
	give(&l, 1);
	tls_close(l.s);
	take(l.s, &l.down);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	pump(&l);
	CHECK_INT(tls_failure(l.c), TLS_BROKEN);
	CHECK(strstr(tls_reason(l.c), "alert 0 (it closed the line)"));
	CHECK(!tls_established(l.c) && !tls_established(l.s));
	close_line(&l);
}

static void
eof_when_open(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	pump(&l);
	tls_eof(l.c);
	CHECK_INT(tls_state(l.c), TLS_CLOSED);
	CHECK_INT(tls_failure(l.c), TLS_TRUNCATED);
	CHECK_STR(tls_reason(l.c), "the line broke off");
	CHECK(tls_established(l.c));
	tls_close(l.s);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.s), TLS_TRUNCATED);
	close_line(&l);
}

static void
eof_at_once(void)
{
	struct line l;

	open_line(&l, IDENTITY, 0);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.s), TLS_TRUNCATED);
	CHECK_STR(tls_reason(l.s), "the line broke off while waiting for the "
	    "client's hello");
	take(l.c, &l.up);
	tls_eof(l.c);
	CHECK_STR(tls_reason(l.c), "the line broke off while waiting for the "
	    "server's hello");
	close_line(&l);
}

/* The end of the line does not take back what was known before. */
static void
eof_after_the_verdict(void)
{
	struct line l;
	struct buf out = BUF_INIT;

	open_line(&l, IDENTITY, 0);
	feed(l.s, (const unsigned char *)"\26\3\3\0\1\7", 6, 0);
	tls_eof(l.s);
	CHECK_INT(tls_failure(l.s), TLS_BROKEN);
	CHECK_STR(tls_reason(l.s), "the peer sent an unexpected message");
	CHECK_INT(tls_state(l.s), TLS_RECORD_OUT);
	take(l.s, &out);
	CHECK_INT(out.len, 7);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	close_line(&l);

	open_line(&l, IDENTITY, 0);
	pump(&l);
	tls_close(l.c);
	take(l.c, &l.up);
	give(&l, 1);
	tls_eof(l.s);
	CHECK_INT(tls_state(l.s), TLS_RECORD_OUT);
	take(l.s, &out);
	CHECK_INT(tls_state(l.s), TLS_CLOSED);
	CHECK_INT(tls_failure(l.s), TLS_OK);
	buf_free(&out);
	close_line(&l);
}

/* Each direction cut behind each of its bytes of the handshake. */
static void
cut_anywhere(void)
{
	size_t cut;
	int up, uncut;

	for (up = 0; up < 2; up++) {
		for (cut = 0, uncut = 0; !uncut; cut++) {
			struct line l;

			open_line(&l, IDENTITY, 0);
			l.change_up = up;
			l.cut = cut;
			pump(&l);
			uncut = both(&l);
			if (uncut) {
				close_line(&l);
				break;
			}
			CHECK(!tls_established(up ? l.s : l.c));
			CHECK_INT(tls_failure(l.c), TLS_OK);
			CHECK_INT(tls_failure(l.s), TLS_OK);
			tls_eof(up ? l.s : l.c);
			CHECK_INT(tls_failure(up ? l.s : l.c), TLS_TRUNCATED);
			CHECK(strstr(tls_reason(up ? l.s : l.c), " while "));
			CHECK_INT(tls_state(up ? l.s : l.c), TLS_CLOSED);
			close_line(&l);
		}
		CHECK(cut > 100);
	}
}

/*
 * Each byte of the handshake changed: who receives it must not be content. The
 * minor version of a direction's first record is free (RFC 5246, E.1).
 */
static void
changed_anywhere(void)
{
	static const unsigned char masks[] = { 1, 0x80, 0xff };
	size_t at, m;
	int up, end;

	for (up = 0; up < 2; up++) {
		for (at = 1, end = 0; !end; at++) {
			for (m = 0; m < sizeof(masks); m++) {
				struct line l;

				open_line(&l, IDENTITY, 0);
				l.change_up = up;
				l.change = at;
				l.mask = masks[m];
				pump(&l);
				end = l.change != 0;
				if (!end && at != 3)
					CHECK(!tls_established(up ? l.s : l.c));
				if (!end && at != 3 && up)
					CHECK(!tls_established(l.c));
				close_line(&l);
			}
		}
		CHECK(at > 147);
	}
}

/* Keys and identities */

static void
wrong_key(void)
{
	size_t step;

	for (step = 0; step < 2; step++) {
		struct line l;

		open_line(&l, IDENTITY, 1);
		l.step = step;
		pump(&l);
		CHECK_INT(tls_failure(l.s), TLS_BAD_KEY);
		CHECK_INT(tls_failure(l.c), TLS_BAD_KEY);
		CHECK_STR(tls_reason(l.c), "the peer has another key; "
		    "compare the key files");
		CHECK_STR(tls_reason(l.s), "the peer has another key; "
		    "compare the key files");
		CHECK_INT(tls_state(l.c), TLS_CLOSED);
		CHECK_INT(tls_state(l.s), TLS_CLOSED);
		CHECK(!tls_established(l.c) && !tls_established(l.s));
		close_line(&l);
	}
}

static void
unknown_identity(void)
{
	static const char *const ids[] = {
		"x", "c1/5c88/alpha/beta/x", "c1/5c88/beta/alpha/"
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		struct line l;

		open_line(&l, ids[i], 0);
		pump(&l);
		CHECK_INT(tls_failure(l.c), TLS_UNKNOWN);
		CHECK_INT(tls_failure(l.s), TLS_BROKEN);
		CHECK_STR(tls_reason(l.s), "the peer sent an identity that is "
		    "not known here");
		CHECK_INT(tls_state(l.c), TLS_CLOSED);
		CHECK_INT(tls_state(l.s), TLS_CLOSED);
		CHECK(!tls_established(l.c) && !tls_established(l.s));
		close_line(&l);
	}
}

int
main(void)
{
	RUN_BOTH(handshake);
	RUN_BOTH(bulk_both_ways);
	RUN_BOTH(data_behind_finished);
	RUN_BOTH(data_before_our_finished);
	RUN_BOTH(first_record_of_tls10);
	RUN_BOTH(close_by_client);
	RUN_BOTH(close_by_server);
	RUN_BOTH(close_by_both);
	RUN_BOTH(close_with_unread_data);
	RUN_BOTH(close_flushes);
	RUN_BOTH(close_in_the_handshake);
	RUN_BOTH(eof_when_open);
	RUN_BOTH(eof_at_once);
	RUN_BOTH(eof_after_the_verdict);
	RUN_BOTH(cut_anywhere);
	RUN_BOTH(changed_anywhere);
	RUN_BOTH(wrong_key);
	RUN_BOTH(unknown_identity);
	return unit_end();
}
