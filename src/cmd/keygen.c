/* SPDX-License-Identifier: ISC */
/*
 * -k: a new group key.
 */
#include "base/err.h"
#include "base/log.h"
#include "cmd.h"
#include "options.h"
#include "wire/key.h"

int
cmd_keygen(const struct options *o)
{
	struct err e;

	if (!key_create(o->files[0], &e))
		return 0;
	log_error("%s", e.text);
	return 1;
}
