/* SPDX-License-Identifier: ISC */
/*
 * Commands of actions with files of any name, signals, time limits and long
 * lists; and actions: what fires them, in which order, what survives a crash.
 */
#include <signal.h>

#include "scratchstate.h"

#include "base/clock.h"
#include "conf/conf.h"
#include "fs/change.h"
#include "state/fact.h"
#include "sync/action.h"
#include "sync/command.h"

static char *no_paths[1];

static int
run(const char *text, char *const *paths, size_t n, unsigned timeout,
    long long *ms)
{
	struct command c = { text, "log", "g", "peer", paths, n, timeout,
		NULL };

	unlink("log");
	return command_run(&c, ms);
}

/* What the commands have put out. */
static int
logged(const char *text)
{
	struct buf b = file_read("log");
	int same = b.len == strlen(text) && !memcmp(b.p, text, b.len);

	if (!same)
		printf("# log: %.*s\n", (int)b.len, (char *)b.p);
	buf_free(&b);
	return same;
}

static void
exit_codes(void)
{
	long long ms;

	CHECK_INT(run("true", no_paths, 0, 0, &ms), 0);
	CHECK_INT(run("exit 7", no_paths, 0, 0, &ms), 7);
	CHECK_INT(run("kill -9 $$", no_paths, 0, 0, &ms), 128 + SIGKILL);
	CHECK_INT(run("no-such-command-here", no_paths, 0, 0, &ms), 127);
	CHECK(ms >= 0 && ms < 10000);
}

/* Whatever the names are, they are arguments and nothing else. */
static void
quoting(void)
{
	char *names[] = {
		(char[]){ "/a b" }, (char[]){ "$(touch evil)" },
		(char[]){ "'; touch evil; '" }, (char[]){ "-n" },
		(char[]){ "new\nline" }, (char[]){ "\"quote\\" },
		(char[]){ "*" }, (char[]){ "%%" }
	};
	long long ms;

	CHECK_INT(run("printf '<%s>' %%", names, 8, 0, &ms), 0);
	CHECK(logged("</a b><$(touch evil)><'; touch evil; '><-n><new\nline>"
	    "<\"quote\\><*><%%>"));
	CHECK_INT(run("printf '%s|' one %% two %%", names, 1, 0, &ms), 0);
	CHECK(logged("one|/a b|two|/a b|"));
	CHECK_INT(run("echo 100%", names, 1, 0, &ms), 0);
	CHECK(logged("100%\n"));
	CHECK(access("evil", F_OK));
}

static void
environment(void)
{
	char *names[] = { (char[]){ "/x" }, (char[]){ "/y z" } };
	long long ms;

	CHECK_INT(run("echo $UCSYNC_GROUP $UCSYNC_PEER $# >&2; tr '\\0' ,",
	    names, 2, 0, &ms), 0);
	CHECK(logged("g peer 0\n/x,/y z,"));
	setenv("LD_EVIL", "1", 1);
	CHECK_INT(run("echo ${LD_EVIL-none}", names, 2, 0, &ms), 0);
	CHECK(logged("none\n"));
}

/* A list that does not fit goes in several runs; each file in one of them. */
static void
long_lists(void)
{
	enum { N = 5000 };
	static char *names[N], text[N][64];
	struct buf b;
	long long ms;
	size_t i, lines = 0;

	for (i = 0; i < N; i++) {
		snprintf(text[i], sizeof(text[i]), "/a/rather/long/name/of/a/"
		    "file/number/%05d", (int)i);
		names[i] = text[i];
	}
	CHECK_INT(run("echo run; printf '%s\\n' %%", names, N, 0, &ms), 0);
	b = file_read("log");
	for (i = 0; i < b.len; i++)
		lines += b.p[i] == '\n';
	buf_free(&b);
	CHECK(lines > N + 1 && lines < N + 20);
	/* stdin has the files of the run; without %% all of them, once */
	CHECK_INT(run("tr -dc '\\0' | wc -c", names, N, 0, &ms), 0);
	CHECK(logged("5000\n"));
	CHECK_INT(run("set -- %%; test $(tr -dc '\\0' | wc -c) = $#", names,
	    N, 0, &ms), 0);
	/* the code of the run that failed, though a later one did not */
	CHECK_INT(run("case %% in */00000*) exit 3; esac; exit 0", names, 1, 0,
	    &ms), 3);
	CHECK_INT(run("for f in %%; do case $f in */00000) exit 3;; esac; done",
	    names, N, 0, &ms), 3);
}

static int
alive(const char *pid_file)
{
	struct buf b = file_read(pid_file);
	int r;

	buf_u8(&b, 0);
	r = b.len > 1 && !kill((pid_t)strtol((char *)b.p, NULL, 10), 0);
	buf_free(&b);
	return r;
}

/* With all that it started, also what does not listen to SIGTERM. */
static void
time_limit(void)
{
	long long ms;
	int i;

	CHECK_INT(run("sleep 60 & echo $! >pid1; sleep 60", no_paths, 0, 1,
	    &ms), -2);
	CHECK(ms >= 1000 && ms < 3500);
	for (i = 0; i < 200 && alive("pid1"); i++)
		clock_sleep_ms(10);
	CHECK(!alive("pid1"));
	CHECK_INT(run("(trap '' TERM; echo $$ >pid2; sh -c 'echo $PPID' >pid3; "
	    "while :; do sleep 1; done) & trap '' TERM; "
	    "while :; do sleep 1; done", no_paths, 0, 1, &ms), -2);
	CHECK(ms >= 2900 && ms < 6000);
	for (i = 0; i < 200 && (alive("pid2") || alive("pid3")); i++)
		clock_sleep_ms(10);
	CHECK(!alive("pid2") && !alive("pid3"));
}

/* The shell is gone at once, what it started is not. */
static void
stubborn_child(void)
{
	long long ms;
	int i;

	CHECK_INT(run("(trap '' TERM; sh -c 'echo $PPID' >pid4; "
	    "while :; do sleep 1; done) & while :; do sleep 1; done",
	    no_paths, 0, 1, &ms), -2);
	for (i = 0; i < 300 && alive("pid4"); i++)
		clock_sleep_ms(10);
	CHECK(!alive("pid4"));
}

static const char config[] =
	"group g { host me other; key k; include /x;\n"
	"  action { pattern /x/*.c; exec \"echo one %%\"; logfile \"log\"; }\n"
	"  action { exec \"echo two %%\"; exec \"exit 4\"; logfile \"log\"; }\n"
	"  action { pattern /x/*.h; exec \"echo local\"; logfile \"log\";\n"
	"    do-local; }\n"
	"  action { exec \"echo only\"; logfile \"log\"; do-local-only; }\n"
	"}\n"
	"group h { host me other; key k; include /x/both /y;\n"
	"  action { exec \"echo three\"; logfile \"log\"; } }\n";

static struct conf *conf;
static struct state *state;
static int statuses[16], nstatuses;

static void
tell(void *ctx, const struct action_outcome *o)
{
	(void)ctx;
	if (nstatuses < 16)
		statuses[nstatuses++] = o->status;
}

static void
world_begin(void)
{
	struct buf b = BUF_INIT;
	struct err e;
	const char *p;

	scratch_clear();
	nstatuses = 0;
	for (p = config; *p; p++)
		if (!strncmp(p, "\"log\"", 5)) {
			buf_u8(&b, '"');
			buf_put(&b, scratch.path, strlen(scratch.path));
			buf_put(&b, "/log\"", 5);
			p += 4;
		} else {
			buf_u8(&b, (unsigned char)*p);
		}
	if (conf_parse(&conf, "f", (char *)b.p, b.len, "/s", "me", NULL, NULL,
	    &e) < 0)
		scratch_need(0, e.text);
	buf_free(&b);
	state = state_must_open("me");
}

static void
world_end(void)
{
	state_close(state);
	conf_free(conf);
}

/* A change of that file from the peer (or NULL: found here) is intended. */
static void
changed(const char *name, const char *peer, int record)
{
	struct action_source s = { conf, state, peer };
	struct change c;
	struct err e;

	memset(&c, 0, sizeof(c));
	c.want.name = mem_strdup(name);
	c.number = 1;
	c.record = record;
	state_must(state_lock(state, LOCK_MS, &e), &e);
	state_must(action_fire(&s, &c, 1, &e), &e);
	state_must(state_unlock(state, &e), &e);
	change_free(&c);
}

static int
run_actions(void)
{
	struct action_options o = { conf, state, LOCK_MS, NULL, tell, NULL };
	struct err e;

	unlink("log");
	nstatuses = 0;
	return action_run(&o, &e);
}

static void
nothing_pending(void)
{
	world_begin();
	CHECK(!run_actions());
	CHECK_INT(nstatuses, 0);
	changed("/x/a.c", "other", 1);          /* a mere record */
	changed("/z", "other", 0);              /* nobody's */
	CHECK(!run_actions());
	CHECK_INT(nstatuses, 0);
	world_end();
}

/* In the order of the config, once each, whatever the changes' order was. */
static void
order(void)
{
	world_begin();
	changed("/y", "other", 0);
	changed("/x/b.c", "other", 0);
	changed("/x/a.c", "other", 0);
	changed("/x/a.c", "other", 0);
	changed("/x/n", "other", 0);
	CHECK(!run_actions());
	CHECK(logged("one /x/a.c /x/b.c\ntwo /x/a.c /x/b.c /x/n\nthree\n"));
	CHECK_INT(nstatuses, 4);
	CHECK_INT(statuses[0], 0);
	CHECK_INT(statuses[2], 4);
	CHECK(!run_actions());
	CHECK_INT(nstatuses, 0);
	world_end();
}

static void
local(void)
{
	world_begin();
	changed("/x/a.h", NULL, 1);
	CHECK(!run_actions());
	CHECK(logged("local\nonly\n"));
	changed("/x/a.c", NULL, 1);
	CHECK(!run_actions());
	CHECK(logged("only\n"));
	changed("/x/a.h", "other", 0);
	CHECK(!run_actions());
	CHECK(logged("two /x/a.h\nlocal\n"));
	world_end();
}

/* In two groups: the actions of both. */
static void
two_groups(void)
{
	world_begin();
	changed("/x/both", "other", 0);
	CHECK(!run_actions());
	CHECK(logged("two /x/both\nthree\n"));
	world_end();
}

/* Pending ones survive their process, also when it dies while they run. */
static void
survives(void)
{
	struct view key, value;
	struct buf name = BUF_INIT;
	struct err e;
	const char *nul;

	world_begin();
	changed("/x/n", "other", 0);
	state_close(state);
	state = state_must_open("me");
	/* as if claimed: all files stand behind the "+" */
	CHECK(state_fact_after(state, FACT_ACTION, NULL, 0, &key, &value));
	nul = memchr(key.p, 0, key.len);
	buf_put(&name, key.p, (size_t)(nul - (const char *)key.p));
	state_must(state_lock(state, LOCK_MS, &e), &e);
	buf_u8(&name, 0);
	state_must(fact_drop_actions(state, (char *)name.p, &e), &e);
	name.p[name.len - 1] = '+';
	buf_u8(&name, 0);
	state_must(fact_set_action(state, (char *)name.p, "/x/n", "other", &e),
	    &e);
	state_must(state_unlock(state, &e), &e);
	changed("/x/m", "other", 0);
	CHECK(!run_actions());
	CHECK(logged("two /x/n /x/m\n") || logged("two /x/m /x/n\n"));
	CHECK(!run_actions());
	CHECK_INT(nstatuses, 0);
	buf_free(&name);
	world_end();
}

int
main(void)
{
	scratch_state_init();
	RUN(exit_codes);
	RUN(quoting);
	RUN(environment);
	RUN(long_lists);
	RUN(time_limit);
	RUN(stubborn_child);
	RUN(nothing_pending);
	RUN(order);
	RUN(local);
	RUN(two_groups);
	RUN(survives);
	scratch_fini();
	return unit_end();
}
