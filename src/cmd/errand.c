/* SPDX-License-Identifier: ISC */
/*
 * A message: what (1 byte), value (4), text (a string). Several processes of a
 * run write to the pipe, each message at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "conf/conf.h"
#include "errand.h"
#include "fs/notify.h"
#include "setup.h"

enum { TEXT_MAX = 4000 };       /* a pipe takes 4096 bytes at once */

static void
tell(const struct errand *a, enum told told, int value, const char *text)
{
	struct buf b = BUF_INIT;

	buf_u8(&b, told);
	buf_u32(&b, (uint32_t)value);
	buf_str(&b, text);
	while (write(a->fd, b.p, b.len) < 0 && errno == EINTR)
		continue;
	buf_free(&b);
}

/* A watch comes before the first look, so that nothing falls in between. */
void
errand_enter(void *setup, const char *name)
{
	const struct setup *s = setup;
	const struct errand *a = s->o->errand;
	char *path = conf_path(s->conf, name);
	int watch;

	if (!path)
		return;
	if (strlen(path) > TEXT_MAX) {
		tell(a, TOLD_BLIND, ENAMETOOLONG, path_base(path));
		free(path);
		return;
	}
	watch = notify_add(a->notify, path);
	if (watch >= 0) {
		tell(a, TOLD_WATCH, watch, path);
		if (notify_silent(path))
			tell(a, TOLD_BLIND, 0, path);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		tell(a, TOLD_BLIND, errno, path);
	}
	free(path);
}

int
errand_skips(const struct options *o, const char *peer)
{
	const struct errand *a = o->errand;

	return a && a->skips(a->ctx, a->retry, peer);
}

void
errand_met(const struct options *o, const char *peer, int away)
{
	if (o->errand)
		tell(o->errand, TOLD_PEER, away, peer);
}

int
errand_hear(struct buf *b, enum told *told, int *value, char **text)
{
	struct view v = view_of(b->p, b->len);

	*told = (enum told)view_u8(&v);
	*value = (int)view_u32(&v);
	*text = view_str(&v, PATH_BYTES_MAX);
	if (!*text)
		return 0;
	buf_drop(b, b->len - v.len);
	return 1;
}
