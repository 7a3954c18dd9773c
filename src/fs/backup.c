/* SPDX-License-Identifier: ISC */
/*
 * Backups. The copy is complete under a temporary name before the generations
 * are shifted, so that a full disk costs none of them. Below the backup
 * directory no link is followed: its directories belong to whom the originals
 * belong to.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "flush.h"
#include "listing.h"
#include "state/version.h"
#include "temp.h"

enum {
	PIECE = 64 << 10,
	OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
};

/* Owner and mode of the original directory, as far as can be. */
static int
dress(int dirfd, const char *base, const char *original)
{
	struct stat st;
	int fd = openat(dirfd, base, OPEN_DIR);

	if (fd < 0)
		return -1;
	if (stat(original, &st) == 0 &&
	    (fchown(fd, st.st_uid, st.st_gid) == 0 || errno == EPERM))
		fchmod(fd, st.st_mode & 07777);
	close(fd);
	return 0;
}

/*
 * Enters one directory, which like its original is made where it is missing if
 * there is a flush; closes fd.
 */
static int
enter(int fd, const char *base, const char *original, struct flush *f)
{
	int next = -1, saved;

	if (!f)
		next = 0;
	else if (mkdirat(fd, base, 0700) == 0)
		next = flush_add(f, fd, NULL) < 0 ? -1 :
		    dress(fd, base, original);
	else if (errno == EEXIST)
		next = 0;
	if (next == 0)
		next = openat(fd, base, OPEN_DIR);
	saved = errno;
	close(fd);
	errno = saved;
	return next;
}

/*
 * The directory below dir in which the backups of path are; with a flush, which
 * gets what has to be synced, it is made.
 */
static int
open_below(const char *dir, const char *path, struct flush *f)
{
	char *original = mem_strdup(path), *part = original, *end;
	int fd;

	if (f && mkdir(dir, 0700) < 0 && errno != EEXIST)
		fd = -1;
	else
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && (end = strchr(part + 1, '/'))) {
		*end = 0;
		fd = enter(fd, part + 1, original, f);
		*end = '/';
		part = end;
	}
	free(original);
	return fd;
}

static int
copy_bytes(int from, int to)
{
	unsigned char *buf = mem_alloc(PIECE);
	ssize_t n, done, r = 0;

	while ((n = read(from, buf, PIECE)) > 0)
		for (done = 0; done < n; done += r) {
			r = write(to, buf + done, (size_t)(n - done));
			if (r < 0) {
				free(buf);
				return -1;
			}
		}
	free(buf);
	return n < 0 ? -1 : 0;
}

static int
copy_meta(int from, int to)
{
	struct timespec times[2];
	struct stat st;

	if (fstat(from, &st) < 0)
		return -1;
	if (fchown(to, st.st_uid, st.st_gid) < 0 && errno != EPERM)
		return -1;
	fchmod(to, st.st_mode & 07777);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return futimens(to, times);
}

static int
copy_file(struct place old, struct place new)
{
	int from, to, r = -1;

	from = openat(old.dirfd, old.base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	if (from < 0)
		return -1;
	to = openat(new.dirfd, new.base, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to >= 0) {
		r = copy_bytes(from, to);
		if (r == 0)
			r = copy_meta(from, to);
		if (r == 0)
			r = fsync(to);
		if (close(to) < 0)
			r = -1;
	}
	close(from);
	return r;
}

static int
copy_link(struct place old, struct place new)
{
	char *target = mem_alloc(TARGET_MAX + 2);
	ssize_t n = readlinkat(old.dirfd, old.base, target, TARGET_MAX + 1);
	int r;

	r = n < 0 ? -1 : symlinkat(target, new.dirfd, new.base);
	free(target);
	return r;
}

static int
keep(struct place old, struct place new)
{
	struct stat st;

	if (linkat(old.dirfd, old.base, new.dirfd, new.base, 0) == 0)
		return 0;
	if (fstatat(old.dirfd, old.base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return S_ISLNK(st.st_mode) ? copy_link(old, new) :
	    copy_file(old, new);
}

/*
 * base.i; of a name that is too long for that its beginning and, since others
 * may begin so, a digest of it.
 */
static char *
generation(const char *base, unsigned i)
{
	enum { END = 12, DIGEST = 16, CUT = NAME_MAX - END - DIGEST };
	size_t size = NAME_MAX + END, len = strlen(base), k;
	unsigned char id[HASH_BYTES];
	char *out = mem_alloc(size), digest[DIGEST + 1] = "";

	if (len + END > NAME_MAX) {
		hash_bytes(base, len, id);
		for (k = 0; k < DIGEST / 2; k++)
			snprintf(digest + 2 * k, 3, "%02x", id[k]);
		len = CUT;
	}
	snprintf(out, size, "%.*s%s.%u", (int)len, base, digest, i);
	return out;
}

/* Shifts the generations that there are; the last of `most` falls off. */
static int
shift(int dirfd, const char *base, unsigned most)
{
	char *from, *to = NULL;
	struct stat st;
	unsigned i = 1;
	int r = 0;

	for (; i < most; i++) {
		from = generation(base, i);
		r = fstatat(dirfd, from, &st, AT_SYMLINK_NOFOLLOW);
		free(from);
		if (r < 0)
			break;
	}
	for (r = 0; i > 1 && r == 0; i--) {
		from = generation(base, i - 1);
		to = generation(base, i);
		r = renameat(dirfd, from, dirfd, to);
		free(from);
		free(to);
	}
	return r;
}

static int
keep_in(int dirfd, const char *base, unsigned most, struct place old)
{
	char fresh[TEMP_BASE_MAX], *first = generation(base, 1);
	struct place new = { dirfd, fresh };
	int r, saved;

	temp_base(fresh);
	r = keep(old, new);
	if (r == 0)
		r = shift(dirfd, base, most);
	if (r == 0)
		r = renameat(dirfd, fresh, dirfd, first);
	/* Also when all went well: a rename between links does nothing. */
	saved = errno;
	unlinkat(dirfd, fresh, 0);
	errno = saved;
	free(first);
	return r;
}

static int
backup_one(const struct conf *c, const struct group *g, const char *name,
    struct place old, struct flush *f, struct err *e)
{
	char *path = conf_path(c, name);
	int fd = path ? open_below(g->backup_dir, path, f) : -1, r = -1;

	if (fd >= 0) {
		r = keep_in(fd, path_base(path), g->backup_generations, old);
		if (r == 0)
			r = flush_add(f, fd, NULL);
		if (r < 0)
			err_sys(e, "%s: cannot be backed up in %s", name,
			    g->backup_dir);
		close(fd);
	} else {
		err_sys(e, "%s: backup directory %s cannot be used", name,
		    g->backup_dir);
	}
	free(path);
	return r;
}

static int
backs_up(const struct group *g, const char *name)
{
	return g->self && g->backup_dir && g->backup_generations &&
	    match_group(g, name, 0);
}

int
backup_keep(const struct conf *c, const char *name, struct place old,
    struct flush *f, struct err *e)
{
	const struct group *g;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		if (backs_up(g, name) &&
		    backup_one(c, g, name, old, f, e) < 0)
			return -1;
	return 0;
}

/* Takes the directory's descriptor. */
static void
sweep(int fd)
{
	struct listing l;
	size_t i;

	if (!listing_read(&l, fd)) {
		for (i = 0; i < l.n; i++)
			if (temp_abandoned(l.names[i]))
				unlinkat(fd, l.names[i], 0);
		listing_free(&l);
	}
	close(fd);
}

void
backup_sweep(const struct conf *c, const char *name)
{
	const struct group *g;
	char *path;
	int fd;

	for (g = c->groups; g < c->groups + c->ngroups; g++) {
		if (!backs_up(g, name) || !(path = conf_path(c, name)))
			continue;
		fd = open_below(g->backup_dir, path, NULL);
		if (fd >= 0)
			sweep(fd);
		free(path);
	}
}
