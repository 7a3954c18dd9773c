/* SPDX-License-Identifier: ISC */
/*
 * The arithmetic of the key exchange against the vectors of its RFCs.
 */
#include <bearssl.h>

#include "unit.h"

#include "hex.h"
#include "lowpoints.h"
#include "wire/secret.h"

/*
 * RFC 7748, 5.2 and 6.1. BearSSL 0.6 reads a private key in the order of that
 * RFC, later versions in the other one; which does not matter for random keys.
 */
static int
x25519(const char *private, const char *point, const char *want)
{
	unsigned char k[32], u[32], z[32];
	int reversed;

	unhex(point, u, 0);
	for (reversed = 0; reversed < 2; reversed++) {
		unhex(private, k, reversed);
		if (!secret_shared(k, u, z) && !strcmp(hex(z, 32), want))
			return 1;
	}
	return 0;
}

static void
x25519_of_rfc7748(void)
{
	static const char bob[] = "5dab087e624a8a4b79e17f8b83800ee6"
	    "6f3bb1292618b6fd1c2f8b27ff88e0eb";
	static const char nine[] = "09000000000000000000000000000000"
	    "00000000000000000000000000000000";

	CHECK(x25519("a546e36bf0527c9d3b16154b82465edd"
	    "62144c0ac1fc5a18506a2244ba449ac4",
	    "e6db6867583030db3594c1a424b15f7c"
	    "726624ec26b3353b10a903a6d0ab1c4c",
	    "c3da55379de9c6908e94ea4df28d084f"
	    "32eccf03491c71f754b4075577a28552"));
	CHECK(x25519(bob, "8520f0098930a754748b7ddcb43ef75a"
	    "0dbf3a0d26381af4eba4a98eaa9b4e6a",
	    "4a5d9d5ba4ce2de1728e3bf480350f25"
	    "e07e21c947d19e3376f09b3c1e161742"));
	CHECK(x25519(bob, nine, "de9edb7d7b7dc1b4d35b61c2ece43537"
	    "3f8343c85b78674dadfc7e146f882b4f"));
}

static void
public_is_shared_with_nine(void)
{
	unsigned char k[32], nine[32] = { 9 }, a[32], b[32];
	int i;

	for (i = 0; i < 32; i++)
		k[i] = (unsigned char)(i * 7 + 1);
	secret_public(k, a);
	CHECK_INT(secret_shared(k, nine, b), 0);
	CHECK_MEM(a, b, 32);
}

static void
low_points_share_nothing(void)
{
	unsigned char k[32] = { 1, 2, 3 }, u[32], z[32];
	int i;

	for (i = 0; i < LOW_POINTS; i++) {
		unhex(low_points[i], u, 0);
		CHECK_INT(secret_shared(k, u, z), -1);
	}
}

/* The vector of the IETF TLS list. */
static void
prf_with_sha256(void)
{
	unsigned char secret[16], seed[16], out[100];
	br_tls_prf_seed_chunk chunk = { seed, sizeof(seed) };

	unhex("9bbe436ba940f017b17652849a71db35", secret, 0);
	unhex("a0ba9f936cda311827a6f796ffd5198c", seed, 0);
	br_tls12_sha256_prf(out, sizeof(out), secret, sizeof(secret),
	    "test label", 1, &chunk);
	CHECK_STR(hex(out, sizeof(out)), "e3f229ba727be17b8d122620557cd453"
	    "c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
	    "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba"
	    "a48082d122ee42c5a72e5a5110fff70187347b66");
}

int
main(void)
{
	RUN(x25519_of_rfc7748);
	RUN(public_is_shared_with_nine);
	RUN(low_points_share_nothing);
	RUN(prf_with_sha256);
	return unit_end();
}
