/* SPDX-License-Identifier: ISC */
/*
 * Unified diffs: known answers, which are diff -u's, and random texts whose
 * diffs, applied, have to give the other text, within its bound of edits.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "delta/unified.h"
#include "unit.h"

/* The diff of two strings; allocated. */
static char *
diff(const char *from, const char *to)
{
	struct buf out = BUF_INIT;

	unified_diff(view_of(from, strlen(from)), view_of(to, strlen(to)),
	    &out);
	buf_u8(&out, 0);
	return (char *)out.p;
}

#define CHECK_DIFF(from, to, want) do { \
	char *got = diff(from, to); \
	int same = unit_str(__FILE__, __LINE__, #to, got, want); \
	free(got); \
	if (!same) \
		return; \
} while (0)

static void
equal(void)
{
	CHECK_DIFF("", "", "");
	CHECK_DIFF("a\nb\n", "a\nb\n", "");
	CHECK_DIFF("a", "a", "");
}

static void
one_side_empty(void)
{
	CHECK_DIFF("", "new\n", "@@ -0,0 +1 @@\n+new\n");
	CHECK_DIFF("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
	CHECK_DIFF("old\n", "", "@@ -1 +0,0 @@\n-old\n");
	CHECK_DIFF("", "\n", "@@ -0,0 +1 @@\n+\n");
}

static void
no_newline(void)
{
	CHECK_DIFF("a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n"
	    "\\ No newline at end of file\n+b\n");
	CHECK_DIFF("a", "b", "@@ -1 +1 @@\n-a\n"
	    "\\ No newline at end of file\n+b\n"
	    "\\ No newline at end of file\n");
	CHECK_DIFF("x\na", "y\na", "@@ -1,2 +1,2 @@\n-x\n+y\n a\n"
	    "\\ No newline at end of file\n");
}

static void
hunks(void)
{
	CHECK_DIFF("1\n2\n3\n4\n5\n6\n7\n8\n9\n",
	    "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
	    "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
	/* six lines between two changes hold them together, seven do not */
	CHECK_DIFF("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
	    "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	CHECK_DIFF("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
	    "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
	    "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
	CHECK_DIFF("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
	    "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
}

static void
binary(void)
{
	CHECK(!unified_binary(view_of("", 0)));
	CHECK(!unified_binary(view_of("text\xff\n", 6)));
	CHECK(unified_binary(view_of("te\0t", 4)));
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* Lines of one letter out of so many, the last one maybe without an end. */
static char *
random_text(uint32_t *seed, unsigned lines, unsigned letters)
{
	struct buf b = BUF_INIT;
	unsigned i, n = next(seed) % (lines + 1);

	for (i = 0; i < n; i++) {
		buf_u8(&b, 'a' + next(seed) % letters);
		if (i + 1 < n || next(seed) % 4)
			buf_u8(&b, '\n');
	}
	buf_u8(&b, 0);
	return (char *)b.p;
}

static size_t
line_length(const char *s)
{
	size_t n = strcspn(s, "\n");

	return n + (s[n] == '\n');
}

/* One line of the diff, of a sign that text has, too; what is left of text. */
static const char *
expect_line(const char *text, const char *line)
{
	size_t n = line_length(line), have = line_length(text);

	if (line[n] == '\\')
		n--;            /* that newline is not the text's */
	return n == have && !memcmp(text, line, n) ? text + n : NULL;
}

/* Adds the lines before line number at (from 1) that are not yet in out. */
static const char *
copy_to(struct buf *out, const char *from, unsigned *line, unsigned at)
{
	size_t n;

	for (; *line < at && *from; from += n, ++*line) {
		n = line_length(from);
		buf_put(out, from, n);
	}
	return from;
}

/* Applies the diff to from: the text that comes out, or NULL. */
static char *
patched(const char *from, const char *diff_text)
{
	struct buf out = BUF_INIT;
	unsigned line = 1, at;
	const char *d;
	size_t n;

	for (d = diff_text; *d && from; d += line_length(d)) {
		if (*d == '@') {
			at = (unsigned)strtoul(d + 4, NULL, 10);
			if (strstr(d, ",0 +") && strstr(d, ",0 +") <
			    d + line_length(d))
				at++;
			from = copy_to(&out, from, &line, at);
		} else if (*d == ' ' || *d == '-') {
			from = expect_line(from, d + 1);
			line++;
		}
		n = line_length(d + 1);
		if (*d == ' ' || *d == '+')
			buf_put(&out, d + 1, n - (d[1 + n] == '\\'));
	}
	if (from)
		buf_put(&out, from, strlen(from));
	buf_u8(&out, 0);
	if (!from)
		buf_free(&out);
	return (char *)out.p;
}

static int
round_trip(const char *from, const char *to)
{
	char *d = diff(from, to), *got = patched(from, d);
	int good = got && !strcmp(got, to);

	if (!good)
		printf("# from:\n%s\n# to:\n%s\n# diff:\n%s\n", from, to, d);
	free(d);
	free(got);
	return good;
}

static void
random_texts(void)
{
	uint32_t seed = 20240711;
	char *from, *to;
	int i, good = 1;

	for (i = 0; i < 20000 && good; i++) {
		from = random_text(&seed, 30, 1 + (unsigned)i % 7);
		to = random_text(&seed, 30, 1 + (unsigned)i % 7);
		good = round_trip(from, to);
		free(from);
		free(to);
	}
	CHECK(good);
}

/* Far more edits than are searched for: still right, and soon. */
static void
far_apart(void)
{
	uint32_t seed = 7;
	struct buf from = BUF_INIT, to = BUF_INIT;
	int i, good;

	for (i = 0; i < 200000; i++) {
		buf_u8(&from, 'a' + next(&seed) % 26);
		buf_u8(&from, '\n');
		buf_u8(&to, 'a' + next(&seed) % 26);
		buf_u8(&to, '\n');
	}
	buf_u8(&from, 0);
	buf_u8(&to, 0);
	good = round_trip((char *)from.p, (char *)to.p);
	buf_free(&from);
	buf_free(&to);
	CHECK(good);
}

int
main(void)
{
	RUN(equal);
	RUN(one_side_empty);
	RUN(no_newline);
	RUN(hunks);
	RUN(binary);
	RUN(random_texts);
	RUN(far_apart);
	return unit_end();
}
