/* SPDX-License-Identifier: ISC */
#ifndef BASE_ASIDE_H
#define BASE_ASIDE_H

#include <stddef.h>

/*
 * Bytes that are worked on aside, by a thread, while their owner goes on: for
 * work that takes as long as what else is done with them, where there is more
 * than one CPU. Nothing of it is left on small machines.
 */

struct aside;

enum { ASIDE_PIECE = 64 << 10 };

typedef void aside_work(void *ctx, const unsigned char *p, size_t n);

#if defined(__x86_64__) || defined(__aarch64__)
/* Begins; NULL where there is one CPU, no memory or no thread. */
struct aside *aside_new(aside_work *work, void *ctx);
/*
 * Has n bytes more worked on, after the others, ASIDE_PIECE at a time and in
 * the end what is left; they are copied.
 */
void aside_add(struct aside *a, const void *p, size_t n);
/* Comes back, and a is gone, when all is done. NULL is fine. */
void aside_end(struct aside *a);
#else
static inline struct aside *
aside_new(aside_work *work, void *ctx)
{
	(void)work;
	(void)ctx;
	return NULL;
}

static inline void
aside_add(struct aside *a, const void *p, size_t n)
{
	(void)a;
	(void)p;
	(void)n;
}

static inline void
aside_end(struct aside *a)
{
	(void)a;
}
#endif

#endif
