/* SPDX-License-Identifier: ISC */
/*
 * Signatures of what the other side offers.
 */
#include "wicked.h"

static void
signature_unasked(struct line *l)
{
	to_answering(l);
	signature(l, 0, 1, "", 0);
}

static void
signature_size(struct line *l, unsigned log, uint64_t size)
{
	struct buf b = made_signature_head(log, size);

	to_answering(l);
	want(l, 0, 1);
	signature(l, 0, 0, b.p, b.len);
	buf_free(&b);
}

static void
signature_2_63(struct line *l)
{
	signature_size(l, 20, UINT64_C(1) << 63);
}

static void
signature_blocks_many(struct line *l)
{
	signature_size(l, SIGNATURE_LOG_MIN, SIGNATURE_SIZE_MAX);
}

static void
signature_garbage(struct line *l)
{
	to_answering(l);
	want(l, 0, 1);
	signature(l, 0, 0, "garbage and more of it", 22);
}

/* As long as is allowed, for as many offers as there are. */
static void
signature_flood(struct line *l)
{
	static unsigned char zeros[CONTENT_PIECE];
	struct buf b = made_signature_head(20, UINT64_C(1) << 40);
	uint64_t i;
	int k;

	to_answering(l);
	for (i = 0; i < l->got[MESSAGE_OFFER] && !l->ended; i++) {
		want(l, i, 1);
		signature(l, i, 0, b.p, b.len);
		for (k = 0; k < 300 && !l->ended; k++) {
			signature(l, i, 0, zeros, sizeof(zeros));
			send_off(l, 1000);
		}
	}
	buf_free(&b);
}

const struct misbehaviour wicked_signatures[] = {
	{ "signature-unasked", signature_unasked, BOTH, 1,
	    "malformed signature" },
	{ "signature-2-63", signature_2_63, BOTH, 1, "malformed header" },
	{ "signature-blocks", signature_blocks_many, BOTH, 1,
	    "too many blocks" },
	{ "signature-garbage", signature_garbage, BOTH, 1,
	    "malformed header" },
	{ "signature-flood", signature_flood, BOTH, 1, "signature" },
	{ NULL, NULL, 0, 0, NULL }
};
