/* SPDX-License-Identifier: ISC */
/*
 * Directories by getdents64: the whole directory in a few calls with a buffer
 * that is not kept, where readdir would hold one per open directory. Names are
 * gathered in one block, each behind a byte that tells its type.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "listing.h"

enum {
	CHUNK = 32 << 10,
	/* struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name */
	RECLEN_AT = 16, TYPE_AT = 18, NAME_AT = 19
};

static int
is_file_name(const char *s)
{
	if (!*s || strchr(s, '/'))
		return 0;
	return strcmp(s, ".") && strcmp(s, "..");
}

static void
add(struct listing *l, struct buf *text, enum listing_type type,
    const char *name)
{
	if (!is_file_name(name))
		return;
	buf_u8(text, (unsigned)type);
	buf_put(text, name, strlen(name) + 1);
	l->n++;
}

static enum listing_type
type_of(unsigned char d_type)
{
	if (d_type == DT_UNKNOWN)
		return LISTING_UNKNOWN;
	return d_type == DT_DIR ? LISTING_DIR : LISTING_OTHER;
}

/* The names of one answer of the kernel. */
static void
add_chunk(struct listing *l, struct buf *text, const char *p, size_t n)
{
	unsigned short reclen;

	for (; n > NAME_AT; p += reclen, n -= reclen) {
		memcpy(&reclen, p + RECLEN_AT, sizeof(reclen));
		if (reclen <= NAME_AT || reclen > n)
			break;
		add(l, text, type_of((unsigned char)p[TYPE_AT]), p + NAME_AT);
	}
}

static void
index_names(struct listing *l, struct buf *text)
{
	char *s = (char *)text->p;
	size_t i;

	l->text = s;
	l->names = mem_alloc(l->n * sizeof(*l->names));
	for (i = 0; i < l->n; i++) {
		l->names[i] = ++s;
		s += strlen(s) + 1;
	}
}

/* Makes one of at[0..half) and at[half..n), both sorted. */
static void
merge(char **at, size_t half, size_t n, char **room)
{
	size_t a = 0, b = half, i = 0;

	if (strcmp(at[half - 1], at[half]) <= 0)
		return;
	memcpy(room, at, half * sizeof(*at));
	while (a < half)
		at[i++] = b < n && strcmp(at[b], room[a]) < 0 ? at[b++] :
		    room[a++];
}

/*
 * Half the comparisons of libc's sort, and hardly any where a file system lists
 * in order; room is for n / 2 names.
 */
static void
sort(char **at, size_t n, char **room)
{
	size_t half = n / 2;

	if (n < 2)
		return;
	sort(at, half, room);
	sort(at + half, n - half, room);
	merge(at, half, n, room);
}

int
listing_read(struct listing *l, int fd)
{
	struct buf text = BUF_INIT;
	char chunk[CHUNK], **room;
	long n;

	memset(l, 0, sizeof(*l));
	while ((n = syscall(SYS_getdents64, fd, chunk, sizeof(chunk))) > 0)
		add_chunk(l, &text, chunk, (size_t)n);
	if (n < 0) {
		buf_free(&text);
		l->n = 0;
		return -1;
	}
	index_names(l, &text);
	room = mem_alloc(l->n / 2 * sizeof(*room));
	sort(l->names, l->n, room);
	free(room);
	return 0;
}

void
listing_of(struct listing *l, char *const *names, size_t n)
{
	struct buf text = BUF_INIT;
	size_t i;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < n; i++)
		add(l, &text, LISTING_UNKNOWN, names[i]);
	index_names(l, &text);
}

enum listing_type
listing_type(const struct listing *l, size_t i)
{
	return (enum listing_type)l->names[i][-1];
}

void
listing_free(struct listing *l)
{
	free(l->names);
	free(l->text);
	memset(l, 0, sizeof(*l));
}
