/* SPDX-License-Identifier: ISC */
/*
 * Escapes: what passes, what does not, and that all bytes can be had back.
 */
#include <stdlib.h>

#include "base/escape.h"
#include "unit.h"

static const char *
shown(const char *text)
{
	static char out[4096];

	escape_text(out, sizeof(out), text);
	return out;
}

static void
plain_text_passes(void)
{
	CHECK_STR(shown(""), "");
	CHECK_STR(shown("a b%c 'd' \"e\" $f ~"), "a b%c 'd' \"e\" $f ~");
	CHECK_STR(shown("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0"),
	    "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0");
}

static void
control_characters_do_not(void)
{
	CHECK_STR(shown("a\nb\tc\rd\033[0m\177\b"),
	    "a\\x0ab\\x09c\\x0dd\\x1b[0m\\x7f\\x08");
	CHECK_STR(shown("\\ \\x0a"), "\\x5c \\x5cx0a");
	/* CSI of terminals that know 8-bit controls */
	CHECK_STR(shown("\xc2\x9b" "2J \x9b"), "\\xc2\\x9b2J \\x9b");
	CHECK_STR(shown("\xe2\x80\xa8 \xe2\x80\xae \xe2\x81\xa6"),
	    "\\xe2\\x80\\xa8 \\xe2\\x80\\xae \\xe2\\x81\\xa6");
}

static void
only_utf8_passes(void)
{
	/* cut, overlong, surrogate, too high, no first byte */
	CHECK_STR(shown("\xc3"), "\\xc3");
	CHECK_STR(shown("\xe2\x82"), "\\xe2\\x82");
	CHECK_STR(shown("\xc3z"), "\\xc3z");
	CHECK_STR(shown("\xc0\xaf"), "\\xc0\\xaf");
	CHECK_STR(shown("\xe0\x80\x8a"), "\\xe0\\x80\\x8a");
	CHECK_STR(shown("\xf0\x80\x80\x8a"), "\\xf0\\x80\\x80\\x8a");
	CHECK_STR(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	CHECK_STR(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	CHECK_STR(shown("\x80\xff\xfe"), "\\x80\\xff\\xfe");
}

static void
what_does_not_fit_is_left_out_whole(void)
{
	char out[8];

	CHECK_INT(escape_text(out, sizeof(out), "abc\n\n"), 7);
	CHECK_STR(out, "abc\\x0a");
	CHECK_INT(escape_text(out, sizeof(out), "abcd\n\n"), 4);
	CHECK_STR(out, "abcd");
	CHECK_INT(escape_text(out, 1, "a"), 0);
	CHECK_STR(out, "");
}

/* Puts the bytes of what was shown to out. */
static void
read_back(char *out, const char *text)
{
	char hex[3] = "";

	for (; *text; text++, out++) {
		if (*text != '\\') {
			*out = *text;
			continue;
		}
		memcpy(hex, text + 2, 2);
		*out = (char)strtol(hex, NULL, 16);
		text += 3;
	}
	*out = 0;
}

static void
every_byte_comes_back(void)
{
	char text[4] = "", back[16];
	unsigned i, j;

	for (i = 1; i < 256; i++)
		for (j = 0; j < 256; j++) {
			text[0] = (char)i;
			text[1] = (char)j;
			text[2] = (char)(j ? i : 0);
			read_back(back, shown(text));
			CHECK_STR(back, text);
		}
}

int
main(void)
{
	RUN(plain_text_passes);
	RUN(control_characters_do_not);
	RUN(only_utf8_passes);
	RUN(what_does_not_fit_is_left_out_whole);
	RUN(every_byte_comes_back);
	return unit_end();
}
