/* SPDX-License-Identifier: ISC */
/*
 * Ends of the line, and handshakes that do not come to theirs.
 */
#include "wicked.h"

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
	to_content(l);
	content(l, 0, 0, "ev", 2);
	send_off(l, 1000);
	shutdown(l->fd, SHUT_WR);
}

static void
reset_in_content(struct line *l)
{
	to_content(l);
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

const struct misbehaviour wicked_ends[] = {
	{ "cut-in-content", cut_in_content, BOTH, 1, "closed|broke|ended" },
	{ "reset-in-content", reset_in_content, BOTH, 1, "broke" },
	{ "cut-after-end", cut_after_end, BOTH, 1, "closed|broke|ended" },
	{ "close-after-end", close_after_end, BOTH, 1, "ended" },
	{ "slow-handshake", slow_handshake, CLIENT | RAW, 1, "no answer" },
	{ "no-handshake", no_handshake, BOTH | RAW, 1, "no answer" },
	{ "no-tls", no_tls, BOTH | RAW, 1, "." },
	{ NULL, NULL, 0, 0, NULL }
};
