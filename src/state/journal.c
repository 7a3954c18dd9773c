/* SPDX-License-Identifier: ISC */
/*
 * The state file. Integers are little-endian. First the header (head.c), then
 * records (record.h), in this order, by type and payload:
 *
 *   base   BLOCK 7   entries in the order of path_cmp: varint length, entry
 *                    (entry.c), as many as go into 16 KiB
 *   index  INDEX 8   for each block: offset (varint), first name (varint
 *                    length, bytes), as many as go into 16 KiB
 *   facts  FACT 5    kind (1 byte), key (varint length, bytes), value (rest)
 *   tail   batches of records, appended and never changed:
 *          BATCH 1   highest number in use (8 bytes), length of the records
 *                    of this batch behind it (4 bytes), settled (1 byte)
 *          IDENTITY 2  replica (8 bytes), host (varint length, bytes), machine
 *                    (32 bytes): what the header says no longer holds
 *          ENTRY 3   an entry, in place of what was known of its name
 *          FORGET 4  name (varint length, bytes): there is no such entry
 *          FACT 5    in place of that kind and key's fact
 *          DROP 6    kind (1 byte), key (varint length, bytes): no such fact
 *
 * A batch counts as a whole or not at all. "Settled" says that all before this
 * batch had been synced when it was written. So who reads without the lock
 * while another writes takes what a settled batch follows; and a bad batch
 * that a settled one follows is no torn write but damage.
 *
 * Everything up to the tail was written, synced and renamed into place at once;
 * from then on the file only grows, but for the cutting off of a torn end by
 * the holder of the lock.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "journal.h"
#include "version.h"

enum {
	MARK = 13, MARK_SIZE = MARK + RECORD_FRAME,
	BATCH_MAX = JOURNAL_BATCH + RECORD_MAX + RECORD_FRAME,
	WINDOW = 65536,
	NAP_MS = 50,            /* between two tries for the lock, at most; */
	OLD_NAP_MS = 5,         /* of who waits for long: before the others */
	PATIENCE = 10
};

struct journal {
	unsigned refs;
	int fd;
	char *path;
	dev_t dev;
	ino_t ino;
	struct head head;
	struct seal seal;
	uint64_t high;
	uint64_t end;           /* of the batches taken or written */
	uint64_t synced;        /* of those that are surely on the disk */
	uint64_t lost;          /* what was here was taken back */
	struct buf batch;       /* under way, its mark first; will be at end */
};

struct mark {
	uint64_t high;
	uint32_t bytes;
	unsigned settled;
};

long
journal_read(struct journal *j, uint64_t off, void *p, size_t n,
    struct err *e)
{
	unsigned char *at = p;
	size_t done = 0;
	ssize_t got;

	if (off >= j->lost)
		return err_set(e, "%s: what was to be read has been taken back",
		    j->path);
	while (done < n) {
		got = pread(j->fd, at + done, n - done, (off_t)(off + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, "%s: reading", j->path);
		if (!got)
			break;
		done += (size_t)got;
	}
	return (long)done;
}

/* Identity and header of what is open. */
static int
examine(struct journal *j, struct err *e)
{
	unsigned char head[HEAD_BYTES];
	struct stat st;
	long got;
	int r;

	if (fstat(j->fd, &st))
		return err_sys(e, "%s", j->path);
	j->dev = st.st_dev;
	j->ino = st.st_ino;
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s: is no regular file", j->path);
	got = journal_read(j, 0, head, sizeof(head), e);
	if (got < 0)
		return -1;
	if (got < HEAD_BYTES)
		memset(head, 0, sizeof(head));
	r = head_decode(&j->head, head, j->path, e);
	if (r)
		return r;
	if ((uint64_t)st.st_size < j->head.facts) {
		err_set(e, "%s: damaged, its end is missing: move it away to "
		    "begin a new state", j->path);
		return JOURNAL_DAMAGED;
	}
	j->seal.salt = j->head.salt;
	j->end = j->synced = j->head.tail;
	j->high = j->head.high;
	return JOURNAL_OK;
}

int
journal_attach(struct journal **out, int fd, const char *path, struct err *e)
{
	struct journal *j = mem_alloc(sizeof(*j));
	int r;

	j->refs = 1;
	j->fd = fd;
	j->path = mem_strdup(path);
	j->lost = UINT64_MAX;
	r = examine(j, e);
	*out = r ? NULL : j;
	if (r)
		journal_unref(j);
	return r;
}

int
journal_open(struct journal **out, const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	*out = NULL;
	if (fd < 0 && (errno == EACCES || errno == EROFS))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		return journal_attach(out, fd, path, e);
	err_sys(e, "%s", path);
	if (errno == EACCES)
		err_hint(e, "does it belong to another user?");
	return errno == ENOENT || errno == ENOTDIR ? JOURNAL_NONE : -1;
}

struct journal *
journal_ref(struct journal *j)
{
	j->refs++;
	return j;
}

void
journal_unref(struct journal *j)
{
	if (!j || --j->refs)
		return;
	close(j->fd);
	buf_free(&j->batch);
	free(j->path);
	free(j);
}

struct seal *
journal_seal(struct journal *j)
{
	return &j->seal;
}

const struct head *
journal_head(const struct journal *j)
{
	return &j->head;
}

uint64_t
journal_end(const struct journal *j)
{
	return j->end + j->batch.len;
}

uint64_t
journal_high(const struct journal *j)
{
	return j->high;
}

void
journal_raise(struct journal *j, uint64_t high)
{
	if (high > j->high)
		j->high = high;
}

/* Whether the file grew since it had that size, which is brought up to date. */
static int
grew(const struct journal *j, off_t *size)
{
	off_t was = *size;
	struct stat st;

	if (!fstat(j->fd, &st))
		*size = st.st_size;
	return *size != was;
}

int
journal_lock(struct journal *j, unsigned timeout_ms, struct err *e)
{
	int64_t start = clock_ms(), until = start + timeout_ms;
	unsigned nap = 1, most = NAP_MS;
	off_t size = 0;

	grew(j, &size);
	while (flock(j->fd, LOCK_EX | LOCK_NB)) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(e, "%s: locking", j->path);
		if (clock_ms() >= until) {
			if (until - start >= PATIENCE * (int64_t)timeout_ms ||
			    !grew(j, &size))
				return err_set(e, "%s: another process keeps "
				    "it locked; try again, or raise "
				    "lock-timeout", j->path);
			until += timeout_ms;
			most = nap = OLD_NAP_MS;
		}
		clock_sleep_ms(nap);
		nap = nap * 2 < most ? nap * 2 : most;
	}
	return 0;
}

int
journal_share(struct journal *j)
{
	int r;

	do
		r = flock(j->fd, LOCK_SH | LOCK_NB);
	while (r && errno == EINTR);
	return !r;
}

void
journal_unlock(struct journal *j)
{
	flock(j->fd, LOCK_UN);
}

int
journal_current(const struct journal *j, struct err *e)
{
	struct stat st;

	if (!stat(j->path, &st))
		return st.st_dev == j->dev && st.st_ino == j->ino;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_sys(e, "%s", j->path);
}

static int
mark_decode(struct mark *m, const struct record *r)
{
	struct view in = r->payload;

	m->high = view_u64(&in);
	m->bytes = view_u32(&in);
	m->settled = view_u8(&in);
	if (r->type != RECORD_BATCH || m->bytes > BATCH_MAX)
		return -1;
	return m->high < NUMBER_MAX && m->settled < 2 ? view_end(&in) : -1;
}

/* 1 when a batch's mark stands there, 0 when not. */
static int
read_mark(struct journal *j, uint64_t off, struct mark *m, struct err *e)
{
	unsigned char raw[MARK_SIZE];
	long got = journal_read(j, off, raw, sizeof(raw), e);
	struct record r;
	struct view in;

	if (got < 0)
		return -1;
	in = view_of(raw, (size_t)got);
	return !record_get(&r, &j->seal, off, &in) && !mark_decode(m, &r);
}

int
journal_next(struct journal *j, uint64_t limit, struct journal_batch *b,
    struct err *e)
{
	struct mark m;
	long got;
	int r;

	assert(!j->batch.len);
	if (j->end >= limit)
		return 0;
	r = read_mark(j, j->end, &m, e);
	if (r <= 0)
		return r;
	b->off = j->end + MARK_SIZE;
	b->high = m.high;
	buf_clear(&b->bytes);
	got = journal_read(j, b->off, buf_room(&b->bytes, m.bytes), m.bytes, e);
	if (got < 0)
		return -1;
	b->bytes.len = (size_t)got;
	return b->bytes.len == m.bytes;
}

void
journal_take(struct journal *j, const struct journal_batch *b)
{
	j->end = b->off + b->bytes.len;
	journal_raise(j, b->high);
}

int
journal_settled(struct journal *j, uint64_t *limit, struct err *e)
{
	uint64_t off = j->end;
	struct mark m;
	int r;

	*limit = j->end;
	while ((r = read_mark(j, off, &m, e)) > 0) {
		if (m.settled)
			*limit = off;
		off += MARK_SIZE + m.bytes;
	}
	return r;
}

int
journal_settle(struct journal *j, struct err *e)
{
	if (fdatasync(j->fd) && errno != EROFS && errno != EINVAL)
		return err_sys(e, "%s: syncing", j->path);
	j->synced = j->end;
	return 0;
}

/* 1 when a settled batch begins anywhere from off on, 0 when none does. */
static int
settled_after(struct journal *j, uint64_t off, struct err *e)
{
	static const unsigned char head[RECORD_HEAD] = {
		MARK, 0, 0, 0, RECORD_BATCH
	};
	unsigned char *p = mem_alloc(WINDOW);
	struct mark m;
	size_t i;
	long got;
	int r = 0;

	while (!r && (got = journal_read(j, off, p, WINDOW, e)) >= MARK_SIZE) {
		for (i = 0; !r && i + MARK_SIZE <= (size_t)got; i++) {
			if (memcmp(p + i, head, sizeof(head)))
				continue;
			r = read_mark(j, off + i, &m, e);
			if (r > 0)
				r = (int)m.settled;
		}
		off += (uint64_t)got - MARK_SIZE + 1;
	}
	free(p);
	return r ? r : got < 0 ? -1 : 0;
}

int
journal_cut(struct journal *j, uint64_t *cut, int *damaged, struct err *e)
{
	struct stat st;

	*cut = 0;
	*damaged = 0;
	if (fstat(j->fd, &st))
		return err_sys(e, "%s", j->path);
	if ((uint64_t)st.st_size <= j->end)
		return 0;
	*damaged = settled_after(j, j->end + 1, e);
	if (*damaged < 0)
		return -1;
	if (ftruncate(j->fd, (off_t)j->end))
		return err_sys(e, "%s: cutting off a torn end", j->path);
	*cut = (uint64_t)st.st_size - j->end;
	return 0;
}

int
journal_damaged(const struct journal *j, uint64_t off, struct err *e)
{
	err_set(e, "%s: damaged at byte %llu: move it away to begin a new "
	    "state", j->path, (unsigned long long)off);
	return JOURNAL_DAMAGED;
}

int
journal_record(struct journal *j, uint64_t off, size_t size, struct buf *buf,
    struct record *r, struct err *e)
{
	struct view in;
	long got;

	buf_clear(buf);
	if (off < j->end || off >= j->lost) {
		got = journal_read(j, off, buf_room(buf, size), size, e);
		if (got < 0)
			return -1;
		buf->len = (size_t)got;
	} else if (off - j->end + size <= j->batch.len) {
		buf_put(buf, j->batch.p + (off - j->end), size);
	}
	in = view_of(buf->p, buf->len);
	if (!record_get(r, &j->seal, off, &in) && !in.len)
		return 0;
	return journal_damaged(j, off, e);
}

static void
put_mark(struct journal *j, struct buf *to)
{
	struct buf b = BUF_INIT;

	buf_u64(&b, j->high);
	buf_u32(&b, (uint32_t)(j->batch.len ? j->batch.len - MARK_SIZE : 0));
	buf_u8(&b, j->synced == j->end);
	record_put(to, &j->seal, j->end, RECORD_BATCH, b.p, b.len);
	buf_free(&b);
}

/* Writes the batch. A part that was written is cut off by the rollback. */
static int
flush(struct journal *j, struct err *e)
{
	struct buf mark = BUF_INIT;
	size_t done = 0;
	ssize_t put;

	if (!j->batch.len)
		return 0;
	put_mark(j, &mark);
	memcpy(j->batch.p, mark.p, MARK_SIZE);
	buf_free(&mark);
	while (done < j->batch.len) {
		put = pwrite(j->fd, j->batch.p + done, j->batch.len - done,
		    (off_t)(j->end + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_sys(e, "%s: writing", j->path);
		done += (size_t)put;
	}
	j->end += j->batch.len;
	buf_clear(&j->batch);
	return 0;
}

void
journal_begin(struct journal *j)
{
	if (!j->batch.len)
		put_mark(j, &j->batch);
}

int
journal_append(struct journal *j, unsigned type, const void *p, size_t n,
    uint64_t *off, struct err *e)
{
	if (j->batch.len >= JOURNAL_BATCH && flush(j, e))
		return -1;
	journal_begin(j);
	*off = j->end + j->batch.len;
	record_put(&j->batch, &j->seal, *off, type, p, n);
	return 0;
}

int
journal_sync(struct journal *j, struct err *e)
{
	if (flush(j, e))
		return -1;
	return j->synced == j->end ? 0 : journal_settle(j, e);
}

int
journal_dirty(const struct journal *j)
{
	return j->batch.len || j->synced != j->end;
}

int
journal_rollback(struct journal *j, struct journal **fresh, struct err *e)
{
	struct stat st;
	int fd;

	*fresh = NULL;
	j->lost = j->synced;
	buf_clear(&j->batch);
	if (fstat(j->fd, &st))
		return err_sys(e, "%s", j->path);
	if ((uint64_t)st.st_size > j->synced &&
	    ftruncate(j->fd, (off_t)j->synced))
		return err_sys(e, "%s: taking back", j->path);
	fd = fcntl(j->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "%s", j->path);
	return journal_attach(fresh, fd, j->path, e) ? -1 : 0;
}
