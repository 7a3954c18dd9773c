/* SPDX-License-Identifier: ISC */
/*
 * Names that nobody may offer, and files that this peer may not.
 */
#include "wicked.h"

static void
bad_name(struct line *l, const char *name, size_t n)
{
	struct version v = made_version("evil");

	to_offering(l);
	offer_version(l, 0, name, n, &v, 1);
}

#define NAME(function, text) \
static void function(struct line *l) \
{ \
	const char *name = below(text); \
	bad_name(l, name, strlen(name)); \
}

NAME(name_dotdot, "/srv/t/../../../../../../../../etc/evil")
NAME(name_dot, "/srv/t/./evil")
NAME(name_slashes, "/srv/t//evil")
NAME(name_slash_end, "/srv/t/evil/")
NAME(name_reserved, "/srv/t/.ucsync-evil")
NAME(name_in_reserved, "/srv/t/.ucsync-evil/x")

static void
name_empty(struct line *l)
{
	bad_name(l, "", 0);
}

static void
name_relative(struct line *l)
{
	bad_name(l, "evil", 4);
}

static void
name_nul(struct line *l)
{
	bad_name(l, "/srv/t/evil\0x", 13);
}

static void
name_long(struct line *l)
{
	static char name[33000];

	memset(name, '/', sizeof(name));
	bad_name(l, name, sizeof(name));
}

/* An offer whose name has 64 KB: no message may be so long. */
static void
name_64k(struct line *l)
{
	static char name[65000];
	struct buf b = BUF_INIT, offered = BUF_INIT;

	to_offering(l);
	memset(name, 'x', sizeof(name));
	buf_u8(&offered, 0);
	buf_blob(&offered, name, sizeof(name));
	buf_u8(&b, MESSAGE_OFFER);
	buf_blob(&b, offered.p, offered.len);
	raw_frame(l, 0, b.p, b.len);
	buf_free(&offered);
	buf_free(&b);
}

static void
denied(struct line *l, const char *name)
{
	to_offering(l);
	offer(l, 1, name, "evil");
	text_content(l, 0, "evil");
	to_the_end(l);
}

static void
outside(struct line *l)
{
	denied(l, "/etc/evil");
}

static void
other_group(struct line *l)
{
	denied(l, below("/srv/x/evil"));
}

static void
receive_only(struct line *l)
{
	denied(l, below("/srv/r/evil"));
}

static void
other_prefix(struct line *l)
{
	denied(l, "%none%/evil");
}

static void
through_link(struct line *l)
{
	denied(l, below("/srv/t/link/evil"));
}

static void
parent_link(struct line *l)
{
	to_offering(l);
	parent(l, below("/srv/t/link/sub"));
	offer(l, 1, below("/srv/t/link/sub/evil"), "evil");
	text_content(l, 0, "evil");
	to_the_end(l);
}

static void
parent_outside(struct line *l)
{
	to_offering(l);
	parent(l, below("/srv/x/sub"));
	offer(l, 1, below("/srv/x/sub/evil"), "evil");
	text_content(l, 0, "evil");
	to_the_end(l);
}

const struct misbehaviour wicked_names[] = {
	{ "name-dotdot", name_dotdot, BOTH, 1, "invalid name" },
	{ "name-dot", name_dot, BOTH, 1, "invalid name" },
	{ "name-slashes", name_slashes, BOTH, 1, "invalid name" },
	{ "name-slash-end", name_slash_end, BOTH, 1, "invalid name" },
	{ "name-reserved", name_reserved, BOTH, 1, "invalid name" },
	{ "name-in-reserved", name_in_reserved, BOTH, 1, "invalid name" },
	{ "name-empty", name_empty, BOTH, 1, "invalid name" },
	{ "name-relative", name_relative, BOTH, 1, "invalid name" },
	{ "name-nul", name_nul, BOTH, 1, "malformed offer" },
	{ "name-33k", name_long, BOTH, 1, "malformed offer" },
	{ "name-64k", name_64k, BOTH, 1, "malformed frame" },
	{ "outside", outside, BOTH, 2, "Permission denied" },
	{ "other-group", other_group, BOTH, 2, "Permission denied" },
	{ "receive-only", receive_only, BOTH, 2, "denied for slave" },
	{ "other-prefix", other_prefix, BOTH, 2, "cannot open" },
	{ "through-link", through_link, BOTH, 1, "for later" },
	{ "parent-link", parent_link, BOTH, 2, "link/sub/evil: " },
	{ "parent-outside", parent_outside, BOTH, 2, "Permission denied" },
	{ NULL, NULL, 0, 0, NULL }
};
