/* SPDX-License-Identifier: ISC */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * Small allocations, which end the program when memory is out (exit 1, one
 * line on stderr). Sizes that come from outside are compared with a named limit
 * before they reach these, or are asked for with malloc and reported.
 */
void *mem_alloc(size_t n);                 /* zeroed */
void *mem_realloc(void *p, size_t n);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
void *mem_dup(const void *p, size_t n);

/*
 * Makes room for one more element in an array of *n elements of the given
 * size, *cap of which are allocated; returns the (moved) array.
 */
void *mem_grow(void *array, size_t n, size_t *cap, size_t size);

/* Overwrites a secret in a way that the compiler keeps. */
void mem_wipe(void *p, size_t n);

#endif
