/* SPDX-License-Identifier: ISC */
/*
 * One TLS connection: BearSSL's engine with our handshake in it, its buffers,
 * and the verdict when it ends. There are two buffers of full size, so that
 * neither direction waits for the other.
 *
 * The engine ends without a word when a record cannot be decrypted, which is
 * how a wrong key shows at the server. So that the client learns why, the
 * server then sends the alert (bad_record_mac, in the clear) that the engine
 * does not.
 */
#include <assert.h>
#include <bearssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "handshake.h"
#include "hello.h"
#include "suite.h"
#include "tls.h"

static const unsigned char wrong_key_alert[] = {
	21, 3, 3, 0, 2, 2, ALERT_RECORD_MAC
};

struct tls {
	struct handshake *h;
	br_ssl_engine_context *eng;     /* h's */
	unsigned char in[BR_SSL_BUFSIZE_INPUT];
	unsigned char out[BR_SSL_BUFSIZE_OUTPUT];
	size_t alert_left;              /* of wrong_key_alert, to be sent */
	enum tls_failure failure;
	char reason[192];
};

static int
engine_closed(const struct tls *t)
{
	return br_ssl_engine_current_state(t->eng) == BR_SSL_CLOSED;
}

static const char *
alert_name(int alert)
{
	switch (alert) {
	case ALERT_CLOSE:
		return "it closed the line";
	case ALERT_UNEXPECTED:
		return "unexpected message";
	case ALERT_RECORD_MAC:
		return "bad record";
	case ALERT_HANDSHAKE:
		return "nothing in common; another protocol or cipher suite?";
	case ALERT_ILLEGAL:
		return "illegal parameter";
	case ALERT_DECODE:
		return "unreadable message";
	case ALERT_DECRYPT:
		return "bad proof";
	case ALERT_VERSION:
		return "another TLS version";
	default:
		return "see RFC 5246, 7.2";
	}
}

static const char *
engine_words(int error)
{
	switch (error) {
	case BR_ERR_UNSUPPORTED_VERSION:
	case BR_ERR_BAD_VERSION:
	case BR_ERR_BAD_LENGTH:
	case BR_ERR_TOO_LARGE:
	case BR_ERR_UNEXPECTED:
		return "what the peer sent is not TLS 1.2";
	case BR_ERR_BAD_MAC:
		return "a record was changed on its way";
	case BR_ERR_NO_RANDOM:
		return "no random numbers";
	default:
		return "TLS failed";
	}
}

static enum tls_failure
classify(const struct handshake_status *s)
{
	const int received = s->error - BR_ERR_RECV_FATAL_ALERT;

	if (s->error == BR_ERR_IO)
		return TLS_TRUNCATED;
	if (s->proving && (s->error == BR_ERR_BAD_MAC ||
	    received == ALERT_RECORD_MAC || received == ALERT_DECRYPT))
		return TLS_BAD_KEY;
	if (!s->done && received == ALERT_IDENTITY)
		return TLS_UNKNOWN;
	return TLS_BROKEN;
}

static void
explain(struct tls *t, const struct handshake_status *s)
{
	const int sent = s->error - BR_ERR_SEND_FATAL_ALERT;
	const int received = s->error - BR_ERR_RECV_FATAL_ALERT;
	const size_t size = sizeof(t->reason);
	char when[64] = "";

	if (!s->done)
		snprintf(when, sizeof(when), " while %s", s->doing);
	if (t->failure == TLS_BAD_KEY)
		snprintf(t->reason, size, "the peer has another key; "
		    "compare the key files");
	else if (t->failure == TLS_UNKNOWN)
		snprintf(t->reason, size, "the peer has another key, or no "
		    "group with us both; compare key files and configs");
	else if (t->failure == TLS_TRUNCATED)
		snprintf(t->reason, size, "the line broke off%s", when);
	else if (sent >= 0)
		snprintf(t->reason, size, "the peer sent %s", s->reason);
	else if (received >= 0)
		snprintf(t->reason, size, "the peer refused%s: alert %d (%s)",
		    when, received, alert_name(received));
	else
		snprintf(t->reason, size, "%s%s (error %d)%s",
		    engine_words(s->error), when, s->error,
		    s->done ? "" : "; is it ucsync at the other end?");
}

/* After everything that may have failed: the verdict, once. */
static void
judge(struct tls *t)
{
	struct handshake_status s = handshake_status(t->h);

	if (t->failure || !s.error)
		return;
	t->failure = classify(&s);
	explain(t, &s);
}

static struct tls *
start(struct handshake *h)
{
	struct tls *t = mem_alloc(sizeof(*t));

	t->h = h;
	t->eng = handshake_engine(h);
	br_ssl_engine_set_buffers_bidi(t->eng, t->in, sizeof(t->in), t->out,
	    sizeof(t->out));
	handshake_start(h);
	judge(t);
	return t;
}

struct tls *
tls_client(const char *identity, const unsigned char psk[32])
{
	return start(handshake_client(identity, psk));
}

struct tls *
tls_server(tls_lookup *lookup, void *ctx)
{
	return start(handshake_server(lookup, ctx));
}

void
tls_free(struct tls *t)
{
	if (!t)
		return;
	handshake_free(t->h);
	mem_wipe(t, sizeof(*t));
	free(t);
}

unsigned
tls_state(const struct tls *t)
{
	unsigned bear = br_ssl_engine_current_state(t->eng);
	unsigned state = 0;

	if (bear == BR_SSL_CLOSED)
		return t->alert_left ? TLS_RECORD_OUT : TLS_CLOSED;
	if (bear & BR_SSL_SENDREC)
		state |= TLS_RECORD_OUT;
	if (bear & BR_SSL_RECVREC)
		state |= TLS_RECORD_IN;
	if (bear & BR_SSL_SENDAPP)
		state |= TLS_DATA_OUT;
	if (bear & BR_SSL_RECVAPP)
		state |= TLS_DATA_IN;
	return state;
}

int
tls_established(const struct tls *t)
{
	return handshake_status(t->h).done;
}

const char *
tls_cipher(const struct tls *t)
{
	switch (handshake_status(t->h).suite) {
	case SUITE_CHAPOL:
		return "ChaCha20-Poly1305";
	case SUITE_AESGCM:
		return "AES-128-GCM";
	default:
		return "nothing";
	}
}

const unsigned char *
tls_record_out(struct tls *t, size_t *n)
{
	if (!engine_closed(t))
		return br_ssl_engine_sendrec_buf(t->eng, n);
	*n = t->alert_left;
	if (!*n)
		return NULL;
	return wrong_key_alert + sizeof(wrong_key_alert) - *n;
}

void
tls_record_sent(struct tls *t, size_t n)
{
	size_t max;

	if (!n)
		return;
	tls_record_out(t, &max);
	assert(n <= max);
	if (engine_closed(t)) {
		t->alert_left -= n;
		return;
	}
	br_ssl_engine_sendrec_ack(t->eng, n);
	judge(t);
}

unsigned char *
tls_record_in(struct tls *t, size_t *n)
{
	*n = 0;
	return engine_closed(t) ? NULL : br_ssl_engine_recvrec_buf(t->eng, n);
}

void
tls_record_got(struct tls *t, size_t n)
{
	struct handshake_status s;
	size_t max;
	int clean;

	if (!n)
		return;
	tls_record_in(t, &max);
	assert(n <= max);
	/* An alert of ours must not get into the middle of a record. */
	clean = !br_ssl_engine_sendrec_buf(t->eng, &max);
	br_ssl_engine_recvrec_ack(t->eng, n);
	judge(t);
	s = handshake_status(t->h);
	if (clean && s.clear && s.proving && s.error == BR_ERR_BAD_MAC)
		t->alert_left = sizeof(wrong_key_alert);
}

unsigned char *
tls_data_out(struct tls *t, size_t *n)
{
	*n = 0;
	return engine_closed(t) ? NULL : br_ssl_engine_sendapp_buf(t->eng, n);
}

void
tls_data_written(struct tls *t, size_t n)
{
	size_t max;

	if (!n)
		return;
	tls_data_out(t, &max);
	assert(n <= max);
	br_ssl_engine_sendapp_ack(t->eng, n);
}

const unsigned char *
tls_data_in(struct tls *t, size_t *n)
{
	*n = 0;
	return engine_closed(t) ? NULL : br_ssl_engine_recvapp_buf(t->eng, n);
}

void
tls_data_read(struct tls *t, size_t n)
{
	size_t max;

	if (!n)
		return;
	tls_data_in(t, &max);
	assert(n <= max);
	br_ssl_engine_recvapp_ack(t->eng, n);
}

void
tls_flush(struct tls *t)
{
	if (!engine_closed(t))
		br_ssl_engine_flush(t->eng, 0);
}

void
tls_close(struct tls *t)
{
	size_t n;

	if (engine_closed(t))
		return;
	/* BearSSL 0.6 would wait for ever for this to be read. */
	while (br_ssl_engine_recvapp_buf(t->eng, &n))
		br_ssl_engine_recvapp_ack(t->eng, n);
	br_ssl_engine_close(t->eng);
	judge(t);
}

void
tls_eof(struct tls *t)
{
	handshake_eof(t->h);
	judge(t);
}

enum tls_failure
tls_failure(const struct tls *t)
{
	return t->failure;
}

const char *
tls_reason(const struct tls *t)
{
	return t->reason;
}
