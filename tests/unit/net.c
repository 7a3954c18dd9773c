/* SPDX-License-Identifier: ISC */
/*
 * Sockets on this machine: connecting to what listens and what does not, both
 * families, addresses as text. What needs IPv6 is left out where there is none.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "base/clock.h"
#include "base/err.h"
#include "wire/net.h"

static unsigned
port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (void *)&ss, &len))
		return 0;
	return ss.ss_family == AF_INET6 ?
	    ntohs(((struct sockaddr_in6 *)(void *)&ss)->sin6_port) :
	    ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
}

static int
has_six(void)
{
	int fds[NET_TRIES_MAX];
	struct err e;
	int n = net_listen(fds, "::1", 0, &e);

	if (n > 0)
		close(fds[0]);
	return n > 0;
}

static int
accept_soon(int fd, char address[NET_ADDRESS_MAX])
{
	struct pollfd at = { fd, POLLIN, 0 };

	return poll(&at, 1, 5000) == 1 ? net_accept(fd, address) : -1;
}

/* Connects to host at what listens on fd; the server's view of the address. */
static int
meet(int fd, const char *host, const char *local, char address[NET_ADDRESS_MAX])
{
	struct err e;
	int c = net_connect(host, port_of(fd), local, 5000, &e), s, flags;
	char byte = 0;
	struct pollfd at;

	address[0] = 0;
	if (c < 0)
		return -1;
	s = accept_soon(fd, address);
	flags = s < 0 ? 0 : fcntl(c, F_GETFL) & fcntl(s, F_GETFL);
	at = (struct pollfd){ s, POLLIN, 0 };
	if (write(c, "x", 1) != 1 || poll(&at, 1, 5000) != 1 ||
	    read(s, &byte, 1) != 1)
		flags = 0;
	if (!(fcntl(c, F_GETFD) & fcntl(s, F_GETFD) & FD_CLOEXEC))
		flags = 0;
	close(c);
	close(s);
	return flags & O_NONBLOCK && byte == 'x' ? 0 : -1;
}

static void
four(void)
{
	char address[NET_ADDRESS_MAX];
	int fds[NET_TRIES_MAX];
	struct err e;

	CHECK_INT(net_listen(fds, "127.0.0.1", 0, &e), 1);
	CHECK(!meet(fds[0], "127.0.0.1", NULL, address));
	CHECK_STR(address, "127.0.0.1");
	CHECK(!meet(fds[0], "127.0.0.1", "127.0.0.2", address));
	CHECK_STR(address, "127.0.0.2");
	close(fds[0]);
}

static void
six(void)
{
	char address[NET_ADDRESS_MAX];
	int fds[NET_TRIES_MAX];
	struct err e;

	if (!has_six())
		return;
	CHECK_INT(net_listen(fds, "::1", 0, &e), 1);
	CHECK(!meet(fds[0], "::1", NULL, address));
	CHECK_STR(address, "::1");
	close(fds[0]);
}

/* One socket for both; an IPv4 peer's address is shown as such. */
static void
both(void)
{
	char address[NET_ADDRESS_MAX];
	int fds[NET_TRIES_MAX], n;
	struct err e;

	n = net_listen(fds, NULL, 0, &e);
	CHECK_INT(n, 1);
	CHECK(!meet(fds[0], "127.0.0.1", NULL, address));
	CHECK_STR(address, "127.0.0.1");
	if (has_six()) {
		CHECK(!meet(fds[0], "::1", NULL, address));
		CHECK_STR(address, "::1");
	}
	close(fds[0]);
}

/* A name with several addresses, of which one answers. */
static void
several(void)
{
	char address[NET_ADDRESS_MAX];
	int fds[NET_TRIES_MAX];
	struct err e;

	CHECK_INT(net_listen(fds, "127.0.0.1", 0, &e), 1);
	CHECK(!meet(fds[0], "localhost", NULL, address));
	CHECK_STR(address, "127.0.0.1");
	close(fds[0]);
	if (!has_six())
		return;
	CHECK_INT(net_listen(fds, "::1", 0, &e), 1);
	if (!meet(fds[0], "localhost", NULL, address))
		CHECK_STR(address, "::1");
	close(fds[0]);
}

static void
closed_port(void)
{
	int fds[NET_TRIES_MAX];
	int64_t start = clock_ms();
	unsigned port;
	struct err e;

	CHECK_INT(net_listen(fds, "127.0.0.1", 0, &e), 1);
	port = port_of(fds[0]);
	close(fds[0]);
	CHECK_INT(net_connect("127.0.0.1", port, NULL, 5000, &e), -1);
	CHECK(strstr(e.text, "cannot connect to port"));
	CHECK(strstr(e.text, "refused"));
	CHECK(clock_ms() - start < 2000);
}

static void
no_such_names(void)
{
	int fds[NET_TRIES_MAX];
	struct err e;

	CHECK_INT(net_connect("no such host", 1, NULL, 1000, &e), -1);
	CHECK(strstr(e.text, "cannot find the address of no such host"));
	CHECK_INT(net_connect("127.0.0.1", 1, "no such host", 1000, &e), -1);
	CHECK_INT(net_listen(fds, "no such host", 1, &e), -1);
}

static void
port_in_use(void)
{
	int fds[NET_TRIES_MAX], more[NET_TRIES_MAX];
	struct err e;

	CHECK_INT(net_listen(fds, NULL, 0, &e), 1);
	CHECK_INT(net_listen(more, NULL, port_of(fds[0]), &e), -1);
	CHECK(strstr(e.text, "cannot listen on port"));
	CHECK(strstr(e.text, "in use"));
	CHECK_INT(net_listen(more, "127.0.0.1", port_of(fds[0]), &e), -1);
	CHECK(strstr(e.text, "in use"));
	close(fds[0]);
}

/* A listener whose queue is full does not answer. */
static void
no_answer(void)
{
	struct sockaddr_in in;
	int fd = socket(AF_INET, SOCK_STREAM, 0), held[64], n = 0, c, i;
	int64_t start;
	struct err e;

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(!bind(fd, (void *)&in, sizeof(in)) && !listen(fd, 0));
	do {
		start = clock_ms();
		c = net_connect("127.0.0.1", port_of(fd), NULL, 300, &e);
		if (c >= 0)
			held[n++] = c;
	} while (c >= 0 && n < 64);
	CHECK_INT(c, -1);
	CHECK(strstr(e.text, "timed out"));
	CHECK(clock_ms() - start >= 300 && clock_ms() - start < 2000);
	for (i = 0; i < n; i++)
		close(held[i]);
	close(fd);
}

static void
nobody_connects(void)
{
	char address[NET_ADDRESS_MAX];
	int fds[NET_TRIES_MAX];
	struct err e;

	CHECK_INT(net_listen(fds, "127.0.0.1", 0, &e), 1);
	CHECK_INT(net_accept(fds[0], address), -1);
	CHECK(errno == EAGAIN || errno == EWOULDBLOCK);
	close(fds[0]);
}

/* What inetd gave us has to be told not to block, or nothing is served. */
static void
prepared(void)
{
	struct err e;
	int ends[2];

	CHECK(!pipe(ends));
	CHECK_INT(net_prepare(ends[0], &e), 0);
	CHECK(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
	close(ends[0]);
	close(ends[1]);
	CHECK_INT(net_prepare(ends[0], &e), -1);
	CHECK(strstr(e.text, "cannot be used"));
}

int
main(void)
{
	RUN(four);
	RUN(six);
	RUN(both);
	RUN(several);
	RUN(closed_port);
	RUN(no_such_names);
	RUN(port_in_use);
	RUN(no_answer);
	RUN(nobody_connects);
	RUN(prepared);
	return unit_end();
}
