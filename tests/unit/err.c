/* SPDX-License-Identifier: ISC */
/*
 * Error texts: what they say, how they are cut, that errno survives.
 */
#include <errno.h>

#include "base/err.h"
#include "unit.h"

static void
set_formats(void)
{
	struct err e;

	CHECK_INT(err_set(&e, "%s:%d: no", "file", 3), -1);
	CHECK_STR(e.text, "file:3: no");
}

static void
sys_adds_the_reason(void)
{
	struct err e;
	char want[200];

	errno = ENOENT;
	CHECK_INT(err_sys(&e, "open %s", "/x"), -1);
	CHECK_INT(errno, ENOENT);
	snprintf(want, sizeof(want), "open /x: %s", strerror(ENOENT));
	CHECK_STR(e.text, want);
}

static void
prefix_goes_in_front(void)
{
	struct err e;

	err_set(&e, "it is %s", "full");
	CHECK_INT(err_prefix(&e, "peer %s", "db1"), -1);
	CHECK_STR(e.text, "peer db1: it is full");
}

static void
long_texts_are_cut(void)
{
	char text[2000];
	struct err e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	err_set(&e, "%s", text);
	CHECK_INT(strlen(e.text), sizeof(e.text) - 1);
	err_sys(&e, "%s", text);
	CHECK_INT(strlen(e.text), sizeof(e.text) - 1);
	err_prefix(&e, "front");
	CHECK_INT(strlen(e.text), sizeof(e.text) - 1);
	CHECK_MEM(e.text, "front: xxx", 10);
	err_prefix(&e, "%s", text);
	CHECK_INT(strlen(e.text), sizeof(e.text) - 1);
}

static void
a_long_name_leaves_the_reason(void)
{
	char name[4096], want[100];
	struct err e;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	errno = ENOSPC;
	err_sys(&e, "/%s: cannot be written", name);
	CHECK_MEM(e.text, "/nnn", 4);
	snprintf(want, sizeof(want), "n: cannot be written: %s",
	    strerror(ENOSPC));
	CHECK_STR(e.text + strlen(e.text) - strlen(want), want);
	err_set(&e, "why");
	err_prefix(&e, "/%s", name);
	CHECK_STR(e.text + strlen(e.text) - 6, "n: why");
}

int
main(void)
{
	RUN(set_formats);
	RUN(sys_adds_the_reason);
	RUN(prefix_goes_in_front);
	RUN(long_texts_are_cut);
	RUN(a_long_name_leaves_the_reason);
	return unit_end();
}
