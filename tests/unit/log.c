/* SPDX-License-Identifier: ISC */
/*
 * The logger: what one call writes to stderr, caught with a pipe on fd 2.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

static char caught[40000];

/* Puts a pipe in the place of stderr; returns its reading end. */
static int
catch_start(int *saved)
{
	int fd[2];

	*saved = dup(2);
	if (*saved < 0 || pipe(fd) || dup2(fd[1], 2) != 2)
		abort();
	close(fd[1]);
	return fd[0];
}

/* Gives stderr back and returns what was written. */
static const char *
catch_end(int fd, int saved)
{
	size_t n = 0;
	ssize_t got;

	dup2(saved, 2);
	close(saved);
	while ((got = read(fd, caught + n, sizeof(caught) - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	caught[n] = 0;
	return caught;
}

static const char *
line_of(enum log_level level, const char *text)
{
	int saved, fd = catch_start(&saved);

	log_line(level, "%s", text);
	return catch_end(fd, saved);
}

static void
one_call_is_one_line(void)
{
	CHECK_STR(line_of(LOG_LEVEL_ERROR, "it is full"), "it is full\n");
	CHECK_STR(line_of(LOG_LEVEL_NOTE, ""), "\n");
}

static void
control_characters_are_shown(void)
{
	CHECK_STR(line_of(LOG_LEVEL_NOTE, "a\nb"), "a\\x0ab\n");
	CHECK_STR(line_of(LOG_LEVEL_NOTE, "\r\033[31m\1\x7f"),
	    "\\x0d\\x1b[31m\\x01\\x7f\n");
	CHECK_STR(line_of(LOG_LEVEL_NOTE, "a\tb \xc3\xa4 %s"),
	    "a\\x09b \xc3\xa4 %s\n");
}

static void
levels_decide(void)
{
	CHECK_INT(log_get_level(), LOG_LEVEL_NOTE);
	CHECK_STR(line_of(LOG_LEVEL_INFO, "x"), "");
	log_set_level(LOG_LEVEL_DEBUG);
	CHECK_STR(line_of(LOG_LEVEL_DEBUG, "x"), "x\n");
	CHECK_STR(line_of(LOG_LEVEL_TRACE, "x"), "");
	log_set_level(LOG_LEVEL_ERROR);
	CHECK_STR(line_of(LOG_LEVEL_NOTE, "x"), "");
	CHECK_STR(line_of(LOG_LEVEL_ERROR, "x"), "x\n");
	log_set_level(LOG_LEVEL_NOTE);
}

static void
the_time_goes_in_front(void)
{
	const char *s;

	log_set_times(1);
	s = line_of(LOG_LEVEL_NOTE, "x");
	CHECK_INT(strlen(s), strlen("2026-01-02T03:04:05Z x\n"));
	CHECK_STR(s + 19, "Z x\n");
	CHECK_MEM(s, "20", 2);
	log_set_times(0);
	CHECK_STR(line_of(LOG_LEVEL_NOTE, "x"), "x\n");
}

static void
long_lines_are_cut_to_a_line(void)
{
	static char text[20000];
	const char *s;

	memset(text, 'x', sizeof(text) - 1);
	s = line_of(LOG_LEVEL_NOTE, text);
	CHECK(strlen(s) > 8000 && strlen(s) < 33000);
	CHECK_INT(s[strlen(s) - 1], '\n');
	memset(text, '\n', sizeof(text) - 1);
	s = line_of(LOG_LEVEL_NOTE, text);
	CHECK(strlen(s) > 8000 && strlen(s) < 33000);
	CHECK(strchr(s, '\n') == s + strlen(s) - 1);
}

int
main(void)
{
	RUN(one_call_is_one_line);
	RUN(control_characters_are_shown);
	RUN(levels_decide);
	RUN(the_time_goes_in_front);
	RUN(long_lines_are_cut_to_a_line);
	return unit_end();
}
