/* SPDX-License-Identifier: ISC */
/*
 * relay ADDRESS PORT ADDRESS PORT DELAY [LIMIT]
 *
 * Passes connections to the first place on to the second, every piece of data
 * DELAY milliseconds after it came, in either direction: a line with a round
 * trip of twice as much. What was read together leaves together, and the end
 * of one direction is passed on like data. With LIMIT nothing more is read of
 * a connection after so many bytes, and it is not closed either. Says `ready`
 * on stdout once it listens, and of each connection when both directions have
 * ended `turns N up N down N`: how often the direction of data changed, and how
 * many bytes went to the second place and back. Ends by a signal.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINES_MAX = 16, PIECE = 64 << 10, NUMBER_MAX = 1 << 30 };

struct piece {
	struct piece *next;
	long long due;
	size_t n, sent;                 /* n 0: the end */
	char data[PIECE];
};

struct way {
	int from, to;
	int ended;                      /* nothing more to be read */
	int passed;                     /* the end was passed on */
	unsigned long long bytes;
	struct piece *first, *last;
};

struct plan {
	int listener;
	struct sockaddr_in to;
	int delay;
	unsigned long long limit;
};

struct line {
	struct way ways[2];             /* up, down */
	int direction;                  /* of the last data */
	unsigned turns;
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
number(const char *arg)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (*end || end == arg || n < 0 || n > NUMBER_MAX) {
		fprintf(stderr, "relay: not a number: %s\n", arg);
		exit(1);
	}
	return (int)n;
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct sockaddr_in
place(const char *address, const char *port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((unsigned short)number(port));
	if (inet_pton(AF_INET, address, &a.sin_addr) != 1) {
		fprintf(stderr, "relay: not an address: %s\n", address);
		exit(1);
	}
	return a;
}

static int
listen_on(const char *address, const char *port)
{
	struct sockaddr_in a = place(address, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (void *)&a, sizeof(a)) || listen(fd, LINES_MAX))
		die("listen");
	return fd;
}

static int
connect_to(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	if (!connect(fd, (const void *)to, sizeof(*to)))
		return fd;
	close(fd);
	return -1;
}

/* Accepts into a free line; without one, or a peer, the caller is sent away. */
static void
begin(struct line *lines, const struct plan *plan)
{
	int in = accept(plan->listener, NULL, NULL), out, i;

	for (i = 0; i < LINES_MAX && lines[i].ways[0].from; i++)
		continue;
	out = in < 0 || i == LINES_MAX ? -1 : connect_to(&plan->to);
	if (out < 0) {
		if (in >= 0)
			close(in);
		return;
	}
	memset(&lines[i], 0, sizeof(lines[i]));
	lines[i].ways[0].from = lines[i].ways[1].to = in;
	lines[i].ways[0].to = lines[i].ways[1].from = out;
	lines[i].direction = -1;
}

static void
end(struct line *l)
{
	struct piece *p;
	int i;

	printf("turns %u up %llu down %llu\n", l->turns, l->ways[0].bytes,
	    l->ways[1].bytes);
	fflush(stdout);
	for (i = 0; i < 2; i++) {
		close(l->ways[i].from);
		while ((p = l->ways[i].first)) {
			l->ways[i].first = p->next;
			free(p);
		}
	}
	memset(l, 0, sizeof(*l));
}

static void
take(struct line *l, int direction, int delay)
{
	struct way *w = &l->ways[direction];
	struct piece *p = malloc(sizeof(*p));
	ssize_t n;

	if (!p)
		die("malloc");
	n = read(w->from, p->data, sizeof(p->data));
	p->n = n > 0 ? (size_t)n : 0;
	p->sent = 0;
	p->next = NULL;
	p->due = now_ms() + delay;
	if (w->last)
		w->last->next = p;
	else
		w->first = p;
	w->last = p;
	w->ended = !p->n;
	w->bytes += p->n;
	if (p->n && l->direction != direction)
		l->turns++;
	if (p->n)
		l->direction = direction;
}

/* Sends what is left of a piece; whether it is through. */
static int
send_piece(int to, struct piece *p)
{
	ssize_t n = send(to, p->data + p->sent, p->n - p->sent,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	p->sent += n < 0 ? p->n - p->sent : (size_t)n;
	return p->sent == p->n;
}

/* Passes on what is due, as far as the other side takes it. */
static void
pass(struct way *w, long long now)
{
	struct piece *p;

	while ((p = w->first) && p->due <= now) {
		if (p->n && !send_piece(w->to, p))
			return;
		if (!p->n) {
			shutdown(w->to, SHUT_WR);
			w->passed = 1;
		}
		w->first = p->next;
		if (!w->first)
			w->last = NULL;
		free(p);
	}
}

/* How long nothing is to be passed on; a piece that did not fit waits, too. */
static int
pause_ms(const struct line *lines)
{
	long long now = now_ms(), due, least = -1;
	int i;

	for (i = 0; i < 2 * LINES_MAX; i++) {
		const struct way *w = &lines[i / 2].ways[i % 2];

		if (!w->first)
			continue;
		due = w->first->due > now ? w->first->due - now : 1;
		if (least < 0 || due < least)
			least = due;
	}
	return (int)least;
}

static int
is_read(const struct line *l, int direction, const struct plan *plan)
{
	return l->ways[0].from && !l->ways[direction].ended &&
	    l->ways[0].bytes + l->ways[1].bytes < plan->limit;
}

static void
serve(struct line *lines, const struct plan *plan)
{
	struct pollfd at[2 * LINES_MAX + 1];
	int i;

	at[2 * LINES_MAX] = (struct pollfd){ plan->listener, POLLIN, 0 };
	for (i = 0; i < 2 * LINES_MAX; i++)
		at[i] = (struct pollfd){ is_read(&lines[i / 2], i % 2, plan)
		    ? lines[i / 2].ways[i % 2].from : -1, POLLIN, 0 };
	if (poll(at, 2 * LINES_MAX + 1, pause_ms(lines)) < 0 && errno != EINTR)
		die("poll");
	for (i = 0; i < 2 * LINES_MAX; i++)
		if (at[i].fd >= 0 && at[i].revents)
			take(&lines[i / 2], i % 2, plan->delay);
	if (at[2 * LINES_MAX].revents)
		begin(lines, plan);
	for (i = 0; i < 2 * LINES_MAX; i++)
		pass(&lines[i / 2].ways[i % 2], now_ms());
	for (i = 0; i < LINES_MAX; i++)
		if (lines[i].ways[0].passed && lines[i].ways[1].passed)
			end(&lines[i]);
}

int
main(int argc, char **argv)
{
	static struct line lines[LINES_MAX];
	struct plan plan;

	if (argc < 6 || argc > 7) {
		fprintf(stderr, "usage: relay ADDRESS PORT ADDRESS PORT DELAY "
		    "[LIMIT]\n");
		return 1;
	}
	plan.listener = listen_on(argv[1], argv[2]);
	plan.to = place(argv[3], argv[4]);
	plan.delay = number(argv[5]);
	plan.limit = argc > 6 ? (unsigned)number(argv[6]) : -1ull;
	puts("ready");
	fflush(stdout);
	for (;;)
		serve(lines, &plan);
}
