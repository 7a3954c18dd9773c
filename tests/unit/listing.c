/* SPDX-License-Identifier: ISC */
/*
 * Names of a directory, sorted bytewise, with their types.
 */
#include <errno.h>

#include "scratch.h"

#include "fs/listing.h"

static int
read_dir(struct listing *l, const char *path)
{
	int fd = open(path, O_RDONLY), r;

	r = listing_read(l, fd);
	close(fd);
	return r;
}

static void
names_and_types(void)
{
	static const char *const want[] = {
		"-", ".ucsyn", ".ucsync-abc", "A", "a", "a b", "a-b", "a0",
		"b\n", "\303\244", "\377"
	};
	struct listing l;
	size_t i;

	scratch_dir("d");
	scratch_dir("d/a");
	scratch_file("d/\377", "");
	scratch_file("d/\303\244", "");
	scratch_file("d/b\n", "");
	scratch_file("d/a0", "");
	scratch_file("d/a-b", "");
	scratch_file("d/a b", "");
	scratch_file("d/A", "");
	scratch_file("d/-", "");
	scratch_file("d/.ucsyn", "");
	scratch_file("d/.ucsync-abc", "");
	CHECK(!read_dir(&l, "d"));
	CHECK_INT(l.n, sizeof(want) / sizeof(*want));
	for (i = 0; i < l.n; i++) {
		CHECK_STR(l.names[i], want[i]);
		/* Where the file system tells no types all are unknown. */
		CHECK(listing_type(&l, i) == LISTING_UNKNOWN ||
		    listing_type(&l, i) == (i == 4 ? LISTING_DIR :
		    LISTING_OTHER));
	}
	listing_free(&l);
}

static void
empty(void)
{
	struct listing l;

	scratch_dir("e");
	CHECK(!read_dir(&l, "e"));
	CHECK_INT(l.n, 0);
	listing_free(&l);
}

static void
no_directory(void)
{
	struct listing l;

	scratch_file("f", "x");
	CHECK_INT(read_dir(&l, "f"), -1);
	CHECK_INT(errno, ENOTDIR);
	CHECK_INT(l.n, 0);
	listing_free(&l);
}

static void
given(void)
{
	char name[][8] = { "", ".", "..", "a", "a/b", "b", "..." };
	char *names[7];
	struct listing l;
	size_t i;

	for (i = 0; i < 7; i++)
		names[i] = name[i];
	listing_of(&l, names, 7);
	CHECK_INT(l.n, 3);
	CHECK_STR(l.names[0], "a");
	CHECK_STR(l.names[1], "b");
	CHECK_STR(l.names[2], "...");
	CHECK_INT(listing_type(&l, 2), LISTING_UNKNOWN);
	listing_free(&l);
}

static void
many(void)
{
	struct listing l;
	char name[32];
	size_t i;

	scratch_dir("m");
	for (i = 10000; i; i--) {
		snprintf(name, sizeof(name), "m/%05lu", (unsigned long)i);
		scratch_file(name, "");
	}
	CHECK(!read_dir(&l, "m"));
	CHECK_INT(l.n, 10000);
	for (i = 0; i < l.n; i++) {
		snprintf(name, sizeof(name), "%05lu", (unsigned long)i + 1);
		CHECK_STR(l.names[i], name);
	}
	listing_free(&l);
}

int
main(void)
{
	scratch_init();
	RUN(names_and_types);
	RUN(empty);
	RUN(no_directory);
	RUN(given);
	RUN(many);
	scratch_fini();
	return unit_end();
}
