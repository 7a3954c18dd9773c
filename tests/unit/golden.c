/* SPDX-License-Identifier: ISC */
/*
 * Handshakes that were recorded once with other people's TLS at the other end
 * (tests/peer/tlspipe.c with GOLDEN), ours with a fixed seed: given what the
 * other one said, ours says the same again, byte by byte. The names of the
 * files in tests/unit/golden say our role, the other end, whether with AES.
 *
 * The bytes hold for BearSSL 0.6, which reads x25519 keys as RFC 7748 does.
 */
#define random_bytes golden_random
#define br_ssl_engine_init_rand golden_init_rand

#include "line.h"

#undef random_bytes
#undef br_ssl_engine_init_rand

#include <ctype.h>

void
golden_random(void *p, size_t n)
{
	memset(p, 7, n);
}

int
golden_init_rand(br_ssl_engine_context *cc)
{
	(void)cc;
	return 1;
}

static int
recorded_key(void *ctx, const char *identity, size_t n, unsigned char to[32])
{
	memcpy(to, ctx, 32);
	return n == strlen(IDENTITY) && !memcmp(identity, IDENTITY, n) ? 0 : -1;
}

static size_t
digits(const char *line, unsigned char *to, size_t room)
{
	size_t n;
	unsigned v;
	int i;

	for (n = 0; n < room && isxdigit((unsigned char)*line); n++) {
		for (v = 0, i = 0; i < 2; i++, line++)
			v = v << 4 | (unsigned)(*line <= '9' ? *line - '0'
			    : *line - 'a' + 10);
		to[n] = (unsigned char)v;
	}
	return n;
}

/* What ours says next, which must be these bytes; -1. */
static int
says(struct tls *t, struct buf *said, const unsigned char *want, size_t n)
{
	take(t, said);
	if (said->len < n && tls_established(t)) {
		tls_close(t);
		take(t, said);
	}
	if (said->len < n || memcmp(said->p, want, n))
		return -1;
	buf_drop(said, n);
	return 0;
}

static int
replay(struct tls *t, FILE *f)
{
	static char line[4096];
	unsigned char bytes[2048];
	struct buf said = BUF_INIT;
	int rc = 0;
	size_t n;

	while (!rc && fgets(line, sizeof(line), f)) {
		n = digits(line + 2, bytes, sizeof(bytes));
		if (!n)
			rc = -1;
		else if (*line == '>')
			rc = says(t, &said, bytes, n);
		else if (take(t, &said), feed(t, bytes, n, 0) != n)
			rc = -1;
	}
	if (said.len || !tls_established(t) || tls_failure(t))
		rc = -1;
	buf_free(&said);
	return rc;
}

static void
same_again(const char *name)
{
	unsigned char key[32];
	const char *top = getenv("TOP");
	char path[500];
	struct tls *t;
	FILE *f;
	int rc;

	digits("5decdd4b0a09ad055b29d0334ba20450"
	    "9903591a932df98b8fd2769ecb8a8de8", key, 32);
	line_aes = strstr(name, "-aes") != NULL;
	snprintf(path, sizeof(path), "%s/tests/unit/golden/%s", top ? top : ".",
	    name);
	f = fopen(path, "r");
	CHECK(f);
	t = *name == 'c' ? tls_client(IDENTITY, key)
	    : tls_server(recorded_key, key);
	rc = replay(t, f);
	fclose(f);
	CHECK_STR(rc ? name : "the same", "the same");
	tls_free(t);
}

static void
chapol(void)
{
	same_again("client-openssl");
	same_again("client-gnutls");
	same_again("server-openssl");
	same_again("server-gnutls");
}

/* Ours offers AES; OpenSSL knows nothing of it, wolfSSL does. */
static void
aes(void)
{
	same_again("client-openssl-aes");
	same_again("client-wolfssl-aes");
	same_again("server-ours-aes");
}

int
main(void)
{
	RUN(chapol);
	if (suite_has_aes())
		RUN(aes);
	else
		printf("skip golden: aes: no AES in this CPU\n");
	return unit_end();
}
