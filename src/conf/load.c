/* SPDX-License-Identifier: ISC */
/*
 * Makes a configuration from a file or from memory: defaults, parser, checks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "check.h"
#include "conf.h"
#include "parser.h"
#include "value.h"

static struct conf *
conf_new(const char *path, const char *host)
{
	struct conf *c = mem_alloc(sizeof(*c));
	char *s;

	c->file = mem_strdup(path);
	c->host = mem_strdup(host);
	for (s = c->host; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	c->lock_timeout = 12;
	c->connect_timeout = 10;
	c->handshake_timeout = 10;
	c->idle_timeout = 60;
	c->reconcile = 3600;
	c->max_connections = 16;
	c->delete_guard = 50;
	c->compress = COMPRESS_AUTO;
	return c;
}

/* Names may hold line breaks; an error stays one line. */
static void
one_line(struct err *e)
{
	char *s = e->text;

	while ((s = strchr(s, '\n')))
		*s = ' ';
}

int
conf_parse(struct conf **out, const char *path, const char *text, size_t n,
    const char *system_dir, const char *host, conf_reader *read_file,
    void *ctx, struct err *e)
{
	struct source source = { system_dir, read_file, ctx };
	struct conf *c = conf_new(path, host);

	*out = NULL;
	if (parser_run(c, &source, path, text, n, e) < 0 ||
	    check_conf(c, e) < 0) {
		conf_free(c);
		one_line(e);
		return -1;
	}
	*out = c;
	return 0;
}

/* Reads up to a byte more than is allowed, which the parser then refuses. */
static int
read_all(int fd, struct buf *b)
{
	enum { STEP = 16384 };
	ssize_t n;

	while (b->len <= CONF_BYTES_MAX) {
		n = read(fd, buf_room(b, STEP), STEP);
		if (!n)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			b->len += (size_t)n;
	}
	return 0;
}

static int
read_file(void *ctx, const char *path, char **text, size_t *n, struct err *e)
{
	struct buf b = BUF_INIT;
	int fd, r;

	(void)ctx;
	/* Not blocking: a fifo must not stop us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	r = read_all(fd, &b);
	if (r < 0)
		err_sys(e, "cannot read %s", path);
	close(fd);
	if (r < 0) {
		buf_free(&b);
		return -1;
	}
	*text = (char *)b.p;
	*n = b.len;
	return 0;
}

int
conf_load(struct conf **out, const char *path, const char *system_dir,
    const char *host, struct err *e)
{
	char *text = NULL;
	size_t n = 0;
	int r;

	*out = NULL;
	if (read_file(NULL, path, &text, &n, e) < 0)
		return -1;
	r = conf_parse(out, path, text, n, system_dir, host, read_file, NULL,
	    e);
	free(text);
	return r;
}
