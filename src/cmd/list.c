/* SPDX-License-Identifier: ISC */
/*
 * What the state knows, line by line, as scripts of csync2's users read it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd.h"
#include "conf/conf.h"
#include "setup.h"
#include "state/entry.h"
#include "state/fact.h"
#include "state/state.h"
#include "sync/pair.h"

/* A name as part of a line: what would break the line is shown as \xNN. */
static void
print_name(const char *name)
{
	for (; *name; name++) {
		if ((unsigned char)*name < 0x20 || *name == 0x7f ||
		    *name == '\\')
			printf("\\x%02x", (unsigned char)*name);
		else
			putchar(*name);
	}
}

static void
print_encoded(const char *target)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

	for (; *target; target++) {
		if (strchr(plain, *target))
			putchar(*target);
		else
			printf("%%%02x", (unsigned char)*target);
	}
}

static void
print_mode(const struct conf *c, const struct version *v)
{
	static const unsigned types[KIND_COUNT] = { 0, S_IFREG, S_IFDIR,
		S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO };
	unsigned mode = v->kind == KIND_LNK ? 0777 : v->mode;

	if (!c->ignore_mod)
		printf(":mode=%u", types[v->kind] | mode);
	if (!c->ignore_uid)
		printf(":uid=%lu", (unsigned long)v->uid);
	if (!c->ignore_gid)
		printf(":gid=%lu", (unsigned long)v->gid);
}

/* csync2's text for what a file looks like. */
static void
print_version(const struct conf *c, const struct version *v)
{
	static const char *const types[KIND_COUNT] = { "", "reg", "dir",
		"lnk", "chr", "blk", "fifo" };

	printf("v1");
	if (v->kind != KIND_DIR && v->kind != KIND_LNK)
		printf(":mtime=%lld", (long long)v->mtime.sec);
	print_mode(c, v);
	printf(":type=%s", types[v->kind]);
	switch (v->kind) {
	case KIND_REG:
		printf(":size=%llu", (unsigned long long)v->size);
		break;
	case KIND_CHR:
	case KIND_BLK:
		printf(":dev=%llu", (unsigned long long)makedev(v->major,
		    v->minor));
		break;
	case KIND_LNK:
		printf(":target=");
		print_encoded(v->target);
		break;
	default:
		break;
	}
}

struct lister {
	struct setup s;
	struct pair *pairs;
	size_t npairs;
	size_t lines;
};

static void
list_entry(struct lister *l, const struct entry *entry)
{
	if (entry->v.kind == KIND_NONE)
		return;
	print_version(l->s.conf, &entry->v);
	putchar('\t');
	print_name(entry->name);
	putchar('\n');
	l->lines++;
}

static void
list_pending(struct lister *l, const struct entry *entry)
{
	const struct pair *p;
	struct cursor cursor;

	for (p = l->pairs; p < l->pairs + l->npairs; p++) {
		fact_cursor(l->s.state, p->peer, p->scope, &cursor);
		if (!options_has(l->s.o->peers, p->peer) ||
		    pair_pending(p, l->s.state, entry, cursor.out,
		    cursor.replica) != PENDING_YES)
			continue;
		printf("%s\t%s\t%s\t", entry->h.bits & HISTORY_FORCED
		    ? "force" : "chary", p->self, p->peer);
		print_name(entry->name);
		putchar('\n');
		l->lines++;
	}
}

typedef void show_entry(struct lister *l, const struct entry *entry);

static int
each_entry(struct lister *l, show_entry *show, struct err *e)
{
	struct state_walk *w = state_walk_new(l->s.state, NULL, e);
	struct entry entry;
	int rc;

	if (!w)
		return -1;
	while ((rc = state_walk_next(w, &entry, e)) > 0) {
		show(l, &entry);
		entry_free(&entry);
	}
	state_walk_free(w);
	return rc;
}

static int
run(const struct options *o, show_entry *show)
{
	struct lister l = { .lines = 0 };
	struct err e;
	int rc;

	rc = setup_config(&l.s, o, o->config, &e) || setup_listed(&l.s, &e) ||
	    setup_look(&l.s, &e);
	if (!rc) {
		l.npairs = pair_list(l.s.conf, &l.pairs);
		rc = each_entry(&l, show, &e);
		pair_list_free(l.pairs, l.npairs);
	}
	if (rc)
		log_error("%s", e.text);
	setup_free(&l.s);
	return rc ? 1 : l.lines ? 0 : 2;
}

int
cmd_list(const struct options *o)
{
	return run(o, list_entry);
}

int
cmd_pending(const struct options *o)
{
	return run(o, list_pending);
}
