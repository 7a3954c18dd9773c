/* SPDX-License-Identifier: ISC */
/*
 * Include roots on the disk.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "conf/match.h"
#include "roots.h"
#include "tree.h"

static char *
root_of(const struct pattern *p)
{
	size_t n = strcspn(p->text, "*?[\\");

	if (!p->text[n])
		return mem_strdup(p->text);
	while (n && p->text[n] != '/')
		n--;
	return n ? mem_strndup(p->text, n) : mem_strdup("/");
}

static int
is_directory(struct tree *t, const char *name)
{
	int fd = tree_dir(t, name);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

/* The pattern's root if the name lies under it and it is gone, or NULL. */
static char *
lost_root(const struct pattern *p, struct tree *t, const char *name,
    int was_dir)
{
	char *root;

	if (p->kind != PATTERN_INCLUDE || p->base || !match_pattern(p, name))
		return NULL;
	root = root_of(p);
	if ((strcmp(root, name) || was_dir) && !is_directory(t, root))
		return root;
	free(root);
	return NULL;
}

int
roots_stand(const struct conf *c, struct tree *t, const char *name,
    int was_dir, char **lost)
{
	const struct group *g;
	size_t i;

	for (g = c->groups; g < c->groups + c->ngroups; g++)
		for (i = 0; g->self && i < g->npatterns; i++) {
			*lost = lost_root(&g->patterns[i], t, name, was_dir);
			if (*lost)
				return 0;
		}
	return 1;
}
