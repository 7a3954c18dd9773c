/* SPDX-License-Identifier: ISC */
/*
 * Hosts and their processes; commands carried out.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/check.h"
#include "cmd/force.h"
#include "cmd/setup.h"
#include "disaster.h"
#include "disk.h"
#include "fs/commit.h"
#include "fs/tree.h"
#include "meeting.h"
#include "rounds.h"
#include "state/entry.h"
#include "state/state.h"
#include "sync/pair.h"
#include "user.h"
#include "world.h"

enum { LOCK_MS = 1000 };
#define SECOND ((int64_t)1000000000)

struct actor *world_actor;
static char nothing[1];         /* the name of the default config */

void
world_say(const struct world *w, const char *format, ...)
{
	va_list args;

	if (!w->tell)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void
add_text(struct buf *b, const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_put(b, text, strlen(text));
}

static void
describe_group(const struct setting *set, int c, int g, struct buf *b)
{
	static const char *const pattern[PATHS] = { "[f]", "[g]", "[d]",
		NULL };
	int h, p;

	add_text(b, "group g%d { key /k; auto %s; host", g,
	    script_methods[set->group[c][g].method]);
	for (h = 0; h < set->hosts; h++)
		if (set->group[c][g].members >> h & 1)
			add_text(b, set->receive_only >> h & 1 ? " (%c)" :
			    " %c", 'a' + h);
	add_text(b, ";");
	for (p = 0; p < PATHS; p++)
		if (set->group[c][g].paths >> p & 1 && pattern[p])
			add_text(b, " include %%p%%/%s;", pattern[p]);
	add_text(b, " }\n");
}

static struct conf *
make_conf(const struct setting *set, int c, const char *name)
{
	struct conf *conf = NULL;
	struct buf b = BUF_INIT;
	struct err e;
	int i;

	add_text(&b, "prefix p {");
	for (i = 0; i < HOSTS; i++)
		add_text(&b, " on %c: /n/%c;", 'a' + i, 'a' + i);
	add_text(&b, " }\n");
	for (i = 0; i < set->ngroups[c]; i++)
		describe_group(set, c, i, &b);
	if (conf_parse(&conf, "sim.cfg", (char *)b.p, b.len, "/etc", name,
	    NULL, NULL, &e)) {
		printf("%s\n%.*s", e.text, (int)b.len, (char *)b.p);
		abort();
	}
	buf_free(&b);
	return conf;
}

void
world_state(int h, char out[64], int whole)
{
	snprintf(out, 64, whole ? "/s/%c" : "/s/%c/%c.db", 'a' + h, 'a' + h);
}

/* Several processes of one host may be alive: each has a tree of its own. */
void
actor_run(struct actor *a)
{
	world_actor = a;
	if (a)
		disk_clock_skew = a->w->hosts[a->h].skew;
	calls_now(a ? &a->process : NULL);
}

static const char *const machines[] = {
	"0123456789abcdef0123456789abcde0", "0123456789abcdef0123456789abcde1",
	"0123456789abcdef0123456789abcde2", "0123456789abcdef0123456789abcde3",
	"0123456789abcdef0123456789abcde4", "0123456789abcdef0123456789abcde5",
	"0123456789abcdef0123456789abcde6", "0123456789abcdef0123456789abcde7",
};

static int
come_up(struct actor *a, struct err *e)
{
	struct host *h = &a->w->hosts[a->h];
	struct commit_options o = { .conf = h->conf[h->which],
		.host = h->name, .lock_ms = LOCK_MS };
	char dir[64];

	world_state(a->h, dir, 1);
	if (state_open(&a->state, dir, h->name, "", 1, e) ||
	    state_lock(a->state, LOCK_MS, e) || state_unlock(a->state, e))
		return -1;
	a->tree = tree_new(h->conf[h->which]);
	return commit_recover(a->tree, a->state, &o, e);
}

/* Another process may have written what this one has not read. */
static void
look_apart(struct actor *a, struct brought *b)
{
	struct host *h = &a->w->hosts[a->h];
	struct process observer = { .machine = a->process.machine };
	struct state *s;
	struct err e;
	char dir[64];

	world_state(a->h, dir, 1);
	calls_now(&observer);
	if (state_open(&s, dir, h->name, "", 0, &e))
		oracle_alarm(&a->w->oracle, "%c: %s", 'a' + a->h, e.text);
	else
		oracle_look(&a->w->oracle, a->h, s, b, 0);
	state_close(s);
	calls_now(NULL);
}

void
actor_look(struct actor *a, struct brought *b)
{
	const struct host *h = &a->w->hosts[a->h];

	actor_run(NULL);
	if (!a->process.dead &&
	    (h->alive > 1 || h->latest != a->process.pid))
		look_apart(a, b);
	else if (a->state)
		oracle_look(&a->w->oracle, a->h, a->state, b,
		    a->process.dead);
}

int
actor_begin(struct actor *a, struct world *w, int h)
{
	struct host *host = &w->hosts[h];
	struct err e;
	int rc;

	memset(a, 0, sizeof(*a));
	a->w = w;
	a->h = h;
	a->process = (struct process){ .pid = w->next_pid++,
		.kill_at = host->kill_at, .hit_at = host->hit_at,
		.hit = user_hit, .ctx = a,
		.machine = machines[host->machine % 8] };
	host->kill_at = host->hit_at = 0;
	w->oracle.hosts[h].alive = ++host->alive;
	host->latest = a->process.pid;
	actor_run(a);
	rc = come_up(a, &e);
	actor_look(a, NULL);
	if (!rc)
		oracle_recovered(&w->oracle, h);
	if (rc)
		world_say(w, "    %c: does not come up: %s", 'a' + h, e.text);
	return rc;
}

void
actor_end(struct actor *a)
{
	if (!a->w)
		return;
	if (a->process.dead)
		world_say(a->w, "    %c: a process died", 'a' + a->h);
	actor_run(a);
	state_close(a->state);
	tree_free(a->tree);
	actor_run(NULL);
	calls_dead(a->process.pid);
	a->w->oracle.hosts[a->h].alive = --a->w->hosts[a->h].alive;
	a->w = NULL;
}

const struct pair *
world_pair(struct world *w, int h, int peer)
{
	struct host *host = &w->hosts[h];
	size_t i;

	for (i = 0; i < host->npairs[host->which]; i++)
		if (host->pairs[host->which][i].peer[0] == 'a' + peer)
			return &host->pairs[host->which][i];
	return NULL;
}

static void
note_quiet(struct world *w, int h)
{
	struct truth *t = &w->oracle.hosts[h];
	int p;

	for (p = 0; p < PATHS; p++)
		if (!t->path[p].digest || ring_last(&t->path[p].disk)->mtime !=
		    ring_last(&t->path[p].entry)->mtime ||
		    !value_same(ring_last(&t->path[p].disk)->v,
		    ring_last(&t->path[p].entry)->v))
			w->oracle.quiet |= 1u << p;
}

void
world_check(struct world *w, int h, int quiet)
{
	struct host *host = &w->hosts[h];
	struct options o = { .config = "", .yes = 1, .quiet_mark = quiet };
	struct check_count count = { 0 };
	struct actor a;
	struct err e;
	struct setup s = { .o = &o, .host = host->name, .config = nothing,
		.state_dir = host->name, .lock_ms = LOCK_MS,
		.conf = host->conf[host->which] };
	int rc = -1;

	if (quiet)
		note_quiet(w, h);
	if (!actor_begin(&a, w, h)) {
		s.state = a.state;
		s.tree = a.tree;
		actor_run(&a);
		rc = check_run(&s, NULL, 0, &count, &e);
		actor_look(&a, NULL);
		if (!rc && !a.process.dead)
			w->oracle.hosts[h].checked = 1;
	}
	actor_end(&a);
}

/* Whether it is another version by -f than the one that was known. */
static int
is_forced(struct actor *a, const char *name, uint64_t known)
{
	struct entry e;
	struct err ignored;
	int yes;

	if (state_get(a->state, name, &e, &ignored) != 1)
		return 0;
	yes = e.h.bits & HISTORY_FORCED && entry_digest(&e) != known;
	entry_free(&e);
	return yes;
}

static void
force(struct world *w, int h, int p)
{
	struct host *host = &w->hosts[h];
	char name[64];
	char *files[1] = { name };
	struct options o = { .config = "", .files = files, .nfiles = 1 };
	struct actor a;
	struct setup s = { .o = &o, .host = host->name, .config = nothing,
		.state_dir = host->name, .lock_ms = LOCK_MS,
		.conf = host->conf[host->which] };

	snprintf(name, sizeof(name), "%%p%%/%s", script_paths[p]);
	if (!actor_begin(&a, w, h)) {
		s.state = a.state;
		s.tree = a.tree;
		actor_run(&a);
		force_named(&s);
		actor_run(NULL);
		if (is_forced(&a, name, w->oracle.hosts[h].path[p].digest))
			oracle_force(&w->oracle, h, p);
		actor_look(&a, NULL);
	}
	actor_end(&a);
}

static int
reachable(const struct world *w, int a, int b)
{
	return a != b && a < w->set.hosts && b < w->set.hosts &&
	    (w->apart >> a & 1) == (w->apart >> b & 1);
}

/* h meets k: see oracle.blind. */
static void
note_meeting(struct world *w, int h, int k)
{
	struct host *host = &w->hosts[h];

	if (host->is_back && host->met && !(host->met >> k & 1))
		w->oracle.blind |= 1u << h;
	if (host->met >> k & 1)
		host->is_back = 0;
	host->met |= 1u << k;
}

static struct meeting *
meet(struct world *w, int a, int b, int how)
{
	if (!reachable(w, a, b) || *w->oracle.alarm)
		return NULL;
	note_meeting(w, a, b);
	note_meeting(w, b, a);
	return meeting_new(w, a, b, how);
}

void
world_sync(struct world *w, int a, int b, int how)
{
	struct meeting *m = meet(w, a, b, how);
	int again = 0;

	if (m) {
		meeting_run(m);
		again = meeting_again(m);
	}
	meeting_free(m);
	if (!again)
		return;
	m = meet(w, a, b, how);
	if (m)
		meeting_run(m);
	meeting_free(m);
}

static void
sync_both(struct world *w, int a, int b)
{
	struct meeting *m = meet(w, a, b, MEET_TURN), *n;

	n = meet(w, b, a, MEET_TURN);
	while ((m && meeting_step(m)) | (n && meeting_step(n)))
		continue;
	meeting_free(m);
	meeting_free(n);
}

static void
open_meeting(struct world *w, const struct command *c)
{
	int i;

	for (i = 0; i < MEETINGS; i++)
		if (!w->meetings[i]) {
			w->meetings[i] = meet(w, c->a, c->b, (int)c->n);
			return;
		}
}

static void
close_meeting(struct world *w, int i)
{
	meeting_free(w->meetings[i]);
	w->meetings[i] = NULL;
}

static void
go_on(struct world *w, const struct command *c)
{
	struct meeting *m = w->meetings[c->a % MEETINGS];
	long i;

	if (c->op == OP_END && m)
		meeting_run(m);
	for (i = 0; c->op == OP_STEP && m && i < c->n; i++)
		meeting_step(m);
	if (c->op != OP_STEP)
		close_meeting(w, c->a % MEETINGS);
}

/* What nobody does: 0 when c is nothing of that kind. */
static int
happens(struct world *w, const struct command *c)
{
	struct host *h = &w->hosts[c->a % HOSTS];

	switch (c->op) {
	case OP_CRASH:
		h->kill_at = (unsigned)c->n;
		break;
	case OP_HIT:
		h->hit_at = (unsigned)c->n;
		h->hit_path = c->p;
		break;
	case OP_LOSE:
		disaster_lose(w, c->a);
		break;
	case OP_SAVE:
		disaster_save(w, c->a);
		break;
	case OP_PUTBACK:
	case OP_IMAGE:
		disaster_put_back(w, c->a, c->op == OP_IMAGE);
		break;
	case OP_CLONE:
		disaster_clone(w, c->a, c->b);
		break;
	case OP_MACHINE:
		disaster_move(w, c->a);
		break;
	case OP_CLOCK:
		h->skew += c->n * SECOND;
		if (h->skew < -DISK_BIRTH)
			h->skew = -DISK_BIRTH;  /* 1970 */
		break;
	case OP_CONF:
		h->which = c->n ? CONFS - 1 : 0;
		break;
	default:
		return 0;
	}
	return 1;
}

static void
end_quietly(struct world *w)
{
	int i;

	for (i = 0; i < MEETINGS; i++)
		close_meeting(w, i);
	if (!*w->oracle.alarm)
		rounds_run(w);
}

static void
do_command(struct world *w, const struct command *c)
{
	switch (c->op) {
	case OP_CHECK:
	case OP_QUIET:
		world_check(w, c->a, c->op == OP_QUIET);
		break;
	case OP_FORCE:
		force(w, c->a, c->p);
		break;
	case OP_SYNC:
		world_sync(w, c->a, c->b, MEET_TURN | MEET_RECONCILE);
		break;
	case OP_PLAIN:
	case OP_PUSH:
		world_sync(w, c->a, c->b, c->op == OP_PLAIN ? MEET_TURN : 0);
		break;
	case OP_BOTH:
		sync_both(w, c->a, c->b);
		break;
	case OP_OPEN:
		open_meeting(w, c);
		break;
	case OP_STEP:
	case OP_END:
	case OP_BREAK:
		go_on(w, c);
		break;
	case OP_HAS:
		user_expect(w, c);
		break;
	case OP_PART:
		w->apart = c->members;
		break;
	case OP_INIT:
		user_init(w, c);
		break;
	case OP_ROUNDS:
		end_quietly(w);
		break;
	default:
		if (!happens(w, c))
			user_do(w, c);
		break;
	}
}

static void
begin(struct world *w, const struct script *s)
{
	struct host *h;
	char dir[64];
	int i, c;

	disk_reset();
	calls_reset(s->seed);
	w->set = s->set;
	w->next_pid = 1;
	w->next_content = 1;
	w->oracle.receive_only = s->set.receive_only;
	w->oracle.drops = s->set.tombstones < TOMBSTONES;
	for (i = 0; i < s->set.hosts; i++) {
		h = &w->hosts[i];
		h->name[0] = (char)('a' + i);
		h->machine = (unsigned)i;
		for (c = 0; c < CONFS; c++) {
			h->conf[c] = make_conf(&s->set, c, h->name);
			h->npairs[c] = pair_list(h->conf[c], &h->pairs[c]);
		}
		snprintf(dir, sizeof(dir), "/n/%c", 'a' + i);
		disk_mkdir(dir, 0755);
		world_state(i, dir, 1);
		disk_mkdir(dir, 0700);
	}
}

static void
end(struct world *w)
{
	struct host *h;
	int c;

	for (h = w->hosts; h < w->hosts + w->set.hosts; h++) {
		for (c = 0; c < CONFS; c++) {
			pair_list_free(h->pairs[c], h->npairs[c]);
			conf_free(h->conf[c]);
		}
		disk_free(h->backup[0]);
		disk_free(h->backup[1]);
	}
	if (calls_open())
		oracle_alarm(&w->oracle, "%u descriptors were left open",
		    calls_open());
}

int
world_run(struct world *w, const struct script *s, int tell)
{
	int i;

	memset(w, 0, sizeof(*w));
	w->tell = tell;
	begin(w, s);
	for (i = 0; i < s->n && !*w->oracle.alarm; i++) {
		if (tell)
			script_print_one(&s->at[i]);
		do_command(w, &s->at[i]);
	}
	end_quietly(w);
	end(w);
	return *w->oracle.alarm ? -1 : 0;
}
