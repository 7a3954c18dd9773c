/* SPDX-License-Identifier: ISC */
/*
 * The lexer: a pure function over memory. Every byte is passed once, by step(),
 * which keeps line and column.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#include "lexer.h"

void
lexer_init(struct lexer *l, const char *file, const char *text, size_t n)
{
	l->p = text;
	l->left = n;
	l->at.file = file;
	l->at.line = l->at.column = 1;
}

static void
step(struct lexer *l)
{
	if (*l->p == '\n') {
		l->at.line++;
		l->at.column = 1;
	} else {
		l->at.column++;
	}
	l->p++;
	l->left--;
}

static int
fail(const struct where *at, const char *text, struct err *e)
{
	return err_set(e, "%s:%u:%u: %s", at->file, at->line, at->column,
	    text);
}

static int
nul_byte(const struct lexer *l, struct err *e)
{
	return fail(&l->at, "expected text, found a NUL byte", e);
}

/* Whether c is one of the bytes of set; never for NUL. */
static int
one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static int
blank(char c)
{
	return one_of(c, " \t\r\n\f\v");
}

static int
skip_blank(struct lexer *l, struct err *e)
{
	int comment = 0;

	for (; l->left; step(l)) {
		if (!*l->p)
			return nul_byte(l, e);
		if (*l->p == '#')
			comment = 1;
		else if (*l->p == '\n')
			comment = 0;
		else if (!comment && !blank(*l->p))
			break;
	}
	return 0;
}

static int
get_string(struct lexer *l, struct token *t, struct err *e)
{
	t->kind = TOKEN_STRING;
	step(l);
	t->text = l->p;
	for (; l->left && *l->p != '"'; step(l)) {
		if (!*l->p)
			return nul_byte(l, e);
		t->len++;
	}
	if (!l->left)
		return fail(&t->at, "expected a closing quote for this string,"
		    " found end of file", e);
	step(l);
	return 0;
}

static void
get_word(struct lexer *l, struct token *t)
{
	size_t n = 1;

	while (n < l->left && l->p[n] && !blank(l->p[n]) &&
	    !one_of(l->p[n], "{}();@\"#"))
		n++;
	while (l->p[n - 1] == ':')
		n--;
	t->kind = TOKEN_WORD;
	t->len = n;
	while (n--)
		step(l);
}

int
lexer_next(struct lexer *l, struct token *t, struct err *e)
{
	if (skip_blank(l, e) < 0)
		return -1;
	t->kind = TOKEN_END;
	t->at = l->at;
	t->text = l->p;
	t->len = 0;
	if (!l->left)
		return 0;
	if (*l->p == '"')
		return get_string(l, t, e);
	if (!one_of(*l->p, "{}();:@")) {
		get_word(l, t);
		return 0;
	}
	t->kind = TOKEN_PUNCT;
	t->len = 1;
	step(l);
	return 0;
}

int
token_is(const struct token *t, char punct)
{
	return t->kind == TOKEN_PUNCT && *t->text == punct;
}

int
token_word(const struct token *t, const char *word)
{
	return t->kind == TOKEN_WORD && strlen(word) == t->len &&
	    !memcmp(t->text, word, t->len);
}

const char *
token_show(const struct token *t, char out[TOKEN_SHOWN_MAX])
{
	enum { ROOM = TOKEN_SHOWN_MAX - 6 };    /* quotes, dots and NUL */
	size_t i, n = 0;

	if (t->kind == TOKEN_END) {
		snprintf(out, TOKEN_SHOWN_MAX, "end of file");
		return out;
	}
	out[n++] = '"';
	for (i = 0; i < t->len && n < ROOM; i++) {
		unsigned char c = (unsigned char)t->text[i];

		out[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	snprintf(out + n, TOKEN_SHOWN_MAX - n, "%s\"", i < t->len ? "..." : "");
	return out;
}
