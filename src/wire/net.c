/* SPDX-License-Identifier: ISC */
/*
 * The only place that opens sockets. A name with several addresses is tried
 * with a staggered start (RFC 8305, simplified): an address that swallows
 * packets does not cost the whole timeout.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "lookup.h"
#include "net.h"

enum { STAGGER_MS = 250, BACKLOG = 64, UNSENT_LOW = 128 << 10 };

/* The addresses to listen on, of a name of ours. */
static struct addrinfo *
resolve(const char *host, unsigned port, struct err *e)
{
	struct addrinfo hints, *list = NULL;
	char service[8];
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
	snprintf(service, sizeof(service), "%u", port);
	rc = getaddrinfo(host, service, &hints, &list);
	if (!rc)
		return list;
	err_set(e, "cannot find the address of %s: %s", host,
	    rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
	return NULL;
}

/* What a line does well with, and can do without. */
static void
tune(int fd)
{
	int on = 1, low = UNSENT_LOW;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof(low));
}

int
net_prepare(int fd, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "descriptor %d cannot be used", fd);
	tune(fd);
	return 0;
}

/* Starts connecting to one address; -1 with errno. */
static int
start(const struct addrinfo *a, const struct addrinfo *local)
{
	int fd, saved;

	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0)
		return -1;
	tune(fd);
	while (local && local->ai_family != a->ai_family)
		local = local->ai_next;
	if (local) {
		struct sockaddr_storage any;

		memcpy(&any, local->ai_addr, local->ai_addrlen);
		if (bind(fd, (void *)&any, local->ai_addrlen) < 0 &&
		    errno != EADDRNOTAVAIL)
			goto fail;
	}
	if (!connect(fd, a->ai_addr, a->ai_addrlen) || errno == EINPROGRESS)
		return fd;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

struct race {
	struct pollfd at[NET_TRIES_MAX];
	nfds_t n;
	int last_errno;
};

/* The descriptor that is connected, or -1; failed ones are closed. */
static int
finished(struct race *r)
{
	socklen_t len = sizeof(r->last_errno);
	int fd, why;
	nfds_t i;

	for (i = 0; i < r->n; i++) {
		if (!r->at[i].revents)
			continue;
		fd = r->at[i].fd;
		why = 0;
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len);
		if (!why) {
			r->at[i] = r->at[--r->n];
			return fd;
		}
		r->last_errno = why;
		close(fd);
		r->at[i--] = r->at[--r->n];
	}
	return -1;
}

static int
run_race(struct race *r, const struct addrinfo *next,
    const struct addrinfo *local, int64_t deadline)
{
	int64_t left, started = 0;
	int fd;

	while (next || r->n) {
		left = deadline - clock_ms();
		if (left <= 0) {
			r->last_errno = ETIMEDOUT;
			return -1;
		}
		if (next && r->n < NET_TRIES_MAX &&
		    (!r->n || clock_ms() - started >= STAGGER_MS)) {
			fd = start(next, local);
			if (fd < 0)
				r->last_errno = errno;
			else
				r->at[r->n++] = (struct pollfd){ fd, POLLOUT,
				    0 };
			started = clock_ms();
			next = next->ai_next;
			continue;
		}
		if (next && left > STAGGER_MS)
			left = STAGGER_MS;
		if (poll(r->at, r->n, (int)left) > 0 &&
		    (fd = finished(r)) >= 0)
			return fd;
	}
	return -1;
}

int
net_connect(const char *host, unsigned port, const char *local,
    unsigned timeout_ms, struct err *e)
{
	int64_t until = clock_ms() + timeout_ms;
	struct lookup peer, self;
	struct race r = { .n = 0 };
	struct err ignored;
	int fd;

	if (lookup_host(&peer, host, port, until, e))
		return err_hint(e, "is the name in DNS or /etc/hosts?");
	if (local && lookup_host(&self, local, 0, until, &ignored))
		local = NULL;
	fd = run_race(&r, peer.list, local ? self.list : NULL, until);
	while (r.n)
		close(r.at[--r.n].fd);
	if (fd < 0) {
		errno = r.last_errno;
		err_sys(e, "cannot connect to port %u", port);
		return err_hint(e, errno == ECONNREFUSED ?
		    "is the server running there?" :
		    "is the host up, and no firewall between?");
	}
	return fd;
}

static int
listen_on(const struct addrinfo *a, int *fd)
{
	int on = 1, off = 0, saved;

	*fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (*fd < 0)
		return -1;
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->ai_family == AF_INET6)
		setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!bind(*fd, a->ai_addr, a->ai_addrlen) && !listen(*fd, BACKLOG))
		return 0;
	saved = errno;
	close(*fd);
	errno = saved;
	return -1;
}

/* "::" serves IPv4 as well; the IPv4 wildcard is for kernels without IPv6. */
static int
listen_any(int *fds, unsigned port)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	struct addrinfo a;

	memset(&six, 0, sizeof(six));
	six.sin6_family = AF_INET6;
	six.sin6_port = htons((uint16_t)port);
	memset(&four, 0, sizeof(four));
	four.sin_family = AF_INET;
	four.sin_port = htons((uint16_t)port);
	memset(&a, 0, sizeof(a));
	a.ai_family = AF_INET6;
	a.ai_addr = (void *)&six;
	a.ai_addrlen = sizeof(six);
	if (!listen_on(&a, fds))
		return 1;
	if (errno == EADDRINUSE)
		return -1;
	a.ai_family = AF_INET;
	a.ai_addr = (void *)&four;
	a.ai_addrlen = sizeof(four);
	return listen_on(&a, fds) ? -1 : 1;
}

static int
cannot_listen(int rc, struct err *e)
{
	if (errno == EADDRINUSE)
		err_hint(e, "is a server running already?");
	else if (errno == EADDRNOTAVAIL)
		err_hint(e, "is that an address of this host?");
	return rc;
}

int
net_listen(int *fds, const char *host, unsigned port, struct err *e)
{
	struct addrinfo *list, *a;
	int n = 0;

	if (!host) {
		n = listen_any(fds, port);
		return n > 0 ? n : cannot_listen(err_sys(e,
		    "cannot listen on port %u", port), e);
	}
	list = resolve(host, port, e);
	if (!list)
		return -1;
	for (a = list; a && n < NET_TRIES_MAX; a = a->ai_next)
		if (!listen_on(a, &fds[n]))
			n++;
	if (!n)
		cannot_listen(err_sys(e, "cannot listen on %s port %u", host,
		    port), e);
	freeaddrinfo(list);
	return n ? n : -1;
}

static void
address_text(const struct sockaddr_storage *ss, char out[NET_ADDRESS_MAX])
{
	const struct sockaddr_in *four = (const void *)ss;
	const struct sockaddr_in6 *six = (const void *)ss;
	const char *s = NULL;

	if (ss->ss_family == AF_INET)
		s = inet_ntop(AF_INET, &four->sin_addr, out, NET_ADDRESS_MAX);
	else if (ss->ss_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		s = inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], out,
		    NET_ADDRESS_MAX);
	else if (ss->ss_family == AF_INET6)
		s = inet_ntop(AF_INET6, &six->sin6_addr, out, NET_ADDRESS_MAX);
	if (!s)
		snprintf(out, NET_ADDRESS_MAX, "?");
}

int
net_same_source(const char *a, const char *b)
{
	struct in6_addr x, y;

	if (inet_pton(AF_INET6, a, &x) == 1 && inet_pton(AF_INET6, b, &y) == 1)
		return !memcmp(&x, &y, 8);
	return !strcmp(a, b);
}

int
net_accept(int fd, char address[NET_ADDRESS_MAX])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int got;

	memset(&ss, 0, sizeof(ss));
	got = accept4(fd, (void *)&ss, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (got < 0)
		return -1;
	tune(got);
	address_text(&ss, address);
	return got;
}
