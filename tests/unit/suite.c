/* SPDX-License-Identifier: ISC */
/*
 * What seals records on this machine, against known answers: ChaCha20-Poly1305
 * of RFC 8439, 2.8.2, and AES-128-GCM of test case 4 of the GCM specification
 * (McGrew and Viega).
 */
#include <bearssl.h>

#include "unit.h"

#include "hex.h"
#include "wire/suite.h"

static void
chapol_of_rfc8439(void)
{
	static const char text[] = "Ladies and Gentlemen of the class of '99: "
	    "If I could offer you only one tip for the future, sunscreen would "
	    "be it.";
	unsigned char key[32], nonce[12], aad[12], data[sizeof(text)], tag[16];
	br_ssl_client_context c;
	size_t i;

	br_ssl_client_zero(&c);
	suite_prepare(&c.eng, 0);
	for (i = 0; i < 32; i++)
		key[i] = (unsigned char)(0x80 + i);
	unhex("070000004041424344454647", nonce, 0);
	unhex("50515253c0c1c2c3c4c5c6c7", aad, 0);
	memcpy(data, text, sizeof(text));
	c.eng.ipoly(key, nonce, data, sizeof(text) - 1, aad, sizeof(aad), tag,
	    c.eng.ichacha, 1);
	CHECK_STR(hex(tag, 16), "1ae10b594f09e26a7e902ecbd0600691");
	CHECK_STR(hex(data, 80), "d31a8d34648e60db7b86afbc53ef7ec2"
	    "a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
	    "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58");
	CHECK_STR(hex(data + 80, sizeof(text) - 81),
	    "fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b"
	    "6116");
	c.eng.ipoly(key, nonce, data, sizeof(text) - 1, aad, sizeof(aad), tag,
	    c.eng.ichacha, 0);
	CHECK_MEM(data, text, sizeof(text) - 1);
	CHECK_STR(hex(tag, 16), "1ae10b594f09e26a7e902ecbd0600691");
}

static void
gcm_of_its_authors(void)
{
	unsigned char key[16], iv[12], aad[20], data[60], tag[16];
	br_ssl_client_context c;
	br_aes_gen_ctr_keys keys;
	br_gcm_context gcm;

	br_ssl_client_zero(&c);
	suite_prepare(&c.eng, 1);
	unhex("feffe9928665731c6d6a8f9467308308", key, 0);
	unhex("cafebabefacedbaddecaf888", iv, 0);
	unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad, 0);
	unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39", data,
	    0);
	c.eng.iaes_ctr->init(&keys.vtable, key, sizeof(key));
	br_gcm_init(&gcm, &keys.vtable, c.eng.ighash);
	br_gcm_reset(&gcm, iv, sizeof(iv));
	br_gcm_aad_inject(&gcm, aad, sizeof(aad));
	br_gcm_flip(&gcm);
	br_gcm_run(&gcm, 1, data, sizeof(data));
	br_gcm_get_tag(&gcm, tag);
	CHECK_STR(hex(data, sizeof(data)),
	    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	    "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091");
	CHECK_STR(hex(tag, 16), "5bc94fbc3221a5db94fae95ae7121a47");
}

int
main(void)
{
	RUN(chapol_of_rfc8439);
	if (suite_has_aes())
		RUN(gcm_of_its_authors);
	else
		printf("skip suite: gcm_of_its_authors: no AES in this CPU\n");
	return unit_end();
}
