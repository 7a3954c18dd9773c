/* SPDX-License-Identifier: ISC */
/*
 * Names and places: under the name csync2 the program uses csync2's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "database.h"
#include "fs/commit.h"
#include "fs/tree.h"
#include "scratch.h"
#include "setup.h"
#include "state/state.h"
#include "tempdir.h"
#include "sync/action.h"

struct places {
	const char *name, *system_dir, *variable, *state_dir;
};

static const struct places *
places(const struct options *o)
{
	static const struct places both[2] = {
		{ "ucsync", "/etc/ucsync", "UCSYNC_SYSTEM_DIR",
		    "/var/lib/ucsync" },
		{ "csync2", "/etc", "CSYNC2_SYSTEM_DIR", "/var/lib/csync2" }
	};

	return &both[!!o->as_csync2];
}

static char *
own_name(const struct options *o)
{
	struct utsname u;

	if (o->host)
		return options_host(o->host);
	return options_host(uname(&u) ? "" : u.nodename);
}

static int
config_name_valid(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") ==
	    strlen(name) && strlen(name) <= 32;
}

static char *
join(const char *dir, const char *name, const char *config, const char *end)
{
	size_t size = strlen(dir) + strlen(name) + strlen(config) +
	    strlen(end) + 3;
	char *path = mem_alloc(size);

	snprintf(path, size, "%s/%s%s%s%s", dir, name, *config ? "_" : "",
	    config, end);
	return path;
}

/* The admin's stop file: csync2.lock, or ucsync.lock. */
static int
check_stop(const struct setup *s, struct err *e)
{
	char *path = join(s->system_dir, places(s->o)->name, "", ".lock");
	int rc = 0;

	if (!access(path, F_OK))
		rc = err_set(e, "%s exists: nothing is done until it is "
		    "removed", path);
	free(path);
	return rc;
}

static void
show_warnings(const struct setup *s)
{
	enum log_level level = s->o->mode == MODE_CONFIGTEST ? LOG_LEVEL_NOTE :
	    LOG_LEVEL_INFO;
	size_t i;

	for (i = 0; i < s->conf->nwarnings; i++)
		log_line(level, "%s", s->conf->warnings[i]);
	tempdir_warn(s->conf, level);
}

/* An agent's children have what it read, not what it refused since. */
static int
get_conf(struct setup *s, struct err *e)
{
	if (s->o->conf && !strcmp(s->config, s->o->config)) {
		s->conf = s->o->conf;
		return 0;
	}
	if (conf_load(&s->conf, s->config_path, s->system_dir, s->host, e))
		return access(s->config_path, F_OK) ?
		    err_hint(e, "'init HOST..' writes a first one") : -1;
	show_warnings(s);
	return 0;
}

int
setup_places(struct setup *s, const struct options *o, const char *config,
    struct err *e)
{
	const struct places *p = places(o);
	const char *dir = getenv(p->variable);

	memset(s, 0, sizeof(*s));
	s->o = o;
	s->program = p->name;
	s->config = mem_strdup(config);
	if (!config_name_valid(config))
		return err_set(e, "config name '%s': only a-z and 0-9, at "
		    "most 32 of them", config);
	s->host = own_name(o);
	s->system_dir = mem_strdup(dir && *dir ? dir : p->system_dir);
	s->config_path = join(s->system_dir, p->name, config, ".cfg");
	return 0;
}

int
setup_config(struct setup *s, const struct options *o, const char *config,
    struct err *e)
{
	const char *dir;

	if (setup_places(s, o, config, e) || check_stop(s, e) ||
	    get_conf(s, e))
		return -1;
	dir = o->state_dir ? o->state_dir : s->conf->database;
	s->state_dir = database_dir(dir ? dir : places(o)->state_dir, e);
	if (!s->state_dir)
		return -1;
	s->lock_ms = s->conf->lock_timeout * 1000;
	s->tree = tree_new(s->conf);
	return 0;
}

/*
 * Who reads while another process writes misses the last batch, which nobody
 * has said yet to be synced. A run must not: it would find nothing to push.
 */
static int
open_state(struct setup *s, int create, struct err *e)
{
	if (state_open(&s->state, s->scratch ? s->scratch : s->state_dir,
	    s->host, s->config, create, e))
		return -1;
	if (!create)
		return 0;
	return state_lock(s->state, s->lock_ms, e) ? -1
	    : state_unlock(s->state, e);
}

/* The copy must not make this run settle what a crash left on the disk. */
static int
drop_intents(struct setup *s, struct err *e)
{
	if (state_lock(s->state, s->lock_ms, e) ||
	    state_drop_facts(s->state, FACT_INTENT, e))
		return -1;
	return state_unlock(s->state, e);
}

static int
open_copy(struct setup *s, struct err *e)
{
	if (open_state(s, 0, e))
		return -1;
	s->scratch = scratch_make(state_path(s->state), e);
	state_close(s->state);
	s->state = NULL;
	if (!s->scratch || open_state(s, 1, e))
		return -1;
	return drop_intents(s, e);
}

int
setup_state(struct setup *s, struct err *e)
{
	struct action_source source = { s->conf, NULL, "" };
	struct commit_options o = { .conf = s->conf, .host = s->host,
		.lock_ms = s->lock_ms, .done = action_fire, .ctx = &source };

	if (s->o->dry)
		return open_copy(s, e);
	if (open_state(s, 1, e))
		return -1;
	source.state = s->state;
	return commit_recover(s->tree, s->state, &o, e);
}

int
setup_reopen(struct setup *s, struct err *e)
{
	state_close(s->state);
	s->state = NULL;
	tree_free(s->tree);
	s->tree = tree_new(s->conf);
	return open_state(s, 1, e);
}

int
setup_look(struct setup *s, struct err *e)
{
	return open_state(s, 0, e);
}

void
setup_free(struct setup *s)
{
	if (s->state && !s->scratch)
		state_tidy(s->state);
	state_close(s->state);
	scratch_remove(s->scratch);
	tree_free(s->tree);
	if (!s->o || s->conf != s->o->conf)
		conf_free(s->conf);
	free(s->host);
	free(s->system_dir);
	free(s->config);
	free(s->config_path);
	free(s->state_dir);
	memset(s, 0, sizeof(*s));
}

static int
is_word(const char *name, const char *word, size_t n)
{
	return strlen(name) == n && !strncasecmp(name, word, n);
}

static int
is_peer(const struct group *g, const char *word, size_t n)
{
	size_t i;

	for (i = 0; g->self && i < g->nmembers; i++)
		if (&g->members[i] != g->self &&
		    is_word(g->members[i].name, word, n))
			return 1;
	return 0;
}

static int
is_group(const struct group *g, const char *word, size_t n)
{
	return g->self && is_word(g->name, word, n);
}

/* A typing error in -P or -G must not look like "nothing to do". */
static int
check_list(const struct setup *s, const char *list, int (*is)(
    const struct group *, const char *, size_t), const char *what,
    struct err *e)
{
	const struct conf *c = s->conf;
	size_t i, n;

	for (; list && *list; list += n + !!list[n]) {
		n = strcspn(list, ",");
		for (i = 0; i < c->ngroups; i++)
			if (is(&c->groups[i], list, n))
				break;
		if (i == c->ngroups)
			return err_set(e, "%s: %s '%.*s'; configtest shows "
			    "the groups", s->config_path, what, (int)n, list);
	}
	return 0;
}

int
setup_self(const struct setup *s)
{
	size_t i;

	for (i = 0; i < s->conf->ngroups; i++)
		if (s->conf->groups[i].self)
			return 1;
	return 0;
}

int
setup_listed(const struct setup *s, struct err *e)
{
	if (!setup_self(s))
		return err_set(e, "%s: no group lists this host, '%s': add "
		    "it, or say who we are with -N", s->config_path, s->host);
	if (check_list(s, s->o->groups, is_group, "no group of this host is "
	    "called", e))
		return -1;
	return check_list(s, s->o->peers, is_peer, "no group of this host "
	    "lists", e);
}
