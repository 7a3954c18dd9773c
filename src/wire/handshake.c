/* SPDX-License-Identifier: ISC */
/*
 * TLS 1.2 with ECDHE_PSK as a handshake processor of BearSSL's engine. The
 * engine does records, encryption, key block and I/O; it calls run() whenever
 * it has bytes for us or room for ours. There is one version, one curve, one
 * key exchange; no certificate, resumption or renegotiation:
 *
 *   client                                server
 *   HELLO_OUT      ClientHello ->         CLIENT_HELLO_IN
 *   HELLO_IN         <- ServerHello       ANSWER_OUT (three in one record)
 *   KEY_IN           <- ServerKeyExchange
 *   DONE_IN          <- ServerHelloDone
 *   KEY_OUT  ClientKeyExchange ->         CLIENT_KEY_IN
 *   CCS_OUT   ChangeCipherSpec ->         CLIENT_CCS_IN
 *   FIN_OUT           Finished ->         CLIENT_FIN_IN
 *   CCS_IN           <- ChangeCipherSpec  SERVER_CCS_OUT
 *   FIN_IN           <- Finished          SERVER_FIN_OUT
 *   OPEN                                  OPEN
 *   ENDING: our alert (close_notify, or a fatal one) has to leave; then, when
 *   it was close_notify, the peer's is awaited.
 *
 * A state is left only by the one thing that its rule names; anything else ends
 * the line with an alert. While we have to send, what comes in waits.
 */
#include <assert.h>
#include <bearssl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/random.h"
#include "handshake.h"
#include "hello.h"
#include "key.h"
#include "secret.h"
#include "suite.h"

/* Exported by libbearssl; declared in its src/inner.h only. */
void br_ssl_engine_fail(br_ssl_engine_context *cc, int err);
void br_ssl_engine_flush_record(br_ssl_engine_context *cc);
int br_ssl_engine_recvrec_finished(const br_ssl_engine_context *cc);
int br_ssl_engine_init_rand(br_ssl_engine_context *cc);
void br_ssl_engine_hs_reset(br_ssl_engine_context *cc,
    void (*hsinit)(void *), void (*hsrun)(void *));

enum { MESSAGE_MAX = 2048 };

enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };      /* records */

enum state {
	HELLO_OUT, HELLO_IN, KEY_IN, DONE_IN, KEY_OUT, CCS_OUT, FIN_OUT,
	CCS_IN, FIN_IN,
	CLIENT_HELLO_IN, ANSWER_OUT, CLIENT_KEY_IN, CLIENT_CCS_IN,
	CLIENT_FIN_IN, SERVER_CCS_OUT, SERVER_FIN_OUT,
	OPEN, ENDING
};

struct handshake {
	br_ssl_engine_context eng;      /* first: run() is given its cpu */
	enum state state;
	int client, done, error;
	int aes;                        /* this machine can do AES-GCM */
	unsigned suite;                 /* 0: not agreed on */
	struct refusal why;             /* what error is about */
	unsigned char last[2];          /* the alert to end with */
	int last_sent;
	unsigned char alert[2];         /* one that comes in */
	size_t alert_len;
	unsigned char msg[MESSAGE_MAX]; /* a message that comes in */
	size_t msg_len;
	handshake_lookup *lookup;             /* the server's */
	void *ctx;
	char identity[IDENTITY_MAX + 1];        /* the client's */
	int reneg;                      /* the client knows RFC 5746 */
	unsigned char private[32];      /* our x25519 key */
	unsigned char point[32];        /* the peer's */
	unsigned char psk[PSK_BYTES];
};

/*
 * A state has one of: what it sends, the message it takes, or (neither) a
 * ChangeCipherSpec that it waits for. Both functions return 0, or -1 with
 * h->why filled.
 */
struct rule {
	int (*send)(struct handshake *);
	int (*take)(struct handshake *, struct view body);
	unsigned char type;
	unsigned char next;
	const char *doing;
};

/* Ends the line: the alert goes out behind what was already written. */
static void
end(struct handshake *h, unsigned level, unsigned alert)
{
	if (h->state == ENDING)
		return;
	h->state = ENDING;
	h->last[0] = (unsigned char)level;
	h->last[1] = (unsigned char)alert;
	h->eng.application_data = 2;    /* the engine drops data from now on */
	br_ssl_engine_flush_record(&h->eng);
}

/* Ends the line with the alert of h->why. */
static void
fail(struct handshake *h)
{
	h->error = BR_ERR_SEND_FATAL_ALERT + (int)h->why.alert;
	end(h, 2, h->why.alert);
}

/* Says why the caller is about to return -1, which fails the line. */
static int
refuse(struct handshake *h, enum alert alert, const char *reason)
{
	h->why.alert = alert;
	h->why.reason = reason;
	return -1;
}

static void
put_record(struct handshake *h, unsigned type, const void *p, size_t n)
{
	br_ssl_engine_context *cc = &h->eng;

	assert(n <= cc->hlen_out);
	cc->record_type_out = (unsigned char)type;
	memcpy(cc->hbuf_out, p, n);
	cc->hbuf_out += n;
	cc->hlen_out -= n;
	br_ssl_engine_flush_record(cc);
}

/* Sends the messages in b as one record and frees b. */
static void
put_messages(struct handshake *h, struct buf *b)
{
	br_multihash_update(&h->eng.mhash, b->p, b->len);
	put_record(h, HANDSHAKE, b->p, b->len);
	buf_free(b);
}

/* The hash of all messages so far. */
static void
transcript(const struct handshake *h, unsigned char hash[32])
{
	br_multihash_out(&h->eng.mhash, br_sha256_ID, hash);
}

static void
make_point(struct handshake *h, unsigned char point[32])
{
	br_hmac_drbg_generate(&h->eng.rng, h->private, sizeof(h->private));
	secret_public(h->private, point);
}

/* After the messages through ClientKeyExchange. */
static int
make_master(struct handshake *h)
{
	unsigned char hash[32], shared[32];

	if (secret_shared(h->private, h->point, shared))
		return refuse(h, ALERT_ILLEGAL, "a key that hides nothing");
	transcript(h, hash);
	secret_master(shared, h->psk, hash, h->eng.session.master_secret);
	mem_wipe(shared, sizeof(shared));
	mem_wipe(h->private, sizeof(h->private));
	mem_wipe(h->psk, sizeof(h->psk));
	return 0;
}

/* What each state sends or takes */

static int
send_client_hello(struct handshake *h)
{
	struct buf b = BUF_INIT;

	br_hmac_drbg_generate(&h->eng.rng, h->eng.client_random, 32);
	hello_put_client(&b, h->eng.client_random, h->aes);
	put_messages(h, &b);
	return 0;
}

static int
take_client_hello(struct handshake *h, struct view v)
{
	/* OpenSSL's first record says 1.0, its next ones 1.2. */
	h->eng.version_in = BR_TLS12;
	return hello_get_client(v, h->aes, h->eng.client_random, &h->suite,
	    &h->reneg, &h->why);
}

static int
send_answer(struct handshake *h)
{
	struct buf b = BUF_INIT;
	unsigned char point[32];

	br_hmac_drbg_generate(&h->eng.rng, h->eng.server_random, 32);
	make_point(h, point);
	hello_put_server(&b, h->eng.server_random, h->suite, h->reneg, point);
	put_messages(h, &b);
	return 0;
}

static int
take_server_hello(struct handshake *h, struct view v)
{
	h->eng.version_in = BR_TLS12;
	return hello_get_server(v, h->aes, h->eng.server_random, &h->suite,
	    &h->why);
}

static int
take_server_key(struct handshake *h, struct view v)
{
	return hello_get_server_key(v, h->point, &h->why);
}

static int
take_done(struct handshake *h, struct view v)
{
	if (v.len)
		return refuse(h, ALERT_DECODE, "an unreadable end of hello");
	return 0;
}

static int
send_client_key(struct handshake *h)
{
	struct buf b = BUF_INIT;
	unsigned char point[32];

	make_point(h, point);
	hello_put_client_key(&b, h->identity, point);
	put_messages(h, &b);
	return make_master(h);
}

static int
take_client_key(struct handshake *h, struct view v)
{
	struct view id;

	if (hello_get_client_key(v, &id, h->point, &h->why))
		return -1;
	if (!id.len || id.len > IDENTITY_MAX ||
	    h->lookup(h->ctx, (const char *)id.p, id.len, h->psk))
		return refuse(h, ALERT_IDENTITY, "an identity that is not "
		    "known here");
	return make_master(h);
}

static int
send_ccs(struct handshake *h)
{
	put_record(h, CCS, "\1", 1);
	suite_switch_out(&h->eng, h->suite, h->client);
	return 0;
}

static int
send_finished(struct handshake *h)
{
	struct buf b = BUF_INIT;
	unsigned char hash[32], proof[SECRET_PROOF];

	transcript(h, hash);
	secret_proof(h->eng.session.master_secret, h->client, hash, proof);
	hello_put_finished(&b, proof);
	put_messages(h, &b);
	return 0;
}

static int
take_finished(struct handshake *h, struct view v)
{
	unsigned char hash[32], proof[SECRET_PROOF];

	transcript(h, hash);
	secret_proof(h->eng.session.master_secret, !h->client, hash, proof);
	if (v.len != sizeof(proof))
		return refuse(h, ALERT_DECODE, "an unreadable proof");
	if (!secret_equal(v.p, proof, sizeof(proof)))
		return refuse(h, ALERT_DECRYPT, "a wrong proof");
	if (h->eng.hlen_in || !br_ssl_engine_recvrec_finished(&h->eng))
		return refuse(h, ALERT_UNEXPECTED, "more behind its proof");
	h->done = 1;
	return 0;
}

static const struct rule rules[] = {
	[HELLO_OUT] = { send_client_hello, NULL, 0, HELLO_IN,
	    "sending our hello" },
	[HELLO_IN] = { NULL, take_server_hello, HELLO_SERVER, KEY_IN,
	    "waiting for the server's hello" },
	[KEY_IN] = { NULL, take_server_key, HELLO_SERVER_KEY, DONE_IN,
	    "waiting for the server's key" },
	[DONE_IN] = { NULL, take_done, HELLO_DONE, KEY_OUT,
	    "waiting for the end of the server's hello" },
	[KEY_OUT] = { send_client_key, NULL, 0, CCS_OUT, "sending our key" },
	[CCS_OUT] = { send_ccs, NULL, 0, FIN_OUT, "proving our key" },
	[FIN_OUT] = { send_finished, NULL, 0, CCS_IN, "proving our key" },
	[CCS_IN] = { NULL, NULL, 0, FIN_IN, "waiting for the server's proof" },
	[FIN_IN] = { NULL, take_finished, HELLO_FINISHED, OPEN,
	    "checking the server's proof" },

	[CLIENT_HELLO_IN] = { NULL, take_client_hello, HELLO_CLIENT, ANSWER_OUT,
	    "waiting for the client's hello" },
	[ANSWER_OUT] = { send_answer, NULL, 0, CLIENT_KEY_IN,
	    "sending our hello" },
	[CLIENT_KEY_IN] = { NULL, take_client_key, HELLO_CLIENT_KEY,
	    CLIENT_CCS_IN, "waiting for the client's key" },
	[CLIENT_CCS_IN] = { NULL, NULL, 0, CLIENT_FIN_IN,
	    "waiting for the client's proof" },
	[CLIENT_FIN_IN] = { NULL, take_finished, HELLO_FINISHED, SERVER_CCS_OUT,
	    "checking the client's proof" },
	[SERVER_CCS_OUT] = { send_ccs, NULL, 0, SERVER_FIN_OUT,
	    "proving our key" },
	[SERVER_FIN_OUT] = { send_finished, NULL, 0, OPEN, "proving our key" },

	[OPEN] = { NULL, NULL, 0, OPEN, "the line is open" },
	[ENDING] = { NULL, NULL, 0, ENDING, "closing" }
};

static void
enter(struct handshake *h, enum state next)
{
	h->state = next;
	if (next != OPEN)
		return;
	/*
	 * Our last record may still be leaving. Data can come in at once all
	 * the same, and the engine has room for ours when the record is gone.
	 */
	h->eng.record_type_out = DATA;
	h->eng.application_data = 1;
	mem_wipe(h->eng.session.master_secret,
	    sizeof(h->eng.session.master_secret));
}

/* What comes in; each takes a byte or ends the line. */

static unsigned char
take_byte(struct handshake *h)
{
	h->eng.hlen_in--;
	return *h->eng.hbuf_in++;
}

static void
take_alert(struct handshake *h)
{
	h->alert[h->alert_len++] = take_byte(h);
	if (h->alert_len < sizeof(h->alert))
		return;
	h->alert_len = 0;
	if (h->alert[0] != 1)
		br_ssl_engine_fail(&h->eng,
		    BR_ERR_RECV_FATAL_ALERT + h->alert[1]);
	else if (h->alert[1] != ALERT_CLOSE)
		return;                         /* a warning */
	else if (h->done || h->state == ENDING) {
		h->eng.close_received = 1;
		end(h, 1, ALERT_CLOSE);
	} else {
		br_ssl_engine_fail(&h->eng, BR_ERR_RECV_FATAL_ALERT);
	}
}

static int
take_ccs(struct handshake *h)
{
	const struct rule *r = &rules[h->state];

	if (r->take || h->state == OPEN || h->msg_len || take_byte(h) != 1 ||
	    h->eng.hlen_in || !br_ssl_engine_recvrec_finished(&h->eng))
		return refuse(h, ALERT_UNEXPECTED,
		    "an unexpected ChangeCipherSpec");
	suite_switch_in(&h->eng, h->suite, h->client);
	enter(h, r->next);
	return 0;
}

static int
take_whole_message(struct handshake *h, const struct rule *r)
{
	struct view body = view_of(h->msg + 4, h->msg_len - 4);

	/* Finished is about the messages before it, the others are included. */
	if (r->type != HELLO_FINISHED)
		br_multihash_update(&h->eng.mhash, h->msg, h->msg_len);
	if (r->take(h, body))
		return -1;
	if (r->type == HELLO_FINISHED)
		br_multihash_update(&h->eng.mhash, h->msg, h->msg_len);
	h->msg_len = 0;
	enter(h, r->next);
	return 0;
}

static int
take_message_byte(struct handshake *h)
{
	const struct rule *r = &rules[h->state];
	size_t need = 4;

	if (!r->take || (!h->msg_len && *h->eng.hbuf_in != r->type))
		return refuse(h, ALERT_UNEXPECTED, "an unexpected message");
	h->msg[h->msg_len++] = take_byte(h);
	if (h->msg_len < 4)
		return 0;
	need += (size_t)h->msg[1] << 16 | (size_t)h->msg[2] << 8 | h->msg[3];
	if (need > sizeof(h->msg))
		return refuse(h, ALERT_ILLEGAL, "an over-long message");
	return h->msg_len == need ? take_whole_message(h, r) : 0;
}

static int
take_input(struct handshake *h)
{
	unsigned type = h->eng.record_type_in;

	if (h->error || (h->state == ENDING && type != ALERT))
		h->eng.hlen_in = 0;
	else if (type == ALERT)
		take_alert(h);
	else if (h->alert_len)
		return refuse(h, ALERT_UNEXPECTED, "half an alert");
	else
		return type == CCS ? take_ccs(h) : take_message_byte(h);
	return 0;
}

/* ENDING with room for output: the alert, then the end when it has left. */
static int
end_step(struct handshake *h)
{
	if (!h->last_sent) {
		h->last_sent = 1;
		put_record(h, ALERT, h->last, sizeof(h->last));
		return 1;
	}
	if (h->error || h->eng.close_received || !h->done)
		br_ssl_engine_fail(&h->eng, h->error);
	return 0;
}

/* Does one thing; 0 when there is none to be done now. */
static int
step(struct handshake *h)
{
	const struct rule *r = &rules[h->state];

	if (br_ssl_engine_current_state(&h->eng) == BR_SSL_CLOSED)
		return 0;
	if (r->send) {
		if (!h->eng.hlen_out)
			return 0;
		if (r->send(h))
			fail(h);
		else
			enter(h, r->next);
		return 1;
	}
	if (h->eng.hlen_in) {
		if (take_input(h))
			fail(h);
		return 1;
	}
	return h->state == ENDING && h->eng.hlen_out ? end_step(h) : 0;
}

static struct handshake *
of_cpu(void *cpu)
{
	unsigned char *p = cpu;

	return (void *)(p - offsetof(struct handshake, eng.cpu));
}

static void
run(void *cpu)
{
	struct handshake *h = of_cpu(cpu);

	if (h->eng.action == 1)
		end(h, 1, ALERT_CLOSE);
	while (step(h))
		;
	/*
	 * Data behind a Finished must not come in before we have sent ours, and
	 * behind the end nothing comes.
	 */
	h->eng.shutdown_recv = rules[h->state].send || h->error ||
	    h->eng.close_received;
}

static void
init(void *cpu)
{
	struct handshake *h = of_cpu(cpu);

	h->state = h->client ? HELLO_OUT : CLIENT_HELLO_IN;
	h->eng.version_out = BR_TLS12;
	h->eng.session.version = BR_TLS12;      /* selects the PRF */
	br_multihash_init(&h->eng.mhash);
}

void
handshake_start(struct handshake *h)
{
	br_ssl_engine_context *cc = &h->eng;
	unsigned char entropy[32];

	br_ssl_engine_set_hash(cc, br_sha256_ID, &br_sha256_vtable);
	br_ssl_engine_set_prf_sha256(cc, br_tls12_sha256_prf);
	h->aes = suite_has_aes();
	suite_prepare(cc, h->aes);
	/* BearSSL 0.6 does not know getrandom(2), and trusts every RDRAND. */
	random_bytes(entropy, sizeof(entropy));
	br_ssl_engine_inject_entropy(cc, entropy, sizeof(entropy));
	mem_wipe(entropy, sizeof(entropy));
	if (br_ssl_engine_init_rand(cc))
		br_ssl_engine_hs_reset(cc, init, run);
}

struct handshake *
handshake_client(const char *identity, const unsigned char psk[32])
{
	struct handshake *h = mem_alloc(sizeof(*h));
	size_t n = strlen(identity);

	assert(n && n <= IDENTITY_MAX);
	h->client = 1;
	memcpy(h->identity, identity, n);
	memcpy(h->psk, psk, PSK_BYTES);
	return h;
}

struct handshake *
handshake_server(handshake_lookup *lookup, void *ctx)
{
	struct handshake *h = mem_alloc(sizeof(*h));

	h->lookup = lookup;
	h->ctx = ctx;
	return h;
}

void
handshake_free(struct handshake *h)
{
	if (!h)
		return;
	mem_wipe(h, sizeof(*h));
	free(h);
}

void
handshake_eof(struct handshake *h)
{
	if (!h->error && !h->eng.close_received)
		br_ssl_engine_fail(&h->eng, BR_ERR_IO);
}

void *
handshake_engine(struct handshake *h)
{
	return &h->eng;
}

struct handshake_status
handshake_status(const struct handshake *h)
{
	struct handshake_status s;

	s.done = h->done;
	s.proving = h->state == CCS_IN || h->state == FIN_IN ||
	    h->state == CLIENT_FIN_IN;
	s.clear = h->eng.out.vtable == &br_sslrec_out_clear_vtable;
	s.error = h->error ? h->error : br_ssl_engine_last_error(&h->eng);
	s.doing = rules[h->state].doing;
	s.reason = h->why.reason;
	s.suite = h->suite;
	return s;
}
