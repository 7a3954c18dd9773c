/* SPDX-License-Identifier: ISC */
/*
 * The child writes its answer in one piece, less than a pipe takes at once; no
 * answer means that it was ended. An address in digits needs no child.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "lookup.h"

struct answer {
	int rc, saved;                  /* getaddrinfo's, and errno */
	unsigned n;
	socklen_t len[LOOKUP_MAX];
	struct sockaddr_storage at[LOOKUP_MAX];
};

static void
ask(struct answer *a, const char *host, unsigned port, int flags)
{
	struct addrinfo hints, *list = NULL, *i;
	char service[8];

	memset(a, 0, sizeof(*a));
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | flags;
	snprintf(service, sizeof(service), "%u", port);
	a->rc = getaddrinfo(host, service, &hints, &list);
	a->saved = errno;
	if (a->rc)
		return;
	for (i = list; i && a->n < LOOKUP_MAX; i = i->ai_next) {
		if (i->ai_addrlen > sizeof(a->at[0]))
			continue;
		memcpy(&a->at[a->n], i->ai_addr, i->ai_addrlen);
		a->len[a->n++] = i->ai_addrlen;
	}
	freeaddrinfo(list);
}

/* Waits for the child's answer: 1 when it came. */
static int
hear(int fd, struct answer *a, int64_t until)
{
	struct pollfd at = { fd, POLLIN, 0 };
	int64_t left;
	int rc;

	do {
		left = until - clock_ms();
		rc = poll(&at, 1, left > 0 ? (int)left : 0);
	} while (rc < 0 && errno == EINTR);
	return rc > 0 && read(fd, a, sizeof(*a)) == (ssize_t)sizeof(*a);
}

/* Asks in a child; 0, or -1 without an answer. */
static int
ask_aside(struct answer *a, const char *host, unsigned port, int64_t until)
{
	ssize_t ignored;
	int ends[2], heard;
	pid_t pid;

	if (pipe(ends))
		return -1;
	pid = fork();
	if (!pid) {
		signal(SIGTERM, SIG_DFL);
		close(ends[0]);
		ask(a, host, port, 0);
		ignored = write(ends[1], a, sizeof(*a));
		(void)ignored;
		_exit(0);
	}
	close(ends[1]);
	heard = pid > 0 && hear(ends[0], a, until);
	close(ends[0]);
	if (pid < 0)
		return -1;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (!heard)
		errno = ETIMEDOUT;
	return heard ? 0 : -1;
}

int
lookup_host(struct lookup *l, const char *host, unsigned port, int64_t until,
    struct err *e)
{
	struct answer a;
	unsigned i;

	ask(&a, host, port, AI_NUMERICHOST);
	if (a.rc && ask_aside(&a, host, port, until))
		return err_sys(e, "cannot find the address of %s", host);
	if (a.rc)
		return err_set(e, "cannot find the address of %s: %s", host,
		    a.rc == EAI_SYSTEM ? strerror(a.saved)
		    : gai_strerror(a.rc));
	memset(l, 0, sizeof(*l));
	for (i = 0; i < a.n; i++) {
		l->at[i] = a.at[i];
		l->list[i].ai_family = a.at[i].ss_family;
		l->list[i].ai_addr = (void *)&l->at[i];
		l->list[i].ai_addrlen = a.len[i];
		l->list[i].ai_next = i + 1 < a.n ? &l->list[i + 1] : NULL;
	}
	return a.n ? 0 : err_set(e, "cannot find the address of %s: it has "
	    "none", host);
}
