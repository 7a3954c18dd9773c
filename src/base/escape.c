/* SPDX-License-Identifier: ISC */
/*
 * Escapes. UTF-8 is what RFC 3629 has: no overlong form, no surrogate, nothing
 * above U+10FFFF.
 */
#include <string.h>

#include "escape.h"

/* The bytes of the character at s and its number; 0: it is none. */
static size_t
decode(const unsigned char *s, unsigned long *c)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *s < 0x80 ? 1 : *s < 0xc0 ? 0 : *s < 0xe0 ? 2 :
	    *s < 0xf0 ? 3 : *s < 0xf8 ? 4 : 0;
	size_t i;

	*c = n == 1 ? *s : *s & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (!n || *c < least[n] || *c > 0x10ffff ||
	    (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n;
}

static int
harmless(unsigned long c)
{
	return c >= 0x20 && c != '\\' && !(c >= 0x7f && c < 0xa0) &&
	    !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

size_t
escape_next(const char **text, char out[ESCAPE_MAX])
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const void *)*text;
	unsigned long c;
	size_t n;

	if (!*s)
		return 0;
	n = decode(s, &c);
	if (n && harmless(c)) {
		memcpy(out, s, n);
		*text += n;
		return n;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[*s >> 4];
	out[3] = hex[*s & 15];
	++*text;
	return ESCAPE_MAX;
}

size_t
escape_text(char *out, size_t size, const char *text)
{
	char one[ESCAPE_MAX];
	size_t n, len = 0;

	while ((n = escape_next(&text, one)) && len + n < size) {
		memcpy(out + len, one, n);
		len += n;
	}
	out[len] = 0;
	return len;
}
