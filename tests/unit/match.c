/* SPDX-License-Identifier: ISC */
/*
 * The matcher: which names are in, what a walk looks at, names both ways.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/match.h"

#include "unit.h"

#define P "prefix p { on a: /d; } prefix q { on a: /d/e; }" \
	" prefix r { on a: /; } prefix n { on b: /n; }"

static struct conf *conf;

/* A group of ours with these statements, and more behind it; 0 or -1. */
static int
load2(const char *group, const char *more)
{
	static char text[4096];
	struct err e;
	int r;

	snprintf(text, sizeof(text), P "group g { host a b; key k; %s } %s",
	    group, more);
	conf_free(conf);
	r = conf_parse(&conf, "f", text, strlen(text), "/s", "a", NULL, NULL,
	    &e);
	if (r < 0)
		printf("# %s\n", e.text);
	return r;
}

static int
load(const char *group)
{
	return load2(group, "");
}

static int
in(const char *name)
{
	int r = match_group(&conf->groups[0], name, 0);

	return match_any(conf, name, 0) == r ? r : -1;
}

static void
plain_paths(void)
{
	CHECK(!load("include /a/b /c; include /f\\*;"));
	CHECK_INT(in("/a/b"), 1);
	CHECK_INT(in("/a/b/c/d"), 1);
	CHECK_INT(in("/c"), 1);
	CHECK_INT(in("/f*"), 1);
	CHECK_INT(in("/f*/x"), 1);
	CHECK_INT(in("/fx"), 0);
	CHECK_INT(in("/a"), 0);
	CHECK_INT(in("/a/bb"), 0);
	CHECK_INT(in("/a/b.c"), 0);
	CHECK_INT(in("/x/a/b"), 0);
	CHECK_INT(in("/"), 0);
	CHECK_INT(in(""), 0);
	CHECK_INT(in("a/b"), 0);
	CHECK_INT(in("%p%/a/b"), 0);
}

static void
globs(void)
{
	CHECK(!load("include /a/*.c /g/*/x /h/?[!a-c] /i\\?/*;"));
	CHECK_INT(in("/a/x.c"), 1);
	CHECK_INT(in("/a/.c"), 1);
	CHECK_INT(in("/a/x.c/below"), 1);
	CHECK_INT(in("/a/x/y.c"), 0);
	CHECK_INT(in("/a/x.h"), 0);
	CHECK_INT(in("/a"), 0);
	CHECK_INT(in("/g/1/x"), 1);
	CHECK_INT(in("/g/.1/x/y"), 1);
	CHECK_INT(in("/g/1/y"), 0);
	CHECK_INT(in("/g/1/2/x"), 0);
	CHECK_INT(in("/h/xd"), 1);
	CHECK_INT(in("/h/xa"), 0);
	CHECK_INT(in("/h/x/"), 0);
	CHECK_INT(in("/i?/z"), 1);
	CHECK_INT(in("/ii/z"), 0);
}

static void
odd_names(void)
{
	char big[4200];

	CHECK(!load("include /a/*.c /b/\\\\x /u/\xff*;"));
	CHECK_INT(in("/a/\xff\xfe.c"), 1);
	CHECK_INT(in("/a/x\\.c"), 1);
	CHECK_INT(in("/a/new\nline.c"), 1);
	CHECK_INT(in("/b/\\x"), 1);
	CHECK_INT(in("/b/x"), 0);
	CHECK_INT(in("/u/\xff\xfe"), 1);
	memset(big, 'x', sizeof(big));
	memcpy(big, "/a/b.c/", 7);
	big[4095] = 0;
	CHECK_INT(in(big), 1);
	big[4095] = 'x';
	big[4096] = 0;
	CHECK_INT(in(big), 0);
	memset(big, '/', 4095);
	big[4095] = 0;
	CHECK_INT(in(big), 0);
}

static void
deep_globs(void)
{
	CHECK(!load("include /a/**.c /h/**/x /k*/**;"));
	CHECK_INT(in("/a/x.c"), 1);
	CHECK_INT(in("/a/x/y.c"), 1);
	CHECK_INT(in("/a/x/y.c/z"), 1);
	CHECK_INT(in("/a/x/y.h"), 0);
	CHECK_INT(in("/h/x"), 0);
	CHECK_INT(in("/h/1/x"), 1);
	CHECK_INT(in("/h/1/2/x/y"), 1);
	CHECK_INT(in("/h/1/2"), 0);
	CHECK_INT(in("/k1/2/3"), 1);
	CHECK_INT(in("/k1/2"), 1);
	CHECK_INT(in("/k1"), 0);
	CHECK_INT(in("/a"), 0);
}

static void
roots(void)
{
	CHECK(!load("include /;"));
	CHECK_INT(in("/"), 1);
	CHECK_INT(in("/a/b"), 1);
	CHECK_INT(in("%p%"), 0);
	CHECK(!load("include /*;"));
	CHECK_INT(in("/"), 0);
	CHECK_INT(in("/a/b"), 1);
	CHECK(!load("include %p%/* %q%; exclude *;"));
	CHECK_INT(in("%p%"), 0);
	CHECK_INT(in("%p%/a"), 0);
	CHECK_INT(in("%q%"), 1);
	CHECK(!load("include %p%/*.c; include %q%/x;"));
	CHECK_INT(in("%p%/a.c"), 1);
	CHECK_INT(in("%p%/a.c/x"), 1);
	CHECK_INT(in("%p%/x"), 0);
	CHECK_INT(in("%q%/x"), 1);
	CHECK_INT(in("%q%x"), 0);
	CHECK_INT(in("/d/a.c"), 0);
}

static void
last_match_wins(void)
{
	CHECK(!load("include /a; exclude /a/b; include /a/b/c;"
	    "exclude *.o .git; include keep.o;"));
	CHECK_INT(in("/a/x"), 1);
	CHECK_INT(in("/a/b"), 0);
	CHECK_INT(in("/a/b/x"), 0);
	CHECK_INT(in("/a/b/c"), 1);
	CHECK_INT(in("/a/b/c/d"), 1);
	CHECK_INT(in("/a/x.o"), 0);
	CHECK_INT(in("/a/keep.o"), 1);
	CHECK_INT(in("/x/keep.o"), 0);
	CHECK(!load("include keep.o; exclude *.o; include /a;"));
	CHECK_INT(in("/a/keep.o"), 0);
	CHECK(!load("exclude /a/b; include /a; exclude x*y;"));
	CHECK_INT(in("/a/b"), 1);
	CHECK_INT(in("/a/xzy"), 0);
	CHECK_INT(in("/a/xzyz"), 1);
}

static void
excluded_directories(void)
{
	CHECK(!load("include /a; include /a/.git/config /w/.git/config;"
	    "exclude .git *.d; include sub;"));
	CHECK_INT(in("/a/.git"), 0);
	CHECK_INT(in("/a/.git/config"), 0);
	CHECK_INT(in("/a/x.d/sub/y"), 0);
	CHECK_INT(in("/a/x/sub/y"), 1);
	/* The path class does not have /w/.git in. */
	CHECK_INT(in("/w/.git/config"), 1);
	CHECK_INT(in("/w/.git/config/x.d"), 0);
}

static void
reserved_names(void)
{
	CHECK(!load("include /a; include .ucsync-x;"));
	CHECK_INT(in("/a/.ucsync-x"), 0);
	CHECK_INT(in("/a/.ucsync-x/y"), 0);
	CHECK_INT(in("/a/x.ucsync-x"), 1);
	CHECK_INT(in("/a/.ucsync"), 1);
}

static void
compare_patterns(void)
{
	CHECK(!load("include /a; exclude /a/b; compare /a/b/c;"));
	CHECK_INT(match_any(conf, "/a/b/c", 0), 0);
	CHECK_INT(match_any(conf, "/a/b/c", 1), 1);
	CHECK_INT(match_any(conf, "/a/b/d", 1), 0);
}

static void
several_groups(void)
{
	CHECK(!load2("include /a; exclude /a/b;", "group h { host a c; key k;"
	    "include /a/b; } group i { host b c; include /z; }"));
	CHECK_INT(match_any(conf, "/a/b", 0), 1);
	CHECK_INT(match_any(conf, "/z", 0), 0);
	CHECK_INT(match_group(&conf->groups[2], "/z", 0), 1);
}

static void
single_patterns(void)
{
	const struct pattern *p;

	CHECK(!load("include /a *.c b /x/** %p%/y;"));
	p = conf->groups[0].patterns;
	CHECK(match_pattern(&p[0], "/a/b") && !match_pattern(&p[0], "/b"));
	CHECK(match_pattern(&p[1], "/a/b.c"));
	CHECK(!match_pattern(&p[1], "/a/b.c/d"));
	CHECK(match_pattern(&p[2], "%p%/b") && !match_pattern(&p[2], "/bb"));
	CHECK(match_pattern(&p[3], "/x/1/2") && !match_pattern(&p[3], "/x"));
	CHECK(match_pattern(&p[4], "%p%/y/z"));
	CHECK(!match_pattern(&p[4], "/y") && !match_pattern(&p[4], "y"));
}

/* "all", "none", or the children with a space behind each. */
static const char *
reach(const char *dir)
{
	static char out[256];
	char **parts;
	size_t i, n, len = 0;
	enum match_reach r = match_reach(conf, dir, 0, &parts, &n);

	for (i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s ",
		    parts[i]);
	match_free(parts, n);
	if (r == REACH_LISTED)
		return out;
	return n ? "wrong" : r == REACH_ALL ? "all" : "none";
}

static void
reaching(void)
{
	CHECK(!load("include /etc/x /etc/b /etc/x/y /e\\*c/\\[z;"
	    "include /home/*/pub/i; include /srv/[a]b; exclude *.o;"));
	CHECK_STR(reach("/"), "e*c etc home srv ");
	CHECK_STR(reach("/etc"), "b x ");
	CHECK_STR(reach("/etc/x"), "all");
	CHECK_STR(reach("/etc/x/y/z"), "all");
	CHECK_STR(reach("/etc/x/q.o"), "none");
	CHECK_STR(reach("/etc/x/q.o/r"), "none");
	CHECK_STR(reach("/e*c"), "[z ");
	CHECK_STR(reach("/exc"), "none");
	CHECK_STR(reach("/home"), "all");
	CHECK_STR(reach("/home/bob"), "pub ");
	CHECK_STR(reach("/home/bob/pub"), "i ");
	CHECK_STR(reach("/home/bob/pub/i"), "all");
	CHECK_STR(reach("/home/bob/x"), "none");
	CHECK_STR(reach("/srv"), "all");
	CHECK_STR(reach("/usr"), "none");
	CHECK_STR(reach("%p%"), "none");
	CHECK_STR(reach("etc"), "none");
}

static void
reaching_deep(void)
{
	CHECK(!load("include /h/u/**/x /k*/**;"));
	CHECK_STR(reach("/"), "all");
	CHECK_STR(reach("/h"), "u ");
	CHECK_STR(reach("/h/u"), "all");
	CHECK_STR(reach("/h/u/v"), "all");
	CHECK_STR(reach("/h/uu"), "none");
	CHECK_STR(reach("/k1"), "all");
	CHECK_STR(reach("/j"), "none");
	CHECK(!load("include /h/u**;"));
	CHECK_STR(reach("/"), "h ");
	CHECK_STR(reach("/h"), "all");
}

static void
reaching_prefixes(void)
{
	CHECK(!load("include %p%/x/y %q%/* /;exclude /d;"));
	CHECK_STR(reach("%p%"), "x ");
	CHECK_STR(reach("%p%/x"), "y ");
	CHECK_STR(reach("%p%/x/y"), "all");
	CHECK_STR(reach("%q%"), "all");
	CHECK_STR(reach("%r%"), "none");
	CHECK_STR(reach("/"), "all");
	CHECK_STR(reach("/d"), "none");
}

static void
reaching_excluded(void)
{
	CHECK(!load2("include /a /a/x/0; exclude /a/x .git *.o;"
	    "include /a/x/1/2 /a/.git/c /a/x/z.o;",
	    "group h { host a c; key k; include /a/x/3 /a/.git/d; }"
	    "group i { host b c; key k; include /a/x/4; }"));
	CHECK_STR(reach("/a"), "all");
	CHECK_STR(reach("/a/x"), "1 3 z.o ");
	CHECK_STR(reach("/a/x/1"), "2 ");
	CHECK_STR(reach("/a/x/0"), "none");
	CHECK_STR(reach("/a/x/z.o"), "none");
	CHECK_STR(reach("/a/.git"), "d ");
}

/* conf_name of a path, in a buffer. */
static const char *
name(const char *path)
{
	static char out[64];
	char *s = conf_name(conf, path);

	snprintf(out, sizeof(out), "%s", s);
	free(s);
	return out;
}

static const char *
real(const char *path)
{
	static char out[64];
	char *s = conf_path(conf, path);

	snprintf(out, sizeof(out), "%s", s ? s : "(none)");
	free(s);
	return out;
}

static void
real_paths(void)
{
	CHECK(!load(""));
	CHECK_STR(real("/x/y"), "/x/y");
	CHECK_STR(real("%p%/x"), "/d/x");
	CHECK_STR(real("%p%"), "/d");
	CHECK_STR(real("%r%"), "/");
	CHECK_STR(real("%r%/x"), "/x");
	CHECK_STR(real("%n%/x"), "(none)");
	CHECK_STR(real("%zz%/x"), "(none)");
	CHECK_STR(real("%p%x"), "(none)");
	CHECK_STR(real("%"), "(none)");
}

static void
names(void)
{
	CHECK(!load("include %p%/a/b; include %q%; include %r%/x; exclude *.o;"
	    "include /d/s;"));
	CHECK_STR(name("/d/a/b"), "%p%/a/b");
	CHECK_STR(name("/d/a/b/c.o"), "%p%/a/b/c.o");
	CHECK_STR(name("%p%/a/b/c"), "%p%/a/b/c");
	CHECK_STR(name("%p%/e/f"), "%q%/f");
	CHECK_STR(name("/d/e"), "%q%");
	CHECK_STR(name("/d/ee"), "/d/ee");
	CHECK_STR(name("/x/y"), "%r%/x/y");
	CHECK_STR(name("%p%/s/t"), "/d/s/t");
	CHECK_STR(name("/d/s/t"), "/d/s/t");
	CHECK_STR(name("/nowhere"), "/nowhere");
	CHECK_STR(name("%p%/nowhere"), "/d/nowhere");
	CHECK_STR(name("%n%/x"), "%n%/x");
	/* Above what is included: where a walk would find it. */
	CHECK_STR(name("/d/a"), "%p%/a");
	CHECK_STR(name("%p%"), "%p%");
	CHECK_STR(name("/d"), "/d");
	CHECK_STR(name("/"), "/");
}

/* A dozen patterns and 50,000 names: the time is printed, not judged. */
static void
speed(void)
{
	char path[128];
	int64_t start;
	int i, found = 0;

	CHECK(!load("include /usr/share /etc /srv/*/data /home/*/.config;"
	    "exclude /usr/share/doc /etc/*.bak /etc/ssl/**/old;"
	    "exclude *~ *.o *.tmp .git core.*; include keep.o;"));
	start = clock_ms();
	for (i = 0; i < 50000; i++) {
		snprintf(path, sizeof(path), "/usr/share/%s/p%d/some/file%d.%s",
		    i % 4 ? "lib" : "doc", i / 100, i, i % 5 ? "c" : "o");
		found += match_any(conf, path, 0);
	}
	printf("# 50000 names in %d ms\n", (int)(clock_ms() - start));
	CHECK_INT(found, 30000);
}

/* "PATH BASE OUT", of the patterns that decide about a name; "-": none. */
static const char *
why(const char *name)
{
	static char text[200];
	struct match_why w;

	match_explain(&conf->groups[0], name, 0, &w);
	snprintf(text, sizeof(text), "%s%s %s %d",
	    w.in == match_group(&conf->groups[0], name, 0) ? "" : "wrong: ",
	    w.path ? w.path->text : "-", w.base ? w.base->text : "-",
	    (int)w.out);
	return text;
}

static void
reasons(void)
{
	CHECK(!load("include /a; exclude /a/b; include *.x; exclude *.bak;"));
	CHECK_STR(why("/a/f"), "/a - 0");
	CHECK_STR(why("/a/f.x"), "/a *.x 0");
	CHECK_STR(why("/a/b/f"), "/a/b - 0");
	CHECK_STR(why("/z"), "- - 0");
	CHECK_STR(why("/a/f.bak"), "/a *.bak 8");
	CHECK_STR(why("/a/d.bak/c/f.x"), "/a *.bak 8");
	CHECK_STR(why("/z.bak"), "- *.bak 0");
	CHECK_STR(why("nonsense"), "- - 0");
}

static void
end(void)
{
	conf_free(conf);
}

int
main(void)
{
	RUN(plain_paths);
	RUN(globs);
	RUN(odd_names);
	RUN(deep_globs);
	RUN(roots);
	RUN(last_match_wins);
	RUN(excluded_directories);
	RUN(reserved_names);
	RUN(compare_patterns);
	RUN(several_groups);
	RUN(single_patterns);
	RUN(reaching);
	RUN(reaching_deep);
	RUN(reaching_prefixes);
	RUN(reaching_excluded);
	RUN(real_paths);
	RUN(names);
	RUN(reasons);
	RUN(speed);
	RUN(end);
	return unit_end();
}
