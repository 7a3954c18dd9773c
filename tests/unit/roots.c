/* SPDX-License-Identifier: ISC */
/*
 * Where the directories of include patterns lie: there, gone, and what cannot
 * be told because no descriptor is left, which is neither.
 */
#include <sys/resource.h>

#include "scratchconf.h"
#include "scratchstate.h"

#include "fs/roots.h"
#include "fs/tree.h"
#include "state/fact.h"

enum { MANY = 8 };              /* so many descriptors are enough */

static struct conf *conf;
static struct state *state;
static struct rlimit usual;

/* From now on n more descriptors can be opened. */
static void
leave(int n)
{
	struct rlimit few = usual;
	int fd = dup(0);

	scratch_need(fd >= 0, "tell the next descriptor");
	close(fd);
	few.rlim_cur = (rlim_t)(fd + n);
	scratch_need(!setrlimit(RLIMIT_NOFILE, &few), "set the limit");
}

static int
stand(const char *name, struct err *why)
{
	struct tree *t = tree_new(conf);
	char *lost = NULL;
	int r = roots_stand(conf, t, name, 0, &lost, why);

	if (r <= 0 && strcmp(lost, scratch_name("@/t")))
		r = -2;
	if (r <= 0)
		free(lost);
	tree_free(t);
	return r;
}

static void
stands(void)
{
	struct err why;
	int n, r;

	CHECK_INT(stand(scratch_name("@/t/f"), &why), 1);
	for (n = 0; n < MANY; n++) {
		leave(n);
		r = stand(scratch_name("@/t/f"), &why);
		setrlimit(RLIMIT_NOFILE, &usual);
		CHECK(r == 1 || r == -1);
		CHECK(r == 1 || strstr(why.text, "/t: cannot be opened: "));
		CHECK(n || r == -1);
	}
	CHECK_INT(r, 1);
	CHECK(!rename("t", "away"));
	CHECK_INT(stand(scratch_name("@/t/f"), &why), 0);
	scratch_file("t", "");
	CHECK_INT(stand(scratch_name("@/t/f"), &why), 0);
	CHECK(!unlink("t") && !symlink("away", "t"));
	CHECK_INT(stand(scratch_name("@/t/f"), &why), 0);
	CHECK(strstr(why.text, "/t is no directory any more"));
	CHECK(!unlink("t") && !rename("away", "t"));
}

/* What is told of the name where n descriptors are left. */
static int
moved(const char *name, int n, int yes, char *said)
{
	struct tree *t = tree_new(conf);
	struct roots *r = roots_new(conf, t, state);
	const char *text = "";
	int rc;

	leave(n);
	if (yes)
		roots_accept(r, name);
	rc = roots_moved(r, name, &text);
	setrlimit(RLIMIT_NOFILE, &usual);
	snprintf(said, 700, "%s", text);
	roots_free(r);
	tree_free(t);
	return rc;
}

static void
remember(void)
{
	struct tree *t = tree_new(conf);
	struct roots *r = roots_new(conf, t, state);
	struct err e;

	state_must(state_lock(state, LOCK_MS, &e), &e);
	put_name(state, scratch_name("@/t/f"), state_next(state));
	state_must(roots_record(r, &e), &e);
	state_must(state_unlock(state, &e), &e);
	CHECK(!roots_due(r));
	roots_free(r);
	tree_free(t);
}

static void
unknown(void)
{
	char said[700];
	int n, r;

	remember();
	for (n = 0; n < MANY; n++) {
		r = moved(scratch_name("@/t/f"), n, n % 2, said);
		CHECK(r == 0 || r == -1);
		CHECK(!r || strstr(said, "/t: cannot be opened: "));
		CHECK(n || r == -1);
	}
	CHECK_INT(r, 0);
	CHECK_INT(moved(scratch_name("@/t"), 0, 0, said), 0);
	CHECK_INT(moved(scratch_name("@/u"), 0, 0, said), 0);
}

/* Remembered elsewhere: moved, or accepted; and the error is another thing. */
static void
elsewhere(void)
{
	struct err e;
	char said[700];

	state_must(state_lock(state, LOCK_MS, &e), &e);
	state_must(fact_set_root(state, scratch_name("@/t"), "/nowhere", &e),
	    &e);
	state_must(state_unlock(state, &e), &e);
	CHECK_INT(moved(scratch_name("@/t/f"), MANY, 0, said), 1);
	CHECK(strstr(said, "not, as before, under /nowhere"));
	CHECK_INT(moved(scratch_name("@/t/f"), MANY, 1, said), 0);
	CHECK_INT(moved(scratch_name("@/t/f"), 0, 1, said), -1);
}

int
main(void)
{
	scratch_state_init();
	scratch_dir("t");
	scratch_file("t/f", "f");
	conf = scratch_conf("include @/t;");
	state = state_must_open("a");
	getrlimit(RLIMIT_NOFILE, &usual);
	RUN(stands);
	RUN(unknown);
	RUN(elsewhere);
	state_close(state);
	conf_free(conf);
	scratch_fini();
	return unit_end();
}
