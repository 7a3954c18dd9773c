/* SPDX-License-Identifier: ISC */
/*
 * Patterns. Some things that C libraries read differently are not allowed: a
 * bracket that a '/' interrupts, and a backslash with nothing behind it. So the
 * number of slashes of a pattern is the number of slashes of what it matches
 * (unless it is deep), and parts can be looked at one by one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "pattern.h"

int
pattern_special(char c)
{
	return c == '*' || c == '?' || c == '[';
}

size_t
pattern_literal(const char *s, size_t n, char *out, int *glob)
{
	size_t i, len = 0;

	*glob = 0;
	for (i = 0; i < n; i++) {
		if (pattern_special(s[i])) {
			*glob = 1;
			break;
		}
		if (s[i] == '\\' && i + 1 < n)
			i++;
		out[len++] = s[i];
	}
	out[len] = 0;
	return len;
}

static int
prefix_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

size_t
pattern_prefix(const char *text)
{
	size_t n = 1;

	if (*text != '%')
		return 0;
	while (prefix_char(text[n]))
		n++;
	return n > 1 && text[n] == '%' ? n + 1 : 0;
}

/* Skips "[:alpha:]" and its like; s is at the inner bracket. */
static const char *
skip_class(const char *s)
{
	const char *p;

	if (s[1] != ':' && s[1] != '.' && s[1] != '=')
		return s + 1;
	for (p = s + 2; *p && *p != '/'; p++)
		if (*p == s[1] && p[1] == ']')
			return p + 2;
	return s + 1;
}

/* The end of the bracket at s, behind its ']'; NULL: there is none. */
static const char *
skip_bracket(const char *s)
{
	s++;
	if (*s == '!' || *s == '^')
		s++;
	if (*s == ']')
		s++;
	while (*s && *s != '/') {
		if (*s == ']')
			return s + 1;
		s = *s == '[' ? skip_class(s) : s + 1;
	}
	return NULL;
}

static const char *
check_globs(const char *s)
{
	while (*s) {
		if (*s == '\\') {
			if (!s[1] || s[1] == '/')
				return "a character behind \"\\\"";
			s += 2;
		} else if (*s == '[') {
			s = skip_bracket(s);
			if (!s)
				return "\"]\" for each \"[\" (or \"\\[\")";
		} else {
			s++;
		}
	}
	return NULL;
}

/* Parts of a path pattern, from its first slash on. */
static const char *
check_parts(const char *s)
{
	size_t n;

	if (!s[0] || !s[1])
		return NULL;
	while (*s) {
		n = strcspn(++s, "/");
		if (!n)
			return "a pattern without \"//\"";
		if (n == 2 && s[0] == '.' && s[1] == '.')
			return "a pattern without \"..\"";
		s += n;
	}
	return NULL;
}

static const char *
check(const char *s)
{
	const char *bad = check_globs(s);
	size_t n;

	if (bad || (*s != '/' && *s != '%'))
		return bad;
	n = pattern_prefix(s);
	if (*s == '%' && !n)
		return "a prefix \"%name%\" at the start of the pattern";
	if (s[n] && s[n] != '/')
		return "\"/\" behind the prefix";
	return check_parts(s + n);
}

static void
prepare(struct pattern *p)
{
	size_t n = strlen(p->text);
	const char *s;
	int glob;

	p->base = *p->text != '/' && *p->text != '%';
	p->deep = strstr(p->text, "**") != NULL;
	p->head = mem_alloc(n + 1);
	p->headlen = pattern_literal(p->text, n, p->head, &glob);
	p->literal = !glob;
	for (s = p->text; *s; s++)
		p->depth += *s == '/';
	if (p->text[0] == '/' && n == 1)
		p->depth = 0;
	if (!strchr("*?]", p->text[n - 1]))
		p->last = p->text[n - 1];
}

const char *
pattern_init(struct pattern *p, enum pattern_kind kind, const char *text,
    size_t n)
{
	const char *bad;

	memset(p, 0, sizeof(*p));
	if (!n)
		return "a pattern";
	if (n > PATTERN_BYTES_MAX)
		return "a pattern of at most 4095 bytes";
	while (n > 1 && text[n - 1] == '/')
		n--;
	p->kind = kind;
	p->text = mem_strndup(text, n);
	bad = check(p->text);
	if (bad)
		free(p->text);
	else
		prepare(p);
	return bad;
}
