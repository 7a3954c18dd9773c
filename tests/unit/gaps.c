/* SPDX-License-Identifier: ISC */
/*
 * The second round of a delta, between two hosts: what large blocks do not
 * find is signed again, finely. Random edits, files that change under the
 * hands of both.
 */
#include "twohosts.h"

enum {
	SIZE = 9 << 20,         /* blocks of 4 KiB */
	ROOM = 12 << 20
};

static unsigned char now[ROOM], spare[ROOM];
static size_t len;
static uint32_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

static void
noise(size_t at, size_t n)
{
	for (n += at; at < n; at++)
		now[at] = (unsigned char)draw(256);
}

static void
store(struct host *h, const char *path)
{
	int fd;

	unlink(disk_path(h, path));
	fd = open(disk_path(h, path), O_WRONLY | O_CREAT | O_EXCL, 0644);
	scratch_need(fd >= 0 && write(fd, now, len) == (ssize_t)len, path);
	close(fd);
	check_path(h, path, 0);
}

static int
is_there(struct host *h, const char *path)
{
	struct buf f = file_read(disk_path(h, path));
	int same = f.len == len && !memcmp(f.p, now, len);

	buf_free(&f);
	return same;
}

static void
begin(const char *path)
{
	len = SIZE + 77;
	noise(0, len);
	store(&ha, path);
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(is_there(&hb, path));
}

static void
edits(unsigned n, size_t bytes)
{
	while (n--)
		noise(draw((uint32_t)(len - bytes)), bytes);
}

/* Few bytes for few edits; both orders, more than one file. */
static void
scattered(void)
{
	struct session_options o;
	int order;

	for (order = 0; order < 2; order++) {
		hosts_new("");
		begin("x");
		begin("y");
		edits(60, 200);
		store(&ha, "y");
		o = host_options(&ha, 1);
		CHECK(!run_session(&ha, &hb, &o, order));
		CHECK(is_there(&hb, "y"));
		CHECK_INT(hb.said[MESSAGE_WANT], 1);
		CHECK(hb.said[MESSAGE_SIGNATURE] > 30);
		/* 17 KiB of signature, 64 KiB as they are, 1 KiB an edit */
		CHECK(ha.bytes + hb.bytes < 130000);
		store(&hb, "x");
		edits(60, 200);
		store(&hb, "y");
		CHECK(!run_session(&ha, &hb, &o, order));
		CHECK_INT(ha.said[MESSAGE_WANT], 2);
		CHECK(is_there(&ha, "y"));
		hosts_end();
	}
}

/* Few edits, near to each other: a round trip more would not pay. */
static void
few(void)
{
	hosts_new("");
	begin("x");
	edits(5, 20);
	store(&ha, "x");
	CHECK(!sync_hosts(&ha, &hb));
	CHECK(is_there(&hb, "x"));
	CHECK_INT(hb.said[MESSAGE_SIGNATURE], 1);
	hosts_end();
}

static void
insert(size_t at, size_t n)
{
	memmove(now + at + n, now + at, len - at);
	len += n;
}

static void
cut(size_t at, size_t n)
{
	len -= n;
	memmove(now + at, now + at + n, len - at);
}

static void
move(size_t from, size_t to, size_t n)
{
	memcpy(spare, now + from, n);
	cut(from, n);
	if (to > len)
		to = len;
	insert(to, n);
	memcpy(now + to, spare, n);
}

static void
random_edit(void)
{
	size_t at = draw((uint32_t)len), n = 1 + draw(1u << draw(18));

	if (n > len - at)
		n = len - at;
	switch (draw(8)) {
	case 0:
		if (len + n <= ROOM) {
			insert(at, n);
			noise(at, n);
		}
		break;
	case 1:
		cut(at, n);
		break;
	case 2:
		move(at, draw((uint32_t)len), n);
		break;
	case 3:
		memset(now + at, 0, n);
		break;
	case 4:
		memmove(now + draw((uint32_t)(len - n)), now + at, n);
		break;
	default:
		n = 1 + n % 300;
		if (n > len - at)
			n = len - at;
		noise(at, n);
		break;
	}
}

static void
random_edits(void)
{
	struct session_options o;
	int i, k;

	hosts_new("");
	begin("x");
	o = host_options(&ha, 1);
	for (i = 0; i < 12; i++) {
		for (k = 1 << draw(10); k && len > 4 << 20; k--)
			random_edit();
		if (i % 8 == 3) {
			insert(len, 1 << 20);
			noise(len - (1 << 20), 1 << 20);
		}
		store(&ha, "x");
		CHECK(!run_session(&ha, &hb, &o, i & 1));
		CHECK(is_there(&hb, "x"));
		CHECK_INT(hb.said[MESSAGE_WANT], 1);    /* the delta was good */
	}
	hosts_end();
}

/* One message or piece of work; 0 when both have nothing to do. */
static int
one_move(void)
{
	return host_hear(&hb, &ha) || host_hear(&ha, &hb) || host_talk(&ha) ||
	    host_talk(&hb);
}

/*
 * A session in which the file becomes shorter at one host when b has sent so
 * many signatures. What happened is for the next time; the session ends well.
 */
static void
cut_meanwhile(struct host *victim, size_t after)
{
	struct session_options o, so;
	enum { LEFT = 1000 };
	int is_cut = 0;
	struct stat st;

	hosts_new("");
	begin("x");
	edits(200, 200);
	store(&ha, "x");
	o = host_options(&ha, 1);
	so = host_options(&hb, 0);
	host_begin(&ha, &o);
	host_begin(&hb, &so);
	while (one_move())
		if (!is_cut && hb.said[MESSAGE_SIGNATURE] >= after) {
			CHECK(!truncate(disk_path(victim, "x"), LEFT));
			is_cut = 1;
		}
	CHECK(is_cut);
	CHECK(!ha.rc && !hb.rc && session_complete(ha.session));
	CHECK(hb.said[MESSAGE_WANT] <= 2);
	/* b's cut is an edit of its own, and stays */
	CHECK(told(&ha, victim == &ha ? EVENT_LATER : EVENT_CONFLICT, "x"));
	CHECK(!stat(disk_path(&hb, "x"), &st));
	CHECK_INT(st.st_size, victim == &ha ? SIZE + 77 : LEFT);
	hosts_end();
}

static void
the_old_file_is_cut(void)
{
	cut_meanwhile(&hb, 1);
	cut_meanwhile(&hb, 2);
	cut_meanwhile(&hb, 30);
}

static void
the_new_file_is_cut(void)
{
	cut_meanwhile(&ha, 1);
	cut_meanwhile(&ha, 2);
	cut_meanwhile(&ha, 30);
}

int
main(void)
{
	scratch_init();
	RUN(scattered);
	RUN(few);
	RUN(random_edits);
	RUN(the_old_file_is_cut);
	RUN(the_new_file_is_cut);
	scratch_fini();
	return unit_end();
}
