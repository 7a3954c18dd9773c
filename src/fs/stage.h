/* SPDX-License-Identifier: ISC */
#ifndef FS_STAGE_H
#define FS_STAGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A regular file under construction: a temporary (a name as in temp.h, mode
 * 0600) in the target's directory, or in its nearest directory that exists. The
 * bytes are hashed as they come. Errors begin with the target's name.
 */

struct err;
struct stage;
struct tree;

int stage_open(struct stage **out, struct tree *t, const char *name,
    struct err *e);
/* Writes at the end; runs of 4,096 zero bytes become holes. */
int stage_write(struct stage *s, const void *p, size_t n, struct err *e);
uint64_t stage_size(const struct stage *s);
/* The content id of what was written. Once, at the end. */
void stage_id(struct stage *s, unsigned char id[32]);
/* The temporary's full name (a name as in path.h); the stage's. */
const char *stage_name(const struct stage *s);
/* All of it is there: of that size, and looked at by its descriptor. */
int stage_end(struct stage *s, struct err *e);
int stage_fd(const struct stage *s);
/* Closes the file, which stays (for a commit). */
int stage_keep(struct stage *s, struct err *e);
/* Frees; removes the temporary unless it was kept. NULL is fine. */
void stage_free(struct stage *s);
/* Removes a temporary, of any kind, by its name. */
void stage_remove(struct tree *t, const char *temporary);

#endif
