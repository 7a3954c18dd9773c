/* SPDX-License-Identifier: ISC */
/*
 * What the kernel tells of a directory, and what no longer after it moved.
 */
#include "scratch.h"

#include "base/buf.h"
#include "base/err.h"
#include "fs/notify.h"

static struct notify *n;
static char heard[400];

static void
found(void *ctx, const char *path, int dir)
{
	size_t len = strlen(heard);

	(void)ctx;
	snprintf(heard + len, sizeof(heard) - len, "%s%s ", path,
	    dir ? "/" : "");
}

/* Each name once, as it comes. */
static int
hears(const char *want)
{
	int lost;

	heard[0] = 0;
	lost = notify_read(n, found, NULL);
	if (!lost && !strcmp(heard, want))
		return 1;
	printf("heard %s, not %s\n", heard, want);
	return 0;
}

static void
watch(const char *dir)
{
	notify_know(n, notify_add(n, dir), dir);
}

static void
put(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	scratch_need(fd >= 0, "make a file");
	close(fd);
}

static void
begin(void)
{
	struct err e;

	notify_free(n);
	n = notify_new(&e);
	scratch_need(n != NULL, "watch");
}

static void
files(void)
{
	begin();
	CHECK(!mkdir("a", 0755));
	watch("a");
	CHECK(hears(""));
	put("a/f");
	CHECK(hears("a/f a/f "));
	CHECK(!rename("a/f", "a/g"));
	CHECK(hears("a/f a/g "));
	CHECK(!chmod("a/g", 0600));
	CHECK(!symlink("x", "a/l"));
	CHECK(!unlink("a/g"));
	CHECK(hears("a/g a/l a/g "));
	CHECK(notify_add(n, "a/l") < 0);
	CHECK(notify_add(n, "nowhere") < 0);
}

static void
directories(void)
{
	begin();
	CHECK(!mkdir("b", 0755) && !mkdir("b/d", 0755) &&
	    !mkdir("b/d/e", 0755));
	watch("b");
	watch("b/d");
	watch("b/d/e");
	put("b/d/e/f");
	CHECK(hears("b/d/e/f b/d/e/f "));
	CHECK(!rename("b/d", "out"));
	CHECK(hears("b/d/ "));
	put("out/e/g");
	CHECK(hears(""));
	CHECK(!rename("out", "b/in"));
	CHECK(hears("b/in/ "));
	watch("b/in");
	watch("b/in/e");
	put("b/in/e/h");
	CHECK(hears("b/in/e/h b/in/e/h "));
	CHECK(!unlink("b/in/e/h") && !unlink("b/in/e/g") &&
	    !unlink("b/in/e/f") && !rmdir("b/in/e"));
	CHECK(hears("b/in/e/h b/in/e/g b/in/e/f b/in/e/ "));
}

/* A watch that another process added again, under another name. */
static void
renamed_watch(void)
{
	int first, second;

	begin();
	CHECK(!mkdir("old", 0755));
	first = notify_add(n, "old");
	notify_know(n, first, "old");
	CHECK(!rename("old", "new"));
	second = notify_add(n, "new");
	CHECK_INT(second, first);
	notify_know(n, second, "new");
	put("new/f");
	CHECK(hears("new/f new/f "));
}

static void
lost(void)
{
	char path[32];
	int i;

	begin();
	CHECK(!mkdir("many", 0755));
	watch("many");
	for (i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), "many/%d", i);
		put(path);
	}
	heard[0] = 0;
	CHECK_INT(notify_read(n, found, NULL), 1);
	put("many/0");
	heard[0] = 0;
	CHECK_INT(notify_read(n, found, NULL), 0);
	CHECK_STR(heard, "many/0 ");
}

static void
silent(void)
{
	CHECK(notify_silent("/proc"));
	CHECK(!notify_silent("."));
	CHECK(!notify_silent("nowhere"));
}

int
main(void)
{
	scratch_init();
	RUN(files);
	RUN(directories);
	RUN(renamed_watch);
	RUN(lost);
	RUN(silent);
	notify_free(n);
	scratch_fini();
	return unit_end();
}
