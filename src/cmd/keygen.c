/* SPDX-License-Identifier: ISC */
/*
 * -k: a new group key, or from one the key of a host that only receives.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd.h"
#include "options.h"
#include "wire/key.h"

/* Beside the group's key, by the host's name. */
static int
create_for(const char *group_key, const char *host, struct err *e)
{
	size_t size = strlen(group_key) + strlen(host) + 2;
	char *path = mem_alloc(size);
	int rc;

	snprintf(path, size, "%s.%s", group_key, host);
	rc = key_create_for(path, group_key, host, e);
	if (!rc)
		log_note("%s: to be the key file of %s", path, host);
	free(path);
	return rc;
}

int
cmd_keygen(const struct options *o)
{
	struct err e;
	char *host;
	int rc;

	if (o->key_host) {
		host = options_host(o->key_host);
		rc = create_for(o->files[0], host, &e);
		free(host);
	} else {
		rc = key_create(o->files[0], &e);
	}
	if (!rc)
		return 0;
	log_error("%s", e.text);
	return 1;
}
