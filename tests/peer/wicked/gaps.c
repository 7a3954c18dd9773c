/* SPDX-License-Identifier: ISC */
/*
 * Gaps (delta/ops.h) that are none, are not filled or are filled with
 * something else; and, of a delta that the other side sends, signatures of gaps
 * that it did not ask for. For the latter it has the file /srv/t/known, lines
 * of six digits from 100000 on. This peer says that it has all of it but so
 * many blocks that gaps begin to pay, and then three; and more behind it, as
 * only large files have large blocks.
 */
#include "base/err.h"
#include "delta/ops.h"
#include "wicked.h"

/* n new bytes for len old ones, from where the gap before ended. */
static void
gap(struct buf *ops, uint64_t n, int64_t from, uint64_t len)
{
	buf_var(ops, 1);
	buf_var(ops, n);
	buf_svar(ops, from);
	buf_var(ops, len);
}

static void
copy(struct buf *ops, uint64_t n, int64_t from)
{
	buf_var(ops, n * 2 + 1);
	buf_svar(ops, from);
}

/* The same gap so many times. */
static void
gaps(struct line *l, int times, uint64_t n, int64_t from, uint64_t len)
{
	struct buf ops = BUF_INIT;

	to_delta(l);
	while (times--)
		gap(&ops, n, from, len);
	buf_var(&ops, 0);
	delta(l, CONTENT_LAST, &ops);
	after_delta(l);
}

static void
gap_beyond(struct line *l)
{
	gaps(l, 1, 10, DELTA_OLD - 10, 11);
}

static void
gap_before(struct line *l)
{
	gaps(l, 1, 10, -1, 10);
}

static void
gap_2_63(struct line *l)
{
	gaps(l, 1, 10, 10, UINT64_C(1) << 63);
}

static void
gap_long(struct line *l)
{
	gaps(l, 1, UINT64_C(1) << 63, 0, 10);
}

static void
gap_nothing(struct line *l)
{
	gaps(l, 1, 0, 0, 10);
}

/* The same old bytes again and again, to be signed each time. */
static void
gap_overlap(struct line *l)
{
	struct buf ops = BUF_INIT;
	int i;

	to_delta(l);
	gap(&ops, 1, 0, DELTA_OLD / 2);
	for (i = 0; i < 1000; i++)
		gap(&ops, 1, -DELTA_OLD / 2, DELTA_OLD / 2);
	buf_var(&ops, 0);
	delta(l, CONTENT_LAST, &ops);
	after_delta(l);
}

static void
gap_many(struct line *l)
{
	gaps(l, OPS_STEPS_MAX * 2, 1, 0, 0);
}

static void
gap_open(struct line *l)
{
	gaps(l, 1, DELTA_OLD, 0, DELTA_OLD);
}

/* The end of the offers instead of what a gap is filled with. */
static void
gap_end(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_delta(l);
	gap(&ops, DELTA_OLD, 0, DELTA_OLD);
	buf_var(&ops, 0);
	delta(l, 0, &ops);
	end(l);
}

static void
gap_literal(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_delta(l);
	gap(&ops, 10, 0, 10);
	buf_var(&ops, 8);
	buf_put(&ops, "evil", 4);
	delta(l, CONTENT_LAST, &ops);
	after_delta(l);
}

/* A gap of 1,000 bytes at 1,000, that is filled with this. */
static void
filled(struct line *l, struct buf *ops, unsigned bits)
{
	struct buf first = BUF_INIT;

	to_delta(l);
	gap(&first, 1000, 1000, 1000);
	copy(&first, 1000, 0);
	delta(l, 0, &first);
	until(l, MESSAGE_SIGNATURE, 2);
	delta(l, CONTENT_GAP | bits, ops);
}

static void
fill_short(struct line *l)
{
	struct buf ops = BUF_INIT;

	copy(&ops, 999, 0);
	buf_var(&ops, 0);
	filled(l, &ops, CONTENT_LAST);
	after_delta(l);
}

static void
fill_long(struct line *l)
{
	struct buf ops = BUF_INIT;

	copy(&ops, 1000, 0);
	copy(&ops, 1, -1);
	filled(l, &ops, CONTENT_LAST);
	after_delta(l);
}

/* What stood in the gap ends before that. */
static void
fill_beyond(struct line *l)
{
	struct buf ops = BUF_INIT;

	copy(&ops, 500, 501);
	filled(l, &ops, CONTENT_LAST);
	after_delta(l);
}

static void
fill_gap(struct line *l)
{
	struct buf ops = BUF_INIT;

	gap(&ops, 1000, 0, 1000);
	filled(l, &ops, CONTENT_LAST);
	after_delta(l);
}

static void
fill_twice(struct line *l)
{
	struct buf ops = BUF_INIT, again = BUF_INIT;

	copy(&ops, 1000, 0);
	buf_var(&ops, 0);
	buf_put(&again, ops.p, ops.len);
	filled(l, &ops, 0);
	delta(l, CONTENT_GAP | CONTENT_LAST, &again);
	after_delta(l);
}

static void
fill_nothing(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_delta(l);
	copy(&ops, 1000, 0);
	delta(l, CONTENT_GAP | CONTENT_LAST, &ops);
	after_delta(l);
}

/* Of a file that is sent whole. */
static void
fill_whole(struct line *l)
{
	struct buf ops = BUF_INIT;

	to_content(l);
	copy(&ops, 4, 0);
	delta(l, CONTENT_GAP | CONTENT_LAST, &ops);
	to_the_end(l);
}

enum {
	KNOWN = 700000,                 /* bytes */
	KNOWN_LOG = 12,                 /* blocks in its first signature */
	OLD = 9 << 20,                  /* bytes of what we say to have */
	NEW_AT = 10 << KNOWN_LOG, NEW_LEN = 20 << KNOWN_LOG,
	GAP_AT = 40 << KNOWN_LOG, GAP_LEN = 3 << KNOWN_LOG,
	PIECES = 3                      /* of the delta, up to the gap */
};

/* What stands in the file at `at`. */
static void
known(char *p, size_t at, size_t n)
{
	char line[8];
	size_t i;

	for (i = 0; i < n; i++, at++) {
		snprintf(line, sizeof(line), "%zu\n", 100000 + at / 7);
		p[i] = line[at % 7];
	}
}

static struct buf
sign(const char *p, size_t n, unsigned log)
{
	struct buf b = BUF_INIT;
	struct err e;
	struct signature *s = signature_new(n, log, 5, &e);

	signature_add(s, p, n, &b);
	signature_end(s, &b, &e);
	signature_free(s);
	return b;
}

static void
finely(struct line *l, int last, const struct buf *b)
{
	signature(l, l->known, last, b->p, b->len);
}

/* To where the other side has sent all but what it waits for: the gap. */
static void
to_gap(struct line *l)
{
	char *text = calloc(1, OLD);
	struct buf b;

	if (!text)
		exit(2);
	known(text, 0, KNOWN);
	memset(text + NEW_AT, 'x', NEW_LEN);
	memset(text + GAP_AT, 'x', GAP_LEN);
	b = sign(text, OLD, KNOWN_LOG);
	free(text);
	to_answering(l);
	if (l->known == KNOWN_NOT)
		puts("not offered\nwicked: exit 2");
	want(l, l->known, 1);
	finely(l, 1, &b);
	until(l, MESSAGE_CONTENT, PIECES);
	buf_free(&b);
}

/* The gap's signature; with half of its bytes as they are. */
static struct buf
sign_gap(void)
{
	static char text[GAP_LEN];

	known(text, GAP_AT, sizeof(text) / 2);
	return sign(text, sizeof(text), SIGNATURE_LOG_MIN);
}

/* One that is right: if that fills nothing, the others here test nothing. */
static void
fine_twice(struct line *l)
{
	struct buf b = sign_gap();

	to_gap(l);
	finely(l, 1, &b);
	until(l, MESSAGE_CONTENT, PIECES + 1);
	if (!l->fills)
		puts("nothing was filled\nwicked: exit 2");
	finely(l, 1, &b);
	buf_free(&b);
}

static void
fine_never(struct line *l)
{
	to_gap(l);
}

static void
fine_head(struct line *l, unsigned log, uint64_t size)
{
	struct buf b = made_signature_head(log, size);

	to_gap(l);
	finely(l, 0, &b);
	buf_free(&b);
}

static void
fine_size(struct line *l)
{
	fine_head(l, SIGNATURE_LOG_MIN, GAP_LEN + 1);
}

static void
fine_2_63(struct line *l)
{
	fine_head(l, SIGNATURE_LOG_MAX, UINT64_C(1) << 63);
}

static void
fine_garbage(struct line *l)
{
	to_gap(l);
	signature(l, l->known, 0, "garbage and more of it", 22);
}

static void
fine_other(struct line *l)
{
	struct buf b = sign_gap();

	to_gap(l);
	signature(l, l->known ? 0 : 1, 1, b.p, b.len);
	buf_free(&b);
}

/* Blocks without end. */
static void
fine_endless(struct line *l)
{
	static unsigned char zeros[CONTENT_PIECE];
	struct buf b = made_signature_head(SIGNATURE_LOG_MIN, GAP_LEN);

	to_gap(l);
	finely(l, 0, &b);
	flood(l, MESSAGE_SIGNATURE, made_signature(l->known, 0, zeros,
	    sizeof(zeros)), 1, 1000);
	buf_free(&b);
}

/* Its end before its last block. */
static void
fine_cut(struct line *l)
{
	struct buf b = sign_gap();

	to_gap(l);
	b.len--;
	finely(l, 1, &b);
	buf_free(&b);
}

const struct misbehaviour wicked_gaps[] = {
	{ "gap-beyond", gap_beyond, BOTH, 1, "for later" },
	{ "gap-before", gap_before, BOTH, 1, "for later" },
	{ "gap-2-63", gap_2_63, BOTH, 1, "for later" },
	{ "gap-long", gap_long, BOTH, 1, "for later" },
	{ "gap-nothing", gap_nothing, BOTH, 1, "for later" },
	{ "gap-overlap", gap_overlap, BOTH, 1, "for later" },
	{ "gap-many", gap_many, BOTH, 1, "for later" },
	{ "gap-open", gap_open, BOTH, 1, "for later" },
	{ "gap-end", gap_end, BOTH, 1, "no answer" },
	{ "gap-literal", gap_literal, BOTH, 1, "for later" },
	{ "gap-fill-short", fill_short, BOTH, 1, "for later" },
	{ "gap-fill-long", fill_long, BOTH, 1, "for later" },
	{ "gap-fill-beyond", fill_beyond, BOTH, 1, "for later" },
	{ "gap-fill-gap", fill_gap, BOTH, 1, "for later" },
	{ "gap-fill-twice", fill_twice, BOTH, 1, "for later" },
	{ "gap-fill-nothing", fill_nothing, BOTH, 1, "for later" },
	{ "gap-fill-whole", fill_whole, BOTH, 2, "nobody asked for" },
	{ NULL, NULL, 0, 0, NULL }
};

const struct misbehaviour wicked_fine[] = {
	{ "fine-twice", fine_twice, SERVER, 1, "no answer" },
	{ "fine-never", fine_never, SERVER, 1, "no answer" },
	{ "fine-size", fine_size, SERVER, 1, "malformed signature" },
	{ "fine-2-63", fine_2_63, SERVER, 1, "malformed header" },
	{ "fine-garbage", fine_garbage, SERVER, 1, "malformed header" },
	{ "fine-other", fine_other, SERVER, 1, "malformed signature" },
	{ "fine-endless", fine_endless, SERVER, 1, "signature" },
	{ "fine-cut", fine_cut, SERVER, 1, "no answer" },
	{ NULL, NULL, 0, 0, NULL }
};
