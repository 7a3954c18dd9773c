/* SPDX-License-Identifier: ISC */
/*
 * What the modules call of the system, by name. Descriptors begin at FIRST;
 * those below are the real ones (stdout). A process that is dead goes on
 * running to its end, so that it frees what it holds, but it changes nothing
 * and its messages go nowhere: the same as if it had been killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "disk.h"
#include "files.h"
#include "names.h"
#include "queries.h"
#include "wraps.h"

struct calls calls;

void
calls_now(struct process *p)
{
	calls.p = p;
}

void
calls_reset(uint64_t seed)
{
	int i;

	for (i = 0; i < FILES; i++)
		disk_free(calls.files[i].node);
	memset(&calls, 0, sizeof(calls));
	calls.random = seed;
}

void
calls_dead(int pid)
{
	calls.dead[pid % PIDS] = 1;
}

unsigned
calls_open(void)
{
	return calls.open;
}

int
calls_fail(int error)
{
	errno = error;
	return -1;
}

int
calls_change(void)
{
	struct process *p = calls.p;

	if (p->dead)
		return calls_fail(EIO);
	p->changes++;
	if (p->hit_at && !--p->hit_at) {
		calls.p = NULL;
		p->hit(p->ctx);
		calls.p = p;
	}
	if (p->kill_at && !--p->kill_at) {
		p->dead = 1;
		return calls_fail(EIO);
	}
	return 0;
}

struct file *
calls_file(int fd)
{
	struct file *f = fd >= FIRST && fd < FIRST + FILES ?
	    &calls.files[fd - FIRST] : NULL;

	if (f && f->node)
		return f;
	errno = EBADF;
	return NULL;
}

static int
new_file(struct node *n)
{
	int i;

	for (i = 0; i < FILES; i++)
		if (!calls.files[i].node)
			break;
	if (i == FILES)
		return calls_fail(EMFILE);
	calls.files[i] = (struct file){ disk_ref(n), 0, 0 };
	calls.open++;
	return FIRST + i;
}

struct node *
calls_place(int dirfd, const char *path, const char **base)
{
	struct node *at;
	struct slot *s;
	struct file *f;
	size_t n;

	if (*path == '/') {
		at = disk_find("/");
	} else {
		f = calls_file(dirfd);
		if (!f)
			return NULL;
		at = f->node;
	}
	for (;; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (at->kind != NODE_DIR) {
			errno = ENOTDIR;
			return NULL;
		}
		if (!path[n]) {
			*base = path;
			return at;
		}
		s = disk_slot(at, path, n);
		if (!s) {
			errno = ENOENT;
			return NULL;
		}
		at = s->node;
	}
}

int
calls_gone(const struct node *dir)
{
	return !dir->up;
}

struct node *
calls_look_up(int dirfd, const char *path)
{
	const char *base;
	struct node *dir = calls_place(dirfd, path, &base);
	struct slot *s;

	if (!dir || !*base || !strcmp(base, "."))
		return dir;
	s = disk_slot(dir, base, strlen(base));
	if (s)
		return s->node;
	errno = ENOENT;
	return NULL;
}

static int
create(int dirfd, const char *path, unsigned mode)
{
	const char *base;
	struct node *dir = calls_place(dirfd, path, &base), *n;

	if (!dir)
		return -1;
	if (calls_gone(dir))
		return calls_fail(ENOENT);
	n = disk_new(NODE_FILE, mode);
	disk_enter(dir, base, strlen(base), n);
	return new_file(n);
}

static int
open_path(int dirfd, const char *path, int flags, unsigned mode)
{
	struct node *n;

	if (flags & (O_CREAT | O_TRUNC) && calls_change())
		return -1;
	n = calls_look_up(dirfd, path);
	if (n && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return calls_fail(EEXIST);
	if (!n)
		return errno == ENOENT && flags & O_CREAT ?
		    create(dirfd, path, mode) : -1;
	if (n->kind == NODE_LINK)
		return calls_fail(ELOOP);
	if (flags & O_DIRECTORY && n->kind != NODE_DIR)
		return calls_fail(ENOTDIR);
	if (n->kind == NODE_DIR && (flags & O_ACCMODE) != O_RDONLY)
		return calls_fail(EISDIR);
	if (flags & O_TRUNC)
		disk_resize(n, 0);
	return new_file(n);
}

/* The machine's id is asked for under its one name. */
static int
open_machine(void)
{
	struct node *n = disk_new(NODE_FILE, 0444);
	int fd;

	disk_resize(n, strlen(calls.p->machine));
	memcpy(n->data, calls.p->machine, n->size);
	fd = new_file(n);
	disk_free(n);
	return fd;
}

static unsigned
mode_of(int flags, va_list args)
{
	return flags & O_CREAT ? va_arg(args, unsigned) : 0;
}

int
__wrap_open(const char *path, int flags, ...)
{
	unsigned mode;
	va_list args;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	if (!calls.p)
		return __real_open(path, flags, mode);
	if (!strcmp(path, "/etc/machine-id"))
		return open_machine();
	return open_path(-1, path, flags, mode);
}

int
__wrap_openat(int dirfd, const char *path, int flags, ...)
{
	unsigned mode;
	va_list args;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	if (!calls.p)
		return __real_openat(dirfd, path, flags, mode);
	return open_path(dirfd, path, flags, mode);
}

int
__wrap_close(int fd)
{
	struct file *f;

	if (fd < FIRST)
		return __real_close(fd);
	f = calls_file(fd);
	if (!f)
		return -1;
	disk_free(f->node);
	f->node = NULL;
	calls.open--;
	return 0;
}

int
__wrap_fcntl(int fd, int command, ...)
{
	struct file *f;
	va_list args;
	int arg;

	va_start(args, command);
	arg = va_arg(args, int);
	va_end(args);
	if (fd < FIRST)
		return __real_fcntl(fd, command, arg);
	f = calls_file(fd);
	if (!f)
		return -1;
	return command == F_DUPFD_CLOEXEC ? new_file(f->node) : 0;
}

static ssize_t
read_at(struct file *f, void *p, size_t n, off_t at)
{
	size_t have;

	if (f->node->kind == NODE_DIR)
		return calls_fail(EISDIR);
	have = (size_t)at < f->node->size ? f->node->size - (size_t)at : 0;
	if (n > have)
		n = have;
	if (n)
		memcpy(p, f->node->data + at, n);
	return (ssize_t)n;
}

/* Who dies while writing has written some of it. */
static ssize_t
write_at(struct file *f, const void *p, size_t n, off_t at)
{
	int was_dead = calls.p->dead, r = calls_change();
	size_t end;

	if (r && (was_dead || !n))
		return -1;
	if (r)
		n = (size_t)(calls.random >> 8) % n;
	end = (size_t)at + n;
	if (end > f->node->size)
		disk_resize(f->node, end);
	if (n)
		memcpy(f->node->data + at, p, n);
	f->node->mtime = disk_now();
	disk_changed(f->node);
	return r ? calls_fail(EIO) : (ssize_t)n;
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	struct file *f;
	ssize_t got;

	if (fd < FIRST)
		return __real_read(fd, p, n);
	f = calls_file(fd);
	got = f ? read_at(f, p, n, f->pos) : -1;
	if (got > 0)
		f->pos += got;
	return got;
}

ssize_t
__wrap_pread(int fd, void *p, size_t n, off_t at)
{
	struct file *f;

	if (fd < FIRST)
		return __real_pread(fd, p, n, at);
	f = calls_file(fd);
	return f ? read_at(f, p, n, at) : -1;
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	struct file *f;
	ssize_t put;

	if (fd < FIRST)
		return __real_write(fd, p, n);
	f = calls_file(fd);
	put = f ? write_at(f, p, n, f->pos) : -1;
	if (put > 0)
		f->pos += put;
	return put;
}

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct file *f;

	if (fd < FIRST)
		return __real_pwrite(fd, p, n, at);
	f = calls_file(fd);
	return f ? write_at(f, p, n, at) : -1;
}

int
__wrap_ftruncate(int fd, off_t size)
{
	struct file *f = calls_file(fd);

	if (!f || calls_change())
		return -1;
	disk_resize(f->node, (size_t)size);
	f->node->mtime = disk_now();
	disk_changed(f->node);
	return 0;
}

static int
sync_fd(int fd)
{
	if (!calls_file(fd))
		return -1;
	return calls.p && calls.p->dead ? calls_fail(EIO) : 0;
}

int
__wrap_fsync(int fd)
{
	return fd < FIRST ? __real_fsync(fd) : sync_fd(fd);
}

int
__wrap_fdatasync(int fd)
{
	return fd < FIRST ? __real_fdatasync(fd) : sync_fd(fd);
}

int
__wrap_syncfs(int fd)
{
	return fd < FIRST ? __real_syncfs(fd) : sync_fd(fd);
}

int
__wrap_flock(int fd, int operation)
{
	return fd < FIRST ? __real_flock(fd, operation) :
	    calls_file(fd) ? 0 : -1;
}

int
__wrap_posix_fadvise(int fd, off_t at, off_t n, int advice)
{
	(void)fd, (void)at, (void)n, (void)advice;
	return 0;
}

struct timespec
calls_time(int64_t ns)
{
	return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

static int
open_at_once(int dirfd, const char *path)
{
	struct node *n = calls_look_up(dirfd, path);

	if (!n)
		return -1;
	return n->kind == NODE_DIR ? new_file(n) : calls_fail(ENOTDIR);
}

long
__wrap_syscall(long number, ...)
{
	long a[6];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (!calls.p)
		return __real_syscall(number, a[0], a[1], a[2], a[3], a[4],
		    a[5]);
	if (number == SYS_getdents64)
		return queries_list((int)a[0], (char *)a[1]);
	if (number == SYS_renameat2)
		return names_rename((int)a[0], (char *)a[1], (int)a[2],
		    (char *)a[3], (unsigned)a[4]);
	if (number == SYS_openat2)
		return open_at_once((int)a[0], (char *)a[1]);
	return calls_fail(ENOSYS);
}
