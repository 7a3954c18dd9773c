/* SPDX-License-Identifier: ISC */
/*
 * The system's random number generator.
 */
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "random.h"

void
random_bytes(void *p, size_t n)
{
	static const char msg[] = "ucsync: the kernel gives no random bytes\n";
	unsigned char *at = p;
	ssize_t got;

	while (n) {
		got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			got = write(2, msg, sizeof(msg) - 1);
			_exit(1);
		}
		at += got;
		n -= (size_t)got;
	}
}

uint64_t
random_u64(void)
{
	uint64_t v;

	random_bytes(&v, sizeof(v));
	return v;
}
