/* SPDX-License-Identifier: ISC */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

/*
 * A harness without the fuzzer: runs over the files named as arguments. To be
 * included behind LLVMFuzzerTestOneInput where FUZZ_MAIN is defined.
 */

#include <stdint.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	FILE *f;
	size_t n;
	int i;

	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "rb");
		if (!f) {
			perror(argv[i]);
			return 1;
		}
		n = fread(data, 1, sizeof(data), f);
		fclose(f);
		LLVMFuzzerTestOneInput(data, n);
	}
	return 0;
}

#endif
