/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes the handshake in both roles. The first byte of the input says which
 * (bit 0: server), whether there is AES (bit 7) and how many bytes are fed at
 * once; the rest is what the peer sends. Sources are included, with things
 * replaced so that an input can get past the proofs: the PRF gives zeros,
 * records stay in the clear, random bytes are always the same. With -DFUZZ_MAIN
 * it runs the files named as arguments; else it is for libFuzzer (BearSSL wants
 * -fno-sanitize=alignment).
 */
#define random_bytes fuzz_random
#define br_tls12_sha256_prf fuzz_prf
#define br_ssl_engine_init_rand fuzz_init_rand
#define suite_switch_in fuzz_switch_in
#define suite_switch_out fuzz_switch_out
#define suite_has_aes fuzz_has_aes

#include "../../src/wire/handshake.c"
#include "../../src/wire/secret.c"

#include "../../src/wire/tls.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

void
fuzz_random(void *p, size_t n)
{
	memset(p, 7, n);
}

void
fuzz_prf(void *dst, size_t len, const void *secret, size_t secret_len,
    const char *label, size_t seed_num, const br_tls_prf_seed_chunk *seed)
{
	(void)secret;
	(void)secret_len;
	(void)label;
	(void)seed_num;
	(void)seed;
	memset(dst, 0, len);
}

int
fuzz_init_rand(br_ssl_engine_context *cc)
{
	(void)cc;
	return 1;
}

void
fuzz_switch_in(void *engine, unsigned suite, int is_client)
{
	(void)engine;
	(void)suite;
	(void)is_client;
}

void
fuzz_switch_out(void *engine, unsigned suite, int is_client)
{
	(void)engine;
	(void)suite;
	(void)is_client;
}

static int with_aes;

int
fuzz_has_aes(void)
{
	return with_aes;
}

static int
lookup(void *ctx, const char *identity, size_t n, unsigned char psk[32])
{
	(void)ctx;
	memset(psk, 1, 32);
	return n > 100 || identity[0] == 'x' ? -1 : 0;
}

/* What tls_state says is there must be there, and nothing else. */
static void
check_state(struct tls *t)
{
	unsigned state = tls_state(t), found = 0;
	size_t n;

	if (tls_record_out(t, &n) && n)
		found |= TLS_RECORD_OUT;
	if (tls_record_in(t, &n) && n)
		found |= TLS_RECORD_IN;
	if (tls_data_out(t, &n) && n)
		found |= TLS_DATA_OUT;
	if (tls_data_in(t, &n) && n)
		found |= TLS_DATA_IN;
	if (!found)
		found = TLS_CLOSED;
	if (state != found || (tls_data_out(t, &n) && !tls_established(t)))
		abort();
	if (tls_failure(t) && !tls_reason(t)[0])
		abort();
}

/* Takes all that is there, answers data with data. */
static void
drain(struct tls *t)
{
	unsigned char *to;
	size_t n;

	check_state(t);
	while (tls_record_out(t, &n))
		tls_record_sent(t, n);
	while (tls_data_in(t, &n)) {
		tls_data_read(t, n > 3 ? 3 : n);
		if ((to = tls_data_out(t, &n))) {
			*to = 'x';
			tls_data_written(t, 1);
			tls_flush(t);
		}
	}
	check_state(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const unsigned char psk[32];
	struct tls *t;
	size_t step, room;
	unsigned char *to;

	if (!n)
		return 0;
	step = ((data[0] & 127) >> 1) + 1u;
	with_aes = data[0] >> 7;
	t = data[0] & 1 ? tls_server(lookup, NULL) : tls_client("c1/", psk);
	for (data++, n--; n; data += room, n -= room) {
		if (!(step & 1) || !(tls_state(t) & TLS_RECORD_IN))
			drain(t);
		to = tls_record_in(t, &room);
		if (!to)
			break;
		if (room > n)
			room = n;
		if (room > step)
			room = step;
		memcpy(to, data, room);
		tls_record_got(t, room);
		check_state(t);
	}
	if (step & 2)
		tls_close(t);
	else
		tls_eof(t);
	drain(t);
	tls_eof(t);
	check_state(t);
	tls_free(t);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
