/* SPDX-License-Identifier: ISC */
/*
 * Nodes and names.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "disk.h"

#define STEP ((int64_t)1000)

int64_t disk_clock_skew;
unsigned long disk_changes;

static struct {
	struct node *root;
	int64_t ticks;
	uint64_t last_ino;
} disk;

int64_t
disk_uptime(void)
{
	disk.ticks += STEP;
	return disk.ticks;
}

int64_t
disk_now(void)
{
	return DISK_BIRTH + disk_uptime() + disk_clock_skew;
}

void
disk_sleep(int64_t ns)
{
	disk.ticks += ns;
}

struct node *
disk_new(enum node_kind kind, unsigned mode)
{
	struct node *n = mem_alloc(sizeof(*n));

	n->kind = kind;
	n->refs = 1;
	n->ino = ++disk.last_ino;
	n->mode = mode;
	n->mtime = n->ctime = disk_now();
	return n;
}

struct node *
disk_ref(struct node *n)
{
	n->refs++;
	return n;
}

void
disk_free(struct node *n)
{
	if (!n || --n->refs)
		return;
	while (n->nslots)
		disk_leave(n, &n->slots[n->nslots - 1]);
	free(n->slots);
	free(n->data);
	free(n);
}

void
disk_reset(void)
{
	disk_free(disk.root);
	memset(&disk, 0, sizeof(disk));
	disk_clock_skew = 0;
	disk.root = disk_new(NODE_DIR, 0755);
	disk.root->up = disk.root;
}

struct slot *
disk_slot(struct node *dir, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < dir->nslots; i++)
		if (!strncmp(dir->slots[i].name, name, len) &&
		    !dir->slots[i].name[len])
			return &dir->slots[i];
	return NULL;
}

void
disk_enter(struct node *dir, const char *name, size_t len, struct node *n)
{
	dir->slots = mem_grow(dir->slots, dir->nslots, &dir->slots_cap,
	    sizeof(*dir->slots));
	dir->slots[dir->nslots++] = (struct slot){ mem_strndup(name, len), n };
	if (n->kind == NODE_DIR)
		n->up = dir;
	dir->mtime = disk_now();
	dir->ctime = dir->mtime;
	disk_changes++;
}

void
disk_leave(struct node *dir, struct slot *s)
{
	struct node *n = s->node;

	free(s->name);
	*s = dir->slots[--dir->nslots];
	dir->mtime = disk_now();
	dir->ctime = dir->mtime;
	disk_changes++;
	if (n->kind == NODE_DIR)
		n->up = NULL;
	disk_free(n);
}

void
disk_changed(struct node *n)
{
	n->ctime = disk_now();
	disk_changes++;
}

void
disk_resize(struct node *n, size_t size)
{
	if (size > n->cap) {
		n->cap = size * 2;
		n->data = mem_realloc(n->data, n->cap);
	}
	if (size > n->size)
		memset(n->data + n->size, 0, size - n->size);
	n->size = size;
}

/* The directory of path, made where it is missing, and the last name. */
static struct node *
parent_of(const char *path, const char **base, int make)
{
	struct node *at = disk.root;
	struct slot *s;
	size_t n;

	for (;;) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (!path[n]) {
			*base = path;
			return at;
		}
		s = disk_slot(at, path, n);
		if (s && s->node->kind != NODE_DIR && make) {
			disk_leave(at, s);
			s = NULL;
		}
		if (!s && make) {
			disk_enter(at, path, n, disk_new(NODE_DIR, 0755));
			s = disk_slot(at, path, n);
		}
		if (!s || s->node->kind != NODE_DIR)
			return NULL;
		at = s->node;
		path += n;
	}
}

struct node *
disk_find(const char *path)
{
	const char *base;
	struct node *dir = parent_of(path, &base, 0);
	struct slot *s;

	if (!dir || !*base)
		return dir;
	s = disk_slot(dir, base, strlen(base));
	return s ? s->node : NULL;
}

void
disk_put(const char *path, struct node *n)
{
	const char *base;
	struct node *dir = parent_of(path, &base, 1);
	struct slot *s = disk_slot(dir, base, strlen(base));

	if (s)
		disk_leave(dir, s);
	if (n)
		disk_enter(dir, base, strlen(base), n);
}

void
disk_remove(const char *path)
{
	if (disk_find(path))
		disk_put(path, NULL);
}

static void
put_bytes(const char *path, enum node_kind kind, const void *p, size_t n,
    unsigned mode, int64_t mtime)
{
	struct node *f = disk_new(kind, mode);

	disk_resize(f, n);
	memcpy(f->data, p, n);
	if (mtime)
		f->mtime = mtime;
	disk_put(path, f);
}

void
disk_write(const char *path, const void *p, size_t n, unsigned mode,
    int64_t mtime)
{
	put_bytes(path, NODE_FILE, p, n, mode, mtime);
}

void
disk_link(const char *path, const char *target, int64_t mtime)
{
	put_bytes(path, NODE_LINK, target, strlen(target), 0777, mtime);
}

void
disk_mkdir(const char *path, unsigned mode)
{
	disk_put(path, disk_new(NODE_DIR, mode));
}

void
disk_touch(struct node *n, unsigned mode, int64_t mtime)
{
	n->mode = mode;
	if (mtime)
		n->mtime = mtime;
	disk_changed(n);
}

struct node *
disk_clone(const struct node *n)
{
	struct node *c = mem_alloc(sizeof(*c));
	size_t i;

	*c = *n;
	c->refs = 1;
	c->ino = ++disk.last_ino;
	c->data = NULL;
	c->slots = NULL;
	c->size = c->cap = c->nslots = c->slots_cap = 0;
	c->up = NULL;
	if (n->size) {
		disk_resize(c, n->size);
		memcpy(c->data, n->data, n->size);
	}
	for (i = 0; i < n->nslots; i++)
		disk_enter(c, n->slots[i].name, strlen(n->slots[i].name),
		    disk_clone(n->slots[i].node));
	c->mtime = n->mtime;
	c->ctime = n->ctime;
	return c;
}

struct node *
disk_copy(const char *path)
{
	struct node *n = disk_find(path);

	return n ? disk_clone(n) : NULL;
}

static uint64_t
mix(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;

	while (n--)
		h = (h ^ *s++) * 0x100000001b3u;
	return h;
}

static uint64_t
digest(const struct node *n)
{
	uint64_t h = 0xcbf29ce484222325u, sum = 0, one;
	size_t i;

	h = mix(h, &n->kind, sizeof(n->kind));
	h = mix(h, &n->mode, sizeof(n->mode));
	if (n->kind != NODE_DIR)
		h = mix(h, &n->mtime, sizeof(n->mtime));
	h = mix(h, n->data, n->size);
	for (i = 0; i < n->nslots; i++) {
		one = digest(n->slots[i].node);
		sum += mix(one, n->slots[i].name, strlen(n->slots[i].name));
	}
	return mix(h, &sum, sizeof(sum));
}

uint64_t
disk_digest(const char *path)
{
	struct node *n = disk_find(path);

	return n ? digest(n) : 0;
}
