/* SPDX-License-Identifier: ISC */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The frame around everything in a state file behind its header:
 *
 *   length of the payload  4 bytes LE
 *   type                   1 byte
 *   payload
 *   CRC-32                 4 bytes LE
 *
 * The CRC (IEEE 802.3, reflected) is over salt (8 bytes LE), the record's
 * offset in its file (8 bytes LE), length, type and payload: bytes of another
 * file, or moved to another place, are no record.
 */

enum record_type {
	RECORD_BATCH = 1, RECORD_IDENTITY, RECORD_ENTRY, RECORD_FORGET,
	RECORD_FACT, RECORD_DROP, RECORD_BLOCK, RECORD_INDEX
};

enum {
	RECORD_HEAD = 5,                /* length, type */
	RECORD_FRAME = 9,               /* what a record adds to its payload */
	RECORD_MAX = 32768              /* longest payload */
};

struct record {
	unsigned type;
	struct view payload;            /* borrowed */
	size_t size;                    /* of the whole record */
};

/* What is known of a file whose records are put or got. */
struct seal {
	uint64_t salt;
	int folds;              /* record.c's: what this CPU can do */
};

uint32_t record_crc(uint32_t crc, const void *p, size_t n);  /* begin with 0 */
/* Appends a record that will stand at the offset; n is at most RECORD_MAX. */
void record_put(struct buf *b, struct seal *s, uint64_t off, unsigned type,
    const void *p, size_t n);
/* Size of the whole record that these RECORD_HEAD bytes begin; 0: nonsense. */
size_t record_size(const unsigned char *head);
/* Reads one off the view; -1, view untouched, when there is no whole one. */
int record_get(struct record *r, struct seal *s, uint64_t off,
    struct view *in);
/* The same of one that was got before: its checksum is not looked at. */
int record_cut(struct record *r, struct view *in);

#endif
