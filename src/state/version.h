/* SPDX-License-Identifier: ISC */
#ifndef STATE_VERSION_H
#define STATE_VERSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"

/*
 * What a path is (its version) and how it came to be that (its history): the
 * part of an entry that travels and is relayed untouched. Pure functions.
 */

struct buf;
struct view;

enum kind {
	KIND_NONE,              /* removed */
	KIND_REG, KIND_DIR, KIND_LNK, KIND_CHR, KIND_BLK, KIND_FIFO,
	KIND_COUNT
};

struct version {
	enum kind kind;
	uint32_t mode;          /* 07777; 0 for links and removed */
	uint32_t uid, gid;      /* 0 for removed */
	struct stime mtime;     /* zero for directories; removed: when found */
	uint64_t size;          /* regular files */
	unsigned char id[HASH_BYTES];   /* content id of a regular file */
	uint32_t major, minor;  /* devices */
	char *target;           /* links; owned */
};

enum { TARGET_MAX = 4095 };

/*
 * A stamp names one change: the replica that made it and the journal number it
 * made it under. Number 0 is a content stamp: replica is then the first 64 bits
 * (little-endian) of the version's digest without mtime.
 */
struct stamp {
	uint64_t replica, number;
};

enum {
	VECTOR_MAX = 16,
	HEADS_MAX = 7,          /* those of two histories fit into a vector */
	AUTHOR_MAX = 63
};
#define NUMBER_MAX ((uint64_t)1 << 48)  /* numbers are below it */

/* Replica -> highest number in the path's history; newest last. */
struct vector {
	unsigned n;
	struct stamp at[VECTOR_MAX];
};

enum history_bits {
	HISTORY_FORCED = 1,     /* -f: wins the next conflict */
	HISTORY_QUIET = 2,      /* -I: not pending, but compared */
	HISTORY_RESOLUTION = 4, /* made by resolving a conflict */
	HISTORY_KEPT = 8,       /* removed, but the directory had to stay */
	HISTORY_FIRST = 16,     /* found by the first check of a state */
	HISTORY_TAKEN = 32,     /* ours came from a peer (does not travel) */
	HISTORY_DEVIATES = 64   /* receive-only: disk differs (local, too) */
};

struct history {
	struct stamp stamp;
	unsigned bits;
	unsigned nheads;
	struct stamp heads[HEADS_MAX];  /* further stamps of the same content */
	struct vector vector;
	char author[AUTHOR_MAX + 1];    /* host that made the change */
};

void version_free(struct version *v);                   /* its target */
struct version version_copy(const struct version *v);

/* What two versions are not compared by. */
struct version_ignore {
	int uid, gid, mode;
};

/* Kind, content, target, device, mode, owner equal; mtime never decides. */
int version_same(const struct version *a, const struct version *b,
    struct version_ignore ignore);
/* Kind, content, target and device alone: no data would have to move. */
int version_same_content(const struct version *a, const struct version *b);

/* BLAKE2s-256 over the encoded version, with or without its mtime. */
void version_digest(const struct version *v, int with_mtime,
    unsigned char out[HASH_BYTES]);
struct stamp version_stamp(const struct version *v);    /* the content stamp */

/* Encoding, byte by byte in version.c; a decoder marks the view bad. */
void version_encode(const struct version *v, struct buf *b);
void version_decode(struct version *v, struct view *in);
/*
 * bits HISTORY_TAKEN and _DEVIATES are left out where local is 0; who decodes
 * what a peer sent clears them.
 */
void history_encode(const struct history *h, int local, struct buf *b);
void history_decode(struct history *h, struct view *in);
/*
 * For those who hold many: most are but a tenth of struct history. What
 * history_pack allocates is the caller's.
 */
unsigned char *history_pack(const struct history *h);
void history_unpack(struct history *h, const unsigned char *packed);

/* The same, of which only a little is asked: the kind, the bits. */
enum kind version_skip(struct view *in);
unsigned history_skip(struct view *in);

/* Whether the vector holds the stamp. */
int vector_has(const struct vector *v, struct stamp s);
/*
 * Adds a stamp; beyond VECTOR_MAX the oldest goes, but none of the keep stamps
 * of h (its stamp and heads) when h is given.
 */
void vector_add(struct vector *v, struct stamp s, const struct history *h);
/* Whether w has seen v: w's vector holds v's stamp and all of v's heads. */
int history_seen(const struct history *w, const struct history *v);
/* to's vector becomes the union; stamp, heads and bits stay. */
void history_unite(struct history *to, const struct history *from);
/* A new change: stamp s, vector + s, heads and all bits cleared, author set. */
void history_change(struct history *h, struct stamp s, const char *author);
/*
 * Rule 1 for the same content on both sides: what both of them have afterwards,
 * in *out (may be one of the arguments). The mtimes are the caller's.
 *  - one has seen the other: stamp, heads, author, bits of that one;
 *  - else both stamps are kept, the greater (by number, then replica) as stamp
 *    with its author, the others as heads (the greatest HEADS_MAX of them);
 *    forced, resolution and kept hold when either has them, quiet and first
 *    when both do.
 * Where both have seen each other, a total order decides: both sides come to
 * the same. What is local (taken, deviates) stays with the side it was on.
 * Returns 1 when a is that one (or both alike), 2 when it is b, 0 for "else".
 */
int history_merge(struct history *out, const struct history *a,
    const struct history *b);

#endif
