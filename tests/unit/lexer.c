/* SPDX-License-Identifier: ISC */
/*
 * The lexer: tokens, their places, and what it refuses.
 */
#include "base/err.h"
#include "conf/lexer.h"
#include "conf/word.h"

#include "unit.h"

static char all[1024];
static struct err e;

/* All tokens of a text as "KIND line:column text|"; the error's text else. */
static const char *
tokens_n(const char *text, size_t n)
{
	struct lexer l;
	struct token t;
	size_t len = 0;

	lexer_init(&l, "f", text, n);
	all[0] = 0;
	for (;;) {
		if (lexer_next(&l, &t, &e) < 0)
			return e.text;
		if (t.kind == TOKEN_END)
			return all;
		len += (size_t)snprintf(all + len, sizeof(all) - len,
		    "%c%u:%u %.*s|", " wsp"[t.kind], t.at.line, t.at.column,
		    (int)t.len, t.text);
	}
}

static const char *
tokens(const char *text)
{
	return tokens_n(text, strlen(text));
}

static void
words(void)
{
	CHECK_STR(tokens(""), "");
	CHECK_STR(tokens(" \t\r\n\f\v"), "");
	CHECK_STR(tokens("a b;"), "w1:1 a|w1:3 b|p1:4 ;|");
	CHECK_STR(tokens("group g{host(a)b;}"), "w1:1 group|w1:7 g|p1:8 {|"
	    "w1:9 host|p1:13 (|w1:14 a|p1:15 )|w1:16 b|p1:17 ;|p1:18 }|");
	CHECK_STR(tokens("/etc/%a%/*.[ch] x\\y"),
	    "w1:1 /etc/%a%/*.[ch]|w1:17 x\\y|");
}

static void
colons_and_ats(void)
{
	CHECK_STR(tokens("on *: /x;"), "w1:1 on|w1:4 *|p1:5 :|w1:7 /x|p1:9 ;|");
	CHECK_STR(tokens("a:b:"), "w1:1 a:b|p1:4 :|");
	CHECK_STR(tokens("a::"), "w1:1 a|p1:2 :|p1:3 :|");
	CHECK_STR(tokens(":a"), "p1:1 :|w1:2 a|");
	CHECK_STR(tokens("D@D-eth1"), "w1:1 D|p1:2 @|w1:3 D-eth1|");
}

static void
comments(void)
{
	CHECK_STR(tokens("# x\na # y\n#z"), "w2:1 a|");
	CHECK_STR(tokens("a#b\nc;#"), "w1:1 a|w2:1 c|p2:2 ;|");
	CHECK_STR(tokens("\"a # b\" # \"c\""), "s1:1 a # b|");
}

static void
strings(void)
{
	CHECK_STR(tokens("\"\" \"a b\";"), "s1:1 |s1:4 a b|p1:9 ;|");
	CHECK_STR(tokens("x\"a\nb\"y"), "w1:1 x|s1:2 a\nb|w2:3 y|");
	CHECK_STR(tokens("\"a\\\"b"), "s1:1 a\\|w1:5 b|");
	CHECK_STR(tokens("a\n  \"b\nc"), "f:2:3: expected a closing quote for"
	    " this string, found end of file");
}

static void
nul_bytes(void)
{
	CHECK_STR(tokens_n("a\0b", 3),
	    "f:1:2: expected text, found a NUL byte");
	CHECK_STR(tokens_n("\n#a\0", 4),
	    "f:2:3: expected text, found a NUL byte");
	CHECK_STR(tokens_n("\"a\0\"", 4),
	    "f:1:3: expected text, found a NUL byte");
}

static const char *
show(const char *text)
{
	static char out[TOKEN_SHOWN_MAX];
	struct lexer l;
	struct token t;

	lexer_init(&l, "f", text, strlen(text));
	return lexer_next(&l, &t, &e) < 0 ? NULL : token_show(&t, out);
}

static void
shown(void)
{
	CHECK_STR(show(""), "end of file");
	CHECK_STR(show("}"), "\"}\"");
	CHECK_STR(show("\"a\nb\""), "\"a?b\"");
	CHECK_STR(show("123456789 123456789"), "\"123456789\"");
	CHECK_STR(show("1234567890123456789012345678901234567890"
	    "12345678901234567890"), "\"1234567890123456789012345678901234567"
	    "89012345678901234567...\"");
}

static void
suggestions(void)
{
	static const char *const list[] = { "include", "exclude", "key", NULL };

	CHECK_STR(word_suggest("inlude", 6, list), "include");
	CHECK_STR(word_suggest("incldue", 7, list), "include");
	CHECK_STR(word_suggest("xclude", 6, list), "exclude");
	CHECK_STR(word_suggest("kex", 3, list), "key");
	CHECK_STR(word_suggest("kxx", 3, list), NULL);
	CHECK_STR(word_suggest("key", 3, list), NULL);
	CHECK_STR(word_suggest("host", 4, list), NULL);
	CHECK_STR(word_suggest("", 0, list), NULL);
}

int
main(void)
{
	RUN(words);
	RUN(colons_and_ats);
	RUN(comments);
	RUN(strings);
	RUN(nul_bytes);
	RUN(shown);
	RUN(suggestions);
	return unit_end();
}
