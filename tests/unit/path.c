/* SPDX-License-Identifier: ISC */
/*
 * Names as text: their order, which are acceptable, their parts.
 */
#include <stdlib.h>

#include "base/path.h"
#include "unit.h"

/* In order; each is compared with each. */
static const char *const sorted[] = {
	"", "/", "/a", "/a/", "/a/b", "/a/b/c", "/a/\xff", "/a\1", "/a ",
	"/a.b", "/a0", "/ab", "/a\xc3\xa4", "/a\xff", "/b", "%p%", "%p%/a"
};

enum { SORTED = sizeof(sorted) / sizeof(sorted[0]) };

static int
sign(int x)
{
	return (x > 0) - (x < 0);
}

static void
order_is_that_of_a_walk(void)
{
	int i, k;

	for (i = 0; i < SORTED; i++)
		for (k = 0; k < SORTED; k++)
			CHECK_INT(sign(path_cmp(sorted[i], sorted[k])),
			    sign(i - k));
}

static void
within_a_directory(void)
{
	CHECK(path_within("/a/b", "/a"));
	CHECK(path_within("/a", "/a"));
	CHECK(path_within("/a", "/"));
	CHECK(path_within("/", "/"));
	CHECK(path_within("%p%/a", "%p%"));
	CHECK(!path_within("/ab", "/a"));
	CHECK(!path_within("/", "/a"));
	CHECK(!path_within("%p%/a", "/"));
	CHECK(!path_within("%pq%/a", "%p%"));
}

static void
valid_names(void)
{
	static const char *const good[] = {
		"/", "/a", "/a/b", "/...", "/.a", "/a..", "%p%", "%p%/a",
		"%etc-2%/a/b", "/a%b", "/ ", "/\n", "/\xff", "/ucsync-", "/a~"
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_STR(path_valid(good[i]) ? "valid" : good[i], "valid");
}

static void
names_that_are_refused(void)
{
	static const char *const bad[] = {
		"", "a", "a/b", "./a", "//", "//a", "/a/", "/a//b", "/.", "/..",
		"/a/.", "/a/..", "/a/./b", "/a/../b", "/../a", "%", "%%",
		"%%/a", "%p", "%p/a", "%p%a", "%p%/", "%p%/..", "%p%//a",
		"%/%", "%a/b%", "p%/a",
		"/.ucsync-", "/.ucsync-1/a", "/a/.ucsync-tmp"
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_STR(path_valid(bad[i]) ? bad[i] : "refused", "refused");
}

/* A name of `len` bytes whose components have `part` bytes at most. */
static char *
long_name(size_t len, size_t part)
{
	char *s = malloc(len + 1);
	size_t i;

	for (i = 0; s && i < len; i++)
		s[i] = i % (part + 1) ? 'x' : '/';
	if (s)
		s[len] = 0;
	return s;
}

static int
long_is_valid(size_t len, size_t part)
{
	char *s = long_name(len, part);
	int valid = path_valid(s);

	free(s);
	return valid;
}

static void
lengths_have_limits(void)
{
	CHECK(long_is_valid(1 + PATH_PART_MAX, PATH_PART_MAX));
	CHECK(!long_is_valid(2 + PATH_PART_MAX, 1 + PATH_PART_MAX));
	CHECK(long_is_valid(PATH_BYTES_MAX, 99));
	CHECK(!long_is_valid(PATH_BYTES_MAX + 1, 99));
}

static void
last_component_and_parent(void)
{
	CHECK_STR(path_base("/a/b"), "b");
	CHECK_STR(path_base("/a"), "a");
	CHECK_STR(path_base("/"), "");
	CHECK_STR(path_base("%p%"), "");
	CHECK_STR(path_base("%p%/a"), "a");
	CHECK_INT(path_parent_len("/a/b"), 2);
	CHECK_INT(path_parent_len("/a"), 1);
	CHECK_INT(path_parent_len("/"), 0);
	CHECK_INT(path_parent_len("%p%"), 0);
	CHECK_INT(path_parent_len("%p%/a"), 3);
	CHECK_INT(path_parent_len("%p%/a/b"), 5);
}

static void
reserved_components(void)
{
	CHECK(path_reserved(".ucsync-"));
	CHECK(path_reserved(".ucsync-a1"));
	CHECK(!path_reserved(".ucsync"));
	CHECK(!path_reserved("ucsync-"));
	CHECK(!path_reserved(""));
}

static void
absolute_in_canonical_form(void)
{
	static const char *const tests[][3] = {
		{ "/w", "a", "/w/a" },
		{ "/w", "/a", "/a" },
		{ "/", "a", "/a" },
		{ "/w", ".", "/w" },
		{ "/w", "", "/w" },
		{ "/w/", "./a", "/w/a" },
		{ "/w", "..", "/" },
		{ "/w", "../../..", "/" },
		{ "/w/x", "../a", "/w/a" },
		{ "/w", "a/../b", "/w/b" },
		{ "/w", "//a///b//", "/a/b" },
		{ "/w", "/", "/" },
		{ "/w", "/..", "/" },
		{ "/w", "/a/./b/.", "/a/b" },
		{ "/w", "/.a/..b/...", "/.a/..b/..." },
		{ "/w", "/a/b/..", "/a" }
	};
	char *got, copy[64];
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		got = path_absolute(tests[i][0], tests[i][1]);
		snprintf(copy, sizeof(copy), "%s", got);
		free(got);
		CHECK_STR(copy, tests[i][2]);
	}
}

int
main(void)
{
	RUN(order_is_that_of_a_walk);
	RUN(within_a_directory);
	RUN(valid_names);
	RUN(names_that_are_refused);
	RUN(lengths_have_limits);
	RUN(last_component_and_parent);
	RUN(reserved_components);
	RUN(absolute_in_canonical_form);
	return unit_end();
}
