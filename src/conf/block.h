/* SPDX-License-Identifier: ISC */
#ifndef CONF_BLOCK_H
#define CONF_BLOCK_H

/* The places where statements stand, as tables of words. */

struct block;
struct parser;

/* Reads one statement of p->block; 0 or -1 as in value.h. */
int block_statement(struct parser *p);
/* Reads "{ statements of b }". */
int block_read(struct parser *p, const struct block *b);

#endif
