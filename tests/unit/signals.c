/* SPDX-License-Identifier: ISC */
/*
 * Signals of a process that stays: one that comes between looking and waiting
 * ends the wait, and none is noted elsewhere.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/clock.h"
#include "cmd/signals.h"

enum { LONG_MS = 10000 };

/* As a loop does it, with the signal at the worst moment. */
static void
between(int signo, int (*came)(void))
{
	int64_t start = clock_ms();

	CHECK(!came());
	raise(signo);
	CHECK(!came());
	CHECK_INT(signals_poll(NULL, 0, LONG_MS), -1);
	CHECK_INT(errno, EINTR);
	CHECK(came());
	CHECK(clock_ms() - start < LONG_MS / 2);
}

static void
hup(void)
{
	between(SIGHUP, signals_hup);
	CHECK(!signals_hup());
}

static void
stop(void)
{
	between(SIGTERM, signals_stop);
}

/* What was held back for the parent's loop ends a child at once. */
static void
child(void)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		raise(SIGTERM);
		signals_default();
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int
main(void)
{
	signals_catch(1);
	RUN(hup);
	RUN(child);
	RUN(stop);
	return unit_end();
}
