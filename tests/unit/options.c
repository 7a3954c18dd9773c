/* SPDX-License-Identifier: ISC */
/*
 * Lists of words with commas, as -G and -P take them.
 */
#include "unit.h"

#include "cmd/options.h"

static void
lists(void)
{
	CHECK(options_has(NULL, "anything"));
	CHECK(options_has("one", "one"));
	CHECK(options_has("ONE,two", "one"));
	CHECK(options_has("one,two,three", "two"));
	CHECK(options_has("one,two,three", "THREE"));
	CHECK(!options_has("one,two", "three"));
	CHECK(!options_has("one,two", "tw"));
	CHECK(!options_has("one,two", "twos"));
	CHECK(!options_has("one,two", "one,two"));
	CHECK(!options_has("", "one"));
	CHECK(!options_has("one,", "two"));
	CHECK(options_has(",,one", "one"));
	CHECK(!options_has("one", ""));
}

int
main(void)
{
	RUN(lists);
	return unit_end();
}
