/* SPDX-License-Identifier: ISC */
/*
 * Whole configurations: what is in them, the exact text and place of every
 * error, warnings, includes.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/conf.h"

#include "unit.h"

#define G "group g { host a b; key k; "

static struct conf *conf;
static struct err e;

/* Included files: "NAME" is a text; deepN includes deepN+1. */
static int
reader(void *ctx, const char *path, char **text, size_t *n, struct err *err)
{
	const char *name = strrchr(path, '/') + 1;
	char deep[32];

	(void)ctx;
	if (!strncmp(name, "deep", 4)) {
		snprintf(deep, sizeof(deep), "\nconfig deep%d;",
		    name[4] - 'a' + 1);
		deep[12] = (char)(name[4] + 1);
		deep[13] = ';';
		deep[14] = 0;
		*text = mem_strdup(deep);
	} else if (!strcmp(name, "good")) {
		*text = mem_strdup("tempdir /t;");
	} else if (!strcmp(name, "bad")) {
		*text = mem_strdup("\n  foo;");
	} else if (!strcmp(name, "loop")) {
		*text = mem_strdup("config main;");
	} else if (!strcmp(name, "big")) {
		*text = mem_alloc(CONF_BYTES_MAX + 1);
		memset(*text, ' ', CONF_BYTES_MAX + 1);
		*n = CONF_BYTES_MAX + 1;
		return 0;
	} else {
		return err_set(err, "cannot open %s", path);
	}
	*n = strlen(*text);
	return 0;
}

/* Parses as host "A" (which is a); "" or the error's text. */
static const char *
parse(const char *text)
{
	conf_free(conf);
	return conf_parse(&conf, "/s/main", text, strlen(text), "/s", "A",
	    reader, NULL, &e) < 0 ? e.text : "";
}

/* The same, the last warning's text; "" when there is none. */
static const char *
warning(const char *text)
{
	const char *s = parse(text);

	if (*s)
		return s;
	return conf->nwarnings ? conf->warnings[conf->nwarnings - 1] : "";
}

static void
walk_through(void)
{
	const struct group *g;

	CHECK_STR(parse("group all\n"
	    "{\n"
	    "\thost app1 app2; # the application\n"
	    "\thost db1 db2;   # data bases\n"
	    "\thost lb1 lb2;\n"
	    "\thost bckp1;\n"
	    "\tkey /etc/csync2.cluster.key;\n"
	    "\tinclude /etc/hosts; # names\n"
	    "\tinclude /etc/csync2.cfg;\n"
	    "\tauto younger;\n"
	    "}\n"
	    "group lb {\n"
	    "\thost lb1 A;\n"
	    "\tkey csync2.lb.key;\n"
	    "\tinclude /etc/nginx/*;\n"
	    "\tinclude /etc/nginx;\n"
	    "\taction\n"
	    "\t{\n"
	    "\t\tpattern /etc/nginx/*;\n"
	    "\t\texec \"/etc/init.d/nginx reload \";\n"
	    "\t\tlogfile \"/var/log/csync2.actions.log\";\n"
	    "\t\tdo-local;\n"
	    "\t}\n"
	    "}\n"), "");
	CHECK_INT(conf->ngroups, 2);
	CHECK_INT(conf->nwarnings, 0);
	g = &conf->groups[0];
	CHECK_STR(g->name, "all");
	CHECK_INT(g->nmembers, 7);
	CHECK_STR(g->members[6].host, "bckp1");
	CHECK(!g->self);
	CHECK_STR(g->keys[0], "/etc/csync2.cluster.key");
	CHECK_INT(g->npatterns, 2);
	CHECK_INT(g->patterns[1].at.line, 9);
	CHECK_INT(g->patterns[1].at.column, 10);
	CHECK_INT(g->method, AUTO_YOUNGER);
	g = &conf->groups[1];
	CHECK(g->self == &g->members[1]);
	CHECK_STR(g->keys[0], "/s/csync2.lb.key");
	CHECK_INT(g->at.line, 12);
	CHECK_INT(g->nactions, 1);
	CHECK_STR(g->actions[0].patterns[0].text, "/etc/nginx/*");
	CHECK_STR(g->actions[0].exec[0], "/etc/init.d/nginx reload ");
	CHECK_STR(g->actions[0].logfile, "/var/log/csync2.actions.log");
	CHECK_INT(g->actions[0].local, 1);
	CHECK_INT(g->actions[0].local_only, 0);
	CHECK_INT(g->actions[0].timeout, 300);
}

static void
defaults(void)
{
	CHECK_STR(parse(""), "");
	CHECK_STR(conf->file, "/s/main");
	CHECK_STR(conf->host, "a");
	CHECK_INT(conf->lock_timeout, 12);
	CHECK_INT(conf->connect_timeout, 10);
	CHECK_INT(conf->handshake_timeout, 10);
	CHECK_INT(conf->idle_timeout, 60);
	CHECK_INT(conf->reconcile, 3600);
	CHECK_INT(conf->max_connections, 16);
	CHECK_INT(conf->delete_guard, 50);
	CHECK_INT(conf->compress, COMPRESS_AUTO);
	CHECK(!conf->tempdir && !conf->database && !conf->nossl);
	CHECK_INT(conf->nfiles, 1);
}

static void
settings(void)
{
	CHECK_STR(parse("nossl a* b; ignore uid mod; tempdir /tmp;"
	    "database \"/x y\"; lock-timeout \"0\"; connect-timeout 1;"
	    "handshake-timeout 2; idle-timeout 3; max-connections 4;"
	    "delete-guard 5; reconcile 6m; compress no;"), "");
	CHECK(conf->nossl && conf->ignore_uid && conf->ignore_mod);
	CHECK_INT(conf->ignore_gid, 0);
	CHECK_STR(conf->tempdir, "/tmp");
	CHECK_STR(conf->database, "/x y");
	CHECK_INT(conf->lock_timeout, 0);
	CHECK_INT(conf->connect_timeout, 1);
	CHECK_INT(conf->handshake_timeout, 2);
	CHECK_INT(conf->idle_timeout, 3);
	CHECK_INT(conf->max_connections, 4);
	CHECK_INT(conf->delete_guard, 5);
	CHECK_INT(conf->reconcile, 360);
	CHECK_INT(conf->compress, COMPRESS_NO);
	CHECK_STR(parse("delete-guard off; reconcile off; compress yes;"), "");
	CHECK_INT(conf->delete_guard, 100);
	CHECK_INT(conf->reconcile, 0);
	CHECK_INT(conf->compress, COMPRESS_YES);
	CHECK_STR(parse("delete-guard 30%; reconcile 2h; ignore;"), "");
	CHECK_INT(conf->delete_guard, 30);
	CHECK_INT(conf->reconcile, 7200);
	CHECK_STR(parse("reconcile 90;"), "");
	CHECK_INT(conf->reconcile, 90);
}

static void
setting_errors(void)
{
	CHECK_STR(parse("lock-timeout x;"), "/s/main:1:14: expected seconds"
	    " from 0 to 86400, found \"x\"");
	CHECK_STR(parse("max-connections 0;"), "/s/main:1:17: expected a"
	    " number from 1 to 1024, found \"0\"");
	CHECK_STR(parse("idle-timeout 99999999999999999999;"), "/s/main:1:14:"
	    " expected seconds from 1 to 86400,"
	    " found \"99999999999999999999\"");
	CHECK_STR(parse("delete-guard 101;"), "/s/main:1:14: expected a"
	    " percentage from 1 to 100, or \"off\", found \"101\"");
	CHECK_STR(parse("reconcile 1d;"), "/s/main:1:11: expected seconds,"
	    " minutes (\"5m\") or hours (\"1h\"), or \"off\", found \"1d\"");
	CHECK_STR(parse("reconcile 800h;"), "/s/main:1:11: expected seconds,"
	    " minutes (\"5m\") or hours (\"1h\"), or \"off\","
	    " found \"800h\"");
	CHECK_STR(parse("compress on;"), "/s/main:1:10: expected \"auto\","
	    " \"yes\" or \"no\", found \"on\"");
	CHECK_STR(parse("ignore uid gidd;"), "/s/main:1:12: expected \"uid\","
	    " \"gid\", \"mod\", found \"gidd\" (did you mean \"gid\"?)");
	CHECK_STR(parse("tempdir tmp;"), "/s/main:1:9: expected an absolute"
	    " path, found \"tmp\"");
	CHECK_STR(parse("nossl a;"), "/s/main:1:8: expected a second host"
	    " pattern, found \";\"");
	CHECK_STR(parse("database"), "/s/main:1:9: expected a directory,"
	    " found end of file");
}

static void
places(void)
{
	CHECK_STR(parse("grop g {}"), "/s/main:1:1: expected a statement of"
	    " the top level, found \"grop\" (did you mean \"group\"?)");
	CHECK_STR(parse("\n zzz;"), "/s/main:2:2: expected a statement of"
	    " the top level, found \"zzz\"");
	CHECK_STR(parse("include /a;"), "/s/main:1:1: expected a statement of"
	    " the top level, found \"include\" (which belongs in a group)");
	CHECK_STR(parse("group { do-local; }"), "/s/main:1:9: expected a"
	    " statement of a group or \"}\", found \"do-local\""
	    " (which belongs in an action)");
	CHECK_STR(parse("group { action { prefix x {} } }"), "/s/main:1:18:"
	    " expected a statement of an action or \"}\", found \"prefix\""
	    " (which belongs at the top level)");
	CHECK_STR(parse("prefix p { om x: /y; }"), "/s/main:1:12: expected a"
	    " statement of a prefix or \"}\", found \"om\""
	    " (did you mean \"on\"?)");
	CHECK_STR(parse("group g {"), "/s/main:1:10: expected a statement of a"
	    " group or \"}\", found end of file");
	CHECK_STR(parse("group g { };"), "/s/main:1:12: expected a statement"
	    " of the top level, found \";\"");
	CHECK_STR(parse("group g x"), "/s/main:1:9: expected \"{\","
	    " found \"x\"");
	CHECK_STR(parse("group ("), "/s/main:1:7: expected a group name or"
	    " \"{\", found \"(\"");
	CHECK_STR(parse("\"group\" g {}"), "/s/main:1:1: expected a statement"
	    " of the top level, found \"group\"");
}

static void
missing_semicolons(void)
{
	CHECK_STR(parse("group g {\n host a b\n key k;\n}"), "/s/main:3:2:"
	    " expected \";\", found \"key\"");
	CHECK_STR(parse("group g { host a; include /x exclude /y; }"),
	    "/s/main:1:30: expected \";\", found \"exclude\"");
	CHECK_STR(parse("group g { host a; key k\n include /x; }"),
	    "/s/main:2:2: expected \";\", found \"include\"");
	CHECK_STR(parse("group g { include /x }"), "/s/main:1:22: expected a"
	    " pattern or \";\", found \"}\"");
	CHECK_STR(parse("group g { host x }"), "/s/main:1:18: expected a host"
	    " name or \";\", found \"}\"");
	CHECK_STR(parse("group g { action { do-local } }"), "/s/main:1:29:"
	    " expected \";\", found \"}\"");
	CHECK_STR(parse(G "exclude \"key\" \"exclude\" config; }"), "");
	CHECK_INT(conf->groups[0].npatterns, 3);
}

static void
lexical_errors(void)
{
	CHECK_STR(parse("tempdir \"/x;\n"), "/s/main:1:9: expected a closing"
	    " quote for this string, found end of file");
	CHECK_STR(parse(G "include /a@b; }"), "/s/main:1:38: expected a"
	    " pattern or \";\", found \"@\" (quote a value that contains"
	    " \"@\")");
	CHECK(conf_parse(&conf, "f", "ignore \0;", 9, "/s", "a", NULL, NULL,
	    &e) < 0);
	CHECK_STR(e.text, "f:1:8: expected text, found a NUL byte");
}

static void
hosts(void)
{
	const struct group *g;

	CHECK_STR(parse("group { host \"X\" A@a-eth1 (C D @ D-eth1) E;"
	    "host (f); key k; key /l; }"), "");
	g = &conf->groups[0];
	CHECK_STR(g->name, "");
	CHECK_INT(g->nmembers, 6);
	CHECK_STR(g->members[0].host, "x");
	CHECK_STR(g->members[0].name, "x");
	CHECK(g->self == &g->members[1]);
	CHECK_STR(g->self->name, "a-eth1");
	CHECK_STR(g->members[3].host, "d");
	CHECK_STR(g->members[3].name, "d-eth1");
	CHECK(!g->members[1].receive_only && g->members[2].receive_only);
	CHECK(g->members[3].receive_only && !g->members[4].receive_only);
	CHECK(g->members[5].receive_only);
	CHECK(group_find(g, "d-eth1") == &g->members[3]);
	CHECK(!group_find(g, "d"));
	CHECK_INT(g->nkeys, 2);
	CHECK_STR(g->keys[0], "/s/k");
	CHECK_STR(g->keys[1], "/l");
}

static void
host_errors(void)
{
	static const char what[] = "expected a host name of at most 63"
	    " characters of a-z 0-9 . _ -";
	char text[512], want[512];

	snprintf(want, sizeof(want), "/s/main:1:16: %s, found \"b/c\"", what);
	CHECK_STR(parse("group { host a b/c; }"), want);
	snprintf(want, sizeof(want), "/s/main:1:14: %s, found \"\"", what);
	CHECK_STR(parse("group { host \"\"; }"), want);
	snprintf(want, sizeof(want), "/s/main:1:16: %s, found \"b:c\"", what);
	CHECK_STR(parse("group { host a@b:c; }"), want);
	snprintf(text, sizeof(text), "group { host %064d; }", 0);
	snprintf(want, sizeof(want), "/s/main:1:14: %s, found \"%057d...\"",
	    what, 0);
	CHECK_STR(parse(text), want);
	snprintf(text, sizeof(text), "group { host %063d; }", 0);
	CHECK_STR(parse(text), "");
	CHECK_STR(parse("group { host a b (A); }"), "/s/main:1:19: expected"
	    " each host once in a group, found \"A\"");
	CHECK_STR(parse("group { host a b@x A B@X; key k; }"), "");
	CHECK(conf->groups[0].nmembers == 2);
	CHECK_STR(parse("group { host a@x b@x; }"), "/s/main:1:20: expected"
	    " each identity once in a group, found \"x\"");
	CHECK_STR(parse("group { host a (b (c)); }"), "/s/main:1:19: expected"
	    " a host name or \")\", found \"(\"");
	CHECK_STR(parse("group { host a (b; }"), "/s/main:1:18: expected"
	    " a host name or \")\", found \";\"");
	CHECK_STR(parse("group { host a@; }"), "/s/main:1:16: expected"
	    " an address name, found \";\"");
	snprintf(text, sizeof(text), "group { host a@%060d b@%059d; key k; }",
	    1, 2);
	snprintf(want, sizeof(want), "/s/main:1:1: expected host names of at"
	    " most 118 characters, ours and a peer's together, found"
	    " \"%059d\"", 2);
	CHECK_STR(parse(text), want);
	snprintf(text, sizeof(text), "group { host a@%059d b@%059d; key k; }",
	    1, 2);
	CHECK_STR(parse(text), "");
}

static void
keys(void)
{
	CHECK_STR(parse("\n group g { host a b; }"), "/s/main:2:2: expected a"
	    " key in group \"g\", found none");
	CHECK_STR(parse("group g { host c b; }"), "");
	CHECK_STR(parse(G "key l; key m; }"), "/s/main:1:35: expected at most"
	    " two keys in a group, found \"key\"");
	CHECK_STR(parse("group { key a b; }"), "/s/main:1:15: expected \";\","
	    " found \"b\"");
	CHECK_STR(parse("group { key \"\"; }"), "/s/main:1:13: expected a key"
	    " file, found \"\"");
}

static void
group_errors(void)
{
	CHECK_STR(parse("group { auto yonger; }"), "/s/main:1:14: expected a"
	    " method (none, first, younger, older, bigger, smaller, left,"
	    " right), found \"yonger\" (did you mean \"younger\"?)");
	CHECK_STR(parse("group { auto none; auto left; }"), "/s/main:1:20:"
	    " expected one auto method in a group, found \"auto\"");
	CHECK_STR(parse("group { backup-directory b; }"), "/s/main:1:26:"
	    " expected an absolute path, found \"b\"");
	CHECK_STR(parse("group { backup-generations x; }"), "/s/main:1:28:"
	    " expected a number from 0 to 1000, found \"x\"");
	CHECK_STR(parse("group { action { logfile b; } }"), "/s/main:1:26:"
	    " expected an absolute path, found \"b\"");
	CHECK_STR(parse("group { action { timeout -1; } }"), "/s/main:1:26:"
	    " expected seconds from 0 to 86400, found \"-1\"");
	CHECK_STR(parse("group { action x { } }"), "/s/main:1:16: expected"
	    " \"{\", found \"x\"");
}

static void
group_words(void)
{
	const struct group *g;

	CHECK_STR(parse(G "auto \"right\"; backup-directory /b;"
	    "backup-generations 7; include /x/ %p%/; exclude *~ .git/;"
	    "compare /y//; action { pattern /x *.c; pattern /y;"
	    "exec \"a b\" c; exec d; timeout 0; do-local-only; }"
	    "action { } } prefix p { on a: /p; }"), "");
	g = &conf->groups[0];
	CHECK_INT(g->method, AUTO_RIGHT);
	CHECK_STR(g->backup_dir, "/b");
	CHECK_INT(g->backup_generations, 7);
	CHECK_INT(g->npatterns, 5);
	CHECK_STR(g->patterns[0].text, "/x");
	CHECK_STR(g->patterns[1].text, "%p%");
	CHECK_STR(g->patterns[3].text, ".git");
	CHECK_INT(g->patterns[3].kind, PATTERN_EXCLUDE);
	CHECK_INT(g->patterns[3].base, 1);
	CHECK_STR(g->patterns[4].text, "/y");
	CHECK_INT(g->patterns[4].kind, PATTERN_COMPARE);
	CHECK_INT(g->nactions, 2);
	CHECK_INT(g->actions[0].npatterns, 3);
	CHECK_INT(g->actions[0].nexec, 3);
	CHECK_STR(g->actions[0].exec[2], "d");
	CHECK_INT(g->actions[0].timeout, 0);
	CHECK_INT(g->actions[0].local_only, 1);
	CHECK(!g->actions[0].logfile && !g->actions[1].npatterns);
	CHECK_STR(parse(G "include; exclude ; }"), "");
}

static const char *
include_error(const char *pattern)
{
	char text[8192];

	snprintf(text, sizeof(text), "group { include %s; }", pattern);
	return parse(text);
}

static void
pattern_errors(void)
{
	char big[4200];

	CHECK_STR(include_error("/a/../b"), "/s/main:1:17: expected a pattern"
	    " without \"..\", found \"/a/../b\"");
	CHECK_STR(include_error("/a//b"), "/s/main:1:17: expected a pattern"
	    " without \"//\", found \"/a//b\"");
	CHECK_STR(include_error("/a %p%//b"), "/s/main:1:20: expected a pattern"
	    " without \"//\", found \"%p%//b\"");
	CHECK_STR(include_error("\"\""), "/s/main:1:17: expected a pattern,"
	    " found \"\"");
	CHECK_STR(include_error("%p"), "/s/main:1:17: expected a prefix"
	    " \"%name%\" at the start of the pattern, found \"%p\"");
	CHECK_STR(include_error("%p%x"), "/s/main:1:17: expected \"/\" behind"
	    " the prefix, found \"%p%x\"");
	CHECK_STR(include_error("%p%/x"), "/s/main:1:17: expected a prefix"
	    " that is defined, found \"%p%/x\"");
	CHECK_STR(include_error("/a\\"), "/s/main:1:17: expected a character"
	    " behind \"\\\", found \"/a\\\"");
	CHECK_STR(include_error("/[a/b]"), "/s/main:1:17: expected \"]\" for"
	    " each \"[\" (or \"\\[\"), found \"/[a/b]\"");
	CHECK_STR(include_error("*[!]"), "/s/main:1:17: expected \"]\" for"
	    " each \"[\" (or \"\\[\"), found \"*[!]\"");
	CHECK_STR(include_error("/[]a]/[[:alpha:]]/\\[ / ..x /..x"), "");
	memset(big, 'x', sizeof(big));
	big[0] = '/';
	big[4095] = 0;
	CHECK_STR(include_error(big), "");
	big[4095] = 'x';
	big[4096] = 0;
	CHECK_STR(include_error(big), "/s/main:1:17: expected a pattern of at"
	    " most 4095 bytes, found \"/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxx...\"");
	CHECK_STR(parse("group { action { pattern %q%; } }"), "/s/main:1:26:"
	    " expected a prefix that is defined, found \"%q%\"");
}

static void
prefixes(void)
{
	CHECK_STR(parse("prefix p { on x: /1; on \"[A]*\": \"/2//3/\"; on *:"
	    " /4; } prefix q { on b : / ; } prefix r { }"), "");
	CHECK_INT(conf->nprefixes, 3);
	CHECK_STR(conf->prefixes[0].name, "p");
	CHECK_STR(conf->prefixes[0].path, "/2/3");
	CHECK_INT(conf->prefixes[0].nmaps, 3);
	CHECK_STR(conf->prefixes[0].globs[1], "[A]*");
	CHECK_STR(conf->prefixes[0].paths[1], "/2//3/");
	CHECK(!conf->prefixes[1].path && !conf->prefixes[2].path);
	CHECK_STR(parse("prefix p { on b: x; }"), "/s/main:1:18: expected an"
	    " absolute path, found \"x\"");
	CHECK_STR(parse("prefix p { on b:/x; }"), "/s/main:1:19: expected"
	    " \":\" and a blank behind the host pattern, found \";\"");
	CHECK_STR(parse("prefix a/b { }"), "/s/main:1:8: expected a prefix"
	    " name of A-Z a-z 0-9 . _ -, found \"a/b\"");
	CHECK_STR(parse("prefix p { on a: /1; on *: /2; }\n"
	    "prefix q { }\nprefix p { on b: /3; }"), "");
	CHECK(conf->nprefixes == 2);
	CHECK_STR(conf->prefixes[0].path, "/1");
	CHECK_STR(parse("prefix p { on a: /1; }\n"
	    "prefix p { on a*: /2; on a: /3; }"), "");
	CHECK_STR(conf->prefixes[0].path, "/2");
}

static void
includes(void)
{
	CHECK_STR(parse("config good; config /s/good;"), "");
	CHECK_STR(conf->tempdir, "/t");
	CHECK_INT(conf->nfiles, 3);
	CHECK_STR(conf->files[0], "/s/main");
	CHECK_STR(conf->files[1], "/s/good");
	CHECK_STR(parse("config bad;"), "/s/bad:2:3: expected a statement of"
	    " the top level, found \"foo\"");
	CHECK_STR(parse("\nconfig none;"), "/s/main:2:8: expected a readable"
	    " config file, found \"none\" (cannot open /s/none)");
	CHECK_STR(parse("config main;"), "/s/main:1:8: expected a config file"
	    " that does not include itself, found \"main\"");
	CHECK_STR(parse("config loop;"), "/s/loop:1:8: expected a config file"
	    " that does not include itself, found \"main\"");
	CHECK_STR(parse("config deepa;"), "/s/deepj:2:8: expected at most 10"
	    " nested config files, found \"deepk\"");
	CHECK_STR(parse("config big;"), "/s/big:1:1: expected a config file of"
	    " at most 4194304 bytes, found more");
	CHECK_STR(parse("group { config good; }"), "/s/main:1:9: expected a"
	    " statement of a group or \"}\", found \"config\""
	    " (which belongs at the top level)");
}

#define P "prefix p { on a: /d; } prefix q { on a: /d/e; }\n"
#define H "group h { host a c; key k; "

static void
two_names(void)
{
	CHECK_STR(parse(P G "include /d/x; }\n" H "include %p%/x; }"),
	    "/s/main:3:36: expected one name for each file, found \"%p%/x\""
	    " and, at /s/main:2:36, \"/d/x\" for the same path");
	CHECK_STR(parse(P G "include %p%/x/y; include /d; }"), "/s/main:2:53:"
	    " expected one name for each file, found \"/d\" and, at"
	    " /s/main:2:36, \"%p%/x/y\" for the same path");
	CHECK_STR(parse(P G "include %p%/*.c; include /d/x.c; }"),
	    "/s/main:2:53: expected one name for each file, found \"/d/x.c\""
	    " and, at /s/main:2:36, \"%p%/*.c\" for the same path");
	CHECK(*parse(P G "include %p%; include %q%; }"));
	CHECK(*parse(P G "include %p%/*.c; include /d/*; }"));
	CHECK(*parse(P G "include %p%/*.c; include /d/*.c; }"));
	CHECK(*parse(P G "include /; include %p%; }"));
	CHECK(*parse(P G "include /d/*/z; include %p%/x; }"));
	CHECK(*parse(P G "include /**; include %p%/z; }"));
	CHECK(*parse(P G "include %p%/**; include /d/e/f; }"));
	CHECK(*parse(P G "include %p%/**/w; include /d; }"));
	CHECK_STR(parse(P G "include %p%/x; include /d/y /d/xx /; "
	    "exclude /d/x; }"), "");
	CHECK_STR(parse(P G "include %p%/x/y; include /d/*/z; }"), "");
	CHECK_STR(parse(P G "include %p%/*.c; include /d/*.h; }"), "");
	CHECK_STR(parse(P G "include %p%/a; include %q%/a; }"), "");
	CHECK_STR(parse(P G "include %p%/a %p%/*; }"), "");
	CHECK_STR(parse(P G "include /; exclude /d; }" H "include %p%; }"), "");
	CHECK_STR(parse(P G "include /; exclude d; }" H "include %p%; }"), "");
	CHECK_STR(parse(P G "include /d/*/z; exclude /d/x; include %p%/x; }"),
	    "");
	CHECK_STR(parse(P G "include /d/x; }"
	    "group h { host b c; include %p%/x; }"), "");
	CHECK_STR(parse("prefix p { on b: /d; }" G "include /d %p%; }"), "");
	CHECK_STR(parse("prefix p { on a: /d*; }" G "include /dx %p%; }"), "");
}

static void
warnings(void)
{
	CHECK_STR(warning(G "exclude /b; }"), "/s/main:1:36: exclude \"/b\""
	    " has no effect: no include of this group before it reaches it");
	CHECK_STR(warning(G "exclude /b/c; include /b; }"), "/s/main:1:36:"
	    " exclude \"/b/c\" has no effect: the later \"/b\" at line 1"
	    " decides");
	CHECK_STR(warning(G "include /b/c;\nexclude /b; }"), "/s/main:1:36:"
	    " \"/b/c\" can never match: the later exclude \"/b\" at line 2"
	    " covers it");
	CHECK_STR(warning(G "include /b/./c; }"), "/s/main:1:36: \"/b/./c\""
	    " can never match: no name has a part \".\"");
	CHECK_STR(warning(G "include /b/.; }"), "/s/main:1:36: \"/b/.\""
	    " can never match: no name has a part \".\"");
	CHECK_STR(warning(G "include /b; exclude c/d; }"), "/s/main:1:48:"
	    " \"c/d\" can never match: it begins with neither \"/\" nor \"%\","
	    " so it is compared with base names, which have no \"/\"");
	CHECK_STR(warning(G "include /b/.ucsync-x; }"), "/s/main:1:36:"
	    " \"/b/.ucsync-x\" can never match: names that begin with"
	    " \".ucsync-\" are reserved");
	CHECK_STR(warning("prefix p { on b: /x; }" G "include %p%; }"),
	    "/s/main:1:58: \"%p%\" can never match: its prefix has no path on"
	    " this host");
	CHECK_STR(warning(G "include /b; action { pattern /c/*; } }"),
	    "/s/main:1:57: \"/c/*\" can never match: no include of this group"
	    " reaches it");
	CHECK_STR(warning(G "include /b; backup-directory /b/c; }"),
	    "/s/main:1:1: the backup directory \"/b/c\" is among the files"
	    " that are synced");
}

static void
no_warnings(void)
{
	CHECK_STR(warning(G "include /b; exclude /b/c; include /b/c/d; }"), "");
	CHECK_STR(warning(G "include /b/*; exclude /*/x; exclude *.o; }"), "");
	CHECK_STR(warning(G "include /b/**/c; exclude /b/q; }"), "");
	CHECK_STR(warning(G "include /b/c; exclude /b/?; }"), "/s/main:1:36:"
	    " \"/b/c\" can never match: the later exclude \"/b/?\" at line 1"
	    " covers it");
	CHECK_STR(warning(G "include /b/[cd]; exclude /b/?; }"), "");
	CHECK_STR(warning(G "compare /b; exclude /b/x; include /...; }"), "");
	CHECK_STR(warning("group { host b c; exclude /x; }"), "");
	CHECK_STR(warning(G "include /b; action { pattern *.c /b/c; } }"), "");
	CHECK_STR(warning(G "include /b; exclude /b/x; backup-directory /b/x;"
	    "}"), "");
}

/* What conf_describe says, its NULs shown as '|'. */
static const char *
description(void)
{
	static char out[256];
	struct buf b = BUF_INIT;
	size_t i;

	conf_describe(conf, &conf->groups[0], &b);
	for (i = 0; i < b.len && i + 1 < sizeof(out); i++)
		out[i] = b.p[i] ? (char)b.p[i] : '|';
	out[i] = 0;
	buf_free(&b);
	return out;
}

static void
descriptions(void)
{
	CHECK_STR(parse("prefix p { on *: /d/; on b: /e; } prefix q {}"
	    "group g { host A@x (b); key k; include /a/ %p%; exclude *~;"
	    "compare %q%; auto left; }"), "");
	CHECK_STR(description(), "ha|@x|rb|@b|i/a|i%p%|e*~|pp|o*|:/d/|ob|:/e|");
}

static void
end(void)
{
	conf_free(conf);
	conf_free(NULL);
}

int
main(void)
{
	RUN(walk_through);
	RUN(defaults);
	RUN(settings);
	RUN(setting_errors);
	RUN(places);
	RUN(missing_semicolons);
	RUN(lexical_errors);
	RUN(hosts);
	RUN(host_errors);
	RUN(keys);
	RUN(group_errors);
	RUN(group_words);
	RUN(pattern_errors);
	RUN(prefixes);
	RUN(includes);
	RUN(two_names);
	RUN(warnings);
	RUN(no_warnings);
	RUN(descriptions);
	RUN(end);
	return unit_end();
}
