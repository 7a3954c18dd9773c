/* SPDX-License-Identifier: ISC */
/*
 * The grammar: one table of statements for each place, one function for each
 * statement. There is one token of look-ahead, p->tok. Statements of groups and
 * actions are in group.c.
 *
 *	file      = { statement }
 *	statement = WORD values ';' | WORD [name] '{' { statement } '}'
 *	values    = { WORD | STRING }
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"

#include "block.h"
#include "glob.h"
#include "group.h"
#include "parser.h"
#include "pattern.h"
#include "value.h"

static const struct block top, in_prefix;

/* The path of the first glob of a block that matches our name. */
static void
map_add(struct parser *p, const struct token *glob, const struct token *path)
{
	struct prefix *x = p->prefix;
	size_t i, n = x->nmaps;
	char *low;

	x->globs = value_room(x->globs, n, sizeof(*x->globs));
	x->paths = value_room(x->paths, n, sizeof(*x->paths));
	x->globs[n] = mem_strndup(glob->text, glob->len);
	x->paths[n] = mem_strndup(path->text, path->len);
	x->nmaps++;
	low = mem_strdup(x->globs[n]);
	for (i = 0; low[i]; i++)
		if (low[i] >= 'A' && low[i] <= 'Z')
			low[i] = (char)(low[i] - 'A' + 'a');
	if (!p->prefix_met && glob_match(low, p->conf->host, 1)) {
		p->prefix_met = 1;
		free(x->path);
		x->path = path_absolute("/", x->paths[n]);
	}
	free(low);
}

static int
parse_on(struct parser *p)
{
	static const char what[] = "an absolute path";
	struct token glob, path;

	if (value_any(p, "a host pattern", &glob) < 0)
		return -1;
	if (!token_is(&p->tok, ':'))
		return value_fail(p, &p->tok,
		    "\":\" and a blank behind the host pattern");
	if (value_advance(p) < 0 || value_any(p, what, &path) < 0)
		return -1;
	if (!path.len || *path.text != '/' || path.len > PATH_BYTES_MAX)
		return value_fail(p, &path, what);
	map_add(p, &glob, &path);
	return value_punct(p, ';');
}

static int
prefix_name(struct parser *p, const struct token *t, char **out)
{
	char *name = mem_alloc(t->len + 3);
	size_t n = t->len + 2;

	snprintf(name, n + 1, "%%%.*s%%", (int)t->len, t->text);
	if (pattern_prefix(name) != n) {
		free(name);
		return value_fail(p, t,
		    "a prefix name of A-Z a-z 0-9 . _ -");
	}
	name[n - 1] = 0;
	memmove(name, name + 1, n - 1);
	*out = name;
	return 0;
}

/* The prefix of that name, which it takes over; a new one if there is none. */
static struct prefix *
find_prefix(struct conf *c, char *name, const struct where *at)
{
	struct prefix *x;
	size_t i;

	for (i = 0; i < c->nprefixes; i++) {
		if (strcmp(c->prefixes[i].name, name))
			continue;
		free(name);
		return &c->prefixes[i];
	}
	c->prefixes = value_room(c->prefixes, i, sizeof(*c->prefixes));
	x = &c->prefixes[c->nprefixes++];
	x->name = name;
	x->at = *at;
	return x;
}

/* A prefix may have several blocks: the last one that names us counts. */
static int
parse_prefix(struct parser *p)
{
	char *name = NULL;
	struct token t;

	if (value_any(p, "a prefix name", &t) < 0)
		return -1;
	if (prefix_name(p, &t, &name) < 0) {
		free(name);
		return -1;
	}
	p->prefix = find_prefix(p->conf, name, &t.at);
	p->prefix_met = 0;
	return block_read(p, &in_prefix);
}

static int
parse_nossl(struct parser *p)
{
	struct token t;

	if (value_any(p, "a host pattern", &t) < 0 ||
	    value_any(p, "a second host pattern", &t) < 0)
		return -1;
	p->conf->nossl = 1;
	p->conf->nossl_at = p->word.at;
	return value_punct(p, ';');
}

static int
parse_ignore(struct parser *p)
{
	static const char *const words[] = { "uid", "gid", "mod", NULL };
	static const char what[] = "\"uid\", \"gid\", \"mod\"";
	int *flags[3];
	unsigned which;
	struct token t;
	size_t n;
	int r;

	flags[0] = &p->conf->ignore_uid;
	flags[1] = &p->conf->ignore_gid;
	flags[2] = &p->conf->ignore_mod;
	for (n = 0; (r = value_more(p, what, n, &t)) > 0; n++) {
		if (value_choice(p, &t, what, words, &which) < 0)
			return -1;
		*flags[which] = 1;
	}
	return r;
}

static int
parse_tempdir(struct parser *p)
{
	p->conf->tempdir_at = p->word.at;
	return value_absolute(p, &p->conf->tempdir);
}

static int
parse_database(struct parser *p)
{
	struct token t;

	free(p->conf->database);
	p->conf->database = NULL;
	return value_last(p, "a directory", &t, &p->conf->database);
}

static int
parse_lock_timeout(struct parser *p)
{
	return value_number(p, "seconds", 0, 86400, &p->conf->lock_timeout);
}

static int
parse_connect_timeout(struct parser *p)
{
	return value_number(p, "seconds", 1, 3600, &p->conf->connect_timeout);
}

static int
parse_handshake_timeout(struct parser *p)
{
	return value_number(p, "seconds", 1, 3600,
	    &p->conf->handshake_timeout);
}

static int
parse_idle_timeout(struct parser *p)
{
	return value_number(p, "seconds", 1, 86400, &p->conf->idle_timeout);
}

static int
parse_max_connections(struct parser *p)
{
	return value_number(p, "a number", 1, 1024, &p->conf->max_connections);
}

static int
parse_delete_guard(struct parser *p)
{
	static const char what[] = "a percentage from 1 to 100, or \"off\"";
	struct token t, digits;

	if (value_any(p, what, &t) < 0)
		return -1;
	digits = t;
	if (t.len && t.text[t.len - 1] == '%')
		digits.len--;
	if (t.len == 3 && !memcmp(t.text, "off", 3))
		p->conf->delete_guard = 100;
	else if (value_parse(&digits, 1, 100, &p->conf->delete_guard) < 0)
		return value_fail(p, &t, what);
	return value_punct(p, ';');
}

static int
parse_reconcile(struct parser *p)
{
	static const char what[] =
	    "seconds, minutes (\"5m\") or hours (\"1h\"), or \"off\"";
	enum { LONGEST = 31 * 86400 };
	unsigned unit = 1;
	struct token t, digits;

	if (value_any(p, what, &t) < 0)
		return -1;
	digits = t;
	if (t.len && (t.text[t.len - 1] == 'm' || t.text[t.len - 1] == 'h')) {
		unit = t.text[t.len - 1] == 'm' ? 60 : 3600;
		digits.len--;
	}
	if (t.len == 3 && !memcmp(t.text, "off", 3))
		p->conf->reconcile = 0;
	else if (value_parse(&digits, 0, LONGEST / unit,
	    &p->conf->reconcile) < 0)
		return value_fail(p, &t, what);
	p->conf->reconcile *= unit;
	return value_punct(p, ';');
}

static int
parse_compress(struct parser *p)
{
	static const char *const words[] = { "auto", "yes", "no", NULL };
	static const char what[] = "\"auto\", \"yes\" or \"no\"";
	struct token t;
	unsigned i;

	if (value_any(p, what, &t) < 0 ||
	    value_choice(p, &t, what, words, &i) < 0)
		return -1;
	p->conf->compress = (enum compress_mode)i;
	return value_punct(p, ';');
}

static int parse_text(struct parser *p, const char *path, const char *text,
    size_t n);

static int
include(struct parser *p, const struct token *t, const char *path)
{
	const struct parser *q;
	struct parser sub;
	struct err why;
	char *text = NULL;
	size_t n = 0;
	int r;

	for (q = p; q; q = q->up)
		if (!strcmp(q->lex.at.file, path))
			return value_fail(p, t,
			    "a config file that does not include itself");
	if (p->nesting >= CONF_NESTING_MAX)
		return value_fail(p, t,
		    "at most 10 nested config files");
	if (p->conf->nfiles >= CONF_FILES_MAX)
		return value_fail(p, t, "at most 1000 config files");
	err_set(&why, "%s", path);
	if (!p->source->read_file || p->source->read_file(p->source->ctx, path,
	    &text, &n, &why) < 0) {
		value_fail(p, t, "a readable config file");
		return value_note(p, "%s", why.text);
	}
	memset(&sub, 0, sizeof(sub));
	sub.conf = p->conf;
	sub.source = p->source;
	sub.up = p;
	sub.nesting = p->nesting + 1;
	sub.e = p->e;
	r = parse_text(&sub, path, text, n);
	free(text);
	return r;
}

static int
parse_config(struct parser *p)
{
	struct token t;
	char *path;
	int r;

	if (value_file(p, "a config file", &t, &path) < 0)
		return -1;
	r = include(p, &t, path);
	free(path);
	return r;
}

static int
parse_group(struct parser *p)
{
	struct conf *c = p->conf;
	struct token t;
	struct group *g;

	c->groups = value_room(c->groups, c->ngroups, sizeof(*c->groups));
	g = p->group = &c->groups[c->ngroups++];
	g->at = p->word.at;
	g->backup_generations = 3;
	p->has_auto = 0;
	t.len = 0;
	if (!token_is(&p->tok, '{') &&
	    value_any(p, "a group name or \"{\"", &t) < 0)
		return -1;
	g->name = mem_strndup(t.len ? t.text : "", t.len);
	return block_read(p, &group_block);
}

static const struct statement prefix_statements[] = {
	{ "on", parse_on }
};

static const struct block in_prefix = {
	"a statement of a prefix", "in a prefix", prefix_statements, 1
};

static const struct statement top_statements[] = {
	{ "group", parse_group },
	{ "prefix", parse_prefix },
	{ "nossl", parse_nossl },
	{ "config", parse_config },
	{ "ignore", parse_ignore },
	{ "tempdir", parse_tempdir },
	{ "database", parse_database },
	{ "lock-timeout", parse_lock_timeout },
	{ "connect-timeout", parse_connect_timeout },
	{ "handshake-timeout", parse_handshake_timeout },
	{ "idle-timeout", parse_idle_timeout },
	{ "max-connections", parse_max_connections },
	{ "delete-guard", parse_delete_guard },
	{ "reconcile", parse_reconcile },
	{ "compress", parse_compress }
};

static const struct block top = {
	"a statement of the top level", "at the top level", top_statements,
	sizeof(top_statements) / sizeof(*top_statements)
};

static const struct block *const places[] = {
	&top, &in_prefix, &group_block, &action_block, NULL
};

static int
parse_text(struct parser *p, const char *path, const char *text, size_t n)
{
	struct conf *c = p->conf;
	char *file = mem_strdup(path);

	value_append(&c->files, &c->nfiles, file);
	if (n > CONF_BYTES_MAX)
		return err_set(p->e, "%s:1:1: expected a config file of at most"
		    " %d bytes, found more", path, CONF_BYTES_MAX);
	lexer_init(&p->lex, file, text, n);
	p->places = places;
	p->block = &top;
	if (value_advance(p) < 0)
		return -1;
	while (p->tok.kind != TOKEN_END)
		if (block_statement(p) < 0)
			return -1;
	return 0;
}

int
parser_run(struct conf *c, const struct source *s, const char *path,
    const char *text, size_t n, struct err *e)
{
	struct parser p;

	memset(&p, 0, sizeof(p));
	p.conf = c;
	p.source = s;
	p.e = e;
	return parse_text(&p, path, text, n);
}
