/* SPDX-License-Identifier: ISC */
#ifndef SYNC_SETTLED_H
#define SYNC_SETTLED_H

/*
 * The names about which two hosts have come to terms in this session, so that
 * the way back need not offer them again. 16 bytes a name at most; kept as
 * 64 bits of a digest.
 */

struct settled;

struct settled *settled_new(void);
void settled_free(struct settled *s);
void settled_add(struct settled *s, const char *name);
int settled_has(const struct settled *s, const char *name);

#endif
