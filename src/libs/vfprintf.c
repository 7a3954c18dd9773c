/* SPDX-License-Identifier: ISC */
/*
 * vfprintf for the static binary, in place of the C library's: printf, snprintf
 * and all the others come here. Most of that one is floating point, wide
 * characters and numbered arguments, which nobody uses. This one knows
 *
 *     % [-0] [WIDTH] [.PRECISION] [h hh l ll j z t] d i u x X o c s %
 *
 * with * for WIDTH and PRECISION, and PRECISION for s only; an assertion fails
 * at all else, and tests/style finds it before.
 */
#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = sizeof(uintmax_t) * CHAR_BIT / 3 + 1 };

/* A va_list may be an array, of which no function can change the caller's. */
struct args {
	va_list ap;
};

struct spec {
	int left, zero;
	int width;
	int precision;          /* -1: none */
	size_t length;          /* of a number, in bytes */
	char conversion;
};

static int
count(const char **p, struct args *a)
{
	int n = 0;

	if (**p == '*') {
		++*p;
		return va_arg(a->ap, int);
	}
	for (; **p >= '0' && **p <= '9'; ++*p)
		n = n * 10 + (**p - '0');
	return n;
}

static size_t
length(const char **p)
{
	size_t letters = strspn(*p, "hljzt");
	char letter = **p;

	*p += letters;
	if (!letters)
		return sizeof(int);
	if (letter == 'h')
		return letters == 2 ? sizeof(char) : sizeof(short);
	if (letter == 'j' || letters == 2)
		return sizeof(uintmax_t);
	return sizeof(long);    /* or a size_t, which is as long */
}

static struct spec
read_spec(const char **p, struct args *a)
{
	struct spec s = { 0, 0, 0, -1, 0, 0 };

	for (; **p == '-' || **p == '0'; ++*p)
		if (**p == '-')
			s.left = 1;
		else
			s.zero = 1;
	s.width = count(p, a);
	if (**p == '.') {
		++*p;
		s.precision = count(p, a);
	}
	s.length = length(p);
	s.conversion = *(*p)++;
	assert(s.precision < 0 || s.conversion == 's');
	return s;
}

/* A number's digits and sign, the last before end; where they begin. */
static char *
digits(char *end, const struct spec *s, struct args *a)
{
	const char *all = s->conversion == 'X' ? "0123456789ABCDEF" :
	    "0123456789abcdef";
	int with_sign = strchr("di", s->conversion) != NULL;
	unsigned base = with_sign || s->conversion == 'u' ? 10 :
	    s->conversion == 'o' ? 8 : 16;
	size_t unused = (sizeof(uintmax_t) - s->length) * CHAR_BIT;
	uintmax_t v = s->length > sizeof(int) ? va_arg(a->ap, uintmax_t) :
	    va_arg(a->ap, unsigned);
	int negative;

	v <<= unused;
	negative = with_sign && v > INTMAX_MAX;
	v = (negative ? -v : v) >> unused;
	do
		*--end = all[v % base];
	while (v /= base);
	if (negative)
		*--end = '-';
	return end;
}

static void
fill(FILE *f, int n, char c)
{
	while (n-- > 0)
		fwrite(&c, 1, 1, f);
}

static int
put(FILE *f, const char *text, int n, const struct spec *s)
{
	int blanks = s->width > n ? s->width - n : 0;
	int sign = s->zero && *text == '-';

	if (!s->left && !s->zero)
		fill(f, blanks, ' ');
	fwrite(text, 1, (size_t)sign, f);
	if (!s->left && s->zero)
		fill(f, blanks, '0');
	fwrite(text + sign, 1, (size_t)(n - sign), f);
	if (s->left)
		fill(f, blanks, ' ');
	return n + blanks;
}

static int
convert(FILE *f, const char **p, struct args *a)
{
	struct spec s = read_spec(p, a);
	char room[DIGITS + 1], *end = room + sizeof(room), *text = end - 1;

	switch (s.conversion) {
	case 's':
		text = va_arg(a->ap, char *);
		return put(f, text, (int)(s.precision < 0 ? strlen(text) :
		    strnlen(text, (size_t)s.precision)), &s);
	case 'c':
		*text = (char)va_arg(a->ap, int);
		break;
	case '%':
		*text = '%';
		break;
	default:
		assert(s.conversion && strchr("diuxXo", s.conversion));
		text = digits(end, &s, a);
	}
	return put(f, text, (int)(end - text), &s);
}

int
vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	const char *p = fmt;
	struct args a;
	size_t plain;
	int n = 0;

	va_copy(a.ap, ap);
	for (;;) {
		plain = strcspn(p, "%");
		fwrite(p, 1, plain, f);
		n += (int)plain;
		p += plain;
		if (!*p++)
			break;
		n += convert(f, &p, &a);
	}
	va_end(a.ap);
	return ferror(f) ? -1 : n;
}
