/* SPDX-License-Identifier: ISC */
/*
 * The header of a state file: 256 bytes, integers little-endian.
 *
 *     0   8  "ucsyncDB"
 *     8   4  format: 1
 *    12   4  zero
 *    16   8  replica id
 *    24   8  salt, random, another one in each file
 *    32   8  highest number in use when the file was written
 *    40   8  number of entries in the base
 *    48   8  where the base's blocks end and its index begins
 *    56   8  where the index ends and the facts begin
 *    64   8  where the facts end and the tail begins
 *    72  64  host name, padded with NULs, at least one
 *   136  32  machine fingerprint, or zeroes
 *   168  84  zero
 *   252   4  CRC-32 of the 252 bytes before
 *
 * Magic, format and CRC stay where they are in every format.
 */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "head.h"
#include "record.h"
#include "version.h"

enum {
	FORMAT = 1, CRC_AT = HEAD_BYTES - 4, HOST_FIELD = 64, PADDING = 84
};

static const char magic[8] = { 'u', 'c', 's', 'y', 'n', 'c', 'D', 'B' };

void
head_encode(const struct head *h, unsigned char out[HEAD_BYTES])
{
	char host[HOST_FIELD] = { 0 };
	struct buf b = BUF_INIT;

	memcpy(host, h->id.host, strlen(h->id.host));
	buf_put(&b, magic, sizeof(magic));
	buf_u32(&b, FORMAT);
	buf_u32(&b, 0);
	buf_u64(&b, h->id.replica);
	buf_u64(&b, h->salt);
	buf_u64(&b, h->high);
	buf_u64(&b, h->count);
	buf_u64(&b, h->index);
	buf_u64(&b, h->facts);
	buf_u64(&b, h->tail);
	buf_put(&b, host, sizeof(host));
	buf_put(&b, h->id.machine, HASH_BYTES);
	memset(buf_room(&b, PADDING), 0, PADDING);
	b.len += PADDING;
	buf_u32(&b, record_crc(0, b.p, CRC_AT));
	assert(b.len == HEAD_BYTES);
	memcpy(out, b.p, HEAD_BYTES);
	buf_free(&b);
}

static int
sane(const struct head *h, const struct view *in)
{
	return !in->bad && h->high < NUMBER_MAX && h->index >= HEAD_BYTES &&
	    h->facts >= h->index && h->tail >= h->facts &&
	    h->tail <= INT64_MAX && h->count <= h->index &&
	    !h->id.host[HEAD_HOST_MAX];
}

int
head_decode(struct head *h, const unsigned char p[HEAD_BYTES], const char *path,
    struct err *e)
{
	struct view in = view_of(p, HEAD_BYTES);
	struct view crc = view_of(p + CRC_AT, 4);
	const unsigned char *m = view_get(&in, sizeof(magic));
	uint32_t format = view_u32(&in);

	memset(h, 0, sizeof(*h));
	if (memcmp(m, magic, sizeof(magic)) ||
	    view_u32(&crc) != record_crc(0, p, CRC_AT))
		goto damaged;
	if (format != FORMAT)
		return err_set(e, "%s: state of format %lu, this program knows "
		    "%d only: use a newer one, or move the file away to begin "
		    "a new state", path, (unsigned long)format, FORMAT);
	view_u32(&in);
	h->id.replica = view_u64(&in);
	h->salt = view_u64(&in);
	h->high = view_u64(&in);
	h->count = view_u64(&in);
	h->index = view_u64(&in);
	h->facts = view_u64(&in);
	h->tail = view_u64(&in);
	view_copy(&in, h->id.host, HOST_FIELD);
	view_copy(&in, h->id.machine, HASH_BYTES);
	if (sane(h, &in))
		return HEAD_OK;
damaged:
	err_set(e, "%s: damaged, or no state file: move it away to begin a new "
	    "state", path);
	return HEAD_DAMAGED;
}
