/* SPDX-License-Identifier: ISC */
#ifndef DELTA_DELTA_H
#define DELTA_DELTA_H

#include <stddef.h>
#include <stdint.h>

/*
 * Finds, in new content that comes in pieces, the blocks of a signature: the
 * algorithm of A. Tridgell, "Efficient Algorithms for Sorting and
 * Synchronization" (1999), chapter 3. What is found depends on the content
 * alone, not on how it was cut into pieces. After a block the one that follows
 * it in the old content is tried first, so that unchanged stretches cost one
 * strong hash. Time is linear in the content whatever was signed; memory is
 * three blocks at most, or one and 64 KiB.
 */

struct err;
struct sigtable;
struct delta;

/* Who gets the result, in the order of the new content. */
struct delta_sink {
	void *ctx;
	/* n > 0 bytes at `from` of the old content, within one block */
	void (*copy)(void *ctx, uint64_t from, size_t n);
	/* n > 0 bytes that are new; p is good during the call */
	void (*literal)(void *ctx, const unsigned char *p, size_t n);
};

/*
 * The table must be ready and outlive the delta. NULL when there is no memory
 * for the window.
 */
struct delta *delta_new(const struct sigtable *t, struct delta_sink sink,
    struct err *e);
void delta_free(struct delta *d);

void delta_add(struct delta *d, const void *p, size_t n);
/* The content is complete; the sink gets the rest. Ready for another one. */
void delta_end(struct delta *d);

#endif
