/* SPDX-License-Identifier: ISC */
#ifndef STATE_HEAD_H
#define STATE_HEAD_H

#include <stdint.h>

#include "base/hash.h"

/*
 * What the first bytes of a state file say; byte by byte in head.c.
 */

struct err;

enum { HEAD_BYTES = 256, HEAD_HOST_MAX = 63 };

struct identity {
	uint64_t replica;
	char host[HEAD_HOST_MAX + 1];
	unsigned char machine[HASH_BYTES];      /* zeroes: not known */
};

struct head {
	struct identity id;
	uint64_t salt;                  /* of every record's CRC */
	uint64_t high;                  /* highest number when it was written */
	uint64_t count;                 /* entries in the base */
	uint64_t index, facts, tail;    /* offsets where these begin */
};

enum { HEAD_OK = 0, HEAD_DAMAGED = -2 };

void head_encode(const struct head *h, unsigned char out[HEAD_BYTES]);
/*
 * 0, or HEAD_DAMAGED, or -1 for a newer format; *e then says so with the path.
 */
int head_decode(struct head *h, const unsigned char p[HEAD_BYTES],
    const char *path, struct err *e);

#endif
