/* SPDX-License-Identifier: ISC */
/*
 * Tokens in, values or errors out.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"

#include "value.h"
#include "word.h"

int
value_fail(struct parser *p, const struct token *t, const char *expected)
{
	char shown[TOKEN_SHOWN_MAX];

	return err_set(p->e, "%s:%u:%u: expected %s, found %s%s", t->at.file,
	    t->at.line, t->at.column, expected, token_show(t, shown),
	    token_is(t, '@') ? " (quote a value that contains \"@\")" : "");
}

int
value_note(struct parser *p, const char *fmt, ...)
{
	struct err old = *p->e;
	char note[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
	return err_set(p->e, "%s (%s)", old.text, note);
}

int
value_fail_word(struct parser *p, const struct token *t,
    const char *expected, const char *const *words)
{
	const char *best = NULL;

	if (t->kind == TOKEN_WORD || t->kind == TOKEN_STRING)
		best = word_suggest(t->text, t->len, words);
	value_fail(p, t, expected);
	return best ? value_note(p, "did you mean \"%s\"?", best) : -1;
}

int
value_advance(struct parser *p)
{
	return lexer_next(&p->lex, &p->tok, p->e);
}

int
value_punct(struct parser *p, char punct)
{
	char expected[] = "\"?\"";

	if (token_is(&p->tok, punct))
		return value_advance(p);
	expected[1] = punct;
	return value_fail(p, &p->tok, expected);
}

int
value_any(struct parser *p, const char *what, struct token *t)
{
	if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_STRING)
		return value_fail(p, &p->tok, what);
	*t = p->tok;
	return value_advance(p);
}

int
value_keyword(const struct parser *p)
{
	size_t i;

	for (i = 0; i < p->block->n; i++)
		if (token_word(&p->tok, p->block->list[i].word))
			return 1;
	return 0;
}

int
value_more(struct parser *p, const char *what, size_t n, struct token *t)
{
	char expected[128];

	if (token_is(&p->tok, ';'))
		return value_advance(p);
	/* Or else a forgotten ';' would make patterns of a statement. */
	if (n && value_keyword(p))
		return value_fail(p, &p->tok, "\";\"");
	snprintf(expected, sizeof(expected), "%s or \";\"", what);
	return value_any(p, expected, t) < 0 ? -1 : 1;
}

int
value_last(struct parser *p, const char *what, struct token *t, char **out)
{
	if (value_any(p, what, t) < 0)
		return -1;
	if (!t->len)
		return value_fail(p, t, what);
	if (value_punct(p, ';') < 0)
		return -1;
	*out = mem_strndup(t->text, t->len);
	return 0;
}

int
value_absolute(struct parser *p, char **out)
{
	static const char what[] = "an absolute path";
	struct token t;

	if (value_any(p, what, &t) < 0)
		return -1;
	if (!t.len || *t.text != '/' || t.len > PATH_BYTES_MAX)
		return value_fail(p, &t, what);
	if (value_punct(p, ';') < 0)
		return -1;
	free(*out);
	*out = mem_strndup(t.text, t.len);
	return 0;
}

int
value_parse(const struct token *t, unsigned min, unsigned max, unsigned *out)
{
	char text[16];
	uint64_t v;

	if (t->len >= sizeof(text))
		return -1;
	memcpy(text, t->text, t->len);
	text[t->len] = 0;
	if (num_parse(text, min, max, &v) < 0)
		return -1;
	*out = (unsigned)v;
	return 0;
}

int
value_number(struct parser *p, const char *unit, unsigned min, unsigned max,
    unsigned *out)
{
	char what[64];
	struct token t;

	snprintf(what, sizeof(what), "%s from %u to %u", unit, min, max);
	if (value_any(p, what, &t) < 0)
		return -1;
	if (value_parse(&t, min, max, out) < 0)
		return value_fail(p, &t, what);
	return value_punct(p, ';');
}

int
value_choice(struct parser *p, const struct token *t, const char *what,
    const char *const *words, unsigned *out)
{
	unsigned i;

	for (i = 0; words[i]; i++)
		if (strlen(words[i]) == t->len &&
		    !memcmp(words[i], t->text, t->len)) {
			*out = i;
			return 0;
		}
	return value_fail_word(p, t, what, words);
}

int
value_file(struct parser *p, const char *what, struct token *t, char **out)
{
	const char *dir = p->source->system_dir;
	char *file, *path;
	size_t n;

	if (value_last(p, what, t, &file) < 0)
		return -1;
	if (*file != '/') {
		n = strlen(dir) + strlen(file) + 2;
		path = mem_alloc(n);
		snprintf(path, n, "%s/%s", dir, file);
		free(file);
		file = path;
	}
	*out = file;
	return 0;
}

void *
value_room(void *array, size_t n, size_t size)
{
	if (!(n & (n - 1)))
		array = mem_realloc(array, (n ? 2 * n : 1) * size);
	memset((char *)array + n * size, 0, size);
	return array;
}

void
value_append(char ***array, size_t *n, char *s)
{
	*array = value_room(*array, *n, sizeof(**array));
	(*array)[(*n)++] = s;
}
