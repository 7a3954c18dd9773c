/* SPDX-License-Identifier: ISC */
/*
 * Globs by rules, and against the libc's fnmatch: millions of patterns and
 * names over the bytes that matter.
 */
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "conf/glob.h"
#include "unit.h"

static uint64_t seed = 20261122;

static unsigned
draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
make(char *out, const char *const *parts, unsigned nparts, unsigned most)
{
	unsigned i, n = draw(most + 1);

	*out = '\0';
	for (i = 0; i < n; i++)
		strcat(out, parts[draw(nparts)]);
}

/*
 * Libcs differ in patterns that POSIX leaves open: brackets that nothing
 * closes or with a '/' or '\' or a range that is none, and an escaped '/'.
 * Says whether p has none of these.
 */
static int
is_defined(const char *p)
{
	const char *end;

	for (; *p; p++) {
		if (*p == '\\') {
			if (!*++p || *p == '/')
				return 0;
			continue;
		}
		if (*p != '[')
			continue;
		p++;
		p += *p == '!' || *p == '^';
		for (end = p + 1; *p && *end && *end != ']'; end++) {
			if (!strncmp(end - 1, "[:", 2))
				end = strstr(end, ":]");
			if (!end)
				return 0;
			if (strchr("\\/-^[", *end))
				return 0;
		}
		if (!*p || !*end || strchr("\\/-^[", *p))
			return 0;
		p = end;
	}
	return 1;
}

static void
keeps_the_rules(void)
{
	static const struct {
		const char *pattern, *name;
		int flat, deep;
	} rows[] = {
		{ "", "", 1, 1 }, { "", "a", 0, 0 }, { "*", "", 1, 1 },
		{ "*", "a/b", 0, 1 }, { "?", "/", 0, 1 },
		{ "a?c", "abc", 1, 1 },
		{ "[!b]", "/", 0, 1 }, { "[^b]", "a", 1, 1 },
		{ "*a*b*c", "xaybzc", 1, 1 }, { "*a*b*c", "xaybzcd", 0, 0 },
		{ "*/c", "a/b/c", 0, 1 }, { "a*/b*", "ax/by", 1, 1 },
		{ "\\*", "*", 1, 1 }, { "\\*", "a", 0, 0 },
		{ "[*]", "*", 1, 1 }, { "[]]", "]", 1, 1 },
		{ "[!]]", "]", 0, 0 }, { "[a-]", "-", 1, 1 },
		{ "[a-c]", "b", 1, 1 }, { "[a-c]", "d", 0, 0 },
		{ "[]-a]", "^", 1, 1 }, { "[[:digit:]x]", "7", 1, 1 },
		{ "[[:digit:]x]", "x", 1, 1 }, { "[[:digit:]x]", "y", 0, 0 },
		{ "[![:alpha:]]", "z", 0, 0 }, { "[[:nothing:]]", "n", 0, 0 },
		{ "[[.a.]]", "a", 1, 1 }, { "[[=a=]b]", "b", 1, 1 },
		{ "[a", "[a", 1, 1 }, { "[[:alpha:", "[[:alpha:", 1, 1 },
		{ "[\x80-\xff]", "\xc3", 1, 1 }, { "?", "\xc3\xa4", 0, 0 },
		{ "??", "\xc3\xa4", 1, 1 }, { "a\\", "a\\", 1, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(glob_match(rows[i].pattern, rows[i].name, 0) ==
		    rows[i].flat);
		CHECK(glob_match(rows[i].pattern, rows[i].name, 1) ==
		    rows[i].deep);
	}
}

static void
knows_classes_of_bytes(void)
{
	static const char *const classes[] = { "alpha", "digit", "alnum",
		"upper", "lower", "space", "blank", "punct", "print", "graph",
		"cntrl", "xdigit", "word" };
	char pattern[32], name[2] = "";
	unsigned i, c;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		snprintf(pattern, sizeof(pattern), "[[:%s:]]", classes[i]);
		for (c = 1; c < 256; c++) {
			name[0] = (char)c;
			CHECK(glob_match(pattern, name, 1) ==
			    !fnmatch(pattern, name, 0));
		}
	}
}

static void
agrees_with_fnmatch(void)
{
	static const char *const parts[] = { "a", "b", "c", "/", "*", "*", "?",
		"[", "]", "!", "^", "-", "\\", "[:alpha:]", "[a-b]", "[!a]",
		"[^b-c/]", "[[:punct:]c]", "\xc3", "\xa4", ".", "/*/" };
	static const char *const bytes[] = { "a", "b", "c", "/", "/", "[", "]",
		"-", "!", "\\", "*", "\xc3", "\xa4", "." };
	char pattern[128], name[64];
	unsigned i, matched = 0, compared = 0;

	for (i = 0; i < 2000000; i++) {
		int flat, deep;

		make(pattern, parts, sizeof(parts) / sizeof(parts[0]), 9);
		make(name, bytes, sizeof(bytes) / sizeof(bytes[0]), 7);
		if (!is_defined(pattern))
			continue;
		flat = !fnmatch(pattern, name, FNM_PATHNAME);
		deep = !fnmatch(pattern, name, 0);
		compared++;
		matched += (unsigned)(flat + deep);
		if (glob_match(pattern, name, 0) != flat ||
		    glob_match(pattern, name, 1) != deep) {
			printf("'%s' '%s': %d %d\n", pattern, name, flat, deep);
			CHECK(0);
			return;
		}
	}
	CHECK(compared > 100000 && matched > 10000);
}

int
main(void)
{
	RUN(keeps_the_rules);
	RUN(knows_classes_of_bytes);
	RUN(agrees_with_fnmatch);
	return unit_end();
}
