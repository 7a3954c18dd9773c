/* SPDX-License-Identifier: ISC */
/*
 * A state in a scratch directory, small entries to put into it, and a digest of
 * all that a state holds, so that two can be compared.
 */
#ifndef SCRATCHSTATE_H
#define SCRATCHSTATE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "scratch.h"
#include "state/entry.h"
#include "state/state.h"

enum { LOCK_MS = 20000 };

/* In memory where that can be had: these tests sync a lot. */
static inline void
scratch_state_init(void)
{
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	log_set_level(-1);
	scratch_init();
}

static inline struct entry
entry_make(const char *name, uint64_t number)
{
	struct entry e;

	memset(&e, 0, sizeof(e));
	e.name = mem_strdup(name);
	e.number = number;
	e.v.kind = KIND_REG;
	e.v.mode = 0644;
	e.v.size = number;
	e.v.mtime.sec = 1700000000;
	memset(e.v.id, (int)(number & 255), sizeof(e.v.id));
	history_change(&e.h, (struct stamp){ 77, number }, "alpha");
	e.look.kind = KIND_REG;
	e.look.trusted = 1;
	e.look.size = number;
	return e;
}

static inline struct state *
state_must_open(const char *host)
{
	struct state *s;
	struct err e;

	if (!state_open(&s, "st", host, "", 1, &e))
		return s;
	printf("FAIL state: %s\n", e.text);
	exit(1);
}

static inline void
state_must(int r, const struct err *e)
{
	if (!r)
		return;
	printf("FAIL state: %s\n", e->text);
	exit(1);
}

static inline void
put_begin(struct state *s)
{
	struct err e;

	state_must(state_lock(s, LOCK_MS, &e), &e);
}

static inline void
put_end(struct state *s)
{
	struct err e;

	state_must(state_unlock(s, &e), &e);
}

static inline void
put_name(struct state *s, const char *name, uint64_t number)
{
	struct entry entry = entry_make(name, number);
	struct err e;

	state_must(state_put(s, &entry, &e), &e);
	entry_free(&entry);
}

static inline int
has_name(struct state *s, const char *name)
{
	struct entry entry;
	struct err e;
	int r = state_get(s, name, &entry, &e);

	entry_free(&entry);
	return r;
}

/* A digest of all entries and facts; the number of both. */
static inline long
state_digest(struct state *s, unsigned char out[HASH_BYTES])
{
	struct buf all = BUF_INIT, key = BUF_INIT;
	struct state_walk *w;
	struct entry entry;
	struct view k, v;
	struct err e;
	long n = 0;
	int kind, r = -1;

	w = state_walk_new(s, NULL, &e);
	while (w && (r = state_walk_next(w, &entry, &e)) > 0) {
		entry_encode(&entry, &all);
		entry_free(&entry);
		n++;
	}
	state_must(r, &e);
	state_walk_free(w);
	for (kind = 1; kind < FACT_KINDS; kind++) {
		buf_clear(&key);
		while (state_fact_after(s, (enum fact_kind)kind, key.p,
		    key.len, &k, &v)) {
			buf_u8(&all, (unsigned)kind);
			buf_blob(&all, k.p, k.len);
			buf_blob(&all, v.p, v.len);
			buf_clear(&key);
			buf_put(&key, k.p, k.len);
			n++;
		}
	}
	hash_bytes(all.p, all.len, out);
	buf_free(&all);
	buf_free(&key);
	return n;
}

static inline struct buf
file_read(const char *path)
{
	struct buf b = BUF_INIT;
	int fd = open(path, O_RDONLY);
	ssize_t n = 1;

	while (fd >= 0 && n > 0) {
		n = read(fd, buf_room(&b, 4096), 4096);
		b.len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return b;
}

static inline void
file_write(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	scratch_need(fd >= 0 && write(fd, p, n) == (ssize_t)n, path);
	close(fd);
}

/* The number of both alone. */
static inline long
state_size(struct state *s)
{
	unsigned char digest[HASH_BYTES];

	return state_digest(s, digest);
}

#endif
