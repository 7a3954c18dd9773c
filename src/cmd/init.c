/* SPDX-License-Identifier: ISC */
/*
 * init HOST...: a first config and a key for these hosts, in the system
 * directory, and what to do with them. Nothing that is there is overwritten.
 * The config's own parser says whether the hosts will do.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmd.h"
#include "conf/conf.h"
#include "print.h"
#include "setup.h"
#include "wire/key.h"

static const char before_hosts[] =
"# What the hosts of a cluster keep alike. This file is the same on all of\n"
"# them; \"configtest\" says whether it is good on the host it is run on.\n"
"\n"
"group cluster {\n"
"\t# Each host by its name there (uname -n), which the others can resolve.\n"
"\t# NAME@ADDRESS is reached at another one; in ( ) it only receives.\n"
"\thost";

static const char before_key[] = ";\n"
"\n"
"\t# The secret of this group, the same file of mode 0600 on all hosts.\n"
"\tkey ";

static const char behind_key[] = ";\n"
"\n"
"\t# Directories with all that is in them, or files.\n"
"\tinclude /srv/cluster;\n"
"\t# exclude /srv/cluster/tmp *.bak;\n"
"\n"
"\t# Who wins where two hosts changed a file not knowing of each other:\n"
"\t# younger, older, bigger, smaller, first, left, right; none: nobody,\n"
"\t# until -f says who.\n"
"\tauto none;\n"
"\n"
"\t# A command after files came, and with do-local after they were changed\n"
"\t# here, too. %% stands for the files.\n"
"\t# action {\n"
"\t#\tpattern /srv/cluster/nginx/*;\n"
"\t#\texec \"nginx -s reload\";\n"
"\t#\tdo-local;\n"
"\t# }\n"
"\n"
"\t# What is replaced is kept there.\n"
"\t# backup-directory /var/backups/cluster;\n"
"}\n";

static const char host_letters[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@()";

static void
add(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

/* Hosts in the words of the config; others might end its line. */
static int
write_config(const struct options *o, const char *key, struct buf *b,
    struct err *e)
{
	const char *host;
	size_t i;

	add(b, before_hosts);
	for (i = 0; i < o->nfiles; i++) {
		host = o->files[i];
		if (host[strspn(host, host_letters)])
			return err_set(e, "'%s' is no name of a host", host);
		add(b, " ");
		add(b, host);
	}
	add(b, before_key);
	add(b, path_base(key));
	add(b, behind_key);
	return 0;
}

/* Whether it is a config that lists us and others; *c is to be freed. */
static int
try_config(const struct setup *s, const struct buf *b, struct conf **c,
    struct err *e)
{
	if (conf_parse(c, s->config_path, (const char *)b->p, b->len,
	    s->system_dir, s->host, NULL, NULL, e))
		return err_prefix(e, "these hosts make no config");
	if (!(*c)->groups[0].self)
		return err_set(e, "this host is called '%s', and is not among "
		    "the hosts: add it, or say who we are with -N", s->host);
	if ((*c)->groups[0].nmembers < 2)
		return err_set(e, "'%s' is this host: name the others, too",
		    s->host);
	return 0;
}

static int
write_new(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0)
		return err_sys(e, "%s", path);
	n = write(fd, b->p, b->len);
	if (n == (ssize_t)b->len && !fsync(fd) && !close(fd))
		return 0;
	err_sys(e, "%s: cannot be written", path);
	unlink(path);
	return -1;
}

/* Both files or none; never one that is there. */
static int
write_both(const struct setup *s, const char *key, const struct buf *b,
    struct err *e)
{
	if (!access(s->config_path, F_OK))
		return err_set(e, "%s is there: it is not overwritten; look "
		    "at it with configtest", s->config_path);
	if (mkdir(s->system_dir, 0755) && errno != EEXIST)
		return err_sys(e, "cannot make the system directory %s",
		    s->system_dir);
	if (key_create(key, e))
		return -1;
	if (!write_new(s->config_path, b, e))
		return 0;
	unlink(key);
	return -1;
}

static void
print_steps(const struct setup *s, const char *key, const struct group *g)
{
	const struct member *m;
	const char *dir = s->system_dir;

	printf("%s and %s are written. Now:\n\n"
	    "1. Say what is to be kept alike: the line \"include\" in %s\n"
	    "2. Copy both files to each other host:\n\tcd %s\n",
	    s->config_path, key, s->config_path, dir);
	for (m = g->members; m < g->members + g->nmembers; m++)
		if (m != g->self)
			printf("\tssh %s mkdir -p %s\n\tscp -p %s %s %s:%s/\n",
			    m->name, dir, path_base(s->config_path),
			    path_base(key), m->name, dir);
	printf("3. On each host see whether all is well, and start a server:\n"
	    "\t");
	print_call(s, "configtest");
	printf(" -v\n\t");
	print_call(s, "serve");
	printf("\n4. Then, on any of them, after each change or from cron:\n"
	    "\t");
	print_call(s, "sync");
	putchar('\n');
}

static int
init(const struct setup *s, struct err *e)
{
	size_t n = strlen(s->config_path);
	char *key = mem_strdup(s->config_path);
	struct buf text = BUF_INIT;
	struct conf *c = NULL;
	int rc;

	memcpy(key + n - 3, "key", 3);          /* instead of cfg */
	rc = write_config(s->o, key, &text, e) ||
	    try_config(s, &text, &c, e);
	if (!rc && s->o->dry)
		fwrite(text.p, 1, text.len, stdout);
	else if (!rc && !(rc = write_both(s, key, &text, e)))
		print_steps(s, key, &c->groups[0]);
	conf_free(c);
	buf_free(&text);
	free(key);
	return rc;
}

int
cmd_init(const struct options *o)
{
	struct setup s;
	struct err e;
	int rc;

	rc = setup_places(&s, o, o->config, &e) || init(&s, &e);
	if (rc)
		log_error("%s", e.text);
	setup_free(&s);
	return rc;
}
