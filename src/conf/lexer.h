/* SPDX-License-Identifier: ISC */
#ifndef CONF_LEXER_H
#define CONF_LEXER_H

#include <stddef.h>

#include "conf.h"

/*
 * Cuts a config text into tokens. Words, strings "..." (no escapes, may span
 * lines) and the punctuation { } ( ) ; : @; '#' begins a comment to the end of
 * the line. A word may contain ':' but not end with it. Columns count bytes,
 * lines and columns from 1. Tokens point into the text, which must outlive
 * them.
 */

struct err;

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_PUNCT };

struct token {
	enum token_kind kind;
	const char *text;       /* without the quotes of a string */
	size_t len;
	struct where at;
};

struct lexer {
	const char *p;
	size_t left;
	struct where at;
};

enum { TOKEN_SHOWN_MAX = 64 };

void lexer_init(struct lexer *l, const char *file, const char *text, size_t n);

/*
 * The next token, TOKEN_END for ever at the end. -1 with e set for a string
 * without end and for a NUL byte.
 */
int lexer_next(struct lexer *l, struct token *t, struct err *e);

/* Whether t is this punctuation. */
int token_is(const struct token *t, char punct);
/* Whether t is this word, unquoted. */
int token_word(const struct token *t, const char *word);

/* t as an error shows it: in quotes, on one line, cut. Returns out. */
const char *token_show(const struct token *t, char out[TOKEN_SHOWN_MAX]);

#endif
