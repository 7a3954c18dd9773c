/* SPDX-License-Identifier: ISC */
#ifndef WIRE_HKDF_H
#define WIRE_HKDF_H

#include <stddef.h>

/*
 * HKDF-SHA256 (RFC 5869), both steps at once: out becomes n bytes of
 * Expand(Extract(salt, ikm), info). n is at most HKDF_MAX; an empty salt is
 * what the RFC calls "not provided".
 */

struct view;

enum { HKDF_MAX = 255 * 32 };

void hkdf(const struct view *salt, const struct view *ikm,
    const struct view *info, unsigned char *out, size_t n);

#endif
