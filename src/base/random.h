/* SPDX-License-Identifier: ISC */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Random bytes from getrandom(2), fit for keys. There is no fallback: where the
 * kernel has none the program ends (exit 1, one line on stderr).
 */
void random_bytes(void *p, size_t n);
uint64_t random_u64(void);

#endif
