/* SPDX-License-Identifier: ISC */
/*
 * configtest: what the config comes to on this host, on stdout, and what is
 * wrong with it, on stderr. What would make a run fail makes the exit code 1;
 * all else is only said.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmd.h"
#include "conf/conf.h"
#include "fs/roots.h"
#include "fs/tree.h"
#include "fs/walk.h"
#include "keys.h"
#include "peer.h"
#include "print.h"
#include "select.h"
#include "setup.h"
#include "sync/command.h"
#include "sync/pair.h"

static void
print_members(const struct group *g)
{
	const struct member *m;

	printf("  host");
	for (m = g->members; m < g->members + g->nmembers; m++) {
		printf(m->receive_only ? " (%s" : " %s", m->host);
		if (strcmp(m->host, m->name))
			printf("@%s", m->name);
		printf("%s%s", m->receive_only ? ")" : "",
		    m == g->self ? " [this host]" : "");
	}
	putchar('\n');
}

static void
print_pattern(const struct conf *c, const struct pattern *p)
{
	static const char *const kinds[] = { "include", "exclude", "compare" };
	char *path = conf_path(c, p->text);

	printf("  %s ", kinds[p->kind]);
	print_name(p->text);
	if (path && *p->text == '%') {
		printf(" = ");
		print_name(path);
	}
	if (p->base)
		printf(" (any name in any directory)");
	putchar('\n');
	free(path);
}

static void
print_group(const struct conf *c, const struct group *g)
{
	size_t i;

	printf("group %s at %s:%u\n", g->name, g->at.file, g->at.line);
	print_members(g);
	if (!g->self)
		return;
	for (i = 0; i < g->nkeys; i++)
		printf("  key %s\n", g->keys[i]);
	for (i = 0; i < g->npatterns; i++)
		print_pattern(c, &g->patterns[i]);
	printf("  auto %s\n", auto_method_name(g->method));
	for (i = 0; i < g->nactions; i++)
		printf("  action at line %u: %zu patterns, %zu commands\n",
		    g->actions[i].at.line, g->actions[i].npatterns,
		    g->actions[i].nexec);
	if (g->backup_dir)
		printf("  backup-directory %s\n", g->backup_dir);
}

static void
print_config(const struct setup *s)
{
	const struct conf *c = s->conf;
	size_t i;

	for (i = 0; i < c->nfiles; i++)
		printf("config %s\n", c->files[i]);
	printf("this host %s, by %s\nstate %s\n", s->host, s->o->host ?
	    "-N" : "its name (uname -n)", s->state_dir);
	for (i = 0; i < c->ngroups; i++)
		print_group(c, &c->groups[i]);
}

static void
complain(const struct where *at, const char *what, const char *name,
    const char *why)
{
	log_note("%s:%u:%u: %s %s %s", at->file, at->line, at->column, what,
	    name, why);
}

/* Whether a name is there for us, which go through no link below a root. */
static int
is_there(const struct setup *s, const struct pattern *p, const char *name)
{
	struct stat st;
	const char *base;
	int dir = tree_parent(s->tree, name, &base);

	return dir >= 0 && !fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) &&
	    (p->literal || S_ISDIR(st.st_mode));
}

static void
test_root(const struct setup *s, const struct pattern *p)
{
	char *name, *path;
	struct stat st;

	if (p->kind != PATTERN_INCLUDE || p->base)
		return;
	name = roots_start(p);
	path = conf_path(s->conf, name);
	if (path && !is_there(s, p, name)) {
		if (stat(path, &st))
			complain(&p->at, "include: there is no", path, "here "
			    "so far");
		else if (S_ISDIR(st.st_mode) || p->literal)
			complain(&p->at, "include:", path, "leads through a "
			    "symbolic link, which is not followed: nothing "
			    "below it is synced");
		else
			complain(&p->at, "include:", path,
			    "is no directory");
	}
	free(name);
	free(path);
}

/* The plain word that a shell command begins with; NULL: there is none. */
static char *
first_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";
	size_t n;

	text += strspn(text, " \t\n");
	n = strspn(text, plain);
	if (!n || !strchr(" \t\n;&|<>", text[n]))
		return NULL;
	return mem_strndup(text, n);
}

/* The shell that would run it is asked. */
static int
test_command(const struct action *a, const char *text)
{
	char *word = first_word(text);
	struct command c = { .text = "command -v %%", .group = "",
		.peer = "", .paths = &word, .npaths = 1, .timeout = 10 };
	long long ms;
	int rc = word ? command_run(&c, &ms) : 0, bad;

	bad = rc == 1 || rc == 127;     /* shells differ */
	if (bad)
		log_error("%s:%u:%u: action: no command '%s' is found on this "
		    "host", a->at.file, a->at.line, a->at.column, word);
	free(word);
	return bad;
}

/* Commands run all the same where it cannot be opened. */
static void
test_logfile(const struct action *a)
{
	const char *log = a->logfile;
	char *dir;

	if (!log)
		return;
	dir = mem_strndup(log, (size_t)(path_base(log) - log));
	if (access(access(log, F_OK) ? dir : log, W_OK))
		complain(&a->at, "action: logfile", log, "cannot be written: "
		    "what the commands say is lost");
	free(dir);
}

static int
test_group(const struct setup *s, const struct group *g)
{
	const struct action *a;
	size_t i, k;
	int bad = 0;

	for (i = 0; i < g->npatterns; i++)
		test_root(s, &g->patterns[i]);
	for (i = 0; i < g->nactions; i++) {
		a = &g->actions[i];
		for (k = 0; k < a->nexec; k++)
			bad |= test_command(a, a->exec[k]);
		test_logfile(a);
		if (!a->nexec)
			complain(&a->at, "action", "without exec",
			    "does nothing");
	}
	return bad;
}

/* A session that offers nothing: it shows name, address, key and config. */
static int
test_peers(struct setup *s)
{
	static const struct walk_arg nothing = { NULL, 0 };
	struct options dry = *s->o;
	const struct options *o = s->o;
	struct pair *pairs;
	size_t n = select_pairs(o, s->conf, &pairs), i;
	int bad = 0;

	dry.dry = 1;
	s->o = &dry;
	for (i = 0; i < n; i++) {
		struct peer_task task = { .s = s, .pair = &pairs[i],
			.only = &nothing, .pending = 1 };

		bad |= peer_run(&task);
	}
	s->o = o;
	pair_list_free(pairs, n);
	return bad;
}

static int
test(struct setup *s)
{
	const struct conf *c = s->conf;
	struct err e;
	int bad = 0;
	size_t i;

	print_config(s);
	fflush(stdout);
	if (setup_listed(s, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	if (keys_check(c, &e)) {
		log_error("%s", e.text);
		bad = 1;
	}
	for (i = 0; i < c->ngroups; i++)
		if (c->groups[i].self)
			bad |= test_group(s, &c->groups[i]);
	if (!s->o->verbose || bad)
		return bad;
	if (!setup_look(s, &e))
		return test_peers(s);
	log_error("%s", e.text);
	return 1;
}

int
cmd_configtest(const struct options *o)
{
	struct setup s;
	struct err e;
	int bad = setup_config(&s, o, o->config, &e);

	if (bad)
		log_error("%s", e.text);
	else
		bad = test(&s);
	setup_free(&s);
	return bad != 0;
}
