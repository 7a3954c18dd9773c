/* SPDX-License-Identifier: ISC */
/*
 * The key exchange's arithmetic is BearSSL's; this puts it together as the RFCs
 * say, and wipes what lies about on the way.
 */
#include <bearssl.h>
#include <string.h>

#include "base/mem.h"
#include "secret.h"

void
secret_public(const unsigned char private[32], unsigned char point[32])
{
	br_ec_c25519_m31.mulgen(point, private, 32, BR_EC_curve25519);
}

int
secret_shared(const unsigned char private[32],
    const unsigned char point[32], unsigned char shared[32])
{
	static const unsigned char zero[32];

	memcpy(shared, point, 32);
	if (!br_ec_c25519_m31.mul(shared, 32, private, 32, BR_EC_curve25519))
		return -1;
	return secret_equal(shared, zero, 32) ? -1 : 0;
}

static void
prf(unsigned char *out, size_t n, const void *secret, size_t secret_len,
    const char *label, const unsigned char hash[32])
{
	br_tls_prf_seed_chunk seed = { hash, 32 };

	br_tls12_sha256_prf(out, n, secret, secret_len, label, 1, &seed);
}

void
secret_master(const unsigned char shared[32], const unsigned char psk[32],
    const unsigned char hash[32], unsigned char master[SECRET_MASTER])
{
	unsigned char premaster[68] = { 0 };

	premaster[1] = premaster[35] = 32;
	memcpy(premaster + 2, shared, 32);
	memcpy(premaster + 36, psk, 32);
	prf(master, SECRET_MASTER, premaster, sizeof(premaster),
	    "extended master secret", hash);
	mem_wipe(premaster, sizeof(premaster));
}

void
secret_proof(const unsigned char master[SECRET_MASTER], int of_client,
    const unsigned char hash[32], unsigned char proof[SECRET_PROOF])
{
	prf(proof, SECRET_PROOF, master, SECRET_MASTER,
	    of_client ? "client finished" : "server finished", hash);
}

int
secret_equal(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	unsigned diff = 0;

	while (n--)
		diff |= (unsigned)(*x++ ^ *y++);
	return diff == 0;
}
