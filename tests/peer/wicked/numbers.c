/* SPDX-License-Identifier: ISC */
/*
 * Numbers that are too large: sizes, counters, versions.
 */
#include "wicked.h"

static void
size_number(struct line *l, uint64_t size, uint64_t number)
{
	struct version v = made_version("evil");
	const char *name = below("/srv/t/evil");
	unsigned i;

	v.size = size;
	to_offering(l);
	offer_version(l, 1, name, strlen(name), &v, number);
	text_content(l, 0, "evil");
	for (i = 1; i < 3 && until(l, MESSAGE_WANT, i); i++)
		text_content(l, 0, "evil");
	to_the_end(l);
}

static void
size_negative(struct line *l)
{
	size_number(l, UINT64_MAX, 1);
}

static void
size_2_63(struct line *l)
{
	size_number(l, UINT64_C(1) << 63, 1);
}

static void
size_huge(struct line *l)
{
	size_number(l, INT64_MAX, 1);
}

static void
counter_2_48(struct line *l)
{
	size_number(l, 4, UINT64_C(1) << 48);
}

static void
hello_version(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.version = PROTOCOL_VERSION + (l->client ? 1 : -1);
	say(l, MESSAGE_HELLO, made_hello(&h));
}

static void
hello_in_2_48(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.in = UINT64_C(1) << 48;
	greet_as(l, &h);
}

static void
hello_known_2_48(struct line *l)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.nknown = 1;
	h.known[0] = (struct stamp){ 5, UINT64_MAX };
	greet_as(l, &h);
}

static void
hello_many_known(struct line *l)
{
	say(l, MESSAGE_HELLO, made_hello_knowing(127));
}

static void
end_2_63(struct line *l)
{
	to_offering(l);
	say(l, MESSAGE_END, made_end(UINT64_C(1) << 63));
}

const struct misbehaviour wicked_numbers[] = {
	{ "size-negative", size_negative, BOTH, 1, "malformed offer" },
	{ "size-2-63", size_2_63, BOTH, 1, "malformed offer" },
	{ "size-huge", size_huge, BOTH, 1, "for later" },
	{ "counter-2-48", counter_2_48, BOTH, 1, "malformed offer" },
	{ "hello-version", hello_version, BOTH, 1, "version [24] of" },
	{ "hello-in-2-48", hello_in_2_48, BOTH, 1, "malformed greeting" },
	{ "hello-known-2-48", hello_known_2_48, BOTH, 1,
	    "malformed greeting" },
	{ "hello-many-known", hello_many_known, BOTH, 1,
	    "malformed greeting" },
	{ "end-2-63", end_2_63, BOTH, 1, "malformed end" },
	{ NULL, NULL, 0, 0, NULL }
};
