/* SPDX-License-Identifier: ISC */
/*
 * The frame of a unit test program: include it in one .c file, write each
 * test as `static void name(void)`, and in main() RUN() them and return
 * unit_end().  A test prints one line on stdout, `ok UNIT: name` or
 * `FAIL UNIT: name: file:line: expression`; UNIT is the source's name
 * without `.c`.  A failed CHECK reports itself and leaves the function it
 * stands in by return, so in a helper that returns a value use
 * unit_fail(); only the first failure of a test is reported.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdio.h>
#include <string.h>

static struct {
	const char *test;
	int failed;
	int failures;
} unit;

/* Mark the test as failed; `what` says why, `more` may be empty. */
static inline void
unit_fail(const char *file, int line, const char *what, const char *more)
{
	const char *base = strrchr(file, '/');

	base = base ? base + 1 : file;
	if (unit.failed++)
		return;
	printf("FAIL %.*s: %s: %s:%d: %s%s\n", (int)strcspn(base, "."), base,
	    unit.test, base, line, what, more);
	fflush(stdout);
}

static inline int
unit_int(const char *file, int line, const char *what, long long got,
    long long want)
{
	char more[80];

	if (got == want)
		return 1;
	snprintf(more, sizeof(more), ": got %lld, want %lld", got, want);
	unit_fail(file, line, what, more);
	return 0;
}

static inline int
unit_str(const char *file, int line, const char *what, const char *got,
    const char *want)
{
	char more[400];

	if (got == want || (got && want && strcmp(got, want) == 0))
		return 1;
	snprintf(more, sizeof(more), ": got \"%.150s\", want \"%.150s\"",
	    got ? got : "(null)", want ? want : "(null)");
	unit_fail(file, line, what, more);
	return 0;
}

static inline int
unit_mem(const char *file, int line, const char *what, const void *got,
    const void *want, size_t n)
{
	const unsigned char *g = got, *w = want;
	char more[80];
	size_t i;

	for (i = 0; i < n && g[i] == w[i]; i++)
		;
	if (i == n)
		return 1;
	snprintf(more, sizeof(more), ": byte %lu: got %02x, want %02x",
	    (unsigned long)i, g[i], w[i]);
	unit_fail(file, line, what, more);
	return 0;
}

static inline void
unit_run(const char *file, const char *name, void (*test)(void))
{
	const char *base = strrchr(file, '/');

	base = base ? base + 1 : file;
	unit.test = name;
	unit.failed = 0;
	test();
	if (unit.failed)
		unit.failures++;
	else
		printf("ok %.*s: %s\n", (int)strcspn(base, "."), base, name);
	fflush(stdout);
}

static inline int
unit_end(void)
{
	return unit.failures != 0;
}

#define RUN(test) unit_run(__FILE__, #test, test)

#define CHECK(cond) do { \
	if (!(cond)) { \
		unit_fail(__FILE__, __LINE__, #cond, ""); \
		return; \
	} \
} while (0)

#define CHECK_INT(got, want) do { \
	if (!unit_int(__FILE__, __LINE__, #got, (long long)(got), \
	    (long long)(want))) \
		return; \
} while (0)

#define CHECK_STR(got, want) do { \
	if (!unit_str(__FILE__, __LINE__, #got, got, want)) \
		return; \
} while (0)

#define CHECK_MEM(got, want, n) do { \
	if (!unit_mem(__FILE__, __LINE__, #got, got, want, n)) \
		return; \
} while (0)

#endif
