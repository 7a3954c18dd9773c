/* SPDX-License-Identifier: ISC */
/*
 * Resolution of names. Two descriptors are kept: the root ("/" or a prefix's
 * directory) of the last name, and its directory. A name in the same directory
 * costs nothing, any other one openat2 from the root, or from the directory
 * kept when it lies below. Where the kernel is older than openat2, or seccomp
 * forbids it, the components are opened one by one.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "spare.h"
#include "tree.h"

enum { OPEN_DIR = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

struct tree {
	const struct conf *conf;
	int no_openat2;
	int root, dir;          /* -1: not open; dir may be root */
	size_t root_len;        /* of the root's part of name: 0 for "/" */
	char *name;             /* of dir, in the form of split(): "" is "/" */
	char *missing;          /* a directory below root that is not there:
				   what is new in it comes in a row */
	struct spare spare;
};

struct tree *
tree_new(const struct conf *c)
{
	struct tree *t = mem_alloc(sizeof(*t));

	t->conf = c;
	t->root = t->dir = -1;
	return t;
}

static void
close_dir(struct tree *t)
{
	if (t->dir >= 0 && t->dir != t->root)
		close(t->dir);
	t->dir = -1;
	free(t->name);
	t->name = NULL;
}

static void
forget_missing(struct tree *t)
{
	free(t->missing);
	t->missing = NULL;
}

void
tree_reset(struct tree *t)
{
	close_dir(t);
	if (t->root >= 0)
		close(t->root);
	t->root = -1;
	forget_missing(t);
}

void
tree_free(struct tree *t)
{
	if (!t)
		return;
	tree_reset(t);
	spare_fini(&t->spare);
	free(t);
}

struct spare *
tree_spare(struct tree *t)
{
	return &t->spare;
}

/*
 * The length of "%p%", 0 for names from "/"; -1 when it is no name at all. The
 * components are looked at here, so that nothing leaves the root by "..".
 */
static int
split(const char *name, size_t *root_len)
{
	const char *s = name, *end;
	size_t n;

	*root_len = 0;
	if (*s == '%') {
		end = strchr(s + 1, '%');
		if (!end || end == s + 1 || strcspn(s, "/") <
		    (size_t)(end - s))
			return -1;
		s = end + 1;
		*root_len = (size_t)(s - name);
		if (!*s)
			return 0;
	} else if (s[0] == '/' && !s[1]) {
		return 0;
	}
	if (*s != '/')
		return -1;
	for (; *s; s += n) {
		n = strcspn(++s, "/");
		if (!n || (n == 1 && s[0] == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return -1;
	}
	return 0;
}

/* What means that there is no such directory, as one errno. */
static int
failed(void)
{
	if (errno == ELOOP || errno == ENOTDIR)
		errno = ENOENT;
	return -1;
}

static int
open_root(struct tree *t, const char *name, size_t len)
{
	char *prefix, *path;
	int saved;

	if (t->root >= 0 && t->root_len == len && (!len || (t->name &&
	    !strncmp(t->name, name, len))))
		return 0;
	tree_reset(t);
	if (!len) {
		t->root = open("/", OPEN_DIR);
	} else {
		prefix = mem_strndup(name, len);
		path = conf_path(t->conf, prefix);
		free(prefix);
		if (!path) {
			errno = ENXIO;
			return -1;
		}
		t->root = open(path, OPEN_DIR);
		saved = errno;
		free(path);
		errno = saved;
	}
	t->root_len = len;
	return t->root < 0 ? failed() : 0;
}

/* openat2 below dir, without a link anywhere; path is relative. */
static int
open_at_once(int dir, const char *path)
{
	/* linux/openat2.h: struct open_how, RESOLVE_NO_SYMLINKS */
	const struct {
		uint64_t flags, mode, resolve;
	} how = { OPEN_DIR, 0, 0x04 };

#ifdef SYS_openat2
	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
#else
	(void)how, (void)dir, (void)path;
	errno = ENOSYS;
	return -1;
#endif
}

static int
open_part(int dir, const char *path, size_t n)
{
	char part[PATH_PART_MAX + 1];

	if (n > PATH_PART_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(part, path, n);
	part[n] = 0;
	return openat(dir, part, OPEN_DIR | O_NOFOLLOW);
}

static int
open_by_parts(int dir, const char *path)
{
	int at = dir, next, saved;
	size_t n;

	for (; *path; path += n) {
		path += *path == '/';
		n = strcspn(path, "/");
		next = open_part(at, path, n);
		saved = errno;
		if (at != dir)
			close(at);
		errno = saved;
		if (next < 0)
			return -1;
		at = next;
	}
	return at;
}

/* Opens path (relative, not empty) below the open directory dir. */
static int
open_below(struct tree *t, int dir, const char *path)
{
	int fd;

	if (!t->no_openat2) {
		fd = open_at_once(dir, path);
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
			return fd;
		t->no_openat2 = 1;
	}
	return open_by_parts(dir, path);
}

/* Whether the first len bytes of name lie in what is known to be missing. */
static int
is_missing(const struct tree *t, const char *name, size_t len)
{
	size_t n = t->missing ? strlen(t->missing) : 0;

	return n && n <= len && !memcmp(t->missing, name, n) &&
	    (n == len || name[n] == '/');
}

/* dir could not be opened, and is t's. */
static int
missed(struct tree *t, char *dir)
{
	failed();
	forget_missing(t);
	if (errno == ENOENT)
		t->missing = dir;
	else
		free(dir);
	return -1;
}

/* Makes t->dir the directory whose name is the first len bytes of name. */
static int
change_dir(struct tree *t, const char *name, size_t len, size_t root_len)
{
	size_t have = t->name ? strlen(t->name) : 0;
	char *dir;
	int fd;

	if (t->dir >= 0 && have == len && !memcmp(t->name, name, len))
		return 0;
	if (is_missing(t, name, len)) {
		errno = ENOENT;
		return -1;
	}
	dir = mem_strndup(name, len);
	if (len == root_len)
		fd = t->root;
	else if (t->dir >= 0 && have > root_len && have < len &&
	    dir[have] == '/' && !memcmp(t->name, dir, have))
		fd = open_below(t, t->dir, dir + have + 1);
	else
		fd = open_below(t, t->root, dir + root_len + 1);
	if (fd < 0)
		return missed(t, dir);
	forget_missing(t);
	close_dir(t);
	t->dir = fd;
	t->name = dir;
	return 0;
}

int
tree_parent(struct tree *t, const char *name, const char **base)
{
	size_t root_len, len;

	if (split(name, &root_len) < 0) {
		errno = EINVAL;
		return -1;
	}
	*base = path_base(name);
	len = (size_t)(*base - name);
	if (len > root_len)
		len--;                          /* the slash */
	if (!**base) {
		*base = ".";
		len = root_len;
	}
	if (open_root(t, name, root_len) < 0 ||
	    change_dir(t, name, len, root_len) < 0)
		return -1;
	return t->dir;
}

int
tree_dir(struct tree *t, const char *name)
{
	const char *base;
	int fd = tree_parent(t, name, &base);

	if (fd < 0)
		return -1;
	fd = openat(fd, base, OPEN_DIR | O_NOFOLLOW);
	return fd < 0 ? failed() : fd;
}
