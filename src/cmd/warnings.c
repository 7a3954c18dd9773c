/* SPDX-License-Identifier: ISC */
/*
 * A memo holds the digest of those that were told. Who cannot write it tells
 * nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "conf/conf.h"
#include "memo.h"
#include "setup.h"
#include "warnings.h"

void
warnings_once(const struct setup *s)
{
	const struct conf *c = s->conf;
	struct buf all = BUF_INIT;
	struct err digest, old;
	int64_t when;
	size_t i;

	if (!c->nwarnings || log_get_level() != LOG_LEVEL_NOTE)
		return;
	for (i = 0; i < c->nwarnings; i++)
		buf_str(&all, c->warnings[i]);
	err_set(&digest, "%016llx",
	    (unsigned long long)hash_short(all.p, all.len));
	buf_free(&all);
	if ((memo_read(s, "warned", "", &old, &when) &&
	    !strcmp(old.text, digest.text)) || s->o->dry ||
	    memo_write(s, "warned", "", digest.text))
		return;
	for (i = 0; i < c->nwarnings; i++)
		log_note("%s", c->warnings[i]);
}
