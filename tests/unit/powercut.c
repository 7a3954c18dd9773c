/* SPDX-License-Identifier: ISC */
/*
 * Power cuts. What a commit, and a state file, do to the disk is logged; from
 * that, for a cut after each operation, disks are made as a cut may leave them,
 * and recovery has to make the best of each.
 *
 * What a disk keeps, worse than any in use: contents that fsync or fdatasync of
 * the file, metadata that fsync of the file, names that fsync of a directory
 * that a call named followed, or syncfs. What is not synced may be there, or
 * not, or a half, whatever came before or after it. But the names of one
 * directory change in order, and each as a whole; an exchange is done or not;
 * after a rename of no directory the new name may stand beside the old one
 * (JFFS2), yet one of them is there. Metadata of what cannot be opened goes
 * with its directory. Not all subsets are tried: none, all, each one alone and
 * each one missing, all beginnings, with contents before names or after, and
 * some at random.
 *
 * LONG=1 tries every disk, else one of some; SEED (1) chooses which.
 */
#define _GNU_SOURCE
#include "commitscene.h"
#include "disklog.h"
#include "scratchstate.h"

enum { PENDING_MAX = OPS_MAX, RANDOM = 24, SEEN_MAX = 1 << 20 };

static struct {
	int least[OPS_MAX];             /* how much of it is surely there */
	int how[OPS_MAX];               /* what is tried */
	int chosen[OPS_MAX];            /* and that as far as it can be */
	size_t pending[PENDING_MAX], n;
	size_t cut;
	uint64_t *seen;                 /* digests of disks, a hash table */
	uint64_t random, seed;
	size_t stride, disks, tried;
	int mark;                       /* the last before the cut */
	void (*verify)(int mark);
} cuts;

static uint64_t
random_next(void)
{
	cuts.random ^= cuts.random << 13;
	cuts.random ^= cuts.random >> 7;
	cuts.random ^= cuts.random << 17;
	return cuts.random >> 11;
}

/* Whether the thing is synced by the operation s. */
static int
syncs(const struct op *s, int thing, int metadata)
{
	return s->kind == OP_SYNC && (s->thing == -1 ||
	    (s->thing == thing && !(metadata && s->data_only)));
}

static int
least_of(size_t i)
{
	const struct op *o = &disklog.ops[i], *s;
	int least = 0;

	if (o->kind == OP_SYNC || o->kind == OP_MARK)
		return 2;
	for (s = o + 1; s < disklog.ops + cuts.cut; s++) {
		if (o->kind == OP_NAME && o->nset == 2 && o->is_rename) {
			if (syncs(s, o->set[1].dir, 1))
				return 2;
			if (syncs(s, o->set[0].dir, 1))
				least = 1;
		} else if (o->kind == OP_NAME) {
			if (!o->nset || syncs(s, o->set[0].dir, 1) ||
			    (o->nset == 2 && syncs(s, o->set[1].dir, 1)))
				return 2;
		} else if (syncs(s, o->thing, o->kind == OP_META) ||
		    (o->parent >= 0 && syncs(s, o->parent, 1))) {
			return 2;
		}
	}
	return least;
}

/* 1 when that disk is new. */
static int
note_seen(uint64_t digest)
{
	size_t at;

	digest += digest == 0;
	for (at = digest % SEEN_MAX; cuts.seen[at]; at = (at + 1) % SEEN_MAX)
		if (cuts.seen[at] == digest)
			return 0;
	scratch_need(++cuts.disks < SEEN_MAX / 2, "remember so many disks");
	cuts.seen[at] = digest;
	return 1;
}

static void
show(void)
{
	size_t k;

	printf("cut after %zu of %zu operations, mark %d; of the unsynced "
	    "ones:\n", cuts.cut, disklog.n, cuts.mark);
	for (k = 0; k < cuts.n; k++) {
		const struct op *o = &disklog.ops[cuts.pending[k]];

		printf("  %zu: kind %d thing %d %s %s: %d\n", cuts.pending[k],
		    (int)o->kind, o->kind == OP_NAME ? o->set[0].thing :
		    o->thing, o->set[0].name, o->set[1].name,
		    cuts.chosen[cuts.pending[k]]);
	}
}

/* Directories do not have two names. */
static int
how_of(size_t i)
{
	const struct op *o = &disklog.ops[i];
	int thing = o->kind == OP_NAME && o->nset == 2 ? o->set[0].thing : -1;

	if (cuts.how[i] == 1 && thing >= 0 &&
	    (!o->is_rename || S_ISDIR(disklog.now.at[thing].mode)))
		return 2;
	return cuts.how[i];
}

/* What is missing of a directory's names, all that came later is, too. */
static int
in_order(size_t i, char *broken)
{
	const struct op *o = &disklog.ops[i];
	int k, how = how_of(i);

	if (o->kind != OP_NAME)
		return how;
	for (k = 0; k < o->nset; k++)
		if (broken[o->set[k].dir])
			how = cuts.least[i];
	for (k = 0; k < o->nset && how < 2; k++)
		broken[o->set[k].dir] = 1;
	return how;
}

/* The disk that the choice in how[] leaves. */
static void
try_choice(void)
{
	static struct disk d;
	char path[512] = "", broken[THINGS_MAX] = "";
	uint64_t digest;
	size_t i;

	if (unit.failed)
		return;
	disk_copy(&d, &disklog.before);
	for (i = 0; i < cuts.cut; i++) {
		cuts.chosen[i] = in_order(i, broken);
		disk_apply(&d, &disklog.ops[i], cuts.chosen[i]);
	}
	digest = disk_digest(&d) + (uint64_t)cuts.mark * 77;
	if (note_seen(digest) && (digest + cuts.seed) % cuts.stride == 0) {
		cuts.tried++;
		scratch_clear();
		disk_store_names(&d, 0, path);
		cuts.verify(cuts.mark);
		if (unit.failed)
			show();
	}
	disk_free(&d);
}

static int
is_content(size_t i)
{
	return disklog.ops[i].kind == OP_WRITE ||
	    disklog.ops[i].kind == OP_SIZE;
}

/* All that is unsynced is this much there. */
static void
set_all(int content, int other)
{
	size_t k, i;
	int how;

	for (k = 0; k < cuts.n; k++) {
		i = cuts.pending[k];
		how = is_content(i) ? content : other;
		cuts.how[i] = how < cuts.least[i] ? cuts.least[i] : how;
	}
}

static void
set_one(size_t k, int how)
{
	size_t i = cuts.pending[k];

	cuts.how[i] = how < cuts.least[i] ? cuts.least[i] : how;
}

static void
try_all(void)
{
	size_t k, m;
	int content, other, r;

	for (content = 0; content < 3; content++)
		for (other = 0; other < 3; other += 2) {
			set_all(content, other);
			try_choice();
		}
	for (k = 0; k < cuts.n; k++) {
		for (m = 1; m < 3; m++) {
			set_all(0, 0);
			set_one(k, (int)m);
			try_choice();
			set_all(2, 2);
			set_one(k, 2 - (int)m);
			try_choice();
		}
		/* beginnings: names first, contents first, all in order */
		for (m = 0; m < 3; m++) {
			set_all(m == 1 ? 2 : 0, 0);
			for (r = 0; r <= (int)k; r++)
				if (m || !is_content(cuts.pending[r]))
					set_one((size_t)r, 2);
			try_choice();
			if (!(m == 0 && is_content(cuts.pending[k]))) {
				set_one(k, 1);
				try_choice();
			}
		}
	}
	for (r = 0; r < RANDOM && cuts.n; r++) {
		for (k = 0; k < cuts.n; k++)
			set_one(k, (int)(random_next() % 3));
		try_choice();
	}
}

static void
cut_everywhere(const char *what)
{
	size_t i;

	cuts.seen = mem_alloc(SEEN_MAX * sizeof(*cuts.seen));
	cuts.disks = cuts.tried = 0;
	cuts.mark = -1;
	cuts.random = cuts.seed * 2654435761u + 1;
	for (cuts.cut = 0; cuts.cut <= disklog.n && !unit.failed; cuts.cut++) {
		if (cuts.cut && disklog.ops[cuts.cut - 1].kind == OP_MARK)
			cuts.mark = (int)disklog.ops[cuts.cut - 1].at;
		cuts.n = 0;
		for (i = 0; i < cuts.cut; i++) {
			cuts.how[i] = cuts.least[i] = least_of(i);
			if (cuts.least[i] < 2)
				cuts.pending[cuts.n++] = i;
		}
		try_all();
	}
	printf("# %s: %zu operations, %zu disks, %zu tried\n", what, disklog.n,
	    cuts.disks, cuts.tried);
	free(cuts.seen);
}

/* Logs it; 0 when ptrace is not permitted. */
static int
logged(int (*work)(void))
{
	int r = disk_log(work);

	if (r == NOT_TRACED) {
		printf("skip powercut: ptrace: not permitted\n");
		return 0;
	}
	scratch_need(r == 0, "do it undisturbed");
	return 1;
}

static int
commit_and_mark(void)
{
	int r;

	world_open(GROUP);
	r = change_all();
	disk_mark(1);
	return r;
}

static void
verify_commit(int mark)
{
	size_t i;

	if (mark > 0) {
		/* what was confirmed is there without a second commit */
		world_open(GROUP);
		CHECK_INT(recover_all(), 0);
		all_changes();
		for (i = 0; i < world.n; i++)
			no_edit(world.changes[i].want.name + 4);
		only_missing();
		CHECK_INT(world.n, 0);
		world_close();
	}
	complete();
}

static void
a_commit(void)
{
	scene();
	if (logged(commit_and_mark)) {
		cuts.verify = verify_commit;
		cuts.stride = getenv("LONG") && *getenv("LONG") ? 1 : 3;
		cut_everywhere("a commit");
		CHECK(cuts.disks > 1000);
	}
	disk_log_free();
}

enum { STEPS = 9 };
static unsigned char after[STEPS + 1][HASH_BYTES];

/* Something new in each step, and a new file in some. */
static void
step(struct state *s, int i)
{
	char name[32];
	struct err e;

	state_must(state_lock(s, LOCK_MS, &e), &e);
	if (i % 4 == 2)
		state_must(state_compact(s, &e), &e);
	snprintf(name, sizeof(name), "/d/%d", i);
	put_name(s, name, state_next(s));
	put_name(s, "/d", state_next(s));
	if (i % 3 == 2)
		state_must(state_forget(s, "/d/1", &e), &e);
	state_must(state_set_fact(s, FACT_META, &i, 1, "x", 1, &e), &e);
	if (i % 4 == 3)
		state_must(state_compact(s, &e), &e);
	state_must(state_unlock(s, &e), &e);
}

static int
all_steps(void)
{
	struct state *s = state_must_open("a");
	int i;

	for (i = 0; i <= STEPS; i++) {
		if (i)
			step(s, i);
		state_digest(s, after[i]);
		disk_mark(i);
	}
	state_close(s);
	return 0;
}

/* All that was synced is there, and of the rest a beginning. */
static void
verify_state(int mark)
{
	unsigned char digest[HASH_BYTES], locked[HASH_BYTES];
	struct state *s;
	struct err e;
	int i;

	CHECK_INT(state_open(&s, "st", "a", "", 1, &e), 0);
	state_digest(s, digest);
	CHECK_INT(state_lock(s, LOCK_MS, &e), 0);
	state_digest(s, locked);
	put_name(s, "/more", state_next(s));
	CHECK_INT(state_unlock(s, &e), 0);
	state_close(s);
	CHECK_INT(state_open(&s, "st", "a", "", 0, &e), 0);
	CHECK(has_name(s, "/more"));
	state_close(s);
	CHECK(access("st/a.db.damaged-1", F_OK) < 0);
	CHECK_MEM(digest, locked, HASH_BYTES);
	for (i = mark < 0 ? 0 : mark; i <= mark + 1 && i <= STEPS; i++)
		if (!memcmp(digest, after[i], HASH_BYTES))
			return;
	unit_fail(__FILE__, __LINE__, "neither before nor after", "");
}

static void
a_state(void)
{
	scratch_clear();
	all_steps();                    /* for what it holds in between */
	scratch_clear();
	if (logged(all_steps)) {
		cuts.verify = verify_state;
		cuts.stride = 1;
		cut_everywhere("a state");
		CHECK(cuts.disks > 50);
	}
	disk_log_free();
}

int
main(void)
{
	const char *seed = getenv("SEED");

	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	cuts.seed = seed && *seed ? strtoull(seed, NULL, 10) : 1;
	scratch_init();
	RUN(a_commit);
	RUN(a_state);
	scratch_fini();
	return unit_end();
}
