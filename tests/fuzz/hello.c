/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes what takes the messages of the TLS handshake apart: the first byte
 * chooses one, and whether there is AES (bit 2), the others are its body. What
 * is refused has a reason and an alert. With -DFUZZ_MAIN it runs the files
 * named as arguments; else it is for libFuzzer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/hello.h"
#include "wire/key.h"
#include "wire/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The identity lies within the body, and may be anything. */
static int
client_key(struct view body, struct refusal *r)
{
	unsigned char point[32];
	struct identity id;
	struct view text;

	if (hello_get_client_key(body, &text, point, r))
		return -1;
	assert(!text.len || (text.p >= body.p &&
	    text.p + text.len <= body.p + body.len));
	identity_parse(&id, (const char *)text.p, text.len);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct refusal r = { ALERT_CLOSE, NULL };
	unsigned char random[32];
	struct view body;
	unsigned suite = 0;
	int reneg = 2, aes, rc;
	void *exact;

	if (!n)
		return 0;
	exact = malloc(n);
	memcpy(exact, data + 1, n - 1);
	body = view_of(exact, n - 1);
	aes = data[0] >> 2 & 1;
	switch (data[0] & 3) {
	case 0:
		rc = hello_get_client(body, aes, random, &suite, &reneg, &r);
		assert(rc || reneg == 0 || reneg == 1);
		assert(rc || suite == SUITE_CHAPOL ||
		    (aes && suite == SUITE_AESGCM));
		break;
	case 1:
		rc = hello_get_server(body, aes, random, &suite, &r);
		assert(rc || suite == SUITE_CHAPOL ||
		    (aes && suite == SUITE_AESGCM));
		break;
	case 2:
		rc = hello_get_server_key(body, random, &r);
		break;
	default:
		rc = client_key(body, &r);
		break;
	}
	assert(!rc || (r.reason && r.reason[0] && r.alert != ALERT_CLOSE));
	free(exact);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
