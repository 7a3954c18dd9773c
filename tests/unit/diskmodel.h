/* SPDX-License-Identifier: ISC */
/*
 * A small disk in memory: things that have contents and metadata, directories
 * that give them names, and operations on both, any of which may be left out.
 */
#ifndef DISKMODEL_H
#define DISKMODEL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "scratch.h"

enum { THINGS_MAX = 600, NAME_SIZE = 80 };

struct name {
	char text[NAME_SIZE];
	int thing;
};

struct thing {
	mode_t mode;                    /* with its type */
	uid_t uid;
	gid_t gid;
	struct timespec mtime;
	struct buf data;                /* or the target of a link */
	struct name *names;             /* of a directory */
	size_t n, cap;
	int made;                       /* it stands on the real disk */
};

struct disk {
	struct thing at[THINGS_MAX];    /* 0: the root */
	size_t n;
};

enum op_kind { OP_WRITE, OP_SIZE, OP_META, OP_NAME, OP_SYNC, OP_MARK };

struct op {
	enum op_kind kind;
	int thing;                      /* OP_SYNC: -1: everything */
	int data_only;                  /* OP_SYNC */
	uint64_t at;                    /* offset, size, number of the mark */
	struct buf data;
	struct thing meta;
	/*
	 * OP_NAME: in a directory a name gets a thing, or loses it (-1); of a
	 * rename the second is the loss of the old name. Two are done at once.
	 */
	struct {
		int dir, thing;
		char name[NAME_SIZE];
	} set[2];
	int nset, is_rename;
	int parent;                     /* OP_META: of what cannot be synced */
};

static inline void
disk_free(struct disk *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		buf_free(&d->at[i].data);
		free(d->at[i].names);
	}
	memset(d, 0, sizeof(*d));
}

static inline void
disk_copy(struct disk *to, const struct disk *from)
{
	size_t i;

	to->n = from->n;
	for (i = 0; i < from->n; i++) {
		to->at[i] = from->at[i];
		memset(&to->at[i].data, 0, sizeof(to->at[i].data));
		buf_put(&to->at[i].data, from->at[i].data.p,
		    from->at[i].data.len);
		to->at[i].names = mem_alloc((from->at[i].n + 1) *
		    sizeof(struct name));
		to->at[i].cap = from->at[i].n + 1;
		if (from->at[i].n)
			memcpy(to->at[i].names, from->at[i].names,
			    from->at[i].n * sizeof(struct name));
	}
}

static inline void
disk_set(struct disk *d, int dir, const char *name, int thing)
{
	struct thing *t = &d->at[dir];
	size_t i;

	for (i = 0; i < t->n && strcmp(t->names[i].text, name); i++)
		continue;
	if (thing < 0) {
		if (i < t->n)
			t->names[i] = t->names[--t->n];
		return;
	}
	if (i == t->n) {
		t->names = mem_grow(t->names, t->n, &t->cap,
		    sizeof(*t->names));
		snprintf(t->names[t->n++].text, NAME_SIZE, "%s", name);
	}
	t->names[i].thing = thing;
}

static inline void
disk_resize(struct thing *t, size_t size)
{
	while (t->data.len < size)
		buf_u8(&t->data, 0);
	t->data.len = size;
}

/* how: 0 not at all, 1 half of it, 2 all. */
static inline void
disk_apply(struct disk *d, const struct op *o, int how)
{
	struct thing *t = o->thing >= 0 ? &d->at[o->thing] : NULL;
	size_t n;
	int i;

	if (!how)
		return;
	switch (o->kind) {
	case OP_WRITE:
		n = how == 1 ? o->data.len / 2 : o->data.len;
		if (t->data.len < o->at + n)
			disk_resize(t, (size_t)o->at + n);
		memcpy(t->data.p + o->at, o->data.p, n);
		break;
	case OP_SIZE:
		disk_resize(t, (size_t)o->at);
		break;
	case OP_META:
		t->mode = o->meta.mode;
		t->uid = o->meta.uid;
		t->gid = o->meta.gid;
		t->mtime = o->meta.mtime;
		break;
	case OP_NAME:
		for (i = 0; i < (how == 1 ? 1 : o->nset); i++)
			disk_set(d, o->set[i].dir, o->set[i].name,
			    o->set[i].thing);
		break;
	case OP_SYNC:
	case OP_MARK:
		break;
	}
}

static inline void
meta_of(struct thing *t, const struct stat *st)
{
	t->mode = st->st_mode;
	t->uid = st->st_uid;
	t->gid = st->st_gid;
	t->mtime = st->st_mtim;
}

static inline void
load_bytes(struct thing *t, int dirfd, const char *name)
{
	char text[4096];
	ssize_t n;
	int fd;

	if (S_ISLNK(t->mode)) {
		n = readlinkat(dirfd, name, text, sizeof(text));
		buf_put(&t->data, text, (size_t)n);
		return;
	}
	fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK);
	while (S_ISREG(t->mode) && (n = read(fd, text, sizeof(text))) > 0)
		buf_put(&t->data, text, (size_t)n);
	close(fd);
}

/* What stands there; inodes: of each thing. */
static inline int
disk_load(struct disk *d, ino_t *inodes, int dirfd, const char *name)
{
	int fd, child, me = (int)d->n++;
	struct dirent *item;
	struct stat st;
	DIR *dir;

	scratch_need(me < THINGS_MAX, "hold so many things");
	scratch_need(!fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW), name);
	meta_of(&d->at[me], &st);
	inodes[me] = st.st_ino;
	if (!S_ISDIR(st.st_mode)) {
		load_bytes(&d->at[me], dirfd, name);
		return me;
	}
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY);
	dir = fdopendir(fd);
	while ((item = readdir(dir)) != NULL) {
		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, ".."))
			continue;
		child = disk_load(d, inodes, fd, item->d_name);
		disk_set(d, me, item->d_name, child);
	}
	closedir(dir);
	return me;
}

static inline void
disk_digest_add(const struct disk *d, int i, struct buf *b)
{
	const struct thing *t = &d->at[i];
	size_t k;

	buf_u32(b, (uint32_t)t->mode);
	buf_u32(b, t->uid);
	buf_u64(b, (uint64_t)t->mtime.tv_sec);
	buf_u32(b, (uint32_t)t->mtime.tv_nsec);
	buf_blob(b, t->data.p, t->data.len);
	for (k = 0; k < t->n; k++) {
		buf_str(b, t->names[k].text);
		buf_u32(b, (uint32_t)t->names[k].thing);
		disk_digest_add(d, t->names[k].thing, b);
	}
	buf_u32(b, 0);
}

static inline uint64_t
disk_digest(const struct disk *d)
{
	unsigned char id[HASH_BYTES];
	struct buf b = BUF_INIT;
	struct view v;

	disk_digest_add(d, 0, &b);
	hash_bytes(b.p, b.len, id);
	buf_free(&b);
	v = view_of(id, sizeof(id));
	return view_u64(&v);
}

static inline void disk_store_names(struct disk *d, int i, char *path);

/* Makes the thing at path, or links it when it is there already. */
static inline void
disk_store(struct disk *d, int i, char *path)
{
	static char first[THINGS_MAX][512];
	struct thing *t = &d->at[i];
	struct timespec times[2];
	int fd;

	if (t->made && !S_ISDIR(t->mode)) {
		scratch_need(!link(first[i], path), path);
		return;
	}
	t->made = 1;
	snprintf(first[i], sizeof(first[i]), "%s", path);
	if (S_ISDIR(t->mode)) {
		scratch_need(!mkdir(path, 0700), path);
		disk_store_names(d, i, path);
	} else if (S_ISLNK(t->mode)) {
		buf_u8(&t->data, 0);
		scratch_need(!symlink((char *)t->data.p, path), path);
	} else if (S_ISREG(t->mode)) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		scratch_need(fd >= 0 && write(fd, t->data.p, t->data.len) ==
		    (ssize_t)t->data.len, path);
		close(fd);
	} else {
		scratch_need(!mkfifo(path, 0600), path);
	}
	scratch_need(!lchown(path, t->uid, t->gid), path);
	if (!S_ISLNK(t->mode))
		chmod(path, t->mode & 07777);
	times[0] = times[1] = t->mtime;
	utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static inline void
disk_store_names(struct disk *d, int i, char *path)
{
	struct thing *t = &d->at[i];
	size_t k, n = strlen(path);

	for (k = 0; k < t->n; k++) {
		snprintf(path + n, 512 - n, "%s%s", n ? "/" : "",
		    t->names[k].text);
		disk_store(d, t->names[k].thing, path);
		path[n] = 0;
	}
}

#endif
