/* SPDX-License-Identifier: ISC */
/*
 * inetd ADDRESS PORT CMD...: what inetd does, once. Listens, says "ready",
 * takes one connection (30 seconds at most) and becomes CMD, whose standard
 * input and output are that connection.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
die(const char *what)
{
	perror(what);
	return 1;
}

static int
listen_at(const char *address, const char *port)
{
	struct sockaddr_in a;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((unsigned short)strtoul(port, NULL, 10));
	if (fd < 0 || inet_pton(AF_INET, address, &a.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		return -1;
	return fd;
}

int
main(int argc, char **argv)
{
	int fd, conn;

	if (argc < 4)
		return 2;
	fd = listen_at(argv[1], argv[2]);
	if (fd < 0)
		return die("listen");
	puts("ready");
	fflush(stdout);
	alarm(30);
	conn = accept(fd, NULL, NULL);
	alarm(0);
	if (conn < 0)
		return die("accept");
	close(fd);
	if (dup2(conn, 0) < 0 || dup2(conn, 1) < 0)
		return die("dup2");
	close(conn);
	execvp(argv[3], argv + 3);
	return die(argv[3]);
}
