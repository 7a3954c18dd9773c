/* SPDX-License-Identifier: ISC */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

/*
 * Reads a decimal number that is the whole of s and lies in min..max.
 * Returns 0, or -1 and leaves *out alone.
 */
int num_parse(const char *s, uint64_t min, uint64_t max, uint64_t *out);

#endif
