/* SPDX-License-Identifier: ISC */
/*
 * HKDF-SHA256 is BearSSL's; this keeps its context, which holds secrets, in one
 * place where it is wiped, and bearssl.h out of the rest of the program.
 */
#include <assert.h>
#include <bearssl.h>

#include "base/buf.h"
#include "base/mem.h"
#include "hkdf.h"

void
hkdf(const struct view *salt, const struct view *ikm,
    const struct view *info, unsigned char *out, size_t n)
{
	br_hkdf_context c;

	assert(n <= HKDF_MAX);
	br_hkdf_init(&c, &br_sha256_vtable, salt->p, salt->len);
	br_hkdf_inject(&c, ikm->p, ikm->len);
	br_hkdf_flip(&c);
	br_hkdf_produce(&c, info->p, info->len, out, n);
	mem_wipe(&c, sizeof(c));
}
