/* SPDX-License-Identifier: ISC */
/*
 * Walks over random trees against a plain listing of everything, filtered and
 * sorted; then what random trees do not have: deep and long names, what cannot
 * be read, what moves while the walk is under way.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "scratchconf.h"

#include "base/mem.h"
#include "base/path.h"
#include "conf/match.h"
#include "fs/walk.h"

struct names {
	char **p;
	size_t n, cap;
};

static uint64_t seed;

static unsigned
draw(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 20) % below);
}

static void
keep(struct names *to, const char *name)
{
	to->p = mem_grow(to->p, to->n, &to->cap, sizeof(*to->p));
	to->p[to->n++] = mem_strdup(name);
}

static void
drop(struct names *x)
{
	while (x->n)
		free(x->p[--x->n]);
	free(x->p);
	memset(x, 0, sizeof(*x));
}

static int
by_path(const void *a, const void *b)
{
	return path_cmp(*(char *const *)a, *(char *const *)b);
}

/* Every name of a tree; name is a buffer that has room. */
static void
collect(struct names *to, char *name, const char *path)
{
	char below[4096];
	size_t n = strlen(name);
	struct dirent *e;
	struct stat st;
	DIR *d;

	if (lstat(path, &st))
		return;
	keep(to, name);
	d = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	while (d && (e = readdir(d)) != NULL) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		snprintf(name + n, 300, "/%s", e->d_name);
		collect(to, name, below);
	}
	name[n] = 0;
	if (d)
		closedir(d);
}

/* The walk's names; a failure as "name!errno". */
static void
walked(struct names *to, const struct conf *c, const struct walk_arg *args,
    size_t n, int compare)
{
	struct walk *w = walk_new(c, args, n, compare);
	struct walk_item i;
	char failed[6000];

	while (walk_next(w, &i)) {
		if (i.kind == WALK_FOUND) {
			scratch_need(i.dirfd < 90, "save descriptors");
			keep(to, i.name);
			continue;
		}
		if (i.kind == WALK_RESERVED)
			continue;
		snprintf(failed, sizeof(failed), "%s!%d", i.name, i.error);
		keep(to, failed);
	}
	walk_free(w);
}

/* All names in one line, without the scratch directory. */
static const char *
line_of(struct names *x)
{
	static char text[4096];
	size_t i, n = 0, skip;

	text[0] = 0;
	for (i = 0; i < x->n && n < sizeof(text) - 400; i++) {
		skip = strlen(scratch.path);
		if (strncmp(x->p[i], scratch.path, skip))
			skip = 0;
		n += (size_t)snprintf(text + n, 390, "%s%s%s", n ? " " : "",
		    skip ? "@" : "", x->p[i] + skip);
	}
	drop(x);
	return text;
}

static const char *
walk_line(const char *group, const struct walk_arg *args, size_t n)
{
	struct conf *c = scratch_conf(group);
	struct names x = { NULL, 0, 0 };

	walked(&x, c, args, n, 0);
	conf_free(c);
	return line_of(&x);
}

/* A reserved name is told of, for the sweep, but never as a file. */
static int
sees_reserved(const char *group, const char *name)
{
	struct conf *c = scratch_conf(group);
	struct walk *w = walk_new(c, NULL, 0, 0);
	struct walk_item i;
	int seen = 0;

	while (walk_next(w, &i))
		seen |= i.kind == WALK_RESERVED && !strcmp(i.name, name);
	walk_free(w);
	conf_free(c);
	return seen;
}

static const char *const parts[] = {
	"a", "a-b", "a.b", "a b", "a0", "b", "A", "%p%", "a+", "\303\244", "B~",
	".ucsync-x", "*"
};

static void
grow(const char *dir, unsigned depth)
{
	unsigned i, n = draw(depth ? 6 : 4) + !depth;
	char path[512];

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir,
		    parts[draw(sizeof(parts) / sizeof(*parts))]);
		switch (draw(depth < 5 ? 5 : 2)) {
		case 0:
			close(open(path, O_WRONLY | O_CREAT, 0644));
			break;
		case 1:
			if (symlink(draw(2) ? "a" : "..", path))
				break;
			break;
		default:
			if (!mkdir(path, 0755))
				grow(path, depth + 1);
		}
	}
}

static const char *const groups[] = {
	"include @/t;",
	"include %q%;",
	"include @/t/a; include %q%/a-b; exclude @/t/a/a;",
	"include @/t/*/a; include %q%/a0/*/*; exclude %q%/a0/b;",
	"include @/t; exclude @/t/a; include @/t/a/a/a;",
	"include @/t/**a; exclude a-b; exclude %q%/a;",
	"include %q%; exclude *; include a*;",
	"include @/t/a/a; include @/t/a/b; include @/t/b; include @/t/a0/a/b;",
	"include @/t; exclude **/a-b; exclude @/t/*/a; include %q%/x;",
	"include @/t/a; compare @/t/b; compare %q%/A; exclude @/t/a/B~;",
	"include @/t/[ab]*; exclude @/t/?; include @/t/a/*/b;",
	NULL
};

/* Also the matcher's promise: what a walk may reach is reached. */
static void
check_tree(const struct names *all, const char *group, int compare)
{
	struct conf *c = scratch_conf(group);
	struct names got = { NULL, 0, 0 }, want = { NULL, 0, 0 };
	size_t i;

	for (i = 0; i < all->n; i++)
		if (match_any(c, all->p[i], compare))
			keep(&want, all->p[i]);
	walked(&got, c, NULL, 0, compare);
	for (i = 0; i < got.n && i < want.n; i++) {
		if (i)
			CHECK(path_cmp(got.p[i - 1], got.p[i]) < 0);
		CHECK_STR(got.p[i], want.p[i]);
	}
	CHECK_INT(got.n, want.n);
	drop(&got);
	drop(&want);
	conf_free(c);
}

static void
random_args(const struct names *all, const char *group)
{
	struct conf *c = scratch_conf(group);
	struct names got = { NULL, 0, 0 };
	struct walk_arg args[4];
	size_t i, k = 0, n = 1 + draw(4), a;
	struct walk *w;
	int in;

	for (a = 0; a < n; a++) {
		args[a].name = draw(8) ? all->p[draw((unsigned)all->n)] :
		    "/nowhere/x";
		args[a].recursive = (int)draw(2);
	}
	walked(&got, c, args, n, 0);
	w = walk_new(c, args, n, 0);
	for (i = 0; i < all->n; i++) {
		in = 0;
		for (a = 0; a < n; a++)
			in |= args[a].recursive ?
			    path_within(all->p[i], args[a].name) :
			    !strcmp(all->p[i], args[a].name);
		CHECK_INT(walk_covers(w, all->p[i]), in);
		if (!in || !match_any(c, all->p[i], 0))
			continue;
		CHECK(k < got.n);
		CHECK_STR(got.p[k++], all->p[i]);
	}
	CHECK_INT(got.n, k);
	walk_free(w);
	drop(&got);
	conf_free(c);
}

static void
random_trees(void)
{
	struct names all = { NULL, 0, 0 };
	char name[4096];
	unsigned round, g;

	for (round = 0; round < 12; round++) {
		scratch_dir("t");
		grow("t", 0);
		snprintf(name, sizeof(name), "%s/t", scratch.path);
		collect(&all, name, "t");
		scratch_dir("q");
		grow("q", 0);
		snprintf(name, sizeof(name), "%%q%%");
		collect(&all, name, "q");
		qsort(all.p, all.n, sizeof(*all.p), by_path);
		for (g = 0; groups[g]; g++) {
			check_tree(&all, groups[g], 0);
			check_tree(&all, groups[g], 1);
			random_args(&all, groups[g]);
			if (unit.failed)
				printf("round %u, group %s\n", round,
				    groups[g]);
			CHECK(!unit.failed);
		}
		drop(&all);
		scratch_clear();
	}
}

static void
small_tree(void)
{
	scratch_dir("d");
	scratch_dir("d/e");
	scratch_dir("d/e/g");
	scratch_file("d/e/f", "x");
	scratch_file("d/e/g/h", "x");
	scratch_file("d-1", "x");
	scratch_need(!symlink("d", "l"), "link");
}

static void
arguments(void)
{
	char number[16];
	struct walk_arg a[4] = {
		{ "%p%/d/e/g", 0 }, { "%p%/d/e/g", 1 }, { "%p%/d-1", 0 },
		{ "%p%/d", 0 }
	};
	char part[303];

	small_tree();
	CHECK_STR(walk_line("include %p%;", a, 4),
	    "%p%/d %p%/d/e/g %p%/d/e/g/h %p%/d-1");
	a[3].recursive = 1;
	CHECK_STR(walk_line("include %p%;", a, 4),
	    "%p%/d %p%/d/e %p%/d/e/f %p%/d/e/g %p%/d/e/g/h %p%/d-1");
	/* Below a link, missing, elsewhere, below a file. */
	a[0].name = "%p%/l/e/f";
	a[1].name = "%p%/no/where";
	a[2].name = "%none%/x";
	a[3].name = "%p%/d-1/x";
	CHECK_STR(walk_line("include %p%;", a, 4), "");
	/* Not included itself, but has included things below. */
	a[0].name = "%p%/d";
	a[0].recursive = 1;
	CHECK_STR(walk_line("include %p%/d/e/g/*;", a, 1), "%p%/d/e/g/h");
	a[0].recursive = 0;
	CHECK_STR(walk_line("include %p%/d/e/g/*;", a, 1), "");
	a[0].name = "%p%/l";
	a[0].recursive = 1;
	CHECK_STR(walk_line("include %p%;", a, 1), "%p%/l");
	a[0].name = "%p%";
	CHECK_STR(walk_line("include %p%/d-1;", a, 1), "%p%/d-1");
	a[0].name = "/";
	CHECK_STR(walk_line("include @/d/e/g;", a, 1),
	    "@/d/e/g @/d/e/g/h");
	a[0].recursive = 0;
	CHECK_STR(walk_line("include /;", a, 1), "/");
	/* What is no directory to look into is an error. */
	memset(part, 'x', 300);
	part[0] = '/';
	memcpy(part + 300, "/y", 3);
	a[0].name = part;
	snprintf(number, sizeof(number), "x/y!%d", ENAMETOOLONG);
	CHECK(strstr(walk_line("include @;", a, 1), number));
	scratch_clear();
}

static void
covers(void)
{
	static const struct walk_arg a[] = { { "/b", 1 }, { "/a/b", 0 } };
	struct conf *c = scratch_conf("include @;");
	struct walk *w = walk_new(c, a, 2, 0);

	CHECK(walk_covers(w, "/b") && walk_covers(w, "/b/c/d"));
	CHECK(walk_covers(w, "/a/b"));
	CHECK(!walk_covers(w, "/a/b/c") && !walk_covers(w, "/a"));
	CHECK(!walk_covers(w, "/b-") && !walk_covers(w, "/"));
	CHECK(!walk_covers(w, "%p%") && !walk_covers(w, "%p%/b"));
	walk_free(w);
	w = walk_new(c, NULL, 0, 0);
	CHECK(walk_covers(w, "/") && walk_covers(w, "/x/y"));
	CHECK(walk_covers(w, "%p%") && walk_covers(w, "%p%/b"));
	CHECK(!walk_covers(w, "%none%/b") && !walk_covers(w, "%zz%/b"));
	walk_free(w);
	conf_free(c);
}

static void
sockets_and_fifos(void)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memset(&a, 0, sizeof(a));
	a.sun_family = AF_UNIX;
	memcpy(a.sun_path, "sock", 5);
	CHECK(!bind(fd, (struct sockaddr *)&a, sizeof(a)));
	CHECK(!mkfifo("fifo", 0600));
	scratch_file(".ucsync-x", "temporary");
	CHECK_STR(walk_line("include %p%/*;", NULL, 0), "%p%/fifo");
	CHECK(sees_reserved("include %p%/*;", "%p%/.ucsync-x"));
	close(fd);
	scratch_clear();
}

/* Makes part below the current directory, n times, the one in the other. */
static void
go_down(const char *part, int n)
{
	while (n--)
		scratch_need(!mkdir(part, 0755) && !chdir(part), "go down");
}

static void
deep(void)
{
	static const struct walk_arg all = { "%p%", 1 };
	struct conf *c = scratch_conf("include %p%;");
	struct names x = { NULL, 0, 0 };
	char want[1300] = "%p%";
	size_t i;

	/* 0/1, 0/2 ... in each: what follows a descent is seen, too. */
	for (i = 0; i < 300; i++) {
		scratch_file("z", "x");
		go_down("d", 1);
	}
	CHECK(!chdir(scratch.path));
	walked(&x, c, &all, 1, 0);
	CHECK_INT(x.n, 601);
	for (i = 0; i <= 300; i++) {
		CHECK_STR(x.p[i], want);
		memcpy(want + strlen(want), "/d", 3);
	}
	for (; i < x.n; i++) {
		snprintf(want + 3 + 2 * (600 - i), 3, "/z");
		CHECK_STR(x.p[i], want);
	}
	drop(&x);
	conf_free(c);
	scratch_clear();
}

static void
over_long(void)
{
	char number[16];
	static const struct walk_arg all = { "%p%", 1 };
	struct conf *c = scratch_conf("include %p%;");
	struct names x = { NULL, 0, 0 };
	char part[256];

	memset(part, 'x', 255);
	part[255] = 0;
	go_down(part, 16);
	scratch_file("z", "");
	CHECK(!chdir(scratch.path));
	walked(&x, c, &all, 1, 0);
	/* The root, 15 directories of up to 3,843 bytes; the next has 4,099. */
	CHECK_INT(x.n, 17);
	CHECK_INT(strlen(x.p[15]), 3 + 15 * 256);
	CHECK_INT(strlen(x.p[16]), 3 + 16 * 256 + 3);
	snprintf(number, sizeof(number), "!%d", ENAMETOOLONG);
	CHECK_STR(x.p[16] + 3 + 16 * 256, number);
	drop(&x);
	conf_free(c);
	scratch_clear();
}

static void
unreadable(void)
{
	if (!geteuid()) {
		printf("skip walk: unreadable: root reads everything\n");
		return;
	}
	small_tree();
	CHECK(!chmod("d/e", 0));
	CHECK_STR(walk_line("include %p%/d;", NULL, 0),
	    "%p%/d %p%/d/e %p%/d/e!13");
	CHECK_STR(walk_line("include %p%/d/e/g;", NULL, 0), "%p%/d/e!13");
	/* It can be listed, but what is in it cannot be looked at. */
	CHECK(!chmod("d/e", 0444));
	CHECK_STR(walk_line("include %p%/d/e;", NULL, 0),
	    "%p%/d/e %p%/d/e/f!13 %p%/d/e/g!13");
	CHECK(!chmod("d/e", 0755));
	scratch_clear();
}

/* A directory that cannot be opened, for root too. */
static void
no_descriptor(void)
{
	struct conf *c = scratch_conf("include %p%/d;");
	struct names x = { NULL, 0, 0 };
	struct walk *w;
	struct walk_item i;
	struct rlimit old, few;
	int fds[64], n = 0;

	CHECK(!getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = 64;
	CHECK(!setrlimit(RLIMIT_NOFILE, &few));
	small_tree();
	w = walk_new(c, NULL, 0, 0);
	CHECK(walk_next(w, &i) == 1);
	CHECK_STR(i.name, "%p%/d");
	while (n < 64 && (fds[n] = dup(0)) >= 0)
		n++;
	CHECK(walk_next(w, &i) == 1);
	CHECK_INT(i.kind, WALK_FAILED);
	CHECK_STR(i.name, "%p%/d");
	CHECK_INT(i.error, EMFILE);
	while (n)
		close(fds[--n]);
	CHECK(!setrlimit(RLIMIT_NOFILE, &old));
	CHECK(!walk_next(w, &i));
	walk_free(w);
	drop(&x);
	conf_free(c);
	scratch_clear();
}

/* Found, then replaced by a link, a file, nothing before it is entered. */
static void
moves_meanwhile(void)
{
	struct conf *c = scratch_conf("include %p%/d;");
	struct walk_item i;
	struct walk *w;
	int how;

	for (how = 0; how < 3; how++) {
		small_tree();
		w = walk_new(c, NULL, 0, 0);
		CHECK(walk_next(w, &i) && walk_next(w, &i));
		CHECK_STR(i.name, "%p%/d/e");
		CHECK(!rename("d/e", "e"));
		if (how == 0)
			CHECK(!symlink("../e", "d/e"));
		if (how == 1)
			scratch_file("d/e", "x");
		CHECK(!walk_next(w, &i));
		walk_free(w);
		scratch_clear();
	}
	/* What was listed and is gone when its turn comes is left out. */
	small_tree();
	w = walk_new(c, NULL, 0, 0);
	while (walk_next(w, &i) && strcmp(i.name, "%p%/d/e/f"))
		;
	CHECK(!unlink("d/e/g/h") && !rmdir("d/e/g"));
	CHECK(!walk_next(w, &i));
	walk_free(w);
	conf_free(c);
	scratch_clear();
}

/* The item's descriptor and base lead to the file. */
static void
items(void)
{
	struct conf *c = scratch_conf("include @/d; include %p%/l;");
	struct walk_item i;
	struct walk *w;
	struct stat a, b;
	char *path;
	int n = 0;

	small_tree();
	w = walk_new(c, NULL, 0, 0);
	while (walk_next(w, &i)) {
		CHECK_INT(i.kind, WALK_FOUND);
		path = conf_path(c, i.name);
		CHECK(!lstat(path, &a));
		free(path);
		CHECK(!fstatat(i.dirfd, i.base, &b, AT_SYMLINK_NOFOLLOW));
		CHECK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
		CHECK_INT(i.look.uid, a.st_uid);
		CHECK(i.look.trusted);
		n++;
	}
	CHECK_INT(n, 6);
	walk_free(w);
	conf_free(c);
	scratch_clear();
}

static void
many(void)
{
	static const struct walk_arg all = { "%p%", 1 };
	struct conf *c = scratch_conf("include %p%; exclude *5;");
	struct names x = { NULL, 0, 0 };
	char name[32];
	int i;

	scratch_dir("m");
	for (i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "m/%05d", i * 7919 % 10000);
		scratch_file(name, "");
	}
	walked(&x, c, &all, 1, 0);
	CHECK_INT(x.n, 9002);
	CHECK_STR(x.p[2], "%p%/m/00000");
	CHECK_STR(x.p[7], "%p%/m/00006");
	drop(&x);
	conf_free(c);
	scratch_clear();
}

int
main(void)
{
	const char *s = getenv("SEED");

	seed = s ? strtoull(s, NULL, 10) : 20240601;
	printf("seed %llu\n", (unsigned long long)seed);
	seed = seed * 2654435761u + 1;
	scratch_init();
	RUN(random_trees);
	RUN(arguments);
	RUN(covers);
	RUN(sockets_and_fifos);
	RUN(deep);
	RUN(over_long);
	RUN(unreadable);
	RUN(no_descriptor);
	RUN(moves_meanwhile);
	RUN(items);
	RUN(many);
	scratch_fini();
	return unit_end();
}
