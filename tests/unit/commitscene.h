/* SPDX-License-Identifier: ISC */
/*
 * A commit of many kinds of changes, and what must hold when it was cut short:
 * each thing is the old or the new one, the state agrees with the disk, no
 * temporary is left, and what was not done can be done.
 */
#ifndef COMMITSCENE_H
#define COMMITSCENE_H

#include "commitworld.h"

#define GROUP "include %p%; exclude %p%/st; exclude %p%/bak;" \
	"backup-directory @/bak;"

/* What stands there before. */
static inline void
scene(void)
{
	static const char *const known[] = {
		"chmod", "dir", "dirtofile", "dirtofile/in", "filetodir",
		"gone", "goneaside", "goneaside/in", "link", "replaced"
	};
	size_t i;

	world_new(GROUP);
	scratch_file("chmod", "the same");
	scratch_dir("dir");
	scratch_dir("dirtofile");
	scratch_file("dirtofile/in", "in");
	scratch_file("filetodir", "file");
	scratch_file("gone", "gone");
	scratch_dir("goneaside");
	scratch_file("goneaside/in", "in");
	scratch_need(!symlink("old target", "link"), "link");
	scratch_file("replaced", "old");
	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		know(known[i]);
	world_close();
}

static inline void
staged(const char *path, const char *text)
{
	struct change *c = change_to(path, KIND_REG);
	struct stage *s;

	if (stage_open(&s, world.tree, c->want.name, &world.e) < 0)
		return;
	stage_free(s);
	give(c, text);
}

static inline void
chmod_change(void)
{
	struct change *c = change_to("chmod", KIND_REG);
	struct entry e = entry_now("chmod");

	c->want.v.size = e.v.size;
	memcpy(c->want.v.id, e.v.id, HASH_BYTES);
	c->want.v.mode = 0600;
	if (!geteuid())
		c->want.v.uid = 12345;
	entry_free(&e);
}

static inline void
all_changes(void)
{
	chmod_change();
	change_to("dir", KIND_DIR);
	staged("dirtofile", "now a file");
	change_to("dirtofile/in", KIND_NONE);
	change_to("filetodir", KIND_DIR);
	staged("filetodir/in", "in what was a file");
	change_to("gone", KIND_NONE);
	change_to("goneaside", KIND_NONE);
	change_to("goneaside/in", KIND_NONE);
	change_to("link", KIND_LNK);
	change_to("newdir", KIND_DIR);
	staged("newdir/in", "new in new");
	staged("newfile", "new");
	staged("replaced", "not the old");
}

/* Leaves only what is not carried out yet. */
static inline void
only_missing(void)
{
	struct entry now;
	size_t i, n = 0;

	for (i = 0; i < world.n; i++) {
		now = entry_now(world.changes[i].want.name + 4);
		if (now.name && now.h.stamp.replica == 99) {
			if (world.changes[i].temporary)
				stage_remove(world.tree,
				    world.changes[i].temporary);
			change_free(&world.changes[i]);
		} else {
			world.changes[n++] = world.changes[i];
		}
		entry_free(&now);
	}
	world.n = n;
}

static inline int
change_all(void)
{
	all_changes();
	return commit_now();
}

static inline int
recover_all(void)
{
	return commit_recover(world.tree, world.state, &world.o, &world.e);
}

static inline void
sweep_dir(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *item;

	while ((item = readdir(d)) != NULL) {
		if (!strcmp(item->d_name, ".") ||
		    !strcmp(item->d_name, "..") || !strcmp(item->d_name, "bak"))
			continue;
		if (path_reserved(item->d_name)) {
			commit_sweep(world.state, dirfd(d), item->d_name);
			continue;
		}
		fd = openat(dirfd(d), item->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd >= 0)
			sweep_dir(fd);
	}
	closedir(d);
}

/* Disk and state agree about it; there is no edit of ours. */
static inline void
no_edit(const char *path)
{
	struct entry now = entry_now(path);
	struct version v;
	struct look look;
	enum detected d = detect_now(path,
	    now.v.kind == KIND_NONE ? NULL : &now, &v, &look);

	if (d == DETECT_CHANGED)
		version_free(&v);
	if (now.v.kind == KIND_NONE ? d != DETECT_GONE :
	    d != DETECT_SAME && d != DETECT_LOOK)
		unit_fail(__FILE__, __LINE__, "an edit of ", path);
	entry_free(&now);
}

static inline void
complete(void)
{
	size_t i;

	world_open(GROUP);
	CHECK_INT(recover_all(), 0);
	/* A walk sweeps as well, but none comes to the backups. */
	sweep_dir(open(".", O_RDONLY | O_DIRECTORY));
	CHECK_INT(leftovers(), 0);
	all_changes();
	for (i = 0; i < world.n; i++)
		no_edit(world.changes[i].want.name + 4);
	only_missing();
	CHECK_INT(commit_now(), 0);
	for (i = 0; i < world.n; i++)
		CHECK_STR(change_why(&world.changes[i]), "");
	for (i = 0; i < world.n; i++)
		CHECK_INT(world.changes[i].result, CHANGE_DONE);
	CHECK_INT(leftovers(), 0);
	CHECK_STR(text_of("dirtofile"), "now a file");
	CHECK_STR(text_of("filetodir/in"), "in what was a file");
	CHECK_STR(text_of("newdir/in"), "new in new");
	CHECK_STR(text_of("newfile"), "new");
	CHECK_STR(text_of("replaced"), "not the old");
	CHECK_INT(access("gone", F_OK), -1);
	CHECK_INT(access("goneaside", F_OK), -1);
	world_close();
}

#endif
