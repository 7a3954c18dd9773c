/* SPDX-License-Identifier: ISC */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stddef.h>

/*
 * The command line, taken apart by main. Lists point into argv.
 */

struct conf;
struct errand;

enum mode {
	MODE_NONE, MODE_CHECK, MODE_UPDATE, MODE_CHECK_UPDATE, MODE_SYNC,
	MODE_PENDING, MODE_LIST, MODE_LIST_PAIR, MODE_HINT, MODE_HINTS,
	MODE_COMPARE, MODE_DIFF, MODE_FORCE, MODE_MARK, MODE_FILES,
	MODE_FORGET, MODE_KEYGEN, MODE_INIT, MODE_STATUS, MODE_CONFIGTEST,
	MODE_EXPLAIN, MODE_SERVE_ONE, MODE_SERVE, MODE_SERVE_ONCE, MODE_WATCH,
	MODE_AGENT
};

struct options {
	enum mode mode;
	int as_csync2;          /* run under that name */
	int recursive;          /* -r */
	int dry;                /* -d */
	int quiet_mark;         /* -I: record without marking; -TI: mark */
	int removals;           /* -X: removals, too (-TI) */
	int one_peer;           /* -U: mark for the peer compared alone */
	int force_new;          /* -F: new pending entries are forced */
	int yes;                /* -y: carry out guarded removals */
	int json;               /* -J: for programs */
	int verbose, quiet;
	int syslog;             /* -l */
	int times;              /* -t: time stamps on stderr */
	const char *times_file; /* -s: and to this file, or NULL */
	int dirs;               /* -W: directories go to dirs_fd */
	unsigned dirs_fd;
	const char *groups;     /* -G: a list with commas */
	const char *peers;      /* -P: likewise */
	const char *host;       /* -N */
	const char *key_host;   /* keygen --for, or NULL */
	const char *config;     /* -C; "" for the default one */
	const char *state_dir;  /* -D: a directory or a URL */
	unsigned port;          /* -p */
	unsigned jobs;          /* -j: peers at once */
	unsigned delay;         /* -n: seconds after a change (watch) */
	char **files;
	size_t nfiles;
	/* Not of the command line: what a process that stays gives its own. */
	struct conf *conf;              /* the config, read already; or NULL */
	const struct errand *errand;    /* or NULL */
};

/* A host's name as configurations have it: lower case. Allocated. */
char *options_host(const char *name);

/* Whether the comma-separated list (NULL: everything) has the word. */
int options_has(const char *list, const char *word);

#endif
