/* SPDX-License-Identifier: ISC */
/*
 * Staging: content, id, holes, where the temporary is and when it goes; and
 * whose temporaries are abandoned.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "fs/temp.h"

#include "commitworld.h"

static unsigned char bytes[300000];

/* The bytes at the temporary, read back. */
static int
holds(const struct stage *s, const unsigned char *p, size_t n)
{
	const char *base = path_base(stage_name(s));
	unsigned char *got = mem_alloc(n + 1);
	int fd = open(base, O_RDONLY), same;
	ssize_t r = read(fd, got, n + 1);

	close(fd);
	same = r == (ssize_t)n && !memcmp(got, p, n);
	free(got);
	return same;
}

static void
content_of(const void *p, size_t n, unsigned char id[HASH_BYTES])
{
	struct content *c = content_new();

	content_add(c, p, n);
	content_final(c, id);
	content_free(c);
}

static void
pieces(size_t step)
{
	unsigned char id[HASH_BYTES], want[HASH_BYTES];
	struct stage *s;
	size_t i;

	CHECK_INT(stage_open(&s, world.tree, name_of("x"), &world.e), 0);
	for (i = 0; i < sizeof(bytes); i += step)
		CHECK_INT(stage_write(s, bytes + i, sizeof(bytes) - i < step ?
		    sizeof(bytes) - i : step, &world.e), 0);
	CHECK_INT(stage_size(s), sizeof(bytes));
	CHECK_INT(stage_keep(s, &world.e), 0);
	stage_id(s, id);
	content_of(bytes, sizeof(bytes), want);
	CHECK_MEM(id, want, HASH_BYTES);
	CHECK(holds(s, bytes, sizeof(bytes)));
	stage_remove(world.tree, stage_name(s));
	stage_free(s);
	CHECK_INT(leftovers(), 0);
}

static void
content(void)
{
	size_t i;

	world_new("include %p%;");
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i / 20000 % 2 ? (unsigned char)(i * 7 + 1) : 0;
	pieces(1000);
	pieces(4096);
	pieces(65537);
	pieces(sizeof(bytes));
	world_close();
}

static void
sparse(void)
{
	static unsigned char zero[1 << 20];
	struct stage *s;
	struct stat st;
	int i;

	world_new("include %p%;");
	CHECK_INT(stage_open(&s, world.tree, name_of("x"), &world.e), 0);
	CHECK_INT(stage_write(s, "head", 4, &world.e), 0);
	for (i = 0; i < 100; i++)
		CHECK_INT(stage_write(s, zero, sizeof(zero), &world.e), 0);
	CHECK_INT(stage_keep(s, &world.e), 0);
	CHECK_INT(lstat(path_base(stage_name(s)), &st), 0);
	CHECK_INT(st.st_size, 4 + 100 * (1 << 20));
	CHECK(st.st_blocks < 100);
	stage_free(s);
	world_close();
}

static void
goes_unless_kept(void)
{
	struct stage *s;
	struct stat st;

	world_new("include %p%;");
	CHECK_INT(stage_open(&s, world.tree, name_of("x"), &world.e), 0);
	CHECK(path_reserved(path_base(stage_name(s))));
	CHECK_INT(lstat(path_base(stage_name(s)), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(leftovers(), 1);
	stage_free(s);
	CHECK_INT(leftovers(), 0);
	stage_free(NULL);
	world_close();
}

static void
nearest_directory(void)
{
	struct stage *s;
	char *dir;

	world_new("include %p%;");
	scratch_dir("a");
	scratch_file("a/file", "in the way");
	CHECK_INT(stage_open(&s, world.tree, name_of("a/file/c/d"), &world.e),
	    0);
	dir = mem_strndup(stage_name(s), path_parent_len(stage_name(s)));
	CHECK_STR(dir, "%p%/a");
	free(dir);
	stage_free(s);
	CHECK_INT(symlink("/tmp", "link"), 0);
	CHECK_INT(stage_open(&s, world.tree, name_of("link/x"), &world.e), 0);
	dir = mem_strndup(stage_name(s), path_parent_len(stage_name(s)));
	CHECK_STR(dir, "%p%");
	free(dir);
	stage_free(s);
	CHECK_INT(leftovers(), 0);
	CHECK_INT(stage_open(&s, world.tree, "%q%/x", &world.e), -1);
	CHECK(strstr(world.e.text, "%q%/x: ") == world.e.text);
	world_close();
}

static void
abandoned(void)
{
	char base[TEMP_BASE_MAX], theirs[TEMP_BASE_MAX], late[TEMP_BASE_MAX];
	int fds[2], status;
	siginfo_t zombie;
	pid_t pid;

	temp_base(base);
	CHECK(path_reserved(base));
	CHECK(!temp_abandoned(base));
	CHECK_INT(pipe(fds), 0);
	memset(base, 0, sizeof(base));
	pid = fork();
	if (!pid) {
		temp_base(base);
		_exit(write(fds[1], base, sizeof(base)) != sizeof(base));
	}
	CHECK_INT(read(fds[0], theirs, sizeof(theirs)), sizeof(theirs));
	CHECK_INT(waitid(P_PID, (id_t)pid, &zombie, WEXITED | WNOWAIT), 0);
	CHECK(temp_abandoned(theirs));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(temp_abandoned(theirs));
	/* A process of that number that was started later; before a reboot. */
	snprintf(late, sizeof(late), ".ucsync-%ld.0", (long)getpid());
	CHECK(temp_abandoned(late));
	snprintf(late, sizeof(late), ".ucsync-%ld.9999999999999999999",
	    (long)getpid());
	CHECK(temp_abandoned(late));
	CHECK(!temp_abandoned(".ucsync-"));
	CHECK(!temp_abandoned(".ucsync-0.1"));
	CHECK(!temp_abandoned(".ucsync-99999"));
	CHECK(!temp_abandoned(".ucsync-99999.x"));
	CHECK(!temp_abandoned("99999.1"));
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	scratch_init();
	RUN(content);
	RUN(sparse);
	RUN(goes_unless_kept);
	RUN(nearest_directory);
	RUN(abandoned);
	scratch_fini();
	return unit_end();
}
