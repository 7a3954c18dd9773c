/* SPDX-License-Identifier: ISC */
/*
 * Scripts drawn from a seed. What is rare in life is not rare here, but a world
 * in which everything breaks shows nothing either.
 */
#include <string.h>

#include "script.h"

struct draw {
	struct script *s;
	uint64_t state;
	int second;             /* there is a second config */
};

static unsigned
below(struct draw *d, unsigned n)
{
	uint64_t x = d->state += 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((x ^ (x >> 31)) >> 33) % n;
}

static int
percent(struct draw *d, unsigned n)
{
	return below(d, 100) < n;
}

static struct command *
add(struct draw *d, enum op op, int a, int b, int p, long n)
{
	struct script *s = d->s;
	struct command *c = &s->at[s->n < COMMANDS ? s->n++ : COMMANDS - 1];

	*c = (struct command){ op, a, b, p, n, 0, 0 };
	return c;
}

static int
a_host(struct draw *d)
{
	return (int)below(d, (unsigned)d->s->set.hosts);
}

static int
another(struct draw *d, int h)
{
	int n = d->s->set.hosts;

	return (h + 1 + (int)below(d, (unsigned)n - 1)) % n;
}

static int
a_path(struct draw *d)
{
	unsigned paths = d->s->set.group[CONFS - 1][0].paths;
	int p;

	do
		p = (int)below(d, PATHS);
	while (!(paths >> (p == PATH_DX ? PATH_D : p) & 1));
	return p;
}

static void
draw_groups(struct draw *d)
{
	static const unsigned paths[] = { 1, 1, 1, 1, 3, 4, 4, 4, 5, 5 };
	struct setting *s = &d->s->set;
	unsigned all = (1u << s->hosts) - 1, kind = below(d, 100);
	int i, n = 1, method = (int)below(d, 8);

	if (s->hosts > 2 && percent(d, 25))
		s->receive_only = 1u << below(d, (unsigned)s->hosts);
	s->group[0][0].members = all;
	if (s->hosts > 2 && kind < 30) {
		/* a chain, or two around a third */
		n = 2;
		s->group[0][0].members = all & ~1u;
		s->group[0][1].members = 1 | 2;
		if (percent(d, 30))
			s->group[0][1].members = all & ~2u;
	}
	for (i = 0; i < n; i++) {
		s->group[0][i].paths = i ? s->group[0][0].paths :
		    paths[below(d, 10)];
		s->group[0][i].method = percent(d, 10) ? (int)below(d, 8) :
		    method;
	}
	s->ngroups[0] = n;
}

/* The second config: one more host, or one more path, or the same. */
static void
draw_second(struct draw *d)
{
	struct setting *s = &d->s->set;
	int g = (int)below(d, (unsigned)s->ngroups[0]);

	memcpy(s->group[1], s->group[0], sizeof(s->group[0]));
	s->ngroups[1] = s->ngroups[0];
	d->second = percent(d, 12);
	if (!d->second)
		return;
	if (s->hosts > 2 && percent(d, 50))
		s->group[0][g].members &= ~(1u << a_host(d));
	else if (s->group[0][g].paths & (s->group[0][g].paths - 1))
		s->group[0][g].paths &= s->group[0][g].paths - 1;
	else
		s->group[1][g].paths |= 1u << below(d, PATH_DX);
	if (!s->group[0][g].members || !s->group[0][g].paths)
		memcpy(s->group[0], s->group[1], sizeof(s->group[0]));
}

static void
draw_beginning(struct draw *d)
{
	int p, h, n = d->s->set.hosts;
	unsigned all = (1u << n) - 1;

	for (p = 0; p < PATHS; p++)
		if (percent(d, 60))
			add(d, OP_INIT, 0, 0, p, 0)->members =
			    percent(d, 75) ? all : below(d, all + 1);
	if (percent(d, 75))
		for (h = 0; h < n; h++)
			add(d, OP_CHECK, h, 0, 0, 0);
	if (percent(d, 60))
		for (h = 1; h < n; h++)
			add(d, OP_SYNC, 0, h, 0, 0);
}

static void
draw_edit(struct draw *d)
{
	static const enum op ops[] = { OP_EDIT, OP_EDIT, OP_EDIT, OP_EDIT,
		OP_EDIT, OP_EDIT, OP_TOUCH, OP_CHMOD, OP_REMOVE, OP_REMOVE,
		OP_REMOVE, OP_DIR, OP_LINK, OP_REVERT, OP_REVERT, OP_RESTORE };
	int h = a_host(d);

	add(d, ops[below(d, sizeof(ops) / sizeof(*ops))], h, 0, a_path(d),
	    below(d, 3));
	if (percent(d, 50))
		add(d, percent(d, 4) ? OP_QUIET : OP_CHECK, h, 0, 0, 0);
}

static void
draw_session(struct draw *d)
{
	static const enum op ops[] = { OP_SYNC, OP_SYNC, OP_PLAIN, OP_PLAIN,
		OP_PUSH, OP_PUSH, OP_BOTH, OP_OPEN };
	int h = a_host(d);

	add(d, ops[below(d, 8)], h, another(d, h), 0, below(d, 4));
}

static void
draw_step(struct draw *d)
{
	int i = (int)below(d, 3);

	if (percent(d, 70))
		add(d, OP_STEP, i, 0, 0, 1 + below(d, 10));
	else
		add(d, percent(d, 50) ? OP_END : OP_BREAK, i, 0, 0, 0);
}

/* Something goes wrong in what the host does next. */
static void
draw_trouble(struct draw *d)
{
	int h = a_host(d);

	if (percent(d, 50))
		add(d, OP_CRASH, h, 0, 0, 1 + below(d, 30));
	else
		add(d, OP_HIT, h, 0, a_path(d), 1 + below(d, 20));
	if (percent(d, 25))
		add(d, OP_CHECK, h, 0, 0, 0);
	else if (percent(d, 50))
		add(d, OP_SYNC, h, another(d, h), 0, 0);
	else
		add(d, OP_SYNC, another(d, h), h, 0, 0);
}

static void
draw_disaster(struct draw *d)
{
	static const enum op ops[] = { OP_LOSE, OP_LOSE, OP_SAVE, OP_SAVE,
		OP_SAVE, OP_PUTBACK, OP_PUTBACK, OP_IMAGE, OP_IMAGE, OP_CLONE,
		OP_MACHINE, OP_CLOCK };
	static const long jumps[] = { -1700000000, 86400, -3600, 40000000 };
	int h = a_host(d);

	add(d, ops[below(d, sizeof(ops) / sizeof(*ops))], h, another(d, h), 0,
	    jumps[below(d, 4)]);
}

static void
draw_other(struct draw *d)
{
	unsigned all = 1u << d->s->set.hosts;

	if (d->second && percent(d, 60))
		add(d, OP_CONF, a_host(d), 0, 0, 1);
	else if (percent(d, 40))
		add(d, OP_FORCE, a_host(d), 0, a_path(d), 0);
	else
		add(d, OP_PART, 0, 0, 0, 0)->members = percent(d, 50) ? 0 :
		    below(d, all);
}

void
script_draw(struct script *s, uint64_t seed)
{
	struct draw d = { s, seed * 0x2545f4914f6cdd1du, 0 };
	unsigned n, x;

	memset(s, 0, sizeof(*s));
	s->seed = seed;
	s->times = 1;
	s->set.tombstones = seed % 8 ? TOMBSTONES : 0;
	x = below(&d, 100);
	s->set.hosts = x < 40 ? 2 : x < 80 ? 3 : x < 93 ? 4 :
	    5 + (int)below(&d, 3);
	draw_groups(&d);
	draw_second(&d);
	draw_beginning(&d);
	for (n = 6 + below(&d, 14); n; n--) {
		x = below(&d, 100);
		if (x < 33)
			draw_edit(&d);
		else if (x < 45)
			add(&d, OP_CHECK, a_host(&d), 0, 0, 0);
		else if (x < 73)
			draw_session(&d);
		else if (x < 82)
			draw_step(&d);
		else if (x < 87)
			draw_trouble(&d);
		else if (x < 95)
			draw_disaster(&d);
		else
			draw_other(&d);
	}
}
