/* SPDX-License-Identifier: ISC */
/*
 * Finds the function of a statement in the table of its place, and tells what
 * is wrong with a word that is not in it.
 */
#include <stdio.h>
#include <string.h>

#include "block.h"
#include "value.h"

enum { BLOCK_WORDS_MAX = 64 };

/* Fails at a word that begins no statement here. */
static int
unknown(struct parser *p)
{
	const char *words[BLOCK_WORDS_MAX + 1], *place = NULL;
	const struct block *const *b;
	char expected[128];
	size_t i;

	for (b = p->places; *b; b++)
		for (i = 0; i < (*b)->n; i++)
			if (token_word(&p->tok, (*b)->list[i].word))
				place = (*b)->place;
	for (i = 0; i < p->block->n && i < BLOCK_WORDS_MAX; i++)
		words[i] = p->block->list[i].word;
	words[i] = NULL;
	snprintf(expected, sizeof(expected), "%s%s", p->block->what,
	    p->block == *p->places ? "" : " or \"}\"");
	if (!place)
		return value_fail_word(p, &p->tok, expected, words);
	value_fail(p, &p->tok, expected);
	return value_note(p, "which belongs %s", place);
}

int
block_statement(struct parser *p)
{
	size_t i;

	for (i = 0; i < p->block->n; i++) {
		if (!token_word(&p->tok, p->block->list[i].word))
			continue;
		p->word = p->tok;
		if (value_advance(p) < 0)
			return -1;
		return p->block->list[i].parse(p);
	}
	return unknown(p);
}

int
block_read(struct parser *p, const struct block *b)
{
	const struct block *outer = p->block;

	if (value_punct(p, '{') < 0)
		return -1;
	p->block = b;
	while (!token_is(&p->tok, '}'))
		if (block_statement(p) < 0)
			return -1;
	p->block = outer;
	return value_advance(p);
}
