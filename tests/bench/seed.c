/* SPDX-License-Identifier: ISC */
/*
 * Trees and files that are the same wherever they are made, and changes:
 *
 *   seed make DIR COUNT MIN MAX SEED   COUNT files of MIN to MAX bytes of words
 *                                      in directories of 50
 *   seed change DIR COUNT N SEED       N of them get other content
 *   seed remove DIR COUNT N SEED       N of those that are there go
 *   seed big FILE SIZE SEED            bytes that no compressor likes
 *   seed edit FILE N SIZE SEED         N pieces of SIZE bytes in it are others
 *   seed insert FILE SIZE SEED         so many bytes come in front
 */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PER_DIR = 50, PIECE = 1 << 20 };

static uint64_t state;
static unsigned char piece[PIECE];

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* xorshift64*, S. Vigna. */
static uint64_t
next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static uint64_t
below(uint64_t n)
{
	return (next() >> 11) % n;
}

static void
begin(uint64_t seed)
{
	state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	next();
	next();
}

/* Words of 512 different ones: deflate makes a third of it. */
static void
words(unsigned char *p, size_t n)
{
	size_t i = 0;
	uint64_t w, k;

	while (i < n) {
		w = below(512) * UINT64_C(0x9e3779b97f4a7c15);
		for (k = 3 + (w >> 60) % 8; k && i < n; k--, w >>= 5)
			p[i++] = (unsigned char)('a' + (w & 31) % 26);
		if (i < n)
			p[i++] = below(12) ? ' ' : '\n';
	}
}

static void
noise(unsigned char *p, size_t n)
{
	uint64_t r;
	size_t i;

	for (i = 0; i < n; i += 8) {
		r = next();
		memcpy(p + i, &r, n - i < 8 ? n - i : 8);
	}
}

static void
put(int fd, const unsigned char *p, size_t n)
{
	ssize_t got;

	for (; n; p += got, n -= (size_t)got)
		if ((got = write(fd, p, n)) < 0)
			die("write");
}

static int
make(const char *name, int flags)
{
	int fd = open(name, O_WRONLY | O_CREAT | flags, 0644);

	if (fd < 0)
		die(name);
	return fd;
}

static void
name_of(char *to, size_t size, const char *dir, uint64_t i)
{
	snprintf(to, size, "%s/d%05u/file-%07u.txt", dir,
	    (unsigned)(i / PER_DIR), (unsigned)i);
}

static void
write_words(const char *name, uint64_t n)
{
	int fd = make(name, O_TRUNC);

	words(piece, (size_t)n);
	put(fd, piece, (size_t)n);
	close(fd);
}

static void
make_tree(const char *dir, uint64_t count, uint64_t min, uint64_t max)
{
	char name[4096];
	uint64_t i;

	if (mkdir(dir, 0755) && errno != EEXIST)
		die(dir);
	for (i = 0; i < count; i++) {
		name_of(name, sizeof(name), dir, i);
		if (i % PER_DIR == 0) {
			*strrchr(name, '/') = 0;
			if (mkdir(name, 0755) && errno != EEXIST)
				die(name);
			name_of(name, sizeof(name), dir, i);
		}
		write_words(name, min + below(max - min + 1));
	}
}

/* Another n of the files, changed or removed. */
static void
alter(const char *dir, uint64_t count, uint64_t n, int removes)
{
	char name[4096];
	struct stat st;

	while (n) {
		name_of(name, sizeof(name), dir, below(count));
		if (stat(name, &st))
			continue;
		if (removes ? unlink(name) : 0)
			die(name);
		if (!removes)
			write_words(name, (uint64_t)st.st_size);
		n--;
	}
}

static void
put_noise(int fd, uint64_t size)
{
	size_t n;

	for (; size; size -= n) {
		n = size < PIECE ? (size_t)size : PIECE;
		noise(piece, n);
		put(fd, piece, n);
	}
}

static void
edit(const char *file, uint64_t n, uint64_t size)
{
	int fd = open(file, O_WRONLY);
	struct stat st;
	uint64_t at;

	if (fd < 0 || fstat(fd, &st) || size > PIECE)
		die(file);
	while (n--) {
		at = below((uint64_t)st.st_size - size);
		noise(piece, (size_t)size);
		if (lseek(fd, (off_t)at, SEEK_SET) < 0)
			die(file);
		put(fd, piece, (size_t)size);
	}
	close(fd);
}

static void
insert(const char *file, uint64_t size)
{
	char other[4096];
	ssize_t got;
	int from, to;

	snprintf(other, sizeof(other), "%s.new", file);
	from = open(file, O_RDONLY);
	if (from < 0)
		die(file);
	to = make(other, O_TRUNC);
	put_noise(to, size);
	while ((got = read(from, piece, PIECE)) > 0)
		put(to, piece, (size_t)got);
	close(from);
	close(to);
	if (got || rename(other, file))
		die(file);
}

int
main(int argc, char **argv)
{
	uint64_t n[4] = { 0 };
	int i, given = argc - 3;

	for (i = 0; i < given && i < 4; i++)
		n[i] = strtoull(argv[i + 3], NULL, 10);
	if (given < 2 || given > 4)
		return 1;
	begin(n[given - 1]);
	if (!strcmp(argv[1], "make") && given == 4 && n[2] <= PIECE)
		make_tree(argv[2], n[0], n[1], n[2]);
	else if (!strcmp(argv[1], "change") && given == 3)
		alter(argv[2], n[0], n[1], 0);
	else if (!strcmp(argv[1], "remove") && given == 3)
		alter(argv[2], n[0], n[1], 1);
	else if (!strcmp(argv[1], "big") && given == 2)
		put_noise(make(argv[2], O_TRUNC), n[0]);
	else if (!strcmp(argv[1], "edit") && given == 3)
		edit(argv[2], n[0], n[1]);
	else if (!strcmp(argv[1], "insert") && given == 2)
		insert(argv[2], n[0]);
	else
		return 1;
	return 0;
}
