/* SPDX-License-Identifier: ISC */
/*
 * Where the fingerprint comes from. An id that does not say anything (the word
 * "uninitialized", something too short) is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "machine.h"

enum { ID_MIN = 16, ID_SIZE = 80 };

/* The first word of a file; its length, 0 where there is none. */
static size_t
first_word(const char *path, char word[ID_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return 0;
	do
		n = read(fd, word, ID_SIZE - 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	word[n > 0 ? n : 0] = 0;
	return strcspn(word, " \t\r\n");
}

void
machine_print(unsigned char out[HASH_BYTES])
{
	char word[ID_SIZE];
	struct buf b = BUF_INIT;
	size_t n = first_word("/etc/machine-id", word);

	memset(out, 0, HASH_BYTES);
	if (n < ID_MIN)
		n = first_word("/sys/class/dmi/id/product_uuid", word);
	if (n < ID_MIN)
		return;
	buf_str(&b, "ucsync machine");
	buf_blob(&b, word, n);
	hash_bytes(b.p, b.len, out);
	buf_free(&b);
}
