/* SPDX-License-Identifier: ISC */
/*
 * Running a shell command over a list of files. The names are arguments, never
 * text of the shell's: a file may have any name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "command.h"
#include "fs/detect.h"

enum {
	ARGUMENTS_BYTES = 96 << 10,     /* of names in one run */
	NAP_MIN_MS = 1,
	NAP_MAX_MS = 100,
	GRACE_MS = 2000,                /* from SIGTERM to SIGKILL */
	FDS_MAX = 1 << 16               /* closed, where the kernel is old */
};

/* The command's text with "%%" made "$@". Allocated. */
static char *
shell_text(const char *text)
{
	struct buf b = BUF_INIT;

	for (; *text; text++) {
		if (text[0] == '%' && text[1] == '%') {
			buf_put(&b, "\"$@\"", 4);
			text++;
		} else {
			buf_u8(&b, (unsigned char)*text);
		}
	}
	buf_u8(&b, 0);
	return (char *)b.p;
}

/* A descriptor from which the list can be read. */
static int
list_of(char *const *paths, size_t n)
{
	int fd = memfd_create("files", MFD_CLOEXEC);
	size_t i, len;

	if (fd < 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < n; i++) {
		len = strlen(paths[i]) + 1;
		if (write(fd, paths[i], len) != (ssize_t)len)
			break;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static char *
variable(const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 2;
	char *s = mem_alloc(size);

	snprintf(s, size, "%s=%s", name, value);
	return s;
}

/* What whoever started us left open is not for commands. */
static void
close_others(void)
{
	struct rlimit files = { FDS_MAX, FDS_MAX };
	int fd;

#ifdef SYS_close_range
	if (!syscall(SYS_close_range, 3, ~0U, 0))
		return;
#endif
	getrlimit(RLIMIT_NOFILE, &files);
	for (fd = 3; fd < FDS_MAX && (rlim_t)fd < files.rlim_cur; fd++)
		close(fd);
}

static void
become(const struct command *c, char **argv, int in)
{
	const char *log = c->logfile ? c->logfile : "/dev/null";
	const char *path = getenv("PATH");
	char *env[4];
	sigset_t none;
	int out;

	out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0600);
	if (out < 0)
		out = open("/dev/null", O_WRONLY);
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	close_others();
	env[0] = variable("PATH", path ? path :
	    "/usr/sbin:/usr/bin:/sbin:/bin");
	env[1] = variable("UCSYNC_GROUP", c->group);
	env[2] = variable("UCSYNC_PEER", c->peer);
	env[3] = NULL;
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	execve("/bin/sh", argv, env);
	_exit(127);
}

static void
nap(const struct command *c, unsigned *ms)
{
	if (c->pulse && c->pulse->beat)
		c->pulse->beat(c->pulse->ctx);
	clock_sleep_ms(*ms);
	*ms = *ms * 2 > NAP_MAX_MS ? NAP_MAX_MS : *ms * 2;
}

/* What the shell had started and left behind has until then to end, too. */
static void
end_group(const struct command *c, pid_t group, int64_t until)
{
	unsigned ms = NAP_MIN_MS;

	while (!kill(-group, 0) && clock_ms() < until)
		nap(c, &ms);
	kill(-group, SIGKILL);
}

/* Waits for the child, keeping the line alive; its status as command_run's. */
static int
await(const struct command *c, pid_t pid)
{
	int64_t start = clock_ms(), limit = (int64_t)c->timeout * 1000, spent;
	int status, sent = 0;
	unsigned ms = NAP_MIN_MS;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) != pid) {
		if (got < 0 && errno != EINTR)
			return -1;
		spent = clock_ms() - start;
		if (limit && spent >= limit + (sent ? GRACE_MS : 0)) {
			kill(-pid, sent ? SIGKILL : SIGTERM);
			kill(pid, sent ? SIGKILL : SIGTERM);
			sent = 1;
		}
		nap(c, &ms);
	}
	if (sent) {
		end_group(c, pid, start + limit + GRACE_MS);
		return -2;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
	    : WEXITSTATUS(status);
}

/* One run: n paths are arguments; stdin has these or all. */
static int
run_with(const struct command *c, char *text, char *const *paths, size_t n,
    int all)
{
	char **argv = mem_alloc((n + 5) * sizeof(*argv));
	int in = all ? list_of(c->paths, c->npaths) : list_of(paths, n);
	int status = -1;
	pid_t pid;

	argv[0] = (char *)(size_t)"sh";
	argv[1] = (char *)(size_t)"-c";
	argv[2] = text;
	argv[3] = (char *)(size_t)"ucsync";
	if (n)
		memcpy(argv + 4, paths, n * sizeof(*argv));
	pid = fork();
	if (!pid)
		become(c, argv, in);
	if (pid > 0)
		status = await(c, pid);
	close(in);
	free(argv);
	return status;
}

/* How many of the files from there on fit into one run. */
static size_t
chunk(const struct command *c, size_t at)
{
	size_t n, bytes = 0;

	for (n = 0; at + n < c->npaths; n++) {
		bytes += strlen(c->paths[at + n]) + 1;
		if (n && bytes > ARGUMENTS_BYTES)
			break;
	}
	return n;
}

int
command_run(const struct command *c, long long *ms)
{
	char *text = shell_text(c->text);
	int64_t start = clock_ms();
	size_t at = 0, n;
	int status = 0, one;

	if (!strstr(c->text, "%%")) {
		status = run_with(c, text, NULL, 0, 1);
		at = c->npaths;
	}
	for (; at < c->npaths; at += n) {
		n = chunk(c, at);
		one = run_with(c, text, c->paths + at, n, 0);
		if (one)
			status = one;
	}
	free(text);
	*ms = clock_ms() - start;
	return status;
}
