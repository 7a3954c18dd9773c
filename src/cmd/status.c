/* SPDX-License-Identifier: ISC */
/*
 * status: how each config is doing, for people and, with -J, for programs.
 * Without -C all configs of the system directory that list this host; without
 * -v only what is known here.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd.h"
#include "conf/conf.h"
#include "health.h"
#include "json.h"
#include "print.h"
#include "report.h"
#include "sync/pair.h"

enum { SHOWN = 10, JSON_VERSION = 1 };  /* conflicts that are shown as text */

enum colour { RED = 31, GREEN = 32 };

struct status {
	const struct options *o;
	int colours;
	struct json json;
	int look;               /* something has to be looked at */
};

static void
coloured(const struct status *st, enum colour colour, const char *text)
{
	if (st->colours)
		printf("\033[%dm%s\033[0m", colour, text);
	else
		printf("%s", text);
}

static void
print_ago(int64_t when)
{
	static const struct { const char *name; int64_t seconds; } units[] = {
		{ "days", 86400 }, { "hours", 3600 }, { "minutes", 60 },
		{ "seconds", 1 }
	};
	int64_t age = clock_real().sec - when;
	size_t i = 0;

	if (!when) {
		printf("not known when it was met");
		return;
	}
	age = age < 0 ? 0 : age;
	while (i < 3 && age < 2 * units[i].seconds)
		i++;
	printf("met %lld %s ago", (long long)(age / units[i].seconds),
	    units[i].name);
}

static int
print_flow(const char *way, const struct flow *f, int before)
{
	if (!f->files && !f->removals)
		return before;
	printf("%s", before ? ", " : "");
	if (f->files) {
		printf("%zu to %s (", f->files, way);
		print_bytes(f->bytes);
		putchar(')');
	}
	if (f->removals)
		printf("%s%zu to remove %s", f->files ? ", " : "", f->removals,
		    *way == 's' ? "there" : "here");
	return 1;
}

/* "SINCE: LINE", a line each. */
static void
print_lines(const struct status *st, int64_t since, const char *lines)
{
	char when[REPORT_SIDE];
	size_t n;

	report_time(when, since);
	for (; *lines; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		printf("    ");
		coloured(st, RED, when);
		printf(": %.*s\n", (int)n, lines);
	}
}

static void
print_peer(const struct status *st, const struct peer_health *p)
{
	int any = print_flow("send", &p->out, 0);

	any = print_flow("take", &p->in, any);
	if (p->put_back)
		printf("%s%zu to be put back here", any++ ? ", " : "",
		    p->put_back);
	if (p->nclashes) {
		printf("%s", any++ ? ", " : "");
		coloured(st, RED, "in conflict:");
		printf(" %zu", p->nclashes);
	}
	if (!any)
		coloured(st, GREEN, p->answered ? "in sync" :
		    "nothing to send");
	printf("; ");
	print_ago(p->contact.met);
	putchar('\n');
	if (p->contact.trouble)
		print_lines(st, p->contact.since, p->contact.trouble);
}

static void
print_settle(const struct health *h, const struct clash *c)
{
	print_call(&h->s, "-f");
	putchar(' ');
	print_name(c->name);
}

static void
print_clash(const struct status *st, const struct health *h,
    const struct clash *c)
{
	char side[REPORT_SIDE];

	coloured(st, RED, "  conflict");
	printf(" with %s: ", h->pairs[c->peer].peer);
	print_name(c->name);
	report_side(side, c->here.kind, c->here.mtime.sec, c->here.size);
	printf("\n    here   %s\n", side);
	report_side(side, c->there.kind, c->there.mtime.sec, c->there.size);
	printf("    there  %s\n    settle it on the host that is right: ",
	    side);
	print_settle(h, c);
	putchar('\n');
}

static void
print_text(const struct status *st, const struct health *h)
{
	size_t i;
	int wide = 0, n;

	for (i = 0; i < h->npeers; i++) {
		n = (int)strlen(h->pairs[i].peer);
		wide = n > wide ? n : wide;
	}
	printf("%s on %s\n", h->s.config_path, h->s.host);
	for (i = 0; i < h->npeers; i++) {
		printf("  %-*s  ", wide, h->pairs[i].peer);
		print_peer(st, &h->peers[i]);
	}
	for (i = 0; i < h->nclashes && i < SHOWN; i++)
		print_clash(st, h, &h->clashes[i]);
	if (i < h->nclashes)
		printf("  and %zu conflicts more: -J shows all\n",
		    h->nclashes - i);
	for (i = 0; i < h->ntroubles; i++) {
		printf("  %s\n", !strcmp(h->troubles[i].what, "action") ?
		    "an action failed" : "the last check or run failed");
		print_lines(st, h->troubles[i].since, h->troubles[i].lines);
	}
	if (h->actions)
		printf("  actions wait for the next run: for %zu files\n",
		    h->actions);
}

static void
json_flow(struct json *j, const char *key, const struct flow *f)
{
	json_open(j, key, '{');
	json_number(j, "files", (int64_t)f->files);
	json_number(j, "removals", (int64_t)f->removals);
	json_number(j, "bytes", (int64_t)f->bytes);
	json_close(j, '}');
}

static void
json_trouble(struct json *j, const char *key, const char *what, int64_t since,
    const char *lines)
{
	if (!lines) {
		json_text(j, key, NULL);
		return;
	}
	json_open(j, key, '{');
	if (what)
		json_text(j, "what", what);
	json_number(j, "since", since);
	json_text(j, "text", lines);
	json_close(j, '}');
}

static void
json_side(struct json *j, const char *key, const struct conflict *side)
{
	json_open(j, key, '{');
	json_text(j, "kind", report_kind(side->kind));
	json_number(j, "mtime", side->mtime.sec);
	json_number(j, "size", (int64_t)side->size);
	json_close(j, '}');
}

static void
json_peer(struct json *j, const struct health *h, size_t i)
{
	const struct peer_health *p = &h->peers[i];
	const struct clash *c;
	size_t k;

	json_open(j, NULL, '{');
	json_text(j, "name", p->pair->peer);
	json_open(j, "groups", '[');
	for (k = 0; k < p->pair->ngroups; k++)
		json_name(j, NULL, p->pair->groups[k]->name);
	json_close(j, ']');
	if (p->contact.met)
		json_number(j, "met", p->contact.met);
	else
		json_text(j, "met", NULL);
	json_trouble(j, "trouble", NULL, p->contact.since, p->contact.trouble);
	json_flow(j, "send", &p->out);
	if (p->answered)
		json_flow(j, "take", &p->in);
	else
		json_text(j, "take", NULL);
	json_number(j, "put_back", (int64_t)p->put_back);
	json_open(j, "conflicts", '[');
	for (c = h->clashes; c < h->clashes + h->nclashes; c++) {
		if (c->peer != i)
			continue;
		json_open(j, NULL, '{');
		json_name(j, "path", c->name);
		json_side(j, "here", &c->here);
		json_side(j, "there", &c->there);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
json_config(struct json *j, const struct health *h, const char *error)
{
	size_t i;

	json_open(j, NULL, '{');
	json_text(j, "config", h->s.config);
	json_name(j, "file", h->s.config_path);
	json_text(j, "host", h->s.host);
	if (error)
		json_name(j, "error", error);
	else
		json_text(j, "error", NULL);
	json_open(j, "peers", '[');
	for (i = 0; i < h->npeers; i++)
		json_peer(j, h, i);
	json_close(j, ']');
	json_open(j, "troubles", '[');
	for (i = 0; i < h->ntroubles; i++)
		json_trouble(j, NULL, h->troubles[i].what,
		    h->troubles[i].since, h->troubles[i].lines);
	json_close(j, ']');
	json_number(j, "actions_waiting", (int64_t)h->actions);
	json_close(j, '}');
}

/* others: a config that does not list this host is none of its business. */
static void
show(struct status *st, const char *config, int others)
{
	struct health h;
	struct err e;
	int rc = health_init(&h, st->o, config, st->o->verbose, &e);

	if (!rc || !others || !h.s.conf || setup_self(&h.s)) {
		st->look |= rc || !health_well(&h);
		if (rc)
			log_error("%s", e.text);
		if (st->o->json)
			json_config(&st->json, &h, rc ? e.text : NULL);
		else if (!rc)
			print_text(st, &h);
	}
	fflush(stdout);
	health_fini(&h);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the configs in the system directory, the default one's is "". */
static char **
find_configs(const struct options *o, size_t *n)
{
	struct setup s;
	struct err ignored;
	size_t cap = 0, program, len;
	char **list = NULL;
	struct dirent *d;
	DIR *dir;

	*n = 0;
	dir = setup_places(&s, o, "", &ignored) ? NULL : opendir(s.system_dir);
	while (dir && (d = readdir(dir))) {
		program = strlen(s.program);
		len = strlen(d->d_name);
		if (strncmp(d->d_name, s.program, program) ||
		    (d->d_name[program] != '_' && len != program + 4) ||
		    len < program + 4 || strcmp(d->d_name + len - 4, ".cfg"))
			continue;
		list = mem_grow(list, *n, &cap, sizeof(*list));
		program += d->d_name[program] == '_';
		list[(*n)++] = mem_strndup(d->d_name + program,
		    len - program - 4);
	}
	if (dir)
		closedir(dir);
	setup_free(&s);
	if (*n)
		qsort(list, *n, sizeof(*list), by_name);
	return list;
}

static void
show_all(struct status *st)
{
	size_t n, i;
	char **list = find_configs(st->o, &n);

	if (!n)
		show(st, "", 0);
	for (i = 0; i < n; i++) {
		show(st, list[i], n > 1);
		free(list[i]);
	}
	free(list);
}

int
cmd_status(const struct options *o)
{
	struct status st = { .o = o, .colours = print_colours() };

	if (o->json) {
		json_open(&st.json, NULL, '{');
		json_number(&st.json, "version", JSON_VERSION);
		json_open(&st.json, "configs", '[');
	}
	if (*o->config)
		show(&st, o->config, 0);
	else
		show_all(&st);
	if (o->json) {
		json_close(&st.json, ']');
		json_bool(&st.json, "well", !st.look);
		json_close(&st.json, '}');
		putchar('\n');
	} else if (st.look) {
		coloured(&st, RED, "Look here.");
		putchar('\n');
	} else {
		coloured(&st, GREEN, "All is well.");
		putchar('\n');
	}
	return st.look;
}
