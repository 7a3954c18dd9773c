/* SPDX-License-Identifier: ISC */
/*
 * Configurations over the scratch directory: the prefix %p% is it, %q% and
 * %link% are below it, and every '@' in the group's text stands for it.
 */
#ifndef SCRATCHCONF_H
#define SCRATCHCONF_H

#include "scratch.h"

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

static inline void
scratch_text(struct buf *b, const char *s)
{
	for (; *s; s++)
		if (*s == '@')
			buf_put(b, scratch.path, strlen(scratch.path));
		else
			buf_put(b, s, 1);
}

/* The configuration of host "me" with these statements in its only group. */
static inline struct conf *
scratch_conf(const char *group)
{
	struct buf b = BUF_INIT;
	struct conf *c = NULL;
	struct err e;

	scratch_text(&b, "prefix p { on me: @; }\n"
	    "prefix q { on me: @/q; }\n"
	    "prefix none { on other: /nowhere; }\n"
	    "prefix link { on me: @/link; }\n"
	    "group g { host me other; key /some/key;\n");
	scratch_text(&b, group);
	scratch_text(&b, "\n}\n");
	if (conf_parse(&c, "test.cfg", (char *)b.p, b.len, "/etc", "me", NULL,
	    NULL, &e) < 0)
		scratch_need(0, e.text);
	buf_free(&b);
	return c;
}

/* The name "@/..." with the scratch directory put in; static memory. */
static inline const char *
scratch_name(const char *name)
{
	static char text[8192];

	snprintf(text, sizeof(text), "%s%s", *name == '@' ? scratch.path : "",
	    *name == '@' ? name + 1 : name);
	return text;
}

#endif
