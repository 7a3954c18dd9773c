/* SPDX-License-Identifier: ISC */
/*
 * One pass with one way back, to the last star: an earlier one could only take
 * what the last one can take as well. A '/' that was matched closes what is
 * before it, where stars do not go over it.
 */
#include <stddef.h>
#include <string.h>

#include "glob.h"

static int
between(unsigned char c, char from, char to)
{
	return c >= (unsigned char)from && c <= (unsigned char)to;
}

static int
is_alnum(unsigned char c)
{
	return between(c, '0', '9') || between(c, 'A', 'Z') ||
	    between(c, 'a', 'z');
}

static int
is_graph(unsigned char c)
{
	return between(c, '!', '~');
}

/* Whether c is of the class whose name has n bytes; none has another name. */
static int
in_class(const char *name, size_t n, unsigned char c)
{
	static const char names[][7] = { "alpha", "digit", "alnum", "upper",
		"lower", "space", "blank", "punct", "print", "graph", "cntrl",
		"xdigit" };
	const int is[] = {
		is_alnum(c) && !between(c, '0', '9'), between(c, '0', '9'),
		is_alnum(c), between(c, 'A', 'Z'), between(c, 'a', 'z'),
		c == ' ' || between(c, '\t', '\r'), c == ' ' || c == '\t',
		is_graph(c) && !is_alnum(c), c == ' ' || is_graph(c),
		is_graph(c), c < ' ' || c == 127, between(c, '0', '9') ||
		between(c, 'A', 'F') || between(c, 'a', 'f') };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && !memcmp(names[i], name, n))
			return is[i];
	return 0;
}

/* [:name:], [.x.] or [=x=] at s; its end, or NULL. */
static const char *
named(const char *s, unsigned char c, int *in)
{
	const char *name = s + 2, *end = name;

	while (*end && (end == name || end[0] != s[1] || end[1] != ']'))
		end++;
	if (!*end)
		return NULL;
	if (s[1] == ':')
		*in |= in_class(name, (size_t)(end - name), c);
	else
		*in |= end == name + 1 && (unsigned char)*name == c;
	return end + 2;
}

static int
begins_name(const char *s)
{
	return s[0] == '[' && (s[1] == ':' || s[1] == '.' || s[1] == '=');
}

/* Behind a '[': the end of the brackets and whether c is in; NULL: no end. */
static const char *
brackets(const char *s, unsigned char c, int *in)
{
	int other = *s == '!' || *s == '^', first = 1;
	char from, to;

	*in = 0;
	for (s += other; first || *s != ']'; first = 0) {
		if (begins_name(s)) {
			s = named(s, c, in);
			if (!s)
				return NULL;
			continue;
		}
		from = to = *s;
		if (!*s++)
			return NULL;
		if (s[0] == '-' && s[1] && s[1] != ']' && !begins_name(s + 1)) {
			to = s[1];
			s += 2;
		}
		/* the ends of a range that runs backwards are in */
		*in |= between(c, from, to) || between(c, from, from) ||
		    between(c, to, to);
	}
	*in = *in != other;
	return s + 1;
}

/* What is behind the part of the pattern that takes c; NULL: it takes none. */
static const char *
one(const char *p, char c, int deep)
{
	const char *end;
	int in;

	if (!c)
		return NULL;
	if (*p == '?')
		return deep || c != '/' ? p + 1 : NULL;
	if (*p == '[') {
		end = brackets(p + 1, (unsigned char)c, &in);
		if (end)
			return in && (deep || c != '/') ? end : NULL;
	}
	if (*p == '\\' && p[1])
		p++;
	return *p == c ? p + 1 : NULL;
}

int
glob_match(const char *p, const char *s, int deep)
{
	const char *star = NULL, *from = NULL, *next;

	for (;;) {
		if (*p == '*') {
			star = ++p;
			from = s;
			continue;
		}
		if (!*p && !*s)
			return 1;
		next = one(p, *s, deep);
		if (next) {
			if (*s == '/' && !deep)
				star = NULL;
			p = next;
			s++;
			continue;
		}
		/* The star takes a byte more. */
		if (!star || !*from || (*from == '/' && !deep))
			return 0;
		p = star;
		s = ++from;
	}
}
