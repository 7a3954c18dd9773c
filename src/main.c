/* SPDX-License-Identifier: ISC */
/*
 * The command line.  So far it only tells its version; whatever else it is
 * asked for is an error, exit 1.
 */
#include <string.h>

#include "base/log.h"

int
main(int argc, char **argv)
{
	if (argc == 2 && (!strcmp(argv[1], "--version") ||
	    !strcmp(argv[1], "-V"))) {
		log_note("ucsync %s", VERSION);
		return 0;
	}
	log_error("usage: ucsync --version");
	return 1;
}
