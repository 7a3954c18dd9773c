/* SPDX-License-Identifier: ISC */
/*
 * What a child does to the disk below the scratch directory, call by call, by
 * ptrace(2). A mark of the child's own is disk_mark(N).
 */
#ifndef DISKLOG_H
#define DISKLOG_H

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "diskmodel.h"

enum { OPS_MAX = 4000, NOT_TRACED = 99, MARK_FD = 100000 };

static struct {
	struct disk before, now;
	ino_t inodes[THINGS_MAX];
	struct op ops[OPS_MAX];
	size_t n;
	pid_t pid;
} disklog;

/* A call that fails and changes nothing. */
static inline void
disk_mark(int n)
{
	close(MARK_FD + n);
}

static inline struct op *
log_op(enum op_kind kind, int thing)
{
	struct op *o = &disklog.ops[disklog.n++];

	scratch_need(disklog.n < OPS_MAX, "log so much");
	o->kind = kind;
	o->thing = thing;
	o->parent = -1;
	return o;
}

static inline void
log_done(struct op *o)
{
	disk_apply(&disklog.now, o, 2);
}

static inline int
thing_of(ino_t inode)
{
	size_t i;

	for (i = disklog.now.n; i-- > 0; )
		if (disklog.inodes[i] == inode)
			return (int)i;
	return -1;
}

static inline void
child_text(uint64_t at, char *to, size_t size)
{
	char path[40];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)disklog.pid);
	fd = open(path, O_RDONLY);
	n = pread(fd, to, size, (off_t)at);
	close(fd);
	scratch_need(n > 0, "read the child's memory");
}

/* Where a path of the child's leads: its directory's thing, or -1. */
static inline int
child_dir(int dirfd, uint64_t text, char full[600], const char **base)
{
	static char path[4096];
	struct stat st;
	size_t n;

	memset(path, 0, sizeof(path));
	child_text(text, path, 255);
	for (n = strlen(path); n && path[n - 1] != '/'; n--)
		continue;
	if (*path == '/')
		snprintf(full, 600, "%.*s", (int)n, path);
	else if (dirfd == AT_FDCWD)
		snprintf(full, 600, "/proc/%d/cwd/%.*s", (int)disklog.pid,
		    (int)n, path);
	else
		snprintf(full, 600, "/proc/%d/fd/%d/%.*s", (int)disklog.pid,
		    dirfd, (int)n, path);
	*base = path + n;
	return stat(full, &st) ? -1 : thing_of(st.st_ino);
}

static inline int
child_thing(int fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)disklog.pid, fd);
	return stat(path, &st) ? -1 : thing_of(st.st_ino);
}

static inline int
name_now(int dir, const char *name)
{
	const struct thing *t = &disklog.now.at[dir];
	size_t i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->names[i].text, name))
			return t->names[i].thing;
	return -1;
}

static inline void
put_set(struct op *o, int dir, const char *name, int thing)
{
	o->set[o->nset].dir = dir;
	o->set[o->nset].thing = thing;
	snprintf(o->set[o->nset].name, NAME_SIZE, "%s", name);
	o->nset++;
}

/* A name appeared: of something new, or of something that we know (a link). */
static inline void
log_new(int dirfd, uint64_t text)
{
	struct thing *t;
	char full[600];
	const char *base;
	struct stat st;
	struct op *o;
	int dir = child_dir(dirfd, text, full, &base), fd, i;

	if (dir < 0 || name_now(dir, base) >= 0)
		return;
	fd = open(full, O_RDONLY | O_DIRECTORY);
	scratch_need(!fstatat(fd, base, &st, AT_SYMLINK_NOFOLLOW), base);
	i = st.st_nlink > 1 && !S_ISDIR(st.st_mode) ? thing_of(st.st_ino) : -1;
	if (i < 0) {
		i = (int)disklog.now.n++;
		disklog.before.n = disklog.now.n;
		scratch_need(i < THINGS_MAX, "hold so many things");
		disklog.inodes[i] = st.st_ino;
		t = &disklog.now.at[i];
		meta_of(t, &st);
		if (S_ISLNK(st.st_mode))
			load_bytes(t, fd, base);
		meta_of(&disklog.before.at[i], &st);
		buf_put(&disklog.before.at[i].data, t->data.p, t->data.len);
	}
	close(fd);
	o = log_op(OP_NAME, -1);
	put_set(o, dir, base, i);
	log_done(o);
}

static inline void
log_gone(int dirfd, uint64_t text)
{
	char full[600];
	const char *base;
	struct op *o;
	int dir = child_dir(dirfd, text, full, &base);

	if (dir < 0)
		return;
	o = log_op(OP_NAME, -1);
	put_set(o, dir, base, -1);
	log_done(o);
}

static inline void
log_rename(int fromfd, uint64_t from, int tofd, uint64_t to, uint64_t flags)
{
	char full[600], old[NAME_SIZE];
	const char *base;
	int dir, dir2, a;
	struct op *o;

	dir = child_dir(fromfd, from, full, &base);
	snprintf(old, sizeof(old), "%s", base);
	dir2 = child_dir(tofd, to, full, &base);
	scratch_need(dir >= 0 && dir2 >= 0, "follow a rename");
	a = name_now(dir, old);
	o = log_op(OP_NAME, -1);
	put_set(o, dir2, base, a);
	o->is_rename = !(flags & 2);
	put_set(o, dir, old, flags & 2 ? name_now(dir2, base) : -1);
	if (dir == dir2 && !strcmp(old, base))
		o->nset = 0;
	log_done(o);
}

static inline void
log_write(int fd, uint64_t text, size_t n, uint64_t at)
{
	int i = child_thing(fd);
	struct op *o;

	if (i < 0)
		return;
	o = log_op(OP_WRITE, i);
	o->at = at;
	child_text(text, (char *)buf_room(&o->data, n), n);
	o->data.len = n;
	log_done(o);
}

static inline void
log_meta(int i, int parent, const struct stat *st)
{
	struct op *o;

	if (i < 0)
		return;
	o = log_op(OP_META, i);
	meta_of(&o->meta, st);
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		o->parent = parent;
	log_done(o);
}

static inline void
log_meta_fd(int fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)disklog.pid, fd);
	if (!stat(path, &st))
		log_meta(thing_of(st.st_ino), -1, &st);
}

static inline void
log_meta_at(int dirfd, uint64_t text)
{
	char full[600];
	const char *base;
	struct stat st;
	int dir, fd;

	dir = child_dir(dirfd, text, full, &base);
	if (!strcmp(full, "/proc/self/fd/")) {  /* musl's way to fchmodat */
		log_meta_fd((int)strtol(base, NULL, 10));
		return;
	}
	fd = open(full, O_RDONLY | O_DIRECTORY);
	if (dir >= 0 && !fstatat(fd, base, &st, AT_SYMLINK_NOFOLLOW))
		log_meta(name_now(dir, base), dir, &st);
	if (fd >= 0)
		close(fd);
}

static inline void
log_sync(int thing, int data_only)
{
	log_op(OP_SYNC, thing)->data_only = data_only;
}

/* The calls that not every machine has, in the form of those that it has. */
static inline int
plain_call(uint64_t nr, uint64_t a[6])
{
	(void)a;
	switch (nr) {
#ifdef SYS_open
	case SYS_open:
		if (a[1] & O_CREAT)
			log_new(AT_FDCWD, a[0]);
		return 1;
	case SYS_unlink:
	case SYS_rmdir:
		log_gone(AT_FDCWD, a[0]);
		return 1;
	case SYS_mkdir:
	case SYS_mknod:
		log_new(AT_FDCWD, a[0]);
		return 1;
	case SYS_symlink:
	case SYS_link:
		log_new(AT_FDCWD, a[1]);
		return 1;
	case SYS_rename:
		log_rename(AT_FDCWD, a[0], AT_FDCWD, a[1], 0);
		return 1;
	case SYS_chmod:
	case SYS_lchown:
	case SYS_chown:
		log_meta_at(AT_FDCWD, a[0]);
		return 1;
#endif
	}
	return 0;
}

static inline void
log_call(uint64_t nr, uint64_t a[6], int64_t result)
{
	int fd = (int)a[0];

	if (plain_call(nr, a))
		return;
	switch (nr) {
	case SYS_openat:
		if (a[2] & O_CREAT)
			log_new(fd, a[1]);
		break;
	case SYS_mkdirat:
	case SYS_mknodat:
		log_new(fd, a[1]);
		break;
	case SYS_symlinkat:
		log_new((int)a[1], a[2]);
		break;
	case SYS_linkat:
		log_new((int)a[2], a[3]);
		break;
	case SYS_unlinkat:
		log_gone(fd, a[1]);
		break;
#ifdef SYS_renameat
	case SYS_renameat:
		log_rename(fd, a[1], (int)a[2], a[3], 0);
		break;
#endif
	case SYS_renameat2:
		log_rename(fd, a[1], (int)a[2], a[3], a[4]);
		break;
	case SYS_pwrite64:
		log_write(fd, a[1], (size_t)result, a[3]);
		break;
	case SYS_write:
		scratch_need(child_thing(fd) < 0, "log a plain write");
		break;
	case SYS_ftruncate:
		log_op(OP_SIZE, child_thing(fd))->at = a[1];
		log_done(&disklog.ops[disklog.n - 1]);
		break;
	case SYS_fchmod:
	case SYS_fchown:
		log_meta_fd(fd);
		break;
	case SYS_utimensat:
		if (!a[1]) {
			log_meta_fd(fd);
			break;
		}
		/* fall through */
	case SYS_fchmodat:
	case SYS_fchownat:
		log_meta_at(fd, a[1]);
		break;
	case SYS_fsync:
	case SYS_fdatasync:
		log_sync(child_thing(fd), nr == SYS_fdatasync);
		break;
	case SYS_syncfs:
		log_sync(-1, 0);
		break;
	}
}

static inline void
log_stop(uint64_t *nr, uint64_t a[6])
{
	struct __ptrace_syscall_info info;
	int k;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, disklog.pid,
	    (void *)sizeof(info), &info) <= 0)
		return;
	if (info.op == 1) {             /* it begins */
		*nr = info.entry.nr;
		for (k = 0; k < 6; k++)
			a[k] = info.entry.args[k];
	} else if (info.op == 2 && !info.exit.is_error) {
		log_call(*nr, a, info.exit.rval);
	} else if (info.op == 2 && *nr == SYS_close && a[0] >= MARK_FD &&
	    a[0] < MARK_FD + OPS_MAX) {
		log_op(OP_MARK, -1)->at = a[0] - MARK_FD;
	}
}

/* Logs what work() does in a child: its result, or NOT_TRACED. */
static inline int
disk_log(int (*work)(void))
{
	uint64_t nr = 0, a[6] = { 0 };
	int status = 0;

	disk_load(&disklog.before, disklog.inodes, AT_FDCWD, ".");
	disk_copy(&disklog.now, &disklog.before);
	disklog.pid = fork();
	if (!disklog.pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(NOT_TRACED);
		raise(SIGSTOP);
		_exit(work() < 0);
	}
	scratch_need(disklog.pid > 0 &&
	    waitpid(disklog.pid, &status, 0) == disklog.pid, "fork");
	if (WIFSTOPPED(status))
		ptrace(PTRACE_SETOPTIONS, disklog.pid, NULL,
		    (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	while (WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			log_stop(&nr, a);
		ptrace(PTRACE_SYSCALL, disklog.pid, NULL, NULL);
		if (waitpid(disklog.pid, &status, 0) != disklog.pid)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void
disk_log_free(void)
{
	disk_free(&disklog.before);
	disk_free(&disklog.now);
	while (disklog.n)
		buf_free(&disklog.ops[--disklog.n].data);
	memset(disklog.ops, 0, sizeof(disklog.ops));
}

#endif
