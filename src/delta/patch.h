/* SPDX-License-Identifier: ISC */
#ifndef DELTA_PATCH_H
#define DELTA_PATCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Carries out the operations of a delta (ops.h). The sender is not trusted:
 * every copy lies within the old content, no operation is empty, literals have
 * their limit, the result has its limit, and nothing follows the end; what
 * waits for a gap to be filled has the limits of ops.h. Whether the result is
 * the right one says the content id, which the caller checks.
 */

struct err;
struct patch;

struct patch_io {
	void *ctx;
	/* Exactly n bytes at offset of the old content, or -1. */
	int (*read_old)(void *ctx, uint64_t offset, unsigned char *p, size_t n,
	    struct err *e);
	/* The next n bytes of the new content, or -1. */
	int (*write_new)(void *ctx, const unsigned char *p, size_t n,
	    struct err *e);
	/*
	 * A gap wants a signature of n > 0 bytes, OPS_OPEN_MAX at most, at
	 * offset of the old content; or -1. NULL: gaps are malformed.
	 */
	int (*gap)(void *ctx, uint64_t offset, size_t n, struct err *e);
};

/* The new content may have at most max_size bytes. */
struct patch *patch_new(uint64_t old_size, uint64_t max_size,
    struct patch_io io);
void patch_free(struct patch *p);

/*
 * Takes wire bytes in pieces of any length. -1 when they are malformed or a
 * callback failed; the patch is then of no use.
 */
int patch_add(struct patch *p, const void *data, size_t n, struct err *e);
/* The same for the operations that fill the oldest gap, and no other. */
int patch_fill(struct patch *p, const void *data, size_t n, struct err *e);
/* True when the end has come, and all gaps are filled. */
int patch_done(const struct patch *p);

#endif
