/* SPDX-License-Identifier: ISC */
/*
 * What users do to the disks.
 */
#include <string.h>

#include "disk.h"
#include "reading.h"
#include "user.h"
#include "world.h"

#define SECOND ((int64_t)1000000000)

static struct value
file_value(struct world *w)
{
	return (struct value){ VALUE_FILE, 0644, w->next_content++ };
}

static void
put(struct world *w, int h, int p, struct value v, int64_t mtime)
{
	int64_t was_time, d_time;
	struct value was = oracle_value(h, p, &was_time), d;
	char path[64], text[CONTENT_MAX];
	size_t n;

	if (v.kind == VALUE_NONE && was.kind == VALUE_NONE)
		return;
	d = oracle_value(h, PATH_D, &d_time);
	if (p == PATH_DX && v.kind != VALUE_NONE && d.kind != VALUE_DIR)
		put(w, h, PATH_D, (struct value){ VALUE_DIR, 0755, 0 }, 0);
	if (p == PATH_D && v.kind != VALUE_DIR && d.kind == VALUE_DIR)
		put(w, h, PATH_DX, (struct value){ VALUE_NONE, 0, 0 }, 0);
	path_of(h, p, path);
	n = script_content(p, v.content, text);
	if (v.kind == VALUE_NONE)
		disk_remove(path);
	else if (v.kind == VALUE_FILE)
		disk_write(path, text, n, v.mode, mtime);
	else if (v.kind == VALUE_LINK)
		disk_link(path, text, mtime);
	else if (was.kind == VALUE_DIR)
		disk_touch(disk_find(path), v.mode, 0);
	else
		disk_mkdir(path, v.mode);
	v = oracle_value(h, p, &was_time);
	oracle_edit(&w->oracle, h, p, v, was_time);
	world_say(w, "    %c: %s is %s, edit %d", 'a' + h, script_paths[p],
	    value_text(v), w->oracle.nedits - 1);
}

/* The user's hand; what makes no sense there is left. */
void
user_do(struct world *w, const struct command *c)
{
	const struct facts_of_path *f = &w->oracle.hosts[c->a].path[c->p];
	struct value v;
	int64_t mtime;
	unsigned i;

	disk_clock_skew = w->hosts[c->a].skew;
	v = oracle_value(c->a, c->p, &mtime);
	switch (c->op) {
	case OP_EDIT:
		v = file_value(w);
		break;
	case OP_LINK:
		v = (struct value){ VALUE_LINK, 0, w->next_content++ };
		break;
	case OP_DIR:
		if (v.kind == VALUE_DIR || c->p == PATH_DX)
			return;
		v = (struct value){ VALUE_DIR, 0755, 0 };
		break;
	case OP_REMOVE:
		v = (struct value){ VALUE_NONE, 0, 0 };
		break;
	case OP_COPY:
		v = oracle_value(c->b, c->p, &mtime);
		break;
	case OP_TOUCH:
		if (v.kind != VALUE_FILE && v.kind != VALUE_LINK)
			return;
		break;
	case OP_CHMOD:
		if (v.kind != VALUE_FILE && v.kind != VALUE_DIR)
			return;
		v.mode ^= 0111;
		put(w, c->a, c->p, v, mtime);
		return;
	default:
		i = (unsigned)c->n + 1;
		if (i > f->nold || i > RING)
			return;
		v = f->old[(f->nold - i) % RING];
		mtime = f->old_mtime[(f->nold - i) % RING];
		put(w, c->a, c->p, v, c->op == OP_RESTORE ? mtime : 0);
		return;
	}
	put(w, c->a, c->p, v, 0);
}

/* From before the state, so the same on all. */
void
user_init(struct world *w, const struct command *c)
{
	struct value v = { VALUE_FILE, 0644, 0 };
	int h;

	if (c->p == PATH_D)
		v = (struct value){ VALUE_DIR, 0755, 0 };
	for (h = 0; h < w->set.hosts; h++)
		if (c->members >> h & 1)
			put(w, h, c->p, v, (int64_t)1600000000 * SECOND);
}

void
user_hit(void *ctx)
{
	struct actor *a = ctx;
	struct command c = { .op = OP_EDIT, .a = a->h,
		.p = a->w->hosts[a->h].hit_path };

	user_do(a->w, &c);
}

/* A schedule tells what has to stand there by now. */
void
user_expect(struct world *w, const struct command *c)
{
	struct value v;
	int64_t ignored;
	int h;

	for (h = 0; h < w->set.hosts; h++) {
		if (!(c->members >> h & 1))
			continue;
		v = oracle_value(h, c->p, &ignored);
		if (c->n < 0 ? v.kind != VALUE_NONE :
		    v.kind == VALUE_NONE || v.content != c->n)
			oracle_alarm(&w->oracle, "%c: %s is %s, not %ld",
			    'a' + h, script_paths[c->p], value_text(v), c->n);
	}
}
