/* SPDX-License-Identifier: ISC */
/*
 * Fetching one file's content. Nothing that comes is believed: a delta may copy
 * only from what stands here, the result may not be longer than was offered,
 * and its content id decides. A wrong delta is followed by the whole file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/random.h"
#include "delta/patch.h"
#include "delta/signature.h"
#include "exchange.h"
#include "fs/spare.h"
#include "fs/prepare.h"
#include "fs/stage.h"
#include "fs/tree.h"
#include "incoming.h"
#include "settled.h"

struct incoming {
	struct exchange *x;
	const struct change *change;
	uint64_t index;
	unsigned asked;                 /* how often */
	int old;                        /* descriptor of what stands there, */
	int to_sign;                    /* but only while it is read */
	int delta;                      /* what was asked for may be one */
	struct signature *signature;    /* under way */
	int is_signed;
	struct buf made;                /* of it, to be sent */
	uint64_t left;                  /* bytes to be signed */
	struct stage *stage;
	struct patch *patch;
	struct err *failed;             /* dropping what still comes; or NULL */
};

struct incoming *
incoming_new(struct exchange *x, uint64_t index, const struct change *change)
{
	struct incoming *in = mem_alloc(sizeof(*in));

	in->x = x;
	in->index = index;
	in->change = change;
	in->old = -1;
	return in;
}

static void
close_old(struct incoming *in)
{
	if (in->old >= 0)
		close(in->old);
	in->old = -1;
}

static void
end_delta(struct incoming *in)
{
	close_old(in);
	in->to_sign = 0;
	signature_free(in->signature);
	in->signature = NULL;
	patch_free(in->patch);
	in->patch = NULL;
	buf_free(&in->made);
}

void
incoming_free(struct incoming *in)
{
	if (!in)
		return;
	end_delta(in);
	stage_free(in->stage);
	free(in->failed);
	free(in);
}

int
incoming_tried(const struct incoming *in)
{
	return in->asked > 1;
}

static int
open_old(struct incoming *in)
{
	const char *base;
	int dir = tree_parent(in->x->tree, in->change->want.name, &base);

	in->old = dir < 0 ? -1 : openat(dir, base,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return in->old < 0 ? -1 : 0;
}

static uint64_t
blocks_here(const struct incoming *in)
{
	uint64_t size = in->change->expect.size;

	return signature_blocks(size, signature_log(size));
}

/* Whether a delta makes sense. */
static int
delta_pays(const struct incoming *in)
{
	const struct look *look = &in->change->expect;

	return look->kind == KIND_REG && look->size >= SIGNED_MIN &&
	    in->change->want.v.size >= SIGNED_MIN &&
	    look->size <= SIGNATURE_SIZE_MAX &&
	    signature_pays(blocks_here(in), in->change->want.v.size);
}

/* Begins to sign what stands there. */
static void
begin_signature(struct incoming *in)
{
	uint64_t size = in->change->expect.size;
	struct err ignored;

	in->left = size;
	if (!open_old(in))
		in->signature = signature_new(size, signature_log(size),
		    random_u64(), &ignored);
}

void
incoming_ask(struct incoming *in, int delta)
{
	struct buf b = BUF_INIT;

	in->asked++;
	in->to_sign = in->delta = delta && delta_pays(in);
	want_encode(in->index, in->to_sign, &b);
	exchange_send(in->x, MESSAGE_WANT, &b);
}

static void
send_signature(struct incoming *in, struct buf *made, int last)
{
	struct signature_piece piece;
	struct buf b;
	size_t at = 0, n;

	do {
		n = made->len - at;
		if (n > CONTENT_PIECE)
			n = CONTENT_PIECE;
		piece.index = in->index;
		piece.data = view_of(made->p + at, n);
		at += n;
		piece.last = last && at == made->len;
		b = (struct buf)BUF_INIT;
		signature_encode(&piece, &b);
		exchange_send(in->x, MESSAGE_SIGNATURE, &b);
	} while (at < made->len);
	buf_clear(made);
}

/* Signs the next piece; whether there was one. */
static int
sign_piece(struct incoming *in)
{
	size_t want = in->left < SPARE_PIECE ? (size_t)in->left : SPARE_PIECE;
	unsigned char *p = spare_piece(tree_spare(in->x->tree));
	ssize_t n = read(in->old, p, want);

	if (n > 0) {
		signature_add(in->signature, p, (size_t)n, &in->made);
		in->left -= (uint64_t)n;
	}
	return n > 0;
}

int
incoming_sign(struct incoming *in)
{
	struct err ignored;
	int good;

	if (!in->to_sign)
		return 0;
	if (!in->signature)
		begin_signature(in);
	good = in->signature && sign_piece(in);
	if (good && in->left) {
		if (in->made.len >= CONTENT_PIECE)
			send_signature(in, &in->made, 0);
		return 1;
	}
	/* one that was cut short is not ready at the peer, who sends all */
	if (good && signature_end(in->signature, &in->made, &ignored))
		buf_clear(&in->made);
	send_signature(in, &in->made, 1);
	signature_free(in->signature);
	in->signature = NULL;
	in->to_sign = 0;
	in->is_signed = 1;
	close_old(in);
	return 1;
}

uint64_t
incoming_signed(const struct incoming *in)
{
	return in->is_signed ? blocks_here(in) : 0;
}

uint64_t
incoming_unsigned(const struct incoming *in)
{
	return in->to_sign ? blocks_here(in) : 0;
}

static int
read_old(void *ctx, uint64_t offset, unsigned char *p, size_t n,
    struct err *e)
{
	struct incoming *in = ctx;
	ssize_t got;

	while (n) {
		got = pread(in->old, p, n, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(e, "it became shorter");
		p += got;
		offset += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

static int
write_new(void *ctx, const unsigned char *p, size_t n, struct err *e)
{
	struct incoming *in = ctx;

	if (n > in->change->want.v.size - stage_size(in->stage))
		return err_set(e, "more content than was offered");
	if (in->x->pulse && in->x->pulse->beat)
		in->x->pulse->beat(in->x->pulse->ctx);
	return stage_write(in->stage, p, n, e);
}

/* Signs n bytes at offset; what cannot be read cuts the signature short. */
static int
sign_gap(void *ctx, uint64_t offset, size_t n, struct err *e)
{
	struct incoming *in = ctx;
	struct buf made = BUF_INIT;
	struct err ignored;
	struct signature *s = signature_new(n, signature_log(n), random_u64(),
	    e);
	unsigned char *p = s ? malloc(n) : NULL;

	if (p && !read_old(in, offset, p, n, &ignored)) {
		signature_add(s, p, n, &made);
		signature_end(s, &made, &ignored);
	}
	send_signature(in, &made, 1);
	free(p);
	signature_free(s);
	buf_free(&made);
	return 0;
}

/* A receiver that was killed left its temporaries: once a directory. */
static void
sweep(struct incoming *in, const char *name)
{
	char *dir = mem_strndup(name, path_parent_len(name));
	const char *base;
	int fd;

	if (!settled_has(in->x->swept, dir)) {
		settled_add(in->x->swept, dir);
		fd = tree_parent(in->x->tree, name, &base);
		if (fd >= 0)
			commit_sweep_dir(in->x->state, fd);
	}
	free(dir);
}

static int
begin(struct incoming *in, unsigned bits, struct err *e)
{
	struct patch_io io = { in, read_old, write_new, sign_gap };
	const char *name = in->change->want.name;

	if (!in->stage) {
		sweep(in, name);
		if (stage_open(&in->stage, in->x->tree, name, e))
			return -1;
	}
	if (bits & CONTENT_DELTA && !in->patch) {
		if (!in->delta)
			return err_set(e, "a delta that nobody asked for");
		if (in->old < 0 && open_old(in))
			return err_set(e, "nothing to apply a delta to");
		in->patch = patch_new(in->change->expect.size,
		    in->change->want.v.size, io);
	}
	return 0;
}

static int
add(struct incoming *in, const struct content_piece *piece, struct err *e)
{
	if (begin(in, piece->bits, e))
		return -1;
	if (piece->bits & CONTENT_GAP && in->patch)
		return patch_fill(in->patch, piece->data.p, piece->data.len,
		    e);
	if (in->patch)
		return patch_add(in->patch, piece->data.p, piece->data.len, e);
	return write_new(in, piece->data.p, piece->data.len, e);
}

static int
is_right(struct incoming *in)
{
	unsigned char id[HASH_BYTES];

	if (!in->stage || stage_size(in->stage) != in->change->want.v.size ||
	    (in->patch && !patch_done(in->patch)))
		return 0;
	stage_id(in->stage, id);
	return !memcmp(id, in->change->want.v.id, sizeof(id));
}

/* Ready for a second try. */
static enum incoming_state
wrong(struct incoming *in)
{
	end_delta(in);
	stage_free(in->stage);
	in->stage = NULL;
	in->is_signed = 0;
	free(in->failed);
	in->failed = NULL;
	return INCOMING_WRONG;
}

/* The sender of a delta might wait for signatures of gaps. */
static void
abandon(struct incoming *in, const struct content_piece *piece)
{
	struct buf none = BUF_INIT;

	if (piece->bits & CONTENT_DELTA && in->delta &&
	    !(piece->bits & CONTENT_LAST))
		send_signature(in, &none, 1);
}

enum incoming_state
incoming_take(struct incoming *in, const struct content_piece *piece,
    struct err *e)
{
	if (piece->bits & CONTENT_GIVEN_UP) {
		in->asked = 2;
		if (!piece->data.len)
			return wrong(in);
		err_set(e, "%.*s", (int)piece->data.len,
		    (const char *)piece->data.p);
		return INCOMING_FAILED;
	}
	if (!in->failed && add(in, piece, e)) {
		in->failed = mem_dup(e, sizeof(*e));
		abandon(in, piece);
	}
	if (!(piece->bits & CONTENT_LAST))
		return INCOMING_MORE;
	/* a delta that came to nothing is followed by the whole file */
	if (in->failed && !(in->delta && piece->bits & CONTENT_DELTA)) {
		*e = *in->failed;
		return INCOMING_FAILED;
	}
	return !in->failed && is_right(in) ? INCOMING_COMPLETE : wrong(in);
}

char *
incoming_keep(struct incoming *in, struct change *c, struct err *e)
{
	struct stime latest = clock_real();
	char *name = NULL;

	if (stage_end(in->stage, e))
		return NULL;
	if (stime_cmp(in->x->peer_clock, latest) > 0)
		latest = in->x->peer_clock;
	prepare_early(in->x->tree, in->x->conf, latest, c,
	    stage_fd(in->stage));
	if (!stage_keep(in->stage, e))
		name = mem_strdup(stage_name(in->stage));
	return name;
}
