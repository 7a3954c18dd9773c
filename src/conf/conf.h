/* SPDX-License-Identifier: ISC */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the admin wrote, parsed and checked, as one host sees it. Everything is
 * owned by struct conf and constant after loading. Host names are lower case.
 */

struct err;

enum auto_method {
	AUTO_NONE, AUTO_FIRST, AUTO_YOUNGER, AUTO_OLDER, AUTO_BIGGER,
	AUTO_SMALLER, AUTO_LEFT, AUTO_RIGHT
};

enum pattern_kind { PATTERN_INCLUDE, PATTERN_EXCLUDE, PATTERN_COMPARE };

enum compress_mode { COMPRESS_AUTO, COMPRESS_YES, COMPRESS_NO };

struct where {                  /* a place in a config file */
	const char *file;
	unsigned line, column;
};

struct pattern {
	enum pattern_kind kind;
	char *text;             /* trailing slashes dropped */
	int base;               /* matches base names, not paths */
	int deep;               /* contains "**": stars match '/' too */
	struct where at;
	/* For the matcher. */
	char *head;             /* text up to the first glob, unescaped */
	size_t headlen;
	int literal;            /* no glob: head is all of it */
	unsigned depth;         /* number of slashes; 0 for "/" */
	char last;              /* what each match ends with; NUL: unknown */
};

struct member {
	char *host;             /* whose machine: compared with our host name */
	char *name;             /* its identity and address in this group */
	int receive_only;
};

struct action {
	struct pattern *patterns;       /* none: every file of the group */
	size_t npatterns;
	char **exec;
	size_t nexec;
	char *logfile;                  /* NULL: /dev/null */
	int local;                      /* also where the change was found */
	int local_only;                 /* only there */
	unsigned timeout;               /* seconds, 0: none; default 300 */
	struct where at;
};

struct group {
	char *name;                     /* "" for an anonymous one */
	struct member *members;         /* in config order */
	size_t nmembers;
	const struct member *self;      /* NULL: does not list this host */
	char **keys;                    /* absolute paths; 1 or 2 */
	size_t nkeys;
	struct pattern *patterns;       /* in config order */
	size_t npatterns;
	enum auto_method method;
	struct action *actions;
	size_t nactions;
	char *backup_dir;               /* NULL: none */
	unsigned backup_generations;    /* default 3 */
	struct where at;
};

struct prefix {
	char *name;                     /* without the percent signs */
	char *path;                     /* on this host; NULL: none here */
	char **globs, **paths;          /* as written, nmaps of each */
	size_t nmaps;
	struct where at;
};

struct conf {
	char *file;                     /* the main config file's path */
	char *host;                     /* our name, lower case */
	struct group *groups;
	size_t ngroups;
	struct prefix *prefixes;
	size_t nprefixes;
	int ignore_uid, ignore_gid, ignore_mod;
	int nossl;                      /* a nossl statement was there */
	struct where nossl_at;
	char *tempdir;                  /* NULL; has no effect: see tempdir.h */
	struct where tempdir_at;
	char *database;                 /* NULL: the default */
	unsigned lock_timeout;          /* seconds; default 12 */
	unsigned connect_timeout;       /* seconds; default 10 */
	unsigned handshake_timeout;     /* seconds; default 10 */
	unsigned idle_timeout;          /* seconds; default 60 */
	unsigned reconcile;             /* seconds; default 3600; 0: never */
	unsigned max_connections;       /* of a server; default 16 */
	unsigned delete_guard;          /* percent; default 50; 100: off */
	enum compress_mode compress;
	char **warnings;                /* "file:line:column: text" */
	size_t nwarnings;
	char **files;                   /* every file that was read */
	size_t nfiles;
};

enum {
	CONF_NESTING_MAX = 10,
	CONF_BYTES_MAX = 4 << 20,       /* of one file */
	CONF_FILES_MAX = 1000,          /* read for one config */
	CONF_NAME_MAX = 63,             /* of a host name (identity limit) */
	CONF_PAIR_MAX = 118,            /* of two names in one identity */
	CONF_GUARD_MIN = 20             /* removals that are always allowed */
};

/*
 * Reads and checks path for the host of that name. system_dir is where
 * relative key and config files are. *out is NULL after an error, whose text is
 * "file:line:column: what was expected, what was found".
 */
int conf_load(struct conf **out, const char *path, const char *system_dir,
    const char *host, struct err *e);

/*
 * The same over memory, for a text of n bytes. read_file gives the text of an
 * included file (allocated, *n bytes) or -1 with e set; NULL: none can be read.
 */
typedef int conf_reader(void *ctx, const char *path, char **text, size_t *n,
    struct err *e);
int conf_parse(struct conf **out, const char *path, const char *text, size_t n,
    const char *system_dir, const char *host, conf_reader *read_file,
    void *ctx, struct err *e);

void conf_free(struct conf *c);

const char *auto_method_name(enum auto_method m);

/* The group's member of that identity (lower case), or NULL. */
const struct member *group_find(const struct group *g, const char *name);

/* The prefix that a name or pattern "%p%..." begins with, or NULL. */
const struct prefix *conf_prefix(const struct conf *c, const char *name);

/*
 * The real path of a name ("%p%/x" with p's path put in, others as they are),
 * allocated; NULL when the prefix has no path on this host.
 */
char *conf_path(const struct conf *c, const char *name);

/*
 * The name under which the groups of this host know an absolute path or name:
 * the form that an include pattern matches, longest prefix path first; else
 * the plain path or the form below which an include pattern lies. Allocated.
 */
char *conf_name(const struct conf *c, const char *path);

/*
 * A canonical text of what decides which entries two hosts share in a group:
 * its hosts, patterns and the prefixes they use, as written; the same on every
 * host that has this text. Appended to b.
 */
struct buf;
void conf_describe(const struct conf *c, const struct group *g, struct buf *b);

#endif
