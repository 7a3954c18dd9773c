/* SPDX-License-Identifier: ISC */
#ifndef SIM_WRAPS_H
#define SIM_WRAPS_H

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/*
 * With --wrap=NAME the linker leads calls of NAME to __wrap_NAME, and
 * __real_NAME to the library's. The Makefile takes the names from here and
 * from rules.h.
 */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __real_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_syncfs(int fd);
int __wrap_syncfs(int fd);
int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);
int __real_posix_fadvise(int fd, off_t at, off_t n, int advice);
int __wrap_posix_fadvise(int fd, off_t at, off_t n, int advice);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __real_fstatat(int dirfd, const char *path, struct stat *st, int flags);
int __wrap_fstatat(int dirfd, const char *path, struct stat *st, int flags);
int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
int __real_lstat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
char *__real_realpath(const char *path, char *out);
char *__wrap_realpath(const char *path, char *out);
int __real_mkdirat(int dirfd, const char *path, mode_t mode);
int __wrap_mkdirat(int dirfd, const char *path, mode_t mode);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_symlinkat(const char *target, int dirfd, const char *path);
int __wrap_symlinkat(const char *target, int dirfd, const char *path);
ssize_t __real_readlinkat(int dirfd, const char *path, char *out, size_t n);
ssize_t __wrap_readlinkat(int dirfd, const char *path, char *out, size_t n);
int __real_unlinkat(int dirfd, const char *path, int flags);
int __wrap_unlinkat(int dirfd, const char *path, int flags);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_renameat(int fd1, const char *p1, int fd2, const char *p2);
int __wrap_renameat(int fd1, const char *p1, int fd2, const char *p2);
int __real_rename(const char *p1, const char *p2);
int __wrap_rename(const char *p1, const char *p2);
int __real_linkat(int fd1, const char *p1, int fd2, const char *p2, int flags);
int __wrap_linkat(int fd1, const char *p1, int fd2, const char *p2, int flags);
int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int __real_fchmodat(int dirfd, const char *path, mode_t mode, int flags);
int __wrap_fchmodat(int dirfd, const char *path, mode_t mode, int flags);
int __real_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_fchown(int fd, uid_t uid, gid_t gid);
int __real_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid,
    int flags);
int __wrap_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid,
    int flags);
int __real_futimens(int fd, const struct timespec ts[2]);
int __wrap_futimens(int fd, const struct timespec ts[2]);
int __real_utimensat(int dirfd, const char *path,
    const struct timespec ts[2], int flags);
int __wrap_utimensat(int dirfd, const char *path,
    const struct timespec ts[2], int flags);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
int __real_dirfd(DIR *dir);
int __wrap_dirfd(DIR *dir);
int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);
ssize_t __real_flistxattr(int fd, char *out, size_t n);
ssize_t __wrap_flistxattr(int fd, char *out, size_t n);
pid_t __real_getpid(void);
pid_t __wrap_getpid(void);
uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
int __real_kill(pid_t pid, int signal_number);
int __wrap_kill(pid_t pid, int signal_number);
ssize_t __real_getrandom(void *p, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *p, size_t n, unsigned flags);
int __real_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __real_nanosleep(const struct timespec *ts, struct timespec *left);
int __wrap_nanosleep(const struct timespec *ts, struct timespec *left);

#endif
