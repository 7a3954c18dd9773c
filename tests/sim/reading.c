/* SPDX-License-Identifier: ISC */
/*
 * A content has its path and number in its text, so that what was mixed up or
 * cut off is seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "disk.h"
#include "oracle.h"
#include "reading.h"
#include "state/entry.h"

void
path_of(int h, int p, char out[64])
{
	snprintf(out, 64, "/n/%c/%s", 'a' + h, script_paths[p]);
}

static int
parse_content(const char *p, size_t n, int path)
{
	char text[32];
	int id, i;

	if (n < 3 || (unsigned char)p[0] != '0' + path)
		return -1;
	for (i = 1; i < 24 && (size_t)i < n && p[i] != '.'; i++)
		text[i - 1] = p[i];
	text[i - 1] = 0;
	id = (int)strtol(text, NULL, 10);
	for (; (size_t)i < n; i++)
		if (p[i] != '.')
			return -1;
	return id;
}

struct value
oracle_value(int h, int p, int64_t *mtime)
{
	struct value v = { VALUE_NONE, 0, 0 };
	struct node *n;
	char path[64];

	path_of(h, p, path);
	n = disk_find(path);
	*mtime = 0;
	if (!n)
		return v;
	v.kind = n->kind == NODE_FILE ? VALUE_FILE : n->kind == NODE_DIR ?
	    VALUE_DIR : VALUE_LINK;
	v.mode = n->kind == NODE_LINK ? 0 : n->mode & 07777;
	if (n->kind != NODE_DIR) {
		v.content = parse_content((char *)n->data, n->size, p);
		*mtime = n->mtime;
	}
	return v;
}

uint64_t
oracle_key(const struct entry *e)
{
	unsigned char d[HASH_BYTES];
	struct history h = e->h;
	struct buf b = BUF_INIT;
	uint64_t key;

	h.bits = 0;
	history_encode(&h, 0, &b);
	version_encode(&e->v, &b);
	hash_bytes(b.p, b.len, d);
	buf_free(&b);
	memcpy(&key, d, sizeof(key));
	return key;
}

/* A file's content is known by its digest. */
static int
find_content(const struct oracle *o, int p, const struct entry *e)
{
	const struct edit *d;
	int content = -1;

	for (d = o->edit; d < o->edit + o->nedits; d++)
		if (d->v.kind == VALUE_FILE &&
		    (d->path == p || d->path == -1 - p) &&
		    !memcmp(d->id, e->v.id, sizeof(d->id)))
			content = d->v.content;
	return content;
}

void
oracle_read(const struct oracle *o, int p, const struct entry *e,
    struct sight *v)
{
	static const enum value_kind kind[] = { VALUE_NONE, VALUE_FILE,
		VALUE_DIR, VALUE_LINK };

	memset(v, 0, sizeof(*v));
	v->v.kind = kind[e->v.kind & 3];
	v->v.mode = e->v.mode;
	if (e->v.kind == KIND_LNK)
		v->v.content = parse_content(e->v.target,
		    strlen(e->v.target), p);
	else if (e->v.kind == KIND_REG)
		v->v.content = find_content(o, p, e);
	v->mtime = e->v.mtime.sec * 1000000000 + e->v.mtime.nsec;
	v->key = oracle_key(e);
}
