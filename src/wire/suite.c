/* SPDX-License-Identifier: ISC */
/*
 * Sealing is BearSSL's; here it is chosen. BearSSL's portable AES is not linked
 * in: it is slower than ChaCha20. Nor are the forms of ChaCha20-Poly1305 for
 * larger CPUs, which gain a tenth and cost 4 KiB: such CPUs have AES.
 */
#include <bearssl.h>

#include "suite.h"

/* Exported by libbearssl; declared in its src/inner.h only. */
void br_ssl_engine_switch_chapol_in(br_ssl_engine_context *cc,
    int is_client, int prf);
void br_ssl_engine_switch_chapol_out(br_ssl_engine_context *cc,
    int is_client, int prf);
void br_ssl_engine_switch_gcm_in(br_ssl_engine_context *cc, int is_client,
    int prf, const br_block_ctr_class *aes, size_t key_len);
void br_ssl_engine_switch_gcm_out(br_ssl_engine_context *cc, int is_client,
    int prf, const br_block_ctr_class *aes, size_t key_len);

enum { AES_KEY = 16 };

/* Each is NULL where the CPU, or all its kind, has no such thing. */
static const br_block_ctr_class *
aes_of_cpu(void)
{
	const br_block_ctr_class *aes = br_aes_x86ni_ctr_get_vtable();

	return aes ? aes : br_aes_pwr8_ctr_get_vtable();
}

static br_ghash
ghash_of_cpu(void)
{
	br_ghash ghash = br_ghash_pclmul_get();

	return ghash ? ghash : br_ghash_pwr8_get();
}

int
suite_has_aes(void)
{
	return aes_of_cpu() && ghash_of_cpu();
}

void
suite_prepare(void *engine, int aes)
{
	br_ssl_engine_context *cc = engine;

	br_ssl_engine_set_chapol(cc, &br_sslrec_in_chapol_vtable,
	    &br_sslrec_out_chapol_vtable);
	br_ssl_engine_set_chacha20(cc, br_chacha20_ct_run);
	br_ssl_engine_set_poly1305(cc, br_poly1305_ctmul_run);
	if (!aes)
		return;
	br_ssl_engine_set_gcm(cc, &br_sslrec_in_gcm_vtable,
	    &br_sslrec_out_gcm_vtable);
	br_ssl_engine_set_aes_ctr(cc, aes_of_cpu());
	br_ssl_engine_set_ghash(cc, ghash_of_cpu());
}

void
suite_switch_in(void *engine, unsigned suite, int is_client)
{
	br_ssl_engine_context *cc = engine;

	if (suite == SUITE_AESGCM)
		br_ssl_engine_switch_gcm_in(cc, is_client, br_sha256_ID,
		    cc->iaes_ctr, AES_KEY);
	else
		br_ssl_engine_switch_chapol_in(cc, is_client, br_sha256_ID);
}

void
suite_switch_out(void *engine, unsigned suite, int is_client)
{
	br_ssl_engine_context *cc = engine;

	if (suite == SUITE_AESGCM)
		br_ssl_engine_switch_gcm_out(cc, is_client, br_sha256_ID,
		    cc->iaes_ctr, AES_KEY);
	else
		br_ssl_engine_switch_chapol_out(cc, is_client, br_sha256_ID);
}
