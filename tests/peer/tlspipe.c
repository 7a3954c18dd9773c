/* SPDX-License-Identifier: ISC */
/*
 * tlspipe client PORT IDENTITY PSKHEX
 * tlspipe server IDENTITY PSKHEX
 *
 * A pipe through wire/tls.h on the loopback, to speak with other people's TLS:
 * stdin goes to the peer, what it says to stdout. The server says on stderr
 * `port N` first. Ends when the peer closes; with -e as the last argument the
 * end of stdin closes, too. Then on stderr: what sealed the records, the keying
 * material that RFC 5705 exports under the label EXPORTER-test, and `ok`, or
 * the failure's number and reason; exit 0 or 1.
 *
 * With GOLDEN in the environment its random bytes are always the same, and all
 * records go to that file: lines of `<` (came in) or `>` (went out), a blank
 * and hex digits. AES=0 makes it believe of its CPU that it has no AES.
 */
#include <errno.h>
#include <poll.h>

#include "pipe.h"

/* Sources, with things replaced as golden handshakes and exports want it. */
#define random_bytes pipe_random
#define br_ssl_engine_init_rand pipe_init_rand
#define secret_proof pipe_proof
#define suite_has_aes pipe_has_aes

#include "../../src/wire/handshake.c"
#include "../../src/wire/tls.c"

#undef random_bytes
#undef br_ssl_engine_init_rand
#undef secret_proof
#undef suite_has_aes

/* What was replaced. */
void random_bytes(void *p, size_t n);
int br_ssl_engine_init_rand(br_ssl_engine_context *cc);
void secret_proof(const unsigned char m[SECRET_MASTER], int of_client,
    const unsigned char hash[32], unsigned char proof[SECRET_PROOF]);
int suite_has_aes(void);

static FILE *golden;
static unsigned char master[SECRET_MASTER];

void
pipe_random(void *p, size_t n)
{
	if (golden)
		memset(p, 7, n);
	else
		random_bytes(p, n);
}

int
pipe_init_rand(br_ssl_engine_context *cc)
{
	return golden ? 1 : br_ssl_engine_init_rand(cc);
}

void
pipe_proof(const unsigned char m[SECRET_MASTER], int of_client,
    const unsigned char hash[32], unsigned char proof[SECRET_PROOF])
{
	memcpy(master, m, SECRET_MASTER);
	secret_proof(m, of_client, hash, proof);
}

int
pipe_has_aes(void)
{
	const char *aes = getenv("AES");

	return (!aes || *aes != '0') && suite_has_aes();
}

static void
show_export(struct tls *t)
{
	unsigned char out[32];

	memcpy(t->eng->session.master_secret, master, sizeof(master));
	t->eng->application_data = 1;           /* it may be closed by now */
	br_ssl_key_export(t->eng, out, sizeof(out), "EXPORTER-test", NULL, 0);
	pipe_hex(stderr, "exported", out, sizeof(out));
}

static int
lookup(void *ctx, const char *identity, size_t n, unsigned char psk[32])
{
	const struct pipe_options *x = ctx;

	if (n != strlen(x->identity) || memcmp(identity, x->identity, n))
		return -1;
	memcpy(psk, x->psk, 32);
	return 0;
}

static int
write_all(int fd, const unsigned char *p, size_t n)
{
	ssize_t done;

	for (; n; p += done, n -= (size_t)done) {
		done = write(fd, p, n);
		if (done < 0 && errno != EINTR)
			return -1;
		if (done < 0)
			done = 0;
	}
	return 0;
}

/* Reads into one of t's rooms; -1 at the end. */
static int
fill(int fd, unsigned char *to, size_t n, struct tls *t,
    void (*got)(struct tls *, size_t))
{
	ssize_t r = read(fd, to, n);

	if (r <= 0)
		return -1;
	got(t, (size_t)r);
	return 0;
}

static void
record_got(struct tls *t, size_t n)
{
	size_t room;

	pipe_hex(golden, "<", tls_record_in(t, &room), n);
	tls_record_got(t, n);
}

static void
pipe_through(struct tls *t, int fd, int close_at_end)
{
	struct pollfd p[2] = { { fd, 0, 0 }, { 0, 0, 0 } };
	const unsigned char *from;
	unsigned char *to;
	size_t n;

	while (!(tls_state(t) & TLS_CLOSED)) {
		while ((from = tls_record_out(t, &n))) {
			pipe_hex(golden, ">", from, n);
			if (write_all(fd, from, n)) {
				tls_eof(t);
				return;
			}
			tls_record_sent(t, n);
		}
		while ((from = tls_data_in(t, &n))) {
			if (write_all(1, from, n))
				die("write");
			tls_data_read(t, n);
		}
		if (tls_state(t) & TLS_CLOSED)
			return;
		p[0].events = tls_state(t) & TLS_RECORD_IN ? POLLIN : 0;
		p[1].events = tls_state(t) & TLS_DATA_OUT ? POLLIN : 0;
		if (!p[1].events || p[1].fd < 0)
			p[1].revents = 0;
		if (poll(p, p[1].events ? 2 : 1, 20000) <= 0) {
			fprintf(stderr, "tlspipe: nothing happens\n");
			exit(1);
		}
		if (p[0].revents && (to = tls_record_in(t, &n)) &&
		    fill(fd, to, n, t, record_got))
			tls_eof(t);
		if (!p[1].revents || !(to = tls_data_out(t, &n)))
			continue;
		if (fill(0, to, n, t, tls_data_written)) {
			p[1].fd = -1;
			if (close_at_end)
				tls_close(t);
		}
		tls_flush(t);
	}
}

int
main(int argc, char **argv)
{
	struct pipe_options x;
	struct tls *t;
	int fd, close_at_end = 0;

	if (argc > 1 && !strcmp(argv[argc - 1], "-e"))
		close_at_end = argc--;
	if (getenv("GOLDEN") && !(golden = fopen(getenv("GOLDEN"), "w")))
		die("GOLDEN");
	pipe_arguments(&x, argc, argv);
	fd = pipe_line(&x);
	t = x.client ? tls_client(x.identity, x.psk) : tls_server(lookup, &x);
	pipe_through(t, fd, close_at_end);
	fprintf(stderr, "sealed by %s\n", tls_cipher(t));
	if (tls_established(t))
		show_export(t);
	if (tls_failure(t))
		fprintf(stderr, "failure %d: %s\n", (int)tls_failure(t),
		    tls_reason(t));
	else
		fprintf(stderr, "ok\n");
	close(fd);
	fd = tls_failure(t) != TLS_OK;
	tls_free(t);
	return fd;
}
