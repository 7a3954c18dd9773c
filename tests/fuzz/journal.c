/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes what reads a state file: the input is one. It is tried as it is, and
 * with every checksum made right, so that what stands behind those is reached:
 * opened, all entries and facts read, cut and appended to as the holder of the
 * lock does it, compacted, and read again. With -DFUZZ_MAIN it runs the files
 * named as arguments; else it is for libFuzzer.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "state/entry.h"
#include "state/index.h"
#include "state/journal.h"
#include "state/scan.h"
#include "state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* -1 when something in it is damaged. */
static long
read_all(struct index *x)
{
	struct fact f = { 0, { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct view entry, found;
	struct entry decoded;
	const char *name;
	struct scan *s;
	struct err e;
	long count = 0;
	int more = -1;

	while (facts_after(x->facts, f.kind, f.key, &f))
		if (!f.key.len || !f.kind || f.kind >= FACT_KINDS)
			abort();
	s = scan_new(x, NULL, &e);
	while (s && (more = scan_next(s, &name, &entry, &e)) > 0) {
		count++;
		if (!entry_decode(&decoded, entry.p, entry.len))
			entry_free(&decoded);
		index_find(x, name, &found, &e);
	}
	scan_free(s);
	s = scan_new(x, "/m", &e);
	while (s && scan_next(s, &name, &entry, &e) > 0)
		;
	scan_free(s);
	return more < 0 ? -1 : count;
}

static struct index *
open_index(int fd, int locked)
{
	struct journal *j;
	struct index *x;
	struct err e;

	if (journal_attach(&j, dup(fd), "fuzz", &e) != JOURNAL_OK)
		return NULL;
	return index_open(&x, j, locked, &e) ? NULL : x;
}

/* As a holder of the lock: what is there then must be there again. */
static void
append(struct index *x, int fd)
{
	struct fact f = { FACT_META, view_of("k", 2), view_of("v", 1) };
	struct view v;
	struct index *y;
	uint64_t cut;
	int damaged;
	long count;
	struct err e;

	if (journal_cut(x->journal, &cut, &damaged, &e) ||
	    index_put_fact(x, &f, &e) || index_forget(x, "/a", &e) < 0 ||
	    journal_sync(x->journal, &e))
		return;
	count = read_all(x);
	y = open_index(fd, 0);
	if (!y || read_all(y) != count ||
	    !facts_find(y->facts, FACT_META, view_of("k", 2), &v))
		abort();
	index_free(y);
}

static void
try_file(const uint8_t *data, size_t n)
{
	int fd = memfd_create("fuzz", 0);
	struct index *x;

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	x = open_index(fd, 1);
	if (x) {
		read_all(x);
		append(x, fd);
	}
	index_free(x);
	close(fd);
}

/* The same with right checksums; what is too long is cut to what is there. */
static void
mend(const uint8_t *data, size_t n, struct buf *out)
{
	struct view in = view_of(data, n), payload;
	struct seal seal = { 0, 0 };
	uint32_t len;
	unsigned type;

	buf_put(out, "ucsyncDB\1\0\0", 12);
	buf_put(out, data + 12, HEAD_BYTES - 16);
	buf_u32(out, record_crc(0, out->p, HEAD_BYTES - 4));
	view_get(&in, 24);
	seal.salt = view_u64(&in);
	view_get(&in, HEAD_BYTES - 32);
	while (in.len >= RECORD_FRAME) {
		len = view_u32(&in);
		type = view_u8(&in);
		if (len > in.len - 4 || len > RECORD_MAX)
			len = (uint32_t)(in.len - 4) % (RECORD_MAX + 1);
		payload = view_of(view_get(&in, len), len);
		view_u32(&in);
		record_put(out, &seal, out->len, type, payload.p, payload.len);
	}
	buf_put(out, in.p, in.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf b = BUF_INIT;

	try_file(data, n);
	if (n < HEAD_BYTES)
		return 0;
	mend(data, n, &b);
	try_file(b.p, b.len);
	buf_free(&b);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
