/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes key files and identities: the input is tried as either. A key that is
 * taken has the length and letters that a key has; an identity that is taken
 * comes to the same text again. With -DFUZZ_MAIN it runs the files named as
 * arguments; else it is for libFuzzer.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "wire/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
key_file(const uint8_t *data, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._";
	int fd = memfd_create("fuzz", 0);
	unsigned char psk[PSK_BYTES];
	char path[40], tag[5];
	struct err e = { "" };
	struct key k;
	size_t len;

	if (fd < 0 || fchmod(fd, 0600) || write(fd, data, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (key_load(&k, path, &e)) {
		assert(e.text[0] && !k.text[0]);
	} else {
		len = strlen(k.text);
		assert(len >= KEY_MIN && len <= KEY_MAX && len <= n);
		assert(strspn(k.text, letters) == len);
		assert(!memcmp(k.text, data, len));
		assert(len == n || data[len] == '\n');
		key_tag(&k, tag);
		assert(strspn(tag, "0123456789abcdef") == 4 && !tag[4]);
		key_psk(&k, "a", "b", psk);
	}
	key_wipe(&k);
	close(fd);
}

static void
identity(const uint8_t *data, size_t n)
{
	char again[IDENTITY_MAX + 1];
	char *text = malloc(n ? n : 1);
	struct identity id;
	struct err e;

	if (n)
		memcpy(text, data, n);
	if (!identity_parse(&id, text, n)) {
		assert(!identity_format(&id, again, &e));
		assert(strlen(again) == n && !memcmp(again, text, n));
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	key_file(data, n);
	identity(data, n);
	return 0;
}

#ifdef FUZZ_MAIN
#include "files.h"
#endif
