/* SPDX-License-Identifier: ISC */
/*
 * The two texts are given to diff(1) as files in a directory of their own; its
 * two lines of names, which differ from diff to diff, are replaced by ours. Our
 * text is the disk's as it is now.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "delta/unified.h"
#include "diffs.h"
#include "fs/tree.h"
#include "print.h"
#include "scratch.h"
#include "state/version.h"
#include "sync/command.h"
#include "sync/comparing.h"
#include "sync/pair.h"

enum {
	DIFF_SECONDS = 60,
	HUNKS_MAX = 5 * COMPARING_CONTENT_MAX
};

struct diffs {
	struct tree *tree;
	char *dir;                      /* of the files; NULL: none */
	char *theirs, *ours, *out;      /* in it */
};

static char *
join(const char *dir, const char *name)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = mem_alloc(size);

	snprintf(path, size, "%s/%s", dir, name);
	return path;
}

struct diffs *
diffs_new(struct tree *t)
{
	struct diffs *ds = mem_alloc(sizeof(*ds));
	struct err ignored;

	ds->tree = t;
	ds->dir = scratch_new(&ignored);
	if (ds->dir) {
		ds->theirs = join(ds->dir, "theirs");
		ds->ours = join(ds->dir, "ours");
		ds->out = join(ds->dir, "out");
	}
	return ds;
}

/* From now on our own diff is used. */
static void
give_up(struct diffs *ds)
{
	scratch_remove(ds->dir);
	ds->dir = NULL;
}

void
diffs_free(struct diffs *ds)
{
	if (!ds)
		return;
	give_up(ds);
	free(ds->theirs);
	free(ds->ours);
	free(ds->out);
	free(ds);
}

/* Reads up to max bytes and one. */
static int
read_all(int fd, struct buf *b, size_t max)
{
	ssize_t n;

	while (b->len <= max) {
		n = read(fd, buf_room(b, 4096), 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		b->len += (size_t)n;
	}
	return 0;
}

/* Our text as it is on disk: -1 where there is none that could be shown. */
static int
read_ours(const struct diffs *ds, const char *name, struct buf *b)
{
	const char *base;
	int dir = tree_parent(ds->tree, name, &base);
	int fd = dir < 0 ? -1 : openat(dir, base,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = fd < 0 ? -1 : read_all(fd, b, COMPARING_CONTENT_MAX);

	if (fd >= 0)
		close(fd);
	return rc || b->len > COMPARING_CONTENT_MAX ? -1 : 0;
}

static int
write_file(const char *path, struct view text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd < 0 || write(fd, text.p, text.len) != (ssize_t)text.len;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* What diff wrote, without its two lines of names. */
static int
read_hunks(const struct diffs *ds, struct buf *hunks)
{
	int fd = open(ds->out, O_RDONLY | O_CLOEXEC), i;
	int rc = fd < 0 || read_all(fd, hunks, HUNKS_MAX) ||
	    hunks->len > HUNKS_MAX ? -1 : 0;
	const unsigned char *end;

	if (fd >= 0)
		close(fd);
	for (i = 0; i < 2 && !rc; i++) {
		end = hunks->len ? memchr(hunks->p, '\n', hunks->len) : NULL;
		if (end)
			buf_drop(hunks, (size_t)(end - hunks->p) + 1);
		else
			rc = -1;
	}
	return rc || !hunks->len || *hunks->p != '@' ? -1 : 0;
}

/* By the diff of this host; -1 when that cannot be had. */
static int
run_diff(struct diffs *ds, struct view theirs, struct view ours,
    struct buf *hunks)
{
	char *paths[2] = { ds->theirs, ds->ours };
	struct command c = { .text = "exec diff -u %%", .logfile = ds->out,
		.group = "", .peer = "", .paths = paths, .npaths = 2,
		.timeout = DIFF_SECONDS };
	long long ms;
	int rc;

	if (!ds->dir || write_file(ds->theirs, theirs) ||
	    write_file(ds->ours, ours))
		return -1;
	rc = command_run(&c, &ms) == 1 ? read_hunks(ds, hunks) : -1;
	unlink(ds->out);
	return rc;
}

static void
print_side(const char *host, const char *name)
{
	printf("%s:", host);
	print_name(name);
}

/* "WHAT PEER:FILE and ME:FILE", with which most lines begin. */
static void
print_both(const char *what, const struct pair *p, const struct difference *d)
{
	printf("%s ", what);
	print_side(p->peer, d->name);
	printf(" and ");
	print_side(p->self, d->name);
}

static void
print_hunks(const struct pair *p, const struct difference *d,
    const struct buf *hunks)
{
	printf("--- ");
	print_side(p->peer, d->name);
	printf("\n+++ ");
	print_side(p->self, d->name);
	putchar('\n');
	fwrite(hunks->p, 1, hunks->len, stdout);
}

static void
show_texts(struct diffs *ds, const struct pair *p, const struct difference *d,
    struct view theirs, struct view ours)
{
	struct buf hunks = BUF_INIT;

	if (theirs.len == ours.len && (!ours.len ||
	    !memcmp(theirs.p, ours.p, ours.len))) {
		print_both("Files", p, d);
		printf(" are identical\n");
		return;
	}
	if (run_diff(ds, theirs, ours, &hunks)) {
		give_up(ds);
		buf_clear(&hunks);
		unified_diff(theirs, ours, &hunks);
	}
	print_hunks(p, d, &hunks);
	buf_free(&hunks);
}

/* What two regular files differ in, when it is not their contents. */
static void
show_properties(const struct pair *p, const struct difference *d)
{
	const struct version *t = d->theirs, *o = d->ours;
	const char *comma = "";

	print_both(t->kind == KIND_DIR ? "Directories" : "Files", p, d);
	printf(" are identical but for");
	if (t->mode != o->mode) {
		printf(" mode %04o and %04o", (unsigned)t->mode,
		    (unsigned)o->mode);
		comma = ",";
	}
	if (t->uid != o->uid || t->gid != o->gid)
		printf("%s owner %lu:%lu and %lu:%lu", comma,
		    (unsigned long)t->uid, (unsigned long)t->gid,
		    (unsigned long)o->uid, (unsigned long)o->gid);
	putchar('\n');
}

static void
show_kinds(const struct pair *p, const struct difference *d)
{
	static const char *const kinds[KIND_COUNT] = { "", "regular file",
		"directory", "symbolic link", "character special file",
		"block special file", "fifo" };

	printf("File ");
	print_side(p->peer, d->name);
	printf(" is a %s while file ", kinds[d->theirs->kind]);
	print_side(p->self, d->name);
	printf(" is a %s\n", kinds[d->ours->kind]);
}

/* Both have it: something else than two texts. */
static void
show_other(const struct pair *p, const struct difference *d, int binary)
{
	if (d->theirs->kind != d->ours->kind) {
		show_kinds(p, d);
	} else if (version_same_content(d->theirs, d->ours)) {
		show_properties(p, d);
	} else {
		print_both(d->ours->kind == KIND_LNK ? "Symbolic links" :
		    binary ? "Binary files" : "Files", p, d);
		printf(" differ\n");
	}
}

static void
show_one_side(const struct pair *p, const struct difference *d)
{
	printf("Only on ");
	print_side(d->ours ? p->self : p->peer, d->name);
	putchar('\n');
}

static int
is_regular(const struct version *v)
{
	return v && v->kind == KIND_REG;
}

/* Whether there are two texts; an absent one is empty. */
static int
have_texts(const struct diffs *ds, const struct difference *d,
    struct view *theirs, struct buf *ours)
{
	*theirs = d->content ? *d->content : view_of("", 0);
	if ((d->theirs && (!is_regular(d->theirs) || !d->content)) ||
	    (d->ours && (!is_regular(d->ours) ||
	    read_ours(ds, d->name, ours))))
		return 0;
	return d->ours && d->theirs ? 1 : theirs->len || ours->len;
}

void
diffs_show(struct diffs *ds, const struct pair *p, const struct difference *d)
{
	struct buf ours = BUF_INIT;
	struct view theirs, text;
	int texts = have_texts(ds, d, &theirs, &ours), binary;

	text = view_of(ours.p, ours.len);
	binary = texts && (unified_binary(theirs) || unified_binary(text));
	if (texts && !binary)
		show_texts(ds, p, d, theirs, text);
	else if (d->ours && d->theirs)
		show_other(p, d, binary);
	else
		show_one_side(p, d);
	buf_free(&ours);
}
