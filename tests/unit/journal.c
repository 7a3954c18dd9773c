/* SPDX-License-Identifier: ISC */
/*
 * The state file's bytes: the checksum, a small file byte by byte, files torn
 * at every byte and with every bit flipped, headers that are none.
 */
#include "base/clock.h"
#include "scratchstate.h"
#include "state/base.h"
#include "state/draft.h"
#include "state/index.h"
#include "state/journal.h"
#include "state/version.h"

static void
crc(void)
{
	CHECK_INT(record_crc(0, "123456789", 9), 0xcbf43926);
	CHECK_INT(record_crc(record_crc(0, "1234", 4), "56789", 5), 0xcbf43926);
}

/* A record's checksum is that of its bytes, however it is computed. */
static void
long_records(void)
{
	struct seal seal = { 0x1122334455667788, 0 };
	unsigned char bytes[1100], head[16];
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct view in;
	size_t n;

	for (n = 0; n < sizeof(bytes); n++)
		bytes[n] = (unsigned char)(n * 7 + n / 13);
	buf_u64(&text, seal.salt);
	buf_u64(&text, 4096);
	memcpy(head, text.p, sizeof(head));
	for (n = 480; n < sizeof(bytes); n++) {
		buf_clear(&b);
		record_put(&b, &seal, 4096, RECORD_ENTRY, bytes, n);
		in = view_of(b.p + b.len - 4, 4);
		CHECK_INT(view_u32(&in), record_crc(record_crc(0, head, 16),
		    b.p, b.len - 4));
	}
	buf_free(&text);
	buf_free(&b);
}

static void
frames(void)
{
	static const unsigned char want[] = {
		2, 0, 0, 0, 3, 'h', 'i', 0x23, 0x85, 0x9d, 0x82
	};
	struct seal seal = { 0x1122334455667788, 0 };
	struct seal other = { 0x1122334455667789, 0 };
	struct buf b = BUF_INIT;
	struct record r;
	struct view in;
	size_t i;

	record_put(&b, &seal, 256, RECORD_ENTRY, "hi", 2);
	CHECK_INT(b.len, sizeof(want));
	CHECK_MEM(b.p, want, sizeof(want));
	in = view_of(b.p, b.len);
	CHECK_INT(record_get(&r, &seal, 257, &in), -1);
	CHECK_INT(record_get(&r, &other, 256, &in), -1);
	CHECK_INT(record_get(&r, &seal, 256, &in), 0);
	CHECK_INT(in.len, 0);
	CHECK_INT(r.type, RECORD_ENTRY);
	CHECK_MEM(r.payload.p, "hi", 2);
	for (i = 0; i < b.len * 8; i++) {
		b.p[i / 8] ^= (unsigned char)(1 << i % 8);
		in = view_of(b.p, b.len);
		CHECK_INT(record_get(&r, &seal, 256, &in), -1);
		b.p[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	buf_free(&b);
}

static void
add_entry(struct base_writer *w, const char *name, uint64_t number)
{
	struct entry entry = entry_make(name, number);
	struct buf b = BUF_INIT;
	struct err e;

	entry_encode(&entry, &b);
	state_must(base_writer_add(w, name, view_of(b.p, b.len), &e), &e);
	entry_free(&entry);
	buf_free(&b);
}

/* A file with everything in it, and nothing random. */
static struct journal *
small_file(const char *path)
{
	struct fact f = { FACT_META, view_of("k", 2), view_of("v", 1) };
	struct buf b = BUF_INIT;
	struct base_writer w;
	struct journal *j;
	struct draft d;
	struct head h;
	struct err e;

	memset(&h, 0, sizeof(h));
	h.id.replica = 0x0102030405060708;
	memcpy(h.id.host, "alpha", 5);
	memset(h.id.machine, 0xcc, HASH_BYTES);
	h.high = 2;
	state_must(draft_begin(&d, path, NULL, &e), &e);
	d.seal.salt = 0x1122334455667788;
	base_writer_init(&w, &d);
	add_entry(&w, "/a", 1);
	add_entry(&w, "/a/b", 2);
	state_must(base_writer_end(&w, &h.index, &e), &e);
	h.count = w.count;
	base_writer_fini(&w);
	h.facts = d.off;
	index_encode_fact(&f, &b);
	state_must(draft_record(&d, RECORD_FACT, b.p, b.len, &e), &e);
	h.tail = d.off;
	buf_free(&b);
	state_must(draft_finish(&d, &h, &j, &e), &e);
	return j;
}

static void
append_all(struct journal *j)
{
	struct fact f = { FACT_META, view_of("l", 2), view_of("w", 1) };
	struct entry entry = entry_make("/c", 3);
	struct buf b = BUF_INIT;
	struct identity id;
	struct index *x;
	struct err e;

	state_must(index_open(&x, j, 1, &e), &e);
	entry_encode(&entry, &b);
	journal_raise(j, 3);
	state_must(index_put(x, "/c", view_of(b.p, b.len), &e), &e);
	state_must(index_forget(x, "/a/b", &e), &e);
	state_must(journal_sync(j, &e), &e);
	state_must(index_put_fact(x, &f, &e), &e);
	state_must(index_drop_fact(x, FACT_META, view_of("k", 2), &e), &e);
	id = x->id;
	id.replica++;
	state_must(index_identify(x, &id, &e), &e);
	state_must(journal_sync(j, &e), &e);
	index_free(x);
	entry_free(&entry);
	buf_free(&b);
}

/* Whoever changes these changes the format: its number must change, too. */
static void
golden(void)
{
	static const char want[] =
	    "e777b22164367d9c5c08b850d2aa8493c88746f511fb47ebfe2a3277120b263c";
	unsigned char id[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	struct buf b;
	int i;

	scratch_clear();
	append_all(small_file("g.db"));
	b = file_read("g.db");
	CHECK_INT(b.len, 698);
	CHECK_MEM(b.p, "ucsyncDB\1\0\0\0\0\0\0\0\10\7\6\5\4\3\2\1", 24);
	hash_bytes(b.p, b.len, id);
	for (i = 0; i < HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	CHECK_STR(hex, want);
	buf_free(&b);
}

static void
golden_read(void)
{
	struct index *x;
	struct journal *j;
	struct view v;
	struct err e;

	CHECK_INT(journal_open(&j, "g.db", &e), JOURNAL_OK);
	CHECK_INT(index_open(&x, j, 0, &e), 0);
	CHECK_INT(x->damaged, 0);
	CHECK_INT(journal_high(j), 3);
	CHECK_INT(x->id.replica & 255, 9);
	CHECK_INT(index_find(x, "/a", &v, &e), 1);
	CHECK_INT(index_find(x, "/a/b", &v, &e), 0);
	CHECK_INT(index_find(x, "/c", &v, &e), 1);
	CHECK_INT(facts_find(x->facts, FACT_META, view_of("k", 2), &v), 0);
	CHECK_INT(facts_find(x->facts, FACT_META, view_of("l", 2), &v), 1);
	index_free(x);
}

/* What a state held after each sync. */
enum { STEPS = 8 };
static struct {
	struct buf file;
	size_t size[STEPS + 1];
	unsigned char digest[STEPS + 1][HASH_BYTES];
	uint64_t replica;
} history;

static void
step(struct state *s, int i)
{
	char name[32];
	struct err e;
	struct stat st;

	state_must(state_lock(s, LOCK_MS, &e), &e);
	snprintf(name, sizeof(name), "/d/%d", i);
	put_name(s, name, state_next(s));
	put_name(s, "/d", state_next(s));
	if (i % 3 == 2)
		state_must(state_forget(s, "/d/1", &e), &e);
	state_must(state_set_fact(s, FACT_META, &i, 1, "x", 1, &e), &e);
	if (i % 2)
		state_must(state_drop_fact(s, FACT_META, "", 1, &e), &e);
	state_must(state_unlock(s, &e), &e);
	stat("st/a.db", &st);
	history.size[i] = (size_t)st.st_size;
	state_digest(s, history.digest[i]);
}

static void
record_history(void)
{
	struct state *s;
	int i;

	scratch_clear();
	s = state_must_open("a");
	for (i = 0; i <= STEPS; i++)
		step(s, i);
	history.replica = state_replica(s);
	state_close(s);
	history.file = file_read("st/a.db");
	CHECK_INT(history.file.len, history.size[STEPS]);
}

/* The last step of which nothing beyond the first n bytes is needed. */
static int
steps_in(size_t n)
{
	int i = STEPS;

	while (i >= 0 && history.size[i] > n)
		i--;
	return i;
}

static int
shows(struct state *s, int i)
{
	unsigned char digest[HASH_BYTES];

	state_digest(s, digest);
	return !memcmp(digest, history.digest[i], HASH_BYTES);
}

/* Onlookers see the prefix and touch nothing; the lock's holder mends it. */
static int
mends(const unsigned char *p, size_t n, int want, uint64_t *replica)
{
	unsigned char mended[HASH_BYTES], again[HASH_BYTES];
	struct state *s, *t;
	struct stat st, st2;
	struct err e;
	int ok;

	file_write("st/a.db", p, n);
	state_must(state_open(&s, "st", "a", "", 0, &e), &e);
	ok = shows(s, want) && !stat("st/a.db", &st) && (size_t)st.st_size == n;
	state_must(state_lock(s, LOCK_MS, &e), &e);
	ok = ok && shows(s, want);
	put_name(s, "/new", state_next(s));
	state_must(state_unlock(s, &e), &e);
	*replica = state_replica(s);
	state_digest(s, mended);
	stat("st/a.db", &st);
	state_must(state_open(&t, "st", "a", "", 0, &e), &e);
	state_must(state_lock(t, LOCK_MS, &e), &e);
	state_digest(t, again);
	ok = ok && !memcmp(mended, again, HASH_BYTES);
	state_must(state_unlock(t, &e), &e);
	ok = ok && !stat("st/a.db", &st2) && st.st_size == st2.st_size;
	state_close(s);
	state_close(t);
	return ok;
}

static int
try_file(const unsigned char *p, size_t n, int want)
{
	uint64_t replica;

	return mends(p, n, want, &replica);
}

static void
torn(void)
{
	size_t n;

	for (n = history.size[STEPS - 4]; n <= history.file.len; n++)
		CHECK(try_file(history.file.p, n, steps_in(n)));
}

static void
flipped(void)
{
	size_t i, from = history.size[STEPS - 2], to = history.file.len;
	unsigned char *p = history.file.p;

	for (i = from * 8; i < to * 8; i++) {
		p[i / 8] ^= (unsigned char)(1 << i % 8);
		CHECK(try_file(p, to, steps_in(i / 8)));
		p[i / 8] ^= (unsigned char)(1 << i % 8);
	}
}

/* Old blocks of the flash behind the end are nothing. */
static void
stale_blocks(void)
{
	struct buf b = BUF_INIT;
	size_t n = history.size[4];

	buf_put(&b, history.file.p, n);
	buf_put(&b, history.file.p + history.size[2], n - history.size[2]);
	CHECK(try_file(b.p, b.len, 4));
	buf_free(&b);
}

/*
 * ext4 and XFS may leave a file that is long enough, with zeros where data had
 * not been written: from any byte on, and beyond the end.
 */
static void
zeros(void)
{
	static const unsigned char block[4096];
	struct buf b = BUF_INIT;
	uint64_t replica;
	size_t from, real;

	for (from = history.size[STEPS - 4]; from <= history.file.len; from++) {
		real = from;
		while (real < history.file.len && !history.file.p[real])
			real++;
		buf_clear(&b);
		buf_put(&b, history.file.p, from);
		buf_put(&b, block, history.file.len - from);
		if (from % 7 == 0)
			buf_put(&b, block, sizeof(block) - b.len % 4096);
		CHECK(mends(b.p, b.len, steps_in(real), &replica));
		CHECK(replica == history.replica);
	}
	buf_free(&b);
}

/* A bad batch before a good one is damage: numbers may be out already. */
static void
damage_renews(void)
{
	unsigned char *p = history.file.p;
	struct state *s;
	struct err e;
	size_t at = history.size[3] + 30;

	p[at] ^= 1;
	file_write("st/a.db", p, history.file.len);
	p[at] ^= 1;
	s = state_must_open("a");
	CHECK(shows(s, 3));
	CHECK(state_replica(s) == history.replica);
	CHECK_INT(state_lock(s, LOCK_MS, &e), 0);
	CHECK(state_replica(s) != history.replica);
	CHECK(state_next(s) > 2 * (STEPS + 1));
	CHECK_INT(state_unlock(s, &e), 0);
	CHECK(shows(s, 3));
	state_close(s);
}

/* Torn in the last batch: the same replica, numbers that were not given. */
static void
torn_keeps_replica(void)
{
	struct state *s;
	struct err e;

	file_write("st/a.db", history.file.p, history.file.len - 1);
	s = state_must_open("a");
	CHECK_INT(state_lock(s, LOCK_MS, &e), 0);
	CHECK(state_replica(s) == history.replica);
	CHECK(state_next(s) > 2 * (STEPS + 1));
	CHECK_INT(state_unlock(s, &e), 0);
	state_close(s);
}

static int
refused(const void *p, size_t n)
{
	struct state *s;
	struct err e;
	struct stat st;

	file_write("st/a.db", p, n);
	if (!state_open(&s, "st", "a", "", 0, &e)) {
		state_close(s);
		return 0;
	}
	return strstr(e.text, "st/a.db") && !stat("st/a.db", &st) &&
	    st.st_size == (off_t)n;
}

static void
damaged_header(void)
{
	unsigned char *p = history.file.p;
	struct state *s;
	struct buf b;
	size_t i;

	for (i = 0; i < HEAD_BYTES * 8; i++) {
		p[i / 8] ^= (unsigned char)(1 << i % 8);
		CHECK(refused(p, history.file.len));
		p[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	CHECK(refused("", 0));
	CHECK(refused("hello", 5));
	CHECK(refused(p, HEAD_BYTES - 1));
	s = state_must_open("a");
	CHECK_INT(state_count(s), 0);
	CHECK(state_replica(s) != history.replica);
	state_close(s);
	b = file_read("st/a.db.damaged-1");
	CHECK_INT(b.len, HEAD_BYTES - 1);
	buf_free(&b);
	CHECK(refused("again", 5));
	state_close(state_must_open("a"));
	b = file_read("st/a.db.damaged-2");
	CHECK_INT(b.len, 5);
	buf_free(&b);
}

static void
newer_format(void)
{
	unsigned char *p = history.file.p;
	struct state *s;
	struct stat st;
	uint32_t sum;
	struct err e;
	int i;

	p[8] = 2;
	sum = record_crc(0, p, 252);
	for (i = 0; i < 4; i++)
		p[252 + i] = (unsigned char)(sum >> 8 * i);
	file_write("st/a.db", p, history.file.len);
	CHECK_INT(state_open(&s, "st", "a", "", 1, &e), -1);
	CHECK(strstr(e.text, "format 2"));
	CHECK(!stat("st/a.db", &st));
	CHECK_INT(st.st_size, history.file.len);
}

/* The base: damage there is told when it is read, not when it is opened. */
static void
damaged_base(void)
{
	struct journal *j;
	struct index *x;
	struct view v;
	struct err e;
	struct buf b;

	scratch_clear();
	j = small_file("g.db");
	journal_unref(j);
	b = file_read("g.db");
	b.p[300] ^= 1;
	file_write("g.db", b.p, b.len);
	buf_free(&b);
	CHECK_INT(journal_open(&j, "g.db", &e), JOURNAL_OK);
	CHECK_INT(index_open(&x, j, 0, &e), 0);
	CHECK(index_find(x, "/a", &v, &e) < 0);
	CHECK(strstr(e.text, "g.db: damaged at byte 256"));
	index_free(x);
}

/* Facts that are lost cost the replica id; what came after them is kept. */
static void
damaged_facts(void)
{
	struct state *s;
	struct stat before, after;
	struct head h;
	struct err e;
	struct buf b;

	scratch_clear();
	s = state_must_open("a");
	state_must(state_lock(s, LOCK_MS, &e), &e);
	put_name(s, "/x", state_next(s));
	state_must(state_set_fact(s, FACT_META, "k", 1, "v", 1, &e), &e);
	state_must(state_compact(s, &e), &e);
	put_name(s, "/y", state_next(s));
	state_must(state_unlock(s, &e), &e);
	state_close(s);
	b = file_read("st/a.db");
	head_decode(&h, b.p, "x", &e);
	b.p[h.facts + 6] ^= 1;
	file_write("st/a.db", b.p, b.len);
	buf_free(&b);
	stat("st/a.db", &before);
	s = state_must_open("a");
	CHECK(has_name(s, "/x") && has_name(s, "/y"));
	state_must(state_lock(s, LOCK_MS, &e), &e);
	CHECK(state_replica(s) != h.id.replica);
	CHECK_INT(state_high(s), 2);
	state_must(state_unlock(s, &e), &e);
	stat("st/a.db", &after);
	CHECK(before.st_ino != after.st_ino);
	CHECK(has_name(s, "/x") && has_name(s, "/y"));
	state_close(s);
}

/* Whole by its checksum, but no entry: like something that is not whole. */
static void
nonsense(void)
{
	struct state *s = state_must_open("a");
	struct journal *j;
	struct index *x;
	uint64_t off, replica = state_replica(s);
	struct err e;

	CHECK_INT(journal_open(&j, "st/a.db", &e), JOURNAL_OK);
	CHECK_INT(index_open(&x, j, 1, &e), 0);
	state_must(journal_append(j, RECORD_ENTRY, "\2/z\1", 4, &off, &e), &e);
	state_must(journal_sync(j, &e), &e);
	index_free(x);
	state_must(state_lock(s, LOCK_MS, &e), &e);
	CHECK(!has_name(s, "/z") && has_name(s, "/y"));
	CHECK(state_replica(s) == replica);
	put_name(s, "/z", state_next(s));
	state_must(state_unlock(s, &e), &e);
	CHECK(has_name(s, "/z"));
	state_close(s);
}

int
main(void)
{
	scratch_state_init();
	RUN(crc);
	RUN(long_records);
	RUN(frames);
	RUN(golden);
	RUN(golden_read);
	RUN(record_history);
	RUN(torn);
	RUN(flipped);
	RUN(stale_blocks);
	RUN(zeros);
	RUN(damage_renews);
	RUN(torn_keeps_replica);
	RUN(damaged_header);
	RUN(newer_format);
	RUN(damaged_base);
	RUN(damaged_facts);
	RUN(nonsense);
	buf_free(&history.file);
	scratch_fini();
	return unit_end();
}
