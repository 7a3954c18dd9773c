/* SPDX-License-Identifier: ISC */
/*
 * tlspipe's other end by wolfSSL, which knows ECDHE_PSK with AES-128-GCM: sends
 * stdin, then prints what comes until the peer closes. On stderr: the suite,
 * and what RFC 5705 exports. Only a server: wolfSSL 5.5's client takes no
 * x25519 key with ECDHE_PSK, not of OpenSSL's server either.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "pipe.h"

static const struct pipe_options *options;

static unsigned int
server_psk(WOLFSSL *s, const char *identity, unsigned char *key,
    unsigned int key_max)
{
	(void)s;
	if (key_max < 32 || strcmp(identity, options->identity))
		return 0;
	memcpy(key, options->psk, 32);
	return 32;
}

static void
need(WOLFSSL *s, int rc, const char *what)
{
	char text[80];
	int error;

	if (rc == WOLFSSL_SUCCESS)
		return;
	error = s ? wolfSSL_get_error(s, rc) : rc;
	fprintf(stderr, "%s: error %d: %s\n", what, error,
	    wolfSSL_ERR_error_string((unsigned long)error, text));
	exit(1);
}

int
main(int argc, char **argv)
{
	unsigned char out[32];
	struct pipe_options o;
	WOLFSSL_CTX *ctx;
	WOLFSSL *s;
	char data[4096];
	int n;

	options = &o;
	pipe_arguments(&o, argc, argv);
	ctx = wolfSSL_CTX_new(wolfTLSv1_2_server_method());
	if (!ctx || o.client)
		die("wolfSSL");
	need(NULL, wolfSSL_CTX_set_cipher_list(ctx,
	    "ECDHE-PSK-AES128-GCM-SHA256:ECDHE-PSK-CHACHA20-POLY1305"),
	    "suites");
	wolfSSL_CTX_set_psk_server_callback(ctx, server_psk);
	s = wolfSSL_new(ctx);
	need(s, wolfSSL_UseSupportedCurve(s, WOLFSSL_ECC_X25519), "curve");
	wolfSSL_KeepArrays(s);
	wolfSSL_set_fd(s, pipe_line(&o));
	need(s, wolfSSL_accept(s), "handshake");
	fprintf(stderr, "suite %s\n", wolfSSL_get_cipher_name(s));
#ifdef HAVE_KEYING_MATERIAL
	need(s, wolfSSL_export_keying_material(s, out, sizeof(out),
	    "EXPORTER-test", 13, NULL, 0, 0), "export");
	pipe_hex(stderr, "exported", out, sizeof(out));
#else
	(void)out;
#endif
	while ((n = (int)read(0, data, sizeof(data))) > 0)
		if (wolfSSL_write(s, data, n) != n)
			die("send");
	while ((n = wolfSSL_read(s, data, sizeof(data))) > 0)
		if (write(1, data, (size_t)n) != n)
			die("write");
	fprintf(stderr, "%s\n", wolfSSL_get_error(s, n) ==
	    WOLFSSL_ERROR_ZERO_RETURN ? "ok" : "the line broke off");
	wolfSSL_shutdown(s);
	return 0;
}
