/* SPDX-License-Identifier: ISC */
/*
 * A ring of pieces: the owner counts those that it gave, the thread those that
 * it did, and who has nothing to do waits for the other's count. To wake
 * somebody takes as long as to work on a piece, so that each is woken when
 * half of the ring waits for it. Bare futexes: a mutex and a condition would be
 * 3 KiB more of libc.
 */
#define _GNU_SOURCE
#include "aside.h"

#if defined(__x86_64__) || defined(__aarch64__)
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PIECES = 8,
	WAIT = 128, WAKE = 129          /* of Linux, within a process */
};

struct aside {
	aside_work *work;
	void *ctx;
	uint32_t given, done;           /* each written by one side only */
	size_t filled;                  /* bytes of the next piece */
	size_t len[PIECES];             /* ASIDE_PIECE but for the last */
	unsigned char piece[PIECES][ASIDE_PIECE];
};

static uint32_t
count(const uint32_t *n)
{
	return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

static void
set(uint32_t *n, uint32_t to)
{
	__atomic_store_n(n, to, __ATOMIC_SEQ_CST);
}

/* As long as it is that, or for a shorter time. */
static void
wait_for(const uint32_t *n, uint32_t is)
{
	syscall(SYS_futex, n, WAIT, is, NULL);
}

static void
wake(const uint32_t *n)
{
	syscall(SYS_futex, n, WAKE, 1);
}

static void *
run(void *p)
{
	struct aside *a = p;
	uint32_t done = 0;
	size_t n;

	do {
		while (count(&a->given) == done)
			wait_for(&a->given, done);
		n = a->len[done % PIECES];
		a->work(a->ctx, a->piece[done % PIECES], n);
		set(&a->done, ++done);
		if (n < ASIDE_PIECE || count(&a->given) - done == PIECES / 2)
			wake(&a->done); /* after the last one a may be gone */
	} while (n == ASIDE_PIECE);
	return NULL;
}

/* Nobody waits for the thread itself: its last piece is all that counts. */
static int
begin(struct aside *a)
{
	pthread_attr_t detached;
	sigset_t all, was;
	pthread_t thread;
	int rc;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	/* signals are the owner's, whose calls they interrupt */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = pthread_create(&thread, &detached, run, a);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	pthread_attr_destroy(&detached);
	return rc;
}

struct aside *
aside_new(aside_work *work, void *ctx)
{
	struct aside *a = NULL;
	cpu_set_t ours;

	/* what sysconf says of them comes with a KiB of other answers */
	if (!sched_getaffinity(0, sizeof(ours), &ours) && CPU_COUNT(&ours) > 1)
		a = malloc(sizeof(*a));
	if (!a)
		return NULL;
	a->work = work;
	a->ctx = ctx;
	a->given = a->done = 0;
	a->filled = 0;
	if (!begin(a))
		return a;
	free(a);
	return NULL;
}

/* Until the thread has done so many. */
static void
await(struct aside *a, uint32_t n)
{
	uint32_t done;

	while ((done = count(&a->done)) - n > UINT32_MAX / 2)
		wait_for(&a->done, done);
}

/* The piece that was filled; there is room for another one, then. */
static void
give(struct aside *a)
{
	const size_t n = a->filled;
	uint32_t given = a->given, done;

	a->len[given % PIECES] = n;
	a->filled = 0;
	set(&a->given, ++given);
	done = count(&a->done);
	if (given - done == PIECES / 2 || n < ASIDE_PIECE)
		wake(&a->given);
	if (given - done == PIECES)
		await(a, given - PIECES / 2);
}

void
aside_add(struct aside *a, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t take;

	for (; n; n -= take, p += take) {
		take = ASIDE_PIECE - a->filled;
		if (take > n)
			take = n;
		memcpy(a->piece[a->given % PIECES] + a->filled, p, take);
		a->filled += take;
		if (a->filled == ASIDE_PIECE)
			give(a);
	}
}

void
aside_end(struct aside *a)
{
	if (!a)
		return;
	give(a);
	await(a, a->given);
	free(a);
}
#endif
