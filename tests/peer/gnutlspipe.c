/* SPDX-License-Identifier: ISC */
/*
 * tlspipe's other end by GnuTLS: sends stdin, then prints what comes until the
 * peer closes. On stderr: the suite, and what RFC 5705 exports, as tlspipe.
 */
#include <gnutls/gnutls.h>
#include <stdint.h>

#include "pipe.h"

static const char label[] = "EXPORTER-test";

static const struct pipe_options *options;

static int
find_psk(gnutls_session_t s, const char *identity, gnutls_datum_t *key)
{
	(void)s;
	if (strcmp(identity, options->identity))
		return -1;
	key->data = gnutls_malloc(32);
	key->size = 32;
	memcpy(key->data, options->psk, 32);
	return 0;
}

static void
need(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, gnutls_strerror(rc));
	exit(1);
}

static gnutls_session_t
begin(const struct pipe_options *o, int fd)
{
	gnutls_datum_t key = { (unsigned char *)(uintptr_t)o->psk, 32 };
	gnutls_psk_client_credentials_t client;
	gnutls_psk_server_credentials_t server;
	gnutls_session_t s;

	need(gnutls_init(&s, o->client ? GNUTLS_CLIENT : GNUTLS_SERVER),
	    "init");
	need(gnutls_priority_set_direct(s, "NORMAL:-VERS-ALL:+VERS-TLS1.2:"
	    "-KX-ALL:+ECDHE-PSK", NULL), "priority");
	if (o->client) {
		gnutls_psk_allocate_client_credentials(&client);
		gnutls_psk_set_client_credentials(client, o->identity, &key,
		    GNUTLS_PSK_KEY_RAW);
		gnutls_credentials_set(s, GNUTLS_CRD_PSK, client);
	} else {
		gnutls_psk_allocate_server_credentials(&server);
		gnutls_psk_set_server_credentials_function(server, find_psk);
		gnutls_credentials_set(s, GNUTLS_CRD_PSK, server);
	}
	gnutls_transport_set_int(s, fd);
	return s;
}

int
main(int argc, char **argv)
{
	struct pipe_options o;
	unsigned char out[32];
	gnutls_session_t s;
	char data[4096];
	ssize_t n;
	int rc;

	options = &o;
	pipe_arguments(&o, argc, argv);
	s = begin(&o, pipe_line(&o));
	do
		rc = gnutls_handshake(s);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		fprintf(stderr, "alert %d\n", (int)gnutls_alert_get(s));
	need(rc, "handshake");
	fprintf(stderr, "suite %s, extended master secret: %s\n",
	    gnutls_cipher_get_name(gnutls_cipher_get(s)),
	    gnutls_session_ext_master_secret_status(s) ? "yes" : "no");
	need(gnutls_prf_rfc5705(s, sizeof(label) - 1, label, 0, NULL,
	    sizeof(out), (char *)out), "export");
	pipe_hex(stderr, "exported", out, sizeof(out));
	while ((n = read(0, data, sizeof(data))) > 0)
		need((int)gnutls_record_send(s, data, (size_t)n), "send");
	while ((n = gnutls_record_recv(s, data, sizeof(data))) > 0)
		if (write(1, data, (size_t)n) != n)
			die("write");
	need((int)n, "receive");
	gnutls_bye(s, GNUTLS_SHUT_WR);
	fprintf(stderr, "ok\n");
	return 0;
}
