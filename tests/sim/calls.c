/* SPDX-License-Identifier: ISC */
/*
 * What the modules call of the system, by name. Descriptors begin at FIRST;
 * those below are the real ones (stdout). A process that is dead goes on
 * running to its end, so that it frees what it holds, but it changes nothing
 * and its messages go nowhere: the same as if it had been killed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "calls.h"
#include "disk.h"
#include "wraps.h"

enum { FIRST = 1000, FILES = 512, PIDS = 4096 };

struct file {
	struct node *node;
	size_t at;              /* getdents: how many were told */
	off_t pos;
};

static struct {
	struct process *p;
	struct file files[FILES];
	unsigned char dead[PIDS];
	uint64_t random;
	unsigned open;
} calls;

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

static int
fail(int error)
{
	errno = error;
	return -1;
}

/* Before each change: 0, or -1 when the process is dead. */
static int
change(void)
{
	struct process *p = calls.p;

	if (p->dead)
		return fail(EIO);
	p->changes++;
	if (p->hit_at && !--p->hit_at) {
		calls.p = NULL;
		p->hit(p->ctx);
		calls.p = p;
	}
	if (p->kill_at && !--p->kill_at) {
		p->dead = 1;
		return fail(EIO);
	}
	return 0;
}

static struct file *
file_of(int fd)
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
		return fail(EMFILE);
	calls.files[i] = (struct file){ disk_ref(n), 0, 0 };
	calls.open++;
	return FIRST + i;
}

/* A place: the directory and the last name; NULL where there is none. */
static struct node *
place(int dirfd, const char *path, const char **base)
{
	struct node *at;
	struct slot *s;
	struct file *f;
	size_t n;

	if (*path == '/') {
		at = disk_find("/");
	} else {
		f = file_of(dirfd);
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

/* A directory that was removed takes nothing new. */
static int
is_gone(const struct node *dir)
{
	return !dir->up;
}

static struct node *
look_up(int dirfd, const char *path)
{
	const char *base;
	struct node *dir = place(dirfd, path, &base);
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
	struct node *dir = place(dirfd, path, &base), *n;

	if (!dir)
		return -1;
	if (is_gone(dir))
		return fail(ENOENT);
	n = disk_new(NODE_FILE, mode);
	disk_enter(dir, base, strlen(base), n);
	return new_file(n);
}

static int
open_path(int dirfd, const char *path, int flags, unsigned mode)
{
	struct node *n;

	if (flags & (O_CREAT | O_TRUNC) && change())
		return -1;
	n = look_up(dirfd, path);
	if (n && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return fail(EEXIST);
	if (!n)
		return errno == ENOENT && flags & O_CREAT ?
		    create(dirfd, path, mode) : -1;
	if (n->kind == NODE_LINK)
		return fail(ELOOP);
	if (flags & O_DIRECTORY && n->kind != NODE_DIR)
		return fail(ENOTDIR);
	if (n->kind == NODE_DIR && (flags & O_ACCMODE) != O_RDONLY)
		return fail(EISDIR);
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
	f = file_of(fd);
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
	f = file_of(fd);
	if (!f)
		return -1;
	return command == F_DUPFD_CLOEXEC ? new_file(f->node) : 0;
}

static ssize_t
read_at(struct file *f, void *p, size_t n, off_t at)
{
	size_t have;

	if (f->node->kind == NODE_DIR)
		return fail(EISDIR);
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
	int was_dead = calls.p->dead, r = change();
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
	return r ? fail(EIO) : (ssize_t)n;
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	struct file *f;
	ssize_t got;

	if (fd < FIRST)
		return __real_read(fd, p, n);
	f = file_of(fd);
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
	f = file_of(fd);
	return f ? read_at(f, p, n, at) : -1;
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	struct file *f;
	ssize_t put;

	if (fd < FIRST)
		return __real_write(fd, p, n);
	f = file_of(fd);
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
	f = file_of(fd);
	return f ? write_at(f, p, n, at) : -1;
}

int
__wrap_ftruncate(int fd, off_t size)
{
	struct file *f = file_of(fd);

	if (!f || change())
		return -1;
	disk_resize(f->node, (size_t)size);
	f->node->mtime = disk_now();
	disk_changed(f->node);
	return 0;
}

static int
sync_fd(int fd)
{
	return !file_of(fd) ? -1 : calls.p && calls.p->dead ? fail(EIO) : 0;
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
	    file_of(fd) ? 0 : -1;
}

int
__wrap_posix_fadvise(int fd, off_t at, off_t n, int advice)
{
	(void)fd, (void)at, (void)n, (void)advice;
	return 0;
}

static struct timespec
time_of(int64_t ns)
{
	return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

static int
stat_of(const struct node *n, struct stat *st)
{
	static const mode_t type[] = { S_IFREG, S_IFDIR, S_IFLNK };

	if (!n)
		return -1;
	memset(st, 0, sizeof(*st));
	st->st_dev = 7;
	st->st_ino = n->ino;
	st->st_mode = type[n->kind] | (n->mode & 07777);
	st->st_nlink = 1;
	st->st_uid = n->uid;
	st->st_gid = n->gid;
	st->st_size = (off_t)n->size;
	st->st_mtim = time_of(n->mtime);
	st->st_ctim = time_of(n->ctime);
	return 0;
}

int
__wrap_fstat(int fd, struct stat *st)
{
	struct file *f;

	if (fd < FIRST)
		return __real_fstat(fd, st);
	f = file_of(fd);
	return f ? stat_of(f->node, st) : -1;
}

int
__wrap_fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	if (!calls.p)
		return __real_fstatat(dirfd, path, st, flags);
	return stat_of(look_up(dirfd, path), st);
}

int
__wrap_stat(const char *path, struct stat *st)
{
	if (!calls.p)
		return __real_stat(path, st);
	return stat_of(look_up(-1, path), st);
}

int
__wrap_lstat(const char *path, struct stat *st)
{
	if (!calls.p)
		return __real_lstat(path, st);
	return stat_of(look_up(-1, path), st);
}

int
__wrap_access(const char *path, int mode)
{
	if (!calls.p)
		return __real_access(path, mode);
	return look_up(-1, path) ? 0 : -1;
}

char *
__wrap_realpath(const char *path, char *out)
{
	if (!calls.p)
		return __real_realpath(path, out);
	if (!look_up(-1, path))
		return NULL;
	if (!out)
		return mem_strdup(path);
	snprintf(out, 256, "%s", path);
	return out;
}

static int
make(int dirfd, const char *path, struct node *n)
{
	const char *base;
	struct node *dir = change() ? NULL : place(dirfd, path, &base);
	int error = 0;

	if (!dir)
		error = errno;
	else if (disk_slot(dir, base, strlen(base)))
		error = EEXIST;
	else if (is_gone(dir))
		error = ENOENT;
	if (!error) {
		disk_enter(dir, base, strlen(base), n);
		return 0;
	}
	disk_free(n);
	return fail(error);
}

int
__wrap_mkdirat(int dirfd, const char *path, mode_t mode)
{
	if (!calls.p)
		return __real_mkdirat(dirfd, path, mode);
	return make(dirfd, path, disk_new(NODE_DIR, mode));
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	if (!calls.p)
		return __real_mkdir(path, mode);
	return make(-1, path, disk_new(NODE_DIR, mode));
}

int
__wrap_symlinkat(const char *target, int dirfd, const char *path)
{
	struct node *n;

	if (!calls.p)
		return __real_symlinkat(target, dirfd, path);
	n = disk_new(NODE_LINK, 0777);
	disk_resize(n, strlen(target));
	memcpy(n->data, target, n->size);
	return make(dirfd, path, n);
}

ssize_t
__wrap_readlinkat(int dirfd, const char *path, char *out, size_t n)
{
	struct node *l;

	if (!calls.p)
		return __real_readlinkat(dirfd, path, out, n);
	l = look_up(dirfd, path);
	if (!l)
		return -1;
	if (l->kind != NODE_LINK)
		return fail(EINVAL);
	if (n > l->size)
		n = l->size;
	memcpy(out, l->data, n);
	return (ssize_t)n;
}

int
__wrap_unlinkat(int dirfd, const char *path, int flags)
{
	const char *base;
	struct node *dir;
	struct slot *s;

	if (!calls.p)
		return __real_unlinkat(dirfd, path, flags);
	dir = change() ? NULL : place(dirfd, path, &base);
	if (!dir)
		return -1;
	s = disk_slot(dir, base, strlen(base));
	if (!s)
		return fail(ENOENT);
	if (flags & AT_REMOVEDIR && s->node->kind != NODE_DIR)
		return fail(ENOTDIR);
	if (!(flags & AT_REMOVEDIR) && s->node->kind == NODE_DIR)
		return fail(EISDIR);
	if (s->node->nslots)
		return fail(ENOTEMPTY);
	disk_changed(s->node);
	disk_leave(dir, s);
	return 0;
}

int
__wrap_unlink(const char *path)
{
	if (!calls.p)
		return __real_unlink(path);
	return __wrap_unlinkat(-1, path, 0);
}

enum { NOREPLACE = 1, EXCHANGE = 2 };

/* Both slots are looked for anew: entering moves them. */
static int
do_rename(struct node *from, const char *a, struct node *to, const char *b,
    unsigned flags)
{
	struct slot *s = disk_slot(from, a, strlen(a));
	struct slot *t = disk_slot(to, b, strlen(b));
	struct node *n, *m;

	if (!s || (flags & EXCHANGE && !t) || is_gone(to))
		return fail(ENOENT);
	if (t && flags & NOREPLACE)
		return fail(EEXIST);
	if (t && !(flags & EXCHANGE) && t->node->kind == NODE_DIR &&
	    (s->node->kind != NODE_DIR || t->node->nslots))
		return fail(s->node->kind != NODE_DIR ? EISDIR : ENOTEMPTY);
	if (t && !(flags & EXCHANGE) && t->node->kind != NODE_DIR &&
	    s->node->kind == NODE_DIR)
		return fail(ENOTDIR);
	n = disk_ref(s->node);
	m = t ? disk_ref(t->node) : NULL;
	disk_leave(from, s);
	if (t)
		disk_leave(to, disk_slot(to, b, strlen(b)));
	disk_changed(n);
	disk_enter(to, b, strlen(b), n);
	if (m && flags & EXCHANGE) {
		disk_changed(m);
		disk_enter(from, a, strlen(a), m);
	} else {
		disk_free(m);
	}
	return 0;
}

static int
rename_path(int fd1, const char *p1, int fd2, const char *p2, unsigned flags)
{
	const char *a, *b;
	struct node *from = change() ? NULL : place(fd1, p1, &a), *to;

	to = from ? place(fd2, p2, &b) : NULL;
	if (!to)
		return -1;
	return do_rename(from, a, to, b, flags);
}

int
__wrap_renameat(int fd1, const char *p1, int fd2, const char *p2)
{
	if (!calls.p)
		return __real_renameat(fd1, p1, fd2, p2);
	return rename_path(fd1, p1, fd2, p2, 0);
}

int
__wrap_rename(const char *p1, const char *p2)
{
	if (!calls.p)
		return __real_rename(p1, p2);
	return rename_path(-1, p1, -1, p2, 0);
}

int
__wrap_linkat(int fd1, const char *p1, int fd2, const char *p2, int flags)
{
	(void)fd1, (void)p1, (void)fd2, (void)p2, (void)flags;
	return fail(EPERM);
}

static int
set_mode(struct node *n, mode_t mode)
{
	if (!n)
		return -1;
	n->mode = mode & 07777;
	disk_changed(n);
	return 0;
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	struct file *f = file_of(fd);

	if (change())
		return -1;
	return set_mode(f ? f->node : NULL, mode);
}

int
__wrap_fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
	(void)flags;
	if (change())
		return -1;
	return set_mode(look_up(dirfd, path), mode);
}

static int
set_owner(struct node *n, uid_t uid, gid_t gid)
{
	if (!n)
		return -1;
	if (uid != (uid_t)-1)
		n->uid = uid;
	if (gid != (gid_t)-1)
		n->gid = gid;
	disk_changed(n);
	return 0;
}

int
__wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	struct file *f = file_of(fd);

	if (change())
		return -1;
	return set_owner(f ? f->node : NULL, uid, gid);
}

int
__wrap_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid, int flags)
{
	(void)flags;
	if (change())
		return -1;
	return set_owner(look_up(dirfd, path), uid, gid);
}

static int
set_time(struct node *n, const struct timespec ts[2])
{
	if (!n)
		return -1;
	n->mtime = ts ? ts[1].tv_sec * 1000000000 + ts[1].tv_nsec : disk_now();
	disk_changed(n);
	return 0;
}

int
__wrap_futimens(int fd, const struct timespec ts[2])
{
	struct file *f = file_of(fd);

	if (change())
		return -1;
	return set_time(f ? f->node : NULL, ts);
}

int
__wrap_utimensat(int dirfd, const char *path, const struct timespec ts[2],
    int flags)
{
	(void)flags;
	if (change())
		return -1;
	return set_time(look_up(dirfd, path), ts);
}

/* One entry an answer is enough of a directory of so few. */
static long
list(int fd, char *out)
{
	struct file *f = file_of(fd);
	unsigned short len;
	const char *name;
	size_t n;

	if (!f)
		return -1;
	if (f->node->kind != NODE_DIR)
		return fail(ENOTDIR);
	if (f->at >= f->node->nslots)
		return 0;
	name = f->node->slots[f->at].name;
	n = strlen(name) + 1;
	len = (unsigned short)(19 + n);
	memset(out, 0, 19);
	memcpy(out + 16, &len, sizeof(len));
	out[18] = f->node->slots[f->at++].node->kind == NODE_DIR ? DT_DIR
	    : DT_REG;
	memcpy(out + 19, name, n);
	return len;
}

static int
open_at_once(int dirfd, const char *path)
{
	struct node *n = look_up(dirfd, path);

	if (!n)
		return -1;
	return n->kind == NODE_DIR ? new_file(n) : fail(ENOTDIR);
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
		return list((int)a[0], (char *)a[1]);
	if (number == SYS_renameat2)
		return rename_path((int)a[0], (char *)a[1], (int)a[2],
		    (char *)a[3], (unsigned)a[4]);
	if (number == SYS_openat2)
		return open_at_once((int)a[0], (char *)a[1]);
	return fail(ENOSYS);
}

struct directory {
	int fd;
	struct dirent item;
};

DIR *
__wrap_fdopendir(int fd)
{
	struct directory *d;

	if (fd < FIRST)
		return __real_fdopendir(fd);
	d = mem_alloc(sizeof(*d));
	d->fd = fd;
	return (DIR *)d;
}

struct dirent *
__wrap_readdir(DIR *dir)
{
	struct directory *d = (struct directory *)dir;
	char one[400];

	if (!calls.p)
		return __real_readdir(dir);
	if (list(d->fd, one) <= 0)
		return NULL;
	snprintf(d->item.d_name, sizeof(d->item.d_name), "%.200s", one + 19);
	return &d->item;
}

int
__wrap_dirfd(DIR *dir)
{
	if (!calls.p)
		return __real_dirfd(dir);
	return ((struct directory *)dir)->fd;
}

int
__wrap_closedir(DIR *dir)
{
	struct directory *d = (struct directory *)dir;

	if (!calls.p)
		return __real_closedir(dir);
	__wrap_close(d->fd);
	free(d);
	return 0;
}

ssize_t
__wrap_flistxattr(int fd, char *out, size_t n)
{
	(void)fd, (void)out, (void)n;
	return 0;
}

pid_t
__wrap_getpid(void)
{
	return calls.p ? calls.p->pid : __real_getpid();
}

uid_t
__wrap_geteuid(void)
{
	return 0;
}

int
__wrap_kill(pid_t pid, int signal_number)
{
	if (!calls.p)
		return __real_kill(pid, signal_number);
	return calls.dead[pid % PIDS] ? fail(ESRCH) : 0;
}

static uint64_t
next_random(void)
{
	uint64_t x = calls.random += 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

ssize_t
__wrap_getrandom(void *p, size_t n, unsigned flags)
{
	unsigned char *out = p;
	uint64_t x = 0;
	size_t i;

	if (!calls.p)
		return __real_getrandom(p, n, flags);
	for (i = 0; i < n; i++) {
		if (i % 8 == 0)
			x = next_random();
		out[i] = (unsigned char)(x >> 8 * (i % 8));
	}
	return (ssize_t)n;
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!calls.p)
		return __real_clock_gettime(id, ts);
	*ts = time_of(id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ?
	    disk_now() : disk_uptime());
	return 0;
}

int
__wrap_nanosleep(const struct timespec *ts, struct timespec *left)
{
	if (!calls.p)
		return __real_nanosleep(ts, left);
	disk_sleep(ts->tv_sec * 1000000000 + ts->tv_nsec);
	return 0;
}
