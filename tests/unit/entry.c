/* SPDX-License-Identifier: ISC */
/*
 * Entries as bytes, and what two looks show.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "state/entry.h"
#include "unit.h"

static struct entry
sample(void)
{
	struct entry e;

	memset(&e, 0, sizeof(e));
	e.name = mem_strdup("%p%/etc/hosts");
	e.number = 300;
	e.v.kind = KIND_LNK;
	e.v.target = mem_strdup("there");
	e.v.uid = 3;
	history_change(&e.h, (struct stamp){7, 300}, "alpha");
	e.h.bits = HISTORY_TAKEN;
	e.look.kind = KIND_LNK;
	e.look.trusted = 1;
	e.look.size = 5;
	e.look.mtime.sec = -5;
	e.look.ctime.nsec = 999999999;
	e.look.mode = 0777;
	return e;
}

static void
known_bytes(void)
{
	static const unsigned char want[] = {
		13, '%', 'p', '%', '/', 'e', 't', 'c', '/', 'h', 'o', 's', 't',
		's', 0xac, 2,
		3, 3, 0, 0, 0, 5, 't', 'h', 'e', 'r', 'e',
		7, 0, 0, 0, 0, 0, 0, 0, 0xac, 2, 0,
		1, 7, 0, 0, 0, 0, 0, 0, 0, 0xac, 2, 32, 5, 'a', 'l', 'p', 'h',
		'a',
		19, 5, 9, 0, 0, 0xff, 0x93, 0xeb, 0xdc, 3, 0xff, 3, 0, 0
	};
	struct entry e = sample();
	struct buf b = BUF_INIT;

	entry_encode(&e, &b);
	CHECK_INT(b.len, sizeof(want));
	CHECK_MEM(b.p, want, sizeof(want));
	buf_free(&b);
	entry_free(&e);
}

static void
there_and_back(void)
{
	struct entry e = sample(), f, g;
	struct buf b = BUF_INIT, c = BUF_INIT;
	char name[ENTRY_NAME_SIZE];

	entry_encode(&e, &b);
	CHECK_INT(entry_decode(&f, b.p, b.len), 0);
	CHECK_INT(entry_name(b.p, b.len, name), 0);
	CHECK_STR(name, "%p%/etc/hosts");
	g = entry_copy(&f);
	entry_free(&f);
	entry_encode(&g, &c);
	CHECK_INT(c.len, b.len);
	CHECK_MEM(c.p, b.p, b.len);
	entry_free(&g);
	CHECK(!g.name && !g.v.target);
	entry_free(&e);
	buf_free(&b);
	buf_free(&c);
}

static void
cut_short(void)
{
	struct entry e = sample(), f;
	struct buf b = BUF_INIT;
	size_t n;

	entry_encode(&e, &b);
	for (n = 0; n < b.len; n++) {
		CHECK_INT(entry_decode(&f, b.p, n), -1);
		CHECK(!f.name && !f.v.target);
	}
	buf_u8(&b, 0);
	CHECK_INT(entry_decode(&f, b.p, b.len), -1);
	buf_free(&b);
	entry_free(&e);
}

static void
bad_values(void)
{
	static const char *const names[] = {
		"", "a", "/a/../b", "//", "/a/.ucsync-x", "%p/x"
	};
	struct entry e = sample(), f;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		free(e.name);
		e.name = mem_strdup(names[i]);
		buf_clear(&b);
		entry_encode(&e, &b);
		CHECK_INT(entry_decode(&f, b.p, b.len), -1);
	}
	entry_free(&e);
	e = sample();
	e.number = NUMBER_MAX;
	buf_clear(&b);
	entry_encode(&e, &b);
	CHECK_INT(entry_decode(&f, b.p, b.len), -1);
	entry_free(&e);
	buf_free(&b);
}

static void
check_glance(const struct entry *e)
{
	struct buf b = BUF_INIT;
	struct glance g;
	size_t n;

	entry_encode(e, &b);
	CHECK_INT(entry_glance(&g, view_of(b.p, b.len)), 0);
	CHECK_INT(g.kind, e->v.kind);
	CHECK_INT(g.bits, e->h.bits);
	CHECK(look_equal(&g.look, &e->look));
	for (n = 0; n < b.len; n++)
		CHECK_INT(entry_glance(&g, view_of(b.p, n)), -1);
	buf_u8(&b, 0);
	CHECK_INT(entry_glance(&g, view_of(b.p, b.len)), -1);
	buf_free(&b);
}

/* Every kind, with and without heads and a long vector. */
static void
glances(void)
{
	struct entry e = sample();
	int kind;
	unsigned i;

	for (kind = KIND_NONE; kind < KIND_COUNT; kind++) {
		e.v.kind = e.look.kind = (enum kind)kind;
		e.v.size = e.look.size = 1ull << 40;
		check_glance(&e);
	}
	for (i = 1; i <= HEADS_MAX; i++)
		e.h.heads[e.h.nheads++] = (struct stamp){ i, 1ull << 7 * i };
	for (i = 1; i < VECTOR_MAX; i++)
		vector_add(&e.h.vector, (struct stamp){ 100 + i, i }, NULL);
	e.v.mode = 07777;
	e.v.major = 1 << 30;
	check_glance(&e);
	entry_free(&e);
}

static void
looks(void)
{
	struct entry e = sample();
	struct look a = e.look, b = e.look;

	CHECK(look_equal(&a, &b));
	b.ctime.nsec--;
	CHECK(!look_equal(&a, &b));
	b = a;
	b.size++;
	CHECK(!look_equal(&a, &b));
	b = a;
	b.trusted = 0;
	CHECK(!look_equal(&a, &b));
	b = a;
	a.kind = b.kind = KIND_NONE;
	b.size++;
	CHECK(look_equal(&a, &b));
	entry_free(&e);
}

int
main(void)
{
	RUN(known_bytes);
	RUN(there_and_back);
	RUN(cut_short);
	RUN(bad_values);
	RUN(glances);
	RUN(looks);
	return unit_end();
}
