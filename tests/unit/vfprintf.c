/* SPDX-License-Identifier: ISC */
/*
 * Known answers of printf's family, which are those of any C library; the
 * static binary has a vfprintf of its own (src/libs/vfprintf.c).
 */
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>

#include "unit.h"

#define GIVES(want, ...) do { \
	char got_[200]; \
	CHECK_INT(snprintf(got_, sizeof(got_), __VA_ARGS__), \
	    (long long)strlen(want)); \
	CHECK_STR(got_, want); \
} while (0)

static void
texts(void)
{
	GIVES("", "%s", "");
	GIVES("plain", "plain");
	GIVES("a, b; %", "%s, %c; %%", "a", 'b');
	GIVES("   ab|ab   |", "%5s|%-5s|", "ab", "ab");
	GIVES("abcdef", "%3s", "abcdef");
	GIVES("abc|  ab|ab  |", "%.3s|%4.2s|%-4.2s|", "abcdef", "abcdef",
	    "abcdef");
	GIVES("ab|ab  |", "%.*s|%-*s|", 2, "abc", 4, "ab");
	GIVES("|all", "%.*s|%.*s", 0, "none", 100, "all");
	GIVES("  x", "%3c", 'x');
}

static void
no_end(void)
{
	static const char three[3] = { 'a', 'b', 'c' };

	GIVES("abc", "%.3s", three);
}

static void
ints(void)
{
	GIVES("0 -1 7", "%d %d %i", 0, -1, 7);
	GIVES("-2147483648 2147483647", "%d %d", INT_MIN, INT_MAX);
	GIVES("4294967295 ffffffff FFFFFFFF 37777777777", "%u %x %X %o",
	    UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX);
	GIVES("0755 07 0a", "%04o %02d %02x", 0755u, 7, 10u);
	GIVES("-007|  -7|-7  |7|", "%04d|%4d|%-4d|%d|", -7, -7, -7, 7);
	GIVES("12345", "%02d", 12345);
	GIVES("-12345", "%02d", -12345);
	GIVES("   5|5   |", "%*d|%-*d|", 4, 5, 4, 5);
}

static void
lengths(void)
{
	GIVES("-1 255 -1 65535", "%hhd %hhu %hd %hu", -1, 255, -1, 65535);
	GIVES("-9223372036854775808 18446744073709551615", "%lld %llu",
	    LLONG_MIN, ULLONG_MAX);
	GIVES("1777777777777777777777", "%llo", ULLONG_MAX);
	GIVES("00000000deadbeef", "%016llx", 0xdeadbeefULL);
	GIVES("-5 5 6 7", "%ld %lu %zu %td", -5L, 5UL, (size_t)6,
	    (ptrdiff_t)7);
	GIVES("-8 9 10", "%jd %" PRIu64 " %" PRId64, (intmax_t)-8,
	    (uint64_t)9, (int64_t)10);
	GIVES("000000010", "%09" PRIu32, (uint32_t)10);
	GIVES("-1 s 2 -3 t", "%lld %s %d %ld %s", -1LL, "s", 2, -3L, "t");
}

static void
too_small(void)
{
	char room[6] = "-----";
	volatile size_t size = 4;       /* the compiler would warn */

	CHECK_INT(snprintf(room, size, "%s%d", "ab", 1234), 6);
	CHECK_STR(room, "ab1");
	CHECK(room[4] == '-');
	CHECK_INT(snprintf(NULL, 0, "%08d", 1), 8);
}

static void
to_a_file(void)
{
	FILE *f = tmpfile();
	char got[20] = "";

	CHECK(f);
	CHECK_INT(fprintf(f, "%s-%03d\n", "file", 7), 9);
	rewind(f);
	CHECK(fgets(got, sizeof(got), f) != NULL);
	fclose(f);
	CHECK_STR(got, "file-007\n");
}

static void
a_full_disk(void)
{
	FILE *f = fopen("/dev/full", "w");

	CHECK(f);
	setvbuf(f, NULL, _IONBF, 0);
	CHECK_INT(fprintf(f, "%d\n", 1), -1);
	fclose(f);
}

int
main(void)
{
	RUN(texts);
	RUN(no_end);
	RUN(ints);
	RUN(lengths);
	RUN(too_small);
	RUN(to_a_file);
	RUN(a_full_disk);
	return unit_end();
}
