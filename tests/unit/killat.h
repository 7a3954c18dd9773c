/* SPDX-License-Identifier: ISC */
/*
 * A child that is killed at one of its system calls, by ptrace.
 */
#ifndef KILLAT_H
#define KILLAT_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "scratch.h"

enum { KILL_UNABLE = 99 };      /* exit code of a child that is not traced */

/*
 * 1: killed at system call `when` of begin and work; 0: it was through before
 * that; -1, or -KILL_UNABLE: work failed, or nothing can be traced here.
 */
static inline int
kill_at(int when, void (*begin)(void), int (*work)(void))
{
	int status = 0, stops = 0;
	pid_t pid = fork();

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(KILL_UNABLE);
		raise(SIGSTOP);
		begin();
		_exit(work() < 0);
	}
	scratch_need(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	while (WIFSTOPPED(status)) {
		/* Each call stops it twice, as it begins and as it ends. */
		if (++stops == 2 * when)
			kill(pid, SIGKILL);
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid)
			break;
	}
	if (WIFSIGNALED(status))
		return 1;
	return WEXITSTATUS(status) ? -WEXITSTATUS(status) : 0;
}

#endif
