/* SPDX-License-Identifier: ISC */
/*
 * sim [-j JOBS] N [FIRST]  the worlds of N seeds from FIRST (1)
 * sim -v SEED              tells what happens in one world
 * sim -f FILE [K]          runs a script (the Kth time of it), telling
 * sim -s DIR               all scripts of a directory, by their names
 * sim -a N DIR             all rules knocked out, one by one: the scripts, then
 *                          N worlds, tell what catches it first
 * sim -t N DIR             the test: scripts, N worlds, rules knocked out
 * -k NAME: with that rule knocked out (knock.c)
 *
 * A seed that fails is shrunk to the commands that it needs to fail; they are a
 * script.
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "knock.h"
#include "world.h"

enum { FAILURES_MAX = 3, TEXT_MAX = 65536, SCRIPTS_MAX = 100, JOBS = 2 };

/* The test runs one world of so many where sanitizers are at work. */
#ifdef __SANITIZE_ADDRESS__
enum { SLOW = 40 };
#else
enum { SLOW = 1 };
#endif

struct named {
	char name[100];
	struct script script;
};

struct schedules {
	struct named *at;
	int n;
};

static struct world world;

/* Leaves out what is not needed to fail. */
static void
shrink(struct script *s)
{
	struct script t;
	int i, again = 1;

	while (again) {
		again = 0;
		for (i = s->n; i-- > 0; ) {
			t = *s;
			memmove(&t.at[i], &t.at[i + 1],
			    (size_t)(t.n - i - 1) * sizeof(t.at[0]));
			t.n--;
			if (world_run(&world, &t, 0)) {
				*s = t;
				again = 1;
			}
		}
	}
}

static int
run_seed(unsigned long seed, int tell)
{
	struct script s;

	script_draw(&s, seed);
	if (!world_run(&world, &s, tell))
		return 0;
	if (world_knockout)
		return 1;
	printf("FAIL sim: seed %lu: %s\n", seed, world.oracle.alarm);
	shrink(&s);
	world_run(&world, &s, 0);
	printf("# the least of it that fails: %s\n", world.oracle.alarm);
	script_print(&s);
	return 1;
}

/* Every jobs-th of them; how many failed. */
static int
run_seeds(unsigned long first, unsigned long n, unsigned long jobs,
    unsigned long job)
{
	unsigned long i;
	int failed = 0;

	for (i = job; i < n && failed < FAILURES_MAX; i += jobs)
		failed += run_seed(first + i, 0);
	return failed;
}

static int
run_all(unsigned long first, unsigned long n, unsigned long jobs)
{
	unsigned long i;
	int status, failed = 0;

	fflush(stdout);
	for (i = 0; i < jobs; i++)
		if (!fork())
			exit(run_seeds(first, n, jobs, i) != 0);
	for (i = 0; i < jobs; i++)
		if (wait(&status) < 0 || status)
			failed = 1;
	if (!failed)
		printf("ok sim: %lu worlds from seed %lu\n", n, first);
	return failed;
}

static int
run_script(const struct script *from, long k, int tell)
{
	struct script s;

	script_time(&s, from, k);
	s.seed = (uint64_t)k;
	return world_run(&world, &s, tell);
}

/* The first time that fails, or 0. */
static long
run_times(const struct script *s)
{
	long k;

	for (k = 1; k <= s->times; k++)
		if (run_script(s, k, 0))
			return k;
	return 0;
}

static int
load(struct script *s, const char *path)
{
	char *text = mem_alloc(TEXT_MAX);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, TEXT_MAX - 1, f) : 0;
	int line = 0, rc;

	text[n] = 0;
	rc = f ? script_parse(s, text, &line) : -1;
	if (rc)
		printf("FAIL sim: %s:%d: not understood\n", path, line);
	if (f)
		fclose(f);
	free(text);
	return rc;
}

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
load_all(struct schedules *s, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *item;
	char path[600];

	s->n = 0;
	s->at = mem_alloc(SCRIPTS_MAX * sizeof(*s->at));
	while (d && (item = readdir(d)) && s->n < SCRIPTS_MAX) {
		if (*item->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%.300s/%.255s", dir,
		    item->d_name);
		snprintf(s->at[s->n].name, sizeof(s->at[0].name), "%.99s",
		    item->d_name);
		if (load(&s->at[s->n++].script, path))
			return -1;
	}
	if (d)
		closedir(d);
	qsort(s->at, (size_t)s->n, sizeof(*s->at), by_name);
	if (s->n)
		return 0;
	printf("FAIL sim: no schedules in %s\n", dir);
	return -1;
}

static int
run_schedules(const struct schedules *s)
{
	int i, failed = 0;
	long k;

	for (i = 0; i < s->n; i++) {
		k = run_times(&s->at[i].script);
		if (k)
			printf("FAIL schedule-%s: time %ld: %s\n",
			    s->at[i].name, k, world.oracle.alarm);
		else
			printf("ok schedule-%s\n", s->at[i].name);
		failed |= k != 0;
	}
	return failed;
}

/* The first schedule that fails, or NULL. */
static const char *
catching(const struct schedules *s)
{
	int i;

	for (i = 0; i < s->n; i++)
		if (run_times(&s->at[i].script))
			return s->at[i].name;
	return NULL;
}

/* The first seed up to max that fails, or 0. */
static unsigned long
catching_seed(unsigned long max)
{
	unsigned long i;

	for (i = 1; i <= max; i++)
		if (run_seed(i, 0))
			return i;
	return 0;
}

/* max 0: what the table says has to catch it. */
static int
knock_out(const struct schedules *s, int rule, unsigned long max)
{
	const struct knock *k = &knocks[rule];
	const char *name;
	unsigned long seed, worlds = max ? max : k->worlds;
	int missed;

	world_knockout = rule;
	name = max || k->schedule ? catching(s) : NULL;
	seed = catching_seed(worlds);
	world_knockout = KNOCK_NONE;
	missed = !max && ((k->worlds && !seed) || (k->schedule && !name));
	printf("%s knockout-%s: schedule %s, seed %lu of %lu: %s\n",
	    missed ? "FAIL" : seed || name ? "ok" : "#", k->name,
	    name ? name : "-", seed, worlds, k->what);
	return missed;
}

static int
knock_all(const struct schedules *s, unsigned long max)
{
	int i, failed = 0;

	for (i = 1; i < KNOCKOUTS; i++)
		if (max || knocks[i].worlds || knocks[i].schedule)
			failed |= knock_out(s, i, max);
	return failed;
}

static int
tell_script(const char *path, long k)
{
	struct script s;

	if (load(&s, path))
		return 1;
	if (!run_script(&s, k, 1))
		return 0;
	printf("%s\n", world.oracle.alarm);
	return 1;
}

struct wish {
	char mode;
	unsigned long n, jobs;
	const char *file;
};

static int
run_wish(const struct wish *w, unsigned long first)
{
	struct schedules s = { NULL, 0 };
	int failed = 0;

	if (w->mode == 'v')
		return run_seed(first, 1);
	if (w->mode == 'f')
		return tell_script(w->file, (long)first);
	if (strchr("sat", w->mode) && load_all(&s, w->file))
		return 1;
	if (w->mode == 's' || w->mode == 't')
		failed |= run_schedules(&s);
	if (w->mode == 't' || w->mode == 'n')
		failed |= run_all(first, w->mode == 't' ? w->n / SLOW : w->n,
		    w->jobs);
	if (w->mode == 'a' || (w->mode == 't' && SLOW == 1))
		failed |= knock_all(&s, w->mode == 'a' ? w->n : 0);
	free(s.at);
	return failed;
}

static unsigned long
number(char **argv, int i, unsigned long other)
{
	return argv[i] ? strtoul(argv[i], NULL, 10) : other;
}

int
main(int argc, char **argv)
{
	struct wish w = { 'n', 100, JOBS, NULL };
	unsigned long first = 1;
	int c;

	log_set_level(-1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "j:k:vf:sat")) != -1) {
		if (c == 'j')
			w.jobs = strtoul(optarg, NULL, 10);
		else if (c == 'k')
			world_knockout = knock_find(optarg);
		else
			w.mode = (char)c;
		if (c == 'f')
			w.file = optarg;
	}
	argv += optind;
	if (strchr("atn", w.mode))
		w.n = number(argv++, 0, w.n);
	if (strchr("sat", w.mode))
		w.file = *argv++;
	if (strchr("vfn", w.mode) && argc > 1)
		first = number(argv, 0, 1);
	if (world_knockout >= 0 && w.jobs)
		return run_wish(&w, first);
	printf("sim: see the head of tests/sim/sim.c\n");
	return 2;
}
