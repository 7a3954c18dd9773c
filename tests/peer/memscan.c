/* SPDX-License-Identifier: ISC */
/*
 * memscan KEYFILE HOST CLIENT SERVER PID...
 *
 * Looks through the memory of processes for a key and what is made of it: the
 * text of K, the HKDF secret, the psk of CLIENT at SERVER. HOST is the
 * receive-only end, or `-`. Prints a line a find, `looked at N KiB` at the end;
 * exit 1 when something was found or nothing could be looked at.
 */
#define _GNU_SOURCE
#include <bearssl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "wire/key.h"

struct secret {
	const char *name;
	const void *p;
	size_t n;
};

static struct secret secrets[3];
static size_t looked;
static int found;

static void
search(const char *pid, const char *where, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		if (!memmem(p, n, secrets[i].p, secrets[i].n))
			continue;
		printf("process %s has the %s: %s", pid, secrets[i].name,
		    where);
		found = 1;
	}
	looked += n;
}

static void
scan(const char *pid)
{
	char path[64], line[512], *dash;
	unsigned long long from, to;
	unsigned char *p;
	ssize_t n;
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	f = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	fd = open(path, O_RDONLY);
	if (!f || fd < 0) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		from = strtoull(line, &dash, 16);
		to = strtoull(dash + 1, NULL, 16);
		if (to - from > 64 << 20 || !strstr(line, " rw"))
			continue;
		p = malloc(to - from);
		n = pread(fd, p, to - from, (off_t)from);
		if (n > 0)
			search(pid, line, p, (size_t)n);
		free(p);
	}
	close(fd);
	fclose(f);
}

int
main(int argc, char **argv)
{
	static const char salt[] = "ucsync tls psk v1";
	unsigned char psk[PSK_BYTES], prk[32];
	br_hmac_key_context kc;
	br_hmac_context hc;
	struct key key;
	struct err e;
	int i;

	if (argc < 6)
		return 1;
	if (key_load_for(&key, argv[1], *argv[2] == '-' ? NULL : argv[2],
	    &e)) {
		puts(e.text);
		return 1;
	}
	key_psk(&key, argv[3], argv[4], psk);
	br_hmac_key_init(&kc, &br_sha256_vtable, salt, sizeof(salt) - 1);
	br_hmac_init(&hc, &kc, 0);
	br_hmac_update(&hc, key.text, strlen(key.text));
	br_hmac_out(&hc, prk);
	secrets[0] = (struct secret){ "key", key.text, 32 };
	secrets[1] = (struct secret){ "HKDF secret", prk, 32 };
	secrets[2] = (struct secret){ "psk", psk, 32 };
	for (i = 5; i < argc; i++)
		scan(argv[i]);
	printf("looked at %lu KiB\n", (unsigned long)(looked >> 10));
	return found || looked < 4096;
}
