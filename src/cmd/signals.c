/* SPDX-License-Identifier: ISC */
/*
 * The flags, and the wait that lets them come.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "signals.h"

static volatile sig_atomic_t stop;
static volatile sig_atomic_t hup;

static void
on_signal(int signo)
{
	if (signo == SIGHUP)
		hup = 1;
	else
		stop = 1;
}

static void
all(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void
signals_catch(int with_hup)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	all(&sa.sa_mask);
	sigprocmask(SIG_BLOCK, &sa.sa_mask, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	if (with_hup)
		sigaction(SIGHUP, &sa, NULL);
}

void
signals_default(void)
{
	sigset_t set;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	all(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int
signals_stop(void)
{
	return stop;
}

int
signals_hup(void)
{
	int came = hup;

	hup = 0;
	return came;
}

int
signals_poll(struct pollfd *at, size_t n, long long ms)
{
	struct timespec t = { (time_t)(ms / 1000),
		(long)(ms % 1000) * 1000000 };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(at, n, ms < 0 ? NULL : &t, &none);
}
