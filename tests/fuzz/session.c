/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes a whole session, over a disk in memory: the first byte says whether
 * ours is the client, the others are what the peer says, messages as type, two
 * bytes of length, body. A well-formed greeting goes before them unless the
 * byte's second bit is set. Nothing beside the synced directory may change.
 * With -DFUZZ_MAIN it runs the files named as arguments; else it is for
 * libFuzzer.
 */
#include <assert.h>
#include <stdint.h>

#include "../unit/madeup.h"
#include "../unit/twohosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROLE_CLIENT = 1, NO_GREETING = 2, TURNS_MAX = 10000 };

static int
no_action(void *ctx, struct session *s, const struct pulse *pulse,
    struct err *e)
{
	(void)ctx;
	(void)s;
	(void)pulse;
	(void)e;
	return 0;
}

static void
ignore_action(void *ctx, const struct action_report *r)
{
	(void)ctx;
	(void)r;
}

static void
talk(struct host *h)
{
	int turns = 0;

	while (host_talk(h)) {
		assert(++turns < TURNS_MAX);
		buf_clear(&h->out);
	}
	buf_clear(&h->out);
}

static void
say(struct host *h, unsigned type, struct view body)
{
	if (h->rc || h->finished)
		return;
	h->rc = session_handler.input(h->session, type, body, &h->e);
	assert(!h->rc || h->e.text[0]);
	talk(h);
}

static void
greet(struct host *h)
{
	static const struct hello hello = { .bits = HELLO_TURN };
	struct buf b = made_hello(&hello);

	say(h, MESSAGE_HELLO, view_of(b.p, b.len));
	buf_free(&b);
}

static void
begin(struct host *h, int client)
{
	struct session_options o = host_options(h, client);

	scratch_dir("outside");
	scratch_file("outside/canary", "alive");
	edit(h, "own", "its own");
	edit(h, "big", "0123456789abcdef0123456789abcdef");
	scratch_need(!symlink("../outside", disk_path(h, "out")), "symlink");
	o.actions = no_action;
	o.action_ran = ignore_action;
	host_begin(h, &o);
	talk(h);
}

static void
unharmed(void)
{
	struct dirent **list;
	int n = scandir("outside", &list, NULL, alphasort);
	struct buf f = file_read("outside/canary");

	assert(n == 3 && f.len == 5 && !memcmp(f.p, "alive", 5));
	buf_free(&f);
	while (n--)
		free(list[n]);
	free(list);
	n = scandir(".", &list, NULL, alphasort);
	assert(n == 2 + 5);             /* a, b, outside, st-a, st-b */
	while (n--)
		free(list[n]);
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view in = view_of(data, n), body;
	unsigned first, type, low;
	struct host *h;
	size_t len;

	if (!scratch.path[0]) {
		scratch_state_init();
		atexit(scratch_fini);
	}
	first = view_u8(&in);
	hosts_new("");
	h = first & ROLE_CLIENT ? &ha : &hb;
	begin(h, first & ROLE_CLIENT);
	if (!(first & NO_GREETING))
		greet(h);
	while (in.len >= 3 && !h->rc && !h->finished) {
		type = view_u8(&in);
		low = view_u8(&in);
		len = low | view_u8(&in) << 8;
		if (len > in.len)
			len = in.len;
		body = view_of(view_get(&in, len), len);
		if (len <= 33 << 10)
			say(h, type, body);
	}
	unharmed();
	hosts_end();
	scratch_clear();
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
