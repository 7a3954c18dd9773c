/* SPDX-License-Identifier: ISC */
/*
 * Parts of lines on stdout.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/escape.h"
#include "conf/conf.h"
#include "print.h"
#include "setup.h"
#include "state/entry.h"

void
print_name(const char *name)
{
	char one[ESCAPE_MAX];
	size_t n;

	while ((n = escape_next(&name, one)))
		fwrite(one, 1, n, stdout);
}

static void
print_encoded(const char *target)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

	for (; *target; target++) {
		if (strchr(plain, *target))
			putchar(*target);
		else
			printf("%%%02x", (unsigned char)*target);
	}
}

static void
print_mode(const struct conf *c, const struct version *v)
{
	static const unsigned types[KIND_COUNT] = { 0, S_IFREG, S_IFDIR,
		S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO };
	unsigned mode = v->kind == KIND_LNK ? 0777 : v->mode;

	if (!c->ignore_mod)
		printf(":mode=%u", types[v->kind] | mode);
	if (!c->ignore_uid)
		printf(":uid=%lu", (unsigned long)v->uid);
	if (!c->ignore_gid)
		printf(":gid=%lu", (unsigned long)v->gid);
}

void
print_version(const struct conf *c, const struct version *v)
{
	static const char *const types[KIND_COUNT] = { "", "reg", "dir",
		"lnk", "chr", "blk", "fifo" };

	printf("v1");
	if (v->kind != KIND_DIR && v->kind != KIND_LNK)
		printf(":mtime=%lld", (long long)v->mtime.sec);
	print_mode(c, v);
	printf(":type=%s", types[v->kind]);
	switch (v->kind) {
	case KIND_REG:
		printf(":size=%llu", (unsigned long long)v->size);
		break;
	case KIND_CHR:
	case KIND_BLK:
		printf(":dev=%llu", (unsigned long long)makedev(v->major,
		    v->minor));
		break;
	case KIND_LNK:
		printf(":target=");
		print_encoded(v->target);
		break;
	default:
		break;
	}
}

void
print_call(const struct setup *s, const char *command)
{
	printf("%s %s%s%s", s->program, command, *s->config ? " -C " : "",
	    s->config);
}

void
print_bytes(uint64_t n)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB",
		"PB" };
	size_t i = 0;

	for (; n >= 10000 && i < sizeof(units) / sizeof(units[0]) - 1; i++)
		n /= 1000;
	printf("%llu %s", (unsigned long long)n, units[i]);
}

int
print_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(1) && !(no && *no) && term && strcmp(term, "dumb");
}
