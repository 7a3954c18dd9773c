/* SPDX-License-Identifier: ISC */
/*
 * A world for tests of commits: configuration, tree and state of host "me" over
 * the scratch directory, names being "%p%/x" for the file x there; knowing
 * things as a check would, and changes to them.
 */
#ifndef COMMITWORLD_H
#define COMMITWORLD_H

#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "fs/commit.h"
#include "fs/detect.h"
#include "fs/prepare.h"
#include "fs/stage.h"
#include "fs/tree.h"
#include "scratchconf.h"
#include "state/fact.h"
#include "state/state.h"

enum { CHANGES_MAX = 2000 };

static struct {
	struct conf *conf;
	struct tree *tree;
	struct state *state;
	struct commit_options o;
	struct change changes[CHANGES_MAX];
	size_t n;
	struct err e;
	unsigned given;         /* times */
} world;

static const struct version_ignore ignore_nothing;

static inline void
world_open(const char *group)
{
	struct err e;

	world.conf = scratch_conf(group);
	world.tree = tree_new(world.conf);
	scratch_need(!state_open(&world.state, "st", "me", "", 1, &e), e.text);
	memset(&world.o, 0, sizeof(world.o));
	world.o.conf = world.conf;
	world.o.host = "me";
	world.o.lock_ms = 5000;
}

static inline void
world_drop(void)
{
	while (world.n)
		change_free(&world.changes[--world.n]);
}

static inline void
world_close(void)
{
	world_drop();
	state_close(world.state);
	tree_free(world.tree);
	conf_free(world.conf);
}

/* A new world over an empty directory. */
static inline void
world_new(const char *group)
{
	scratch_clear();
	world_open(group);
}

static inline const char *
name_of(const char *path)
{
	static char text[8][512];
	static unsigned turn;

	turn = (turn + 1) % 8;
	snprintf(text[turn], sizeof(text[turn]), "%%p%%/%s", path);
	return text[turn];
}

static inline enum detected
detect_now(const char *path, const struct entry *old, struct version *v,
    struct look *look)
{
	return detect_name(world.tree, name_of(path), old, ignore_nothing, v,
	    look, NULL, &world.e);
}

/* The path as it is now becomes an entry, as a first check would do it. */
static inline void
know(const char *path)
{
	struct entry entry;

	memset(&entry, 0, sizeof(entry));
	scratch_need(detect_now(path, NULL, &entry.v, &entry.look) ==
	    DETECT_CHANGED, path);
	scratch_need(!state_lock(world.state, 5000, &world.e), "lock");
	entry.name = mem_strdup(name_of(path));
	entry.number = state_next(world.state);
	entry.h.stamp.replica = state_replica(world.state);
	entry.h.stamp.number = entry.number;
	vector_add(&entry.h.vector, entry.h.stamp, NULL);
	scratch_need(!state_put(world.state, &entry, &world.e) &&
	    !state_unlock(world.state, &world.e), world.e.text);
	entry_free(&entry);
}

/* Our entry; a zeroed one where there is none. */
static inline struct entry
entry_now(const char *path)
{
	struct entry entry;

	if (state_get(world.state, name_of(path), &entry, &world.e) != 1)
		memset(&entry, 0, sizeof(entry));
	return entry;
}

/* Looks at the disk and the state, as who judges an offer does. */
static inline void
look_now(struct change *c)
{
	const char *base;
	int dirfd = tree_parent(world.tree, c->want.name, &base);
	struct entry cur;

	memset(&c->expect, 0, sizeof(c->expect));
	c->expect.trusted = 1;
	if (dirfd >= 0)
		look_read(dirfd, base, &c->expect);
	c->entry_seen = 0;
	if (state_get(world.state, c->want.name, &cur, &world.e) == 1) {
		c->entry_seen = entry_digest(&cur);
		entry_free(&cur);
	}
}

/* The next change, in sorted order: the path becomes this. */
static inline struct change *
change_to(const char *path, enum kind kind)
{
	struct change *c = &world.changes[world.n++];
	struct history h;

	memset(c, 0, sizeof(*c));
	c->want.name = mem_strdup(name_of(path));
	c->want.v.kind = kind;
	memset(&h, 0, sizeof(h));
	h.stamp.replica = 99;
	h.stamp.number = world.n;
	vector_add(&h.vector, h.stamp, NULL);
	snprintf(h.author, sizeof(h.author), "other");
	change_set_history(c, &h);
	c->number = 1;
	if (kind != KIND_NONE) {
		c->want.v.mode = kind == KIND_LNK ? 0 :
		    kind == KIND_DIR ? 0751 : 0640;
		c->want.v.uid = getuid();
		c->want.v.gid = getgid();
	}
	if (kind != KIND_NONE && kind != KIND_DIR) {
		c->want.v.mtime.sec = 1234567890;
		c->want.v.mtime.nsec = 123456789;
	}
	if (kind == KIND_LNK)
		c->want.v.target = mem_strdup("new target");
	if (kind == KIND_CHR) {
		c->want.v.major = 1;
		c->want.v.minor = 3;
	}
	look_now(c);
	return c;
}

/* Stages this as the content of a change; every other one is dressed early. */
static inline void
give(struct change *c, const char *text)
{
	struct stime latest = clock_real();
	struct stage *s;

	c->want.v.size = strlen(text);
	scratch_need(!stage_open(&s, world.tree, c->want.name, &world.e) &&
	    !stage_write(s, text, strlen(text), &world.e) &&
	    !stage_end(s, &world.e), world.e.text);
	if (stime_cmp(world.o.peer_clock, latest) > 0)
		latest = world.o.peer_clock;
	if (world.given++ % 2)
		prepare_early(world.tree, world.conf, latest, c, stage_fd(s));
	scratch_need(!stage_keep(s, &world.e), world.e.text);
	stage_id(s, c->want.v.id);
	c->temporary = mem_strdup(stage_name(s));
	stage_free(s);
}

static inline int
commit_now(void)
{
	return commit_changes(world.tree, world.state, world.changes, world.n,
	    &world.o, &world.e);
}

/* How many reserved names there are at and below the open directory. */
static inline int
count_reserved(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *item;
	int n = 0;

	scratch_need(d != NULL, "read a directory");
	while ((item = readdir(d)) != NULL) {
		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, ".."))
			continue;
		n += path_reserved(item->d_name);
		fd = openat(dirfd(d), item->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd >= 0)
			n += count_reserved(fd);
	}
	closedir(d);
	return n;
}

static inline int
leftovers(void)
{
	return count_reserved(open(scratch.path, O_RDONLY | O_DIRECTORY));
}

static inline const char *
text_of(const char *path)
{
	static char text[4][512];
	static unsigned turn;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NOFOLLOW);

	if (fd < 0)
		return NULL;
	turn = (turn + 1) % 4;
	n = read(fd, text[turn], sizeof(text[turn]) - 1);
	close(fd);
	text[turn][n < 0 ? 0 : n] = 0;
	return text[turn];
}

#endif
