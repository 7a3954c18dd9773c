/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes names as they come from a command line or a peer: lines, each a path.
 * It is made absolute and named as the config would name it, and what path.h
 * and conf.h promise of the result is held against it; neighbours are compared
 * for the order of names. With -DFUZZ_MAIN it runs the files named as
 * arguments; else it is for libFuzzer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct conf *
the_conf(void)
{
	static const char text[] = "prefix p { on a: /srv/p; }\n"
	    "prefix q { on a: /srv/p/q; }\n"
	    "prefix r { on b: /r; }\n"
	    "group g { host a b; key k; include %p%/a %q%/d* /etc; }\n";
	static struct conf *c;
	struct err e;

	if (!c && conf_parse(&c, "f", text, sizeof(text) - 1, "/s", "a", NULL,
	    NULL, &e))
		abort();
	return c;
}

static int
sign(int n)
{
	return n < 0 ? -1 : n > 0;
}

/* Two valid names: before or behind, and within agrees with the order. */
static void
compare(const char *a, const char *b)
{
	int c = path_cmp(a, b);

	assert(sign(c) == -sign(path_cmp(b, a)));
	assert(!c == !strcmp(a, b));
	if (path_within(a, b) && path_valid(a) && path_valid(b))
		assert(c >= 0 && strlen(a) >= strlen(b));
}

static void
apart(const char *name)
{
	size_t n = path_parent_len(name);
	char *dir = mem_strndup(name, n), *again;

	if (n) {
		assert(path_valid(dir) && path_within(name, dir));
		assert(path_cmp(dir, name) < 0);
		again = path_child(name, n, path_base(name));
		assert(!strcmp(again, name));
		free(again);
	} else {
		assert(!*path_base(name));
	}
	free(dir);
}

static void
take(const char *text)
{
	char *path = *text == '%' ? mem_strdup(text)
	    : path_absolute("/srv/p/sub", text);
	char *again = path_absolute("/elsewhere", path);
	char *name = conf_name(the_conf(), path), *back;

	assert(*text == '%' || !strcmp(path, again));
	assert(name);
	if (path_valid(text))
		apart(text);
	if (path_valid(name)) {
		apart(name);
		back = conf_path(the_conf(), name);
		if (back && *path == '/' && path_valid(path))
			assert(!strcmp(back, path));
		free(back);
	}
	free(name);
	free(again);
	free(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *line = NULL, *last = NULL;
	const uint8_t *end;
	size_t len;

	while (n) {
		end = memchr(data, '\n', n);
		len = end ? (size_t)(end - data) : n;
		line = mem_strndup((const char *)data, len);
		take(line);
		if (last)
			compare(last, line);
		free(last);
		last = line;
		data += end ? len + 1 : len;
		n -= end ? len + 1 : len;
	}
	free(last);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
