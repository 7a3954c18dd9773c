/* SPDX-License-Identifier: ISC */
/*
 * -o: the names that are there and that a check or a comparison looks at.
 */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "dirs.h"
#include "fs/walk.h"
#include "print.h"
#include "select.h"
#include "setup.h"

static int
show(const struct setup *s, const struct walk_item *item, struct dirs *dirs,
    struct err *e)
{
	if (item->kind == WALK_FAILED)
		return err_set(e, "%s: cannot be read: %s", item->name,
		    strerror(item->error));
	if (item->kind != WALK_FOUND ||
	    !select_shown(s->o, s->conf, item->name, 1))
		return 0;
	print_name(item->name);
	putchar('\n');
	return dirs_add(dirs, item, e);
}

/* Whether something could not be looked at. */
static int
list(const struct setup *s, const struct walk_arg *args, size_t n)
{
	struct walk *w = walk_new(s->conf, args, n, 1);
	struct dirs *dirs = dirs_new(s);
	struct walk_item item;
	struct err e;
	int failed = 0;

	while (walk_next(w, &item))
		if (show(s, &item, dirs, &e)) {
			log_error("%s", e.text);
			failed = 1;
		}
	dirs_free(dirs);
	walk_free(w);
	return failed;
}

int
cmd_files(const struct options *o)
{
	struct walk_arg *args = NULL;
	struct setup s;
	struct err e;
	size_t n = 0;
	int rc;

	rc = setup_config(&s, o, o->config, &e) || setup_listed(&s, &e) ||
	    (o->nfiles && !(args = args_new(&s, &n, &e)));
	if (rc)
		log_error("%s", e.text);
	else if (n)
		rc = list(&s, args, n);
	args_free(args, n);
	setup_free(&s);
	return rc;
}
