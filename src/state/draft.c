/* SPDX-License-Identifier: ISC */
/*
 * Making a state file: everything into a temporary, the header last, sync,
 * rename. A crash leaves the temporary behind; the next draft removes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/random.h"
#include "draft.h"
#include "journal.h"
#include "record.h"

enum { PIECE = 65536 };

int
draft_lock(const char *path, struct err *e)
{
	size_t n = strlen(path);
	char *dir;
	int fd;

	while (n && path[n - 1] != '/')
		n--;
	dir = n ? mem_strndup(path, n) : mem_strdup(".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX))
		if (errno != EINTR) {
			close(fd);
			fd = -1;
		}
	if (fd < 0)
		err_sys(e, "%s", dir);
	free(dir);
	return fd;
}

/* 1 when the draft may take its place, 0 when not. */
static int
may_stand(const struct draft *d, struct err *e)
{
	struct stat st;

	if (d->old)
		return journal_current(d->old, e);
	if (!lstat(d->path, &st))
		return 0;
	return errno == ENOENT ? 1 : err_sys(e, "%s", d->path);
}

static char *
temporary_of(const char *path)
{
	size_t n = strlen(path) + sizeof(".new");
	char *s = mem_alloc(n);

	snprintf(s, n, "%s.new", path);
	return s;
}

int
draft_begin(struct draft *d, const char *path, struct journal *old,
    struct err *e)
{
	int may;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	d->path = mem_strdup(path);
	d->old = old;
	d->seal.salt = random_u64();
	d->off = HEAD_BYTES;
	d->dirfd = draft_lock(path, e);
	may = d->dirfd < 0 ? -1 : may_stand(d, e);
	if (may > 0) {
		d->temporary = temporary_of(path);
		unlink(d->temporary);
		d->fd = open(d->temporary,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (d->fd < 0)
			may = err_sys(e, "%s", d->temporary);
	}
	if (may <= 0)
		draft_drop(d);
	return may > 0 ? 0 : may < 0 ? -1 : 1;
}

void
draft_drop(struct draft *d)
{
	if (d->fd >= 0) {
		unlink(d->temporary);
		close(d->fd);
	}
	if (d->dirfd >= 0)
		close(d->dirfd);
	free(d->path);
	free(d->temporary);
	buf_free(&d->buf);
	memset(d, 0, sizeof(*d));
	d->fd = d->dirfd = -1;
}

static int
put_at(const struct draft *d, uint64_t off, const void *p, size_t n,
    struct err *e)
{
	const unsigned char *at = p;
	size_t done = 0;
	ssize_t put;

	while (done < n) {
		put = pwrite(d->fd, at + done, n - done, (off_t)(off + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_sys(e, "%s: writing", d->temporary);
		done += (size_t)put;
	}
	return 0;
}

static int
flush(struct draft *d, struct err *e)
{
	if (put_at(d, d->off - d->buf.len, d->buf.p, d->buf.len, e))
		return -1;
	buf_clear(&d->buf);
	return 0;
}

int
draft_record(struct draft *d, unsigned type, const void *p, size_t n,
    struct err *e)
{
	if (d->buf.len >= PIECE && flush(d, e))
		return -1;
	record_put(&d->buf, &d->seal, d->off, type, p, n);
	d->off += n + RECORD_FRAME;
	return 0;
}

static int
complete(struct draft *d, struct head *head, struct err *e)
{
	unsigned char raw[HEAD_BYTES];
	int may;

	head->salt = d->seal.salt;
	head_encode(head, raw);
	if (flush(d, e) || put_at(d, 0, raw, sizeof(raw), e))
		return -1;
	if (fsync(d->fd))
		return err_sys(e, "%s: syncing", d->temporary);
	may = may_stand(d, e);
	if (may <= 0)
		return may ? -1 : err_set(e, "%s: another file has taken its "
		    "place", d->path);
	return 0;
}

int
draft_finish(struct draft *d, struct head *head, struct journal **out,
    struct err *e)
{
	int r = complete(d, head, e);

	*out = NULL;
	if (!r) {
		r = journal_attach(out, d->fd, d->path, e);
		d->fd = -1;
	}
	if (!r)
		r = journal_lock(*out, 0, e);
	if (!r && rename(d->temporary, d->path))
		r = err_sys(e, "%s", d->path);
	if (r && d->temporary)
		unlink(d->temporary);
	if (!r && fsync(d->dirfd) && errno != EINVAL)
		r = err_sys(e, "%s: syncing its directory", d->path);
	if (r) {
		journal_unref(*out);
		*out = NULL;
	}
	draft_drop(d);
	return r ? -1 : 0;
}
