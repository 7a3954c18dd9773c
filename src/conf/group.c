/* SPDX-License-Identifier: ISC */
/*
 * Statements of groups and actions. p->group and p->action are what is being
 * read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#include "block.h"
#include "group.h"
#include "pattern.h"
#include "value.h"

/* A host name from t, in lower case; NULL when it is none. */
static char *
host_name(const struct token *t)
{
	char *name;
	size_t i;

	if (!t->len || t->len > CONF_NAME_MAX)
		return NULL;
	name = mem_strndup(t->text, t->len);
	for (i = 0; i < t->len; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z')
			name[i] = (char)(c - 'A' + 'a');
		else if ((c < 'a' || c > 'z') && (c < '0' || c > '9') &&
		    c != '.' && c != '_' && c != '-')
			break;
	}
	if (i == t->len)
		return name;
	free(name);
	return NULL;
}

static int
host_token(struct parser *p, const char *what, struct token *t, char **out)
{
	if (value_any(p, what, t) < 0)
		return -1;
	*out = host_name(t);
	if (!*out)
		return value_fail(p, t, "a host name of at most 63 characters"
		    " of a-z 0-9 . _ -");
	return 0;
}

static int
drop_last(struct group *g)
{
	struct member *m = &g->members[--g->nmembers];

	free(m->host);
	free(m->name);
	memset(m, 0, sizeof(*m));
	return 0;
}

/*
 * Whether the last member is one of those before it: written twice it counts
 * once.
 */
static int
check_member(struct parser *p, const struct token *host,
    const struct token *name)
{
	const struct group *g = p->group;
	const struct member *m = &g->members[g->nmembers - 1], *k;

	for (k = g->members; k < m; k++) {
		if (!strcmp(k->host, m->host) && !strcmp(k->name, m->name) &&
		    k->receive_only == m->receive_only)
			return drop_last(p->group);
		if (!strcmp(k->host, m->host))
			return value_fail(p, host,
			    "each host once in a group");
		if (!strcmp(k->name, m->name))
			return value_fail(p, name,
			    "each identity once in a group");
	}
	return 0;
}

static int
parse_member(struct parser *p, const char *what, int receive_only)
{
	struct group *g = p->group;
	struct token host, name;
	struct member *m;

	g->members = value_room(g->members, g->nmembers, sizeof(*g->members));
	m = &g->members[g->nmembers++];
	m->receive_only = receive_only;
	if (host_token(p, what, &host, &m->host) < 0)
		return -1;
	name = host;
	if (!token_is(&p->tok, '@')) {
		m->name = mem_strdup(m->host);
	} else if (value_advance(p) < 0 ||
	    host_token(p, "an address name", &name, &m->name) < 0) {
		return -1;
	}
	return check_member(p, &host, &name);
}

static int
parse_receive_only(struct parser *p)
{
	if (value_punct(p, '(') < 0)
		return -1;
	while (!token_is(&p->tok, ')'))
		if (parse_member(p, "a host name or \")\"", 1) < 0)
			return -1;
	return value_advance(p);
}

static int
parse_host(struct parser *p)
{
	size_t n;
	int r = 0;

	for (n = 0; !r && !token_is(&p->tok, ';'); n++) {
		if (token_is(&p->tok, '('))
			r = parse_receive_only(p);
		else if (n && value_keyword(p))
			return value_fail(p, &p->tok, "\";\"");
		else
			r = parse_member(p, "a host name or \";\"", 0);
	}
	return r ? r : value_advance(p);
}

static int
parse_key(struct parser *p)
{
	struct group *g = p->group;
	struct token t;
	char *path;

	if (g->nkeys == 2)
		return value_fail(p, &p->word, "at most two keys in a group");
	if (value_file(p, "a key file", &t, &path) < 0)
		return -1;
	value_append(&g->keys, &g->nkeys, path);
	return 0;
}

static int
parse_patterns(struct parser *p, enum pattern_kind kind, struct pattern **list,
    size_t *count)
{
	const char *bad;
	struct token t;
	size_t n;
	int r;

	for (n = 0; (r = value_more(p, "a pattern", n, &t)) > 0; n++) {
		*list = value_room(*list, *count, sizeof(**list));
		bad = pattern_init(&(*list)[*count], kind, t.text, t.len);
		if (bad)
			return value_fail(p, &t, bad);
		(*list)[(*count)++].at = t.at;
	}
	return r;
}

static int
parse_include(struct parser *p)
{
	return parse_patterns(p, PATTERN_INCLUDE, &p->group->patterns,
	    &p->group->npatterns);
}

static int
parse_exclude(struct parser *p)
{
	return parse_patterns(p, PATTERN_EXCLUDE, &p->group->patterns,
	    &p->group->npatterns);
}

static int
parse_compare(struct parser *p)
{
	return parse_patterns(p, PATTERN_COMPARE, &p->group->patterns,
	    &p->group->npatterns);
}

static int
parse_auto(struct parser *p)
{
	static const char what[] = "a method (none, first, younger, older,"
	    " bigger, smaller, left, right)";
	const char *words[AUTO_RIGHT + 2] = { NULL };
	unsigned i;
	struct token t;

	if (p->has_auto)
		return value_fail(p, &p->word, "one auto method in a group");
	for (i = AUTO_NONE; i <= AUTO_RIGHT; i++)
		words[i] = auto_method_name((enum auto_method)i);
	if (value_any(p, what, &t) < 0 ||
	    value_choice(p, &t, what, words, &i) < 0)
		return -1;
	p->group->method = (enum auto_method)i;
	p->has_auto = 1;
	return value_punct(p, ';');
}

static int
parse_backup_directory(struct parser *p)
{
	return value_absolute(p, &p->group->backup_dir);
}

static int
parse_backup_generations(struct parser *p)
{
	return value_number(p, "a number", 0, 1000,
	    &p->group->backup_generations);
}

static int
parse_action(struct parser *p)
{
	struct group *g = p->group;

	g->actions = value_room(g->actions, g->nactions, sizeof(*g->actions));
	p->action = &g->actions[g->nactions++];
	p->action->timeout = 300;
	p->action->at = p->word.at;
	return block_read(p, &action_block);
}

static int
parse_pattern(struct parser *p)
{
	return parse_patterns(p, PATTERN_INCLUDE, &p->action->patterns,
	    &p->action->npatterns);
}

static int
parse_exec(struct parser *p)
{
	struct action *a = p->action;
	struct token t;
	size_t n;
	int r;

	for (n = 0; (r = value_more(p, "a command", n, &t)) > 0; n++)
		value_append(&a->exec, &a->nexec, mem_strndup(t.text, t.len));
	return r;
}

static int
parse_logfile(struct parser *p)
{
	return value_absolute(p, &p->action->logfile);
}

static int
parse_do_local(struct parser *p)
{
	p->action->local = 1;
	return value_punct(p, ';');
}

static int
parse_do_local_only(struct parser *p)
{
	p->action->local_only = 1;
	return value_punct(p, ';');
}

static int
parse_timeout(struct parser *p)
{
	return value_number(p, "seconds", 0, 86400, &p->action->timeout);
}

static const struct statement group_statements[] = {
	{ "host", parse_host },
	{ "key", parse_key },
	{ "include", parse_include },
	{ "exclude", parse_exclude },
	{ "compare", parse_compare },
	{ "auto", parse_auto },
	{ "action", parse_action },
	{ "backup-directory", parse_backup_directory },
	{ "backup-generations", parse_backup_generations }
};

const struct block group_block = {
	"a statement of a group", "in a group", group_statements,
	sizeof(group_statements) / sizeof(*group_statements)
};

static const struct statement action_statements[] = {
	{ "pattern", parse_pattern },
	{ "exec", parse_exec },
	{ "logfile", parse_logfile },
	{ "do-local", parse_do_local },
	{ "do-local-only", parse_do_local_only },
	{ "timeout", parse_timeout }
};

const struct block action_block = {
	"a statement of an action", "in an action", action_statements,
	sizeof(action_statements) / sizeof(*action_statements)
};
