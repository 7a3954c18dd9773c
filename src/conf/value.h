/* SPDX-License-Identifier: ISC */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stddef.h>

#include "lexer.h"

/*
 * The state of a parser, and the pieces that statements are made of. Every
 * function returns 0, or -1 with the parser's error set to
 * "file:line:column: expected X, found Y".
 */

struct err;
struct parser;

struct statement {
	const char *word;
	int (*parse)(struct parser *p); /* from behind the word to behind ';' */
};

struct block {
	const char *what;       /* "a statement of a group" */
	const char *place;      /* "in a group" */
	const struct statement *list;
	size_t n;
};

struct source {                 /* where included files come from */
	const char *system_dir;
	conf_reader *read_file; /* NULL: none can be read */
	void *ctx;
};

struct parser {
	struct lexer lex;
	struct token tok;       /* the next one, not yet used up */
	struct conf *conf;
	const struct source *source;
	const struct parser *up;        /* reads the file that includes this */
	unsigned nesting;
	const struct block *const *places;      /* all; top level first */
	const struct block *block;
	struct token word;              /* what this statement begins with */
	struct group *group;            /* the one being read */
	struct action *action;
	struct prefix *prefix;
	int prefix_met;                 /* this block has named this host */
	int has_auto;                   /* of the group */
	struct err *e;
};

/* Fails at t: "expected EXPECTED, found T". */
int value_fail(struct parser *p, const struct token *t, const char *expected);
/* Appends " (NOTE)" to the error; returns -1. */
int value_note(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Fails at t with the close one of the words suggested. */
int value_fail_word(struct parser *p, const struct token *t,
    const char *expected, const char *const *words);

int value_advance(struct parser *p);
int value_punct(struct parser *p, char punct);
/* A word or string; what it should be, for the error. */
int value_any(struct parser *p, const char *what, struct token *t);
/*
 * Whether the next token is an unquoted word that begins a statement here: in
 * a list that has begun it means that a ';' was forgotten.
 */
int value_keyword(const struct parser *p);
/*
 * The next value of a list, of which n are there: 1; 0 when the list has ended
 * with its ';'; or -1.
 */
int value_more(struct parser *p, const char *what, size_t n, struct token *t);
/* A value and ';', copied. */
int value_last(struct parser *p, const char *what, struct token *t, char **out);
/* The same, a file's path: under the system directory when it is relative. */
int value_file(struct parser *p, const char *what, struct token *t, char **out);
/* An absolute path and ';', in place of what was said before. */
int value_absolute(struct parser *p, char **out);
/* A number of units and ';'. */
int value_number(struct parser *p, const char *unit, unsigned min,
    unsigned max, unsigned *out);
/* The index of t in a NULL-terminated list. */
int value_choice(struct parser *p, const struct token *t, const char *what,
    const char *const *words, unsigned *out);
/* t as a number in a range. */
int value_parse(const struct token *t, unsigned min, unsigned max,
    unsigned *out);

/*
 * Room for one more of an array's n elements, zeroed; the number that is
 * allocated is always the next power of two.
 */
void *value_room(void *array, size_t n, size_t size);
/* Appends s, which the array owns from now on. */
void value_append(char ***array, size_t *n, char *s);

#endif
