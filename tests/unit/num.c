/* SPDX-License-Identifier: ISC */
/*
 * Numbers from text: the whole text, the range, no wrap-around.
 */
#include "base/num.h"
#include "unit.h"

static int
parse(const char *s, uint64_t min, uint64_t max)
{
	uint64_t v = 77;
	int rc = num_parse(s, min, max, &v);

	return rc ? v == 77 ? -1 : -2 : (int)v;
}

static void
takes_numbers_in_range(void)
{
	uint64_t v = 0;

	CHECK_INT(parse("0", 0, 10), 0);
	CHECK_INT(parse("10", 0, 10), 10);
	CHECK_INT(parse("007", 7, 7), 7);
	CHECK_INT(num_parse("18446744073709551615", 0, UINT64_MAX, &v), 0);
	CHECK(v == UINT64_MAX);
}

static void
refuses_what_is_outside(void)
{
	CHECK_INT(parse("11", 0, 10), -1);
	CHECK_INT(parse("4", 5, 10), -1);
}

static void
refuses_overflow(void)
{
	CHECK_INT(parse("18446744073709551616", 0, UINT64_MAX), -1);
	CHECK_INT(parse("18446744073709551625", 0, UINT64_MAX), -1);
	CHECK_INT(parse("184467440737095516150", 0, UINT64_MAX), -1);
	CHECK_INT(parse("99999999999999999999999", 0, UINT64_MAX), -1);
}

static void
refuses_what_is_no_number(void)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1a", "a", "\xb2"
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(parse(bad[i], 0, UINT64_MAX), -1);
}

int
main(void)
{
	RUN(takes_numbers_in_range);
	RUN(refuses_what_is_outside);
	RUN(refuses_overflow);
	RUN(refuses_what_is_no_number);
	return unit_end();
}
