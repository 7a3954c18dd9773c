/* SPDX-License-Identifier: ISC */
/*
 * Names as text; nothing here looks at the disk.
 */
#include <string.h>

#include "mem.h"
#include "path.h"

/* Rank of a byte: end of string, then '/', then the others. */
static unsigned
rank(unsigned char c)
{
	return c == '/' ? 1 : c ? c + 1u : 0;
}

int
path_cmp(const char *a, const char *b)
{
	const unsigned char *x = (const void *)a, *y = (const void *)b;

	while (*x && *x == *y)
		x++, y++;
	return (int)rank(*x) - (int)rank(*y);
}

int
path_within(const char *name, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1 && *dir == '/')
		return *name == '/';
	return !strncmp(name, dir, n) && (!name[n] || name[n] == '/');
}

int
path_reserved(const char *part)
{
	return !strncmp(part, PATH_RESERVED, sizeof(PATH_RESERVED) - 1);
}

static int
part_valid(const char *s, size_t n)
{
	if (!n || n > PATH_PART_MAX)
		return 0;
	if (s[0] == '.' && (n == 1 || (n == 2 && s[1] == '.')))
		return 0;
	return !path_reserved(s);
}

/* Skips "%word%"; NULL when there is none. */
static const char *
skip_prefix(const char *name)
{
	const char *end = strchr(name + 1, '%');

	if (!end || end == name + 1 || memchr(name, '/', (size_t)(end - name)))
		return NULL;
	return end + 1;
}

int
path_valid(const char *name)
{
	size_t n;

	if (strlen(name) > PATH_BYTES_MAX)
		return 0;
	if (*name == '%') {
		name = skip_prefix(name);
		if (!name)
			return 0;
		if (!*name)
			return 1;
	} else if (name[0] == '/' && !name[1]) {
		return 1;
	}
	if (*name != '/')
		return 0;
	while (*name == '/') {
		n = strcspn(++name, "/");
		if (!part_valid(name, n))
			return 0;
		name += n;
	}
	return 1;
}

const char *
path_base(const char *name)
{
	const char *s = strrchr(name, '/');

	return s ? s + 1 : name + strlen(name);
}

size_t
path_parent_len(const char *name)
{
	const char *s = strrchr(name, '/');

	if (!s || (s == name && !s[1]))
		return 0;
	return s == name ? 1 : (size_t)(s - name);
}

char *
path_child(const char *dir, size_t n, const char *base)
{
	size_t len = strlen(base);
	char *out = mem_alloc(n + len + 2);

	memcpy(out, dir, n);
	if (n && out[n - 1] != '/')
		out[n++] = '/';
	memcpy(out + n, base, len);
	return out;
}

static size_t
go_up(const char *path, size_t n)
{
	while (n && path[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

char *
path_absolute(const char *cwd, const char *path)
{
	const char *half[2] = { *path == '/' ? "" : cwd, path };
	char *out = mem_alloc(strlen(cwd) + strlen(path) + 3);
	size_t n = 0, part;
	const char *s;
	int i;

	for (i = 0; i < 2; i++)
		for (s = half[i]; *s; s += part) {
			s += strspn(s, "/");
			part = strcspn(s, "/");
			if (!part || (part == 1 && *s == '.'))
				continue;
			if (part == 2 && s[0] == '.' && s[1] == '.') {
				n = go_up(out, n);
				continue;
			}
			out[n++] = '/';
			memcpy(out + n, s, part);
			n += part;
		}
	if (!n)
		out[n++] = '/';
	out[n] = 0;
	return out;
}
