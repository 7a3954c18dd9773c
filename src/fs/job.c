/* SPDX-License-Identifier: ISC */
/*
 * How jobs end, and how they are found.
 */
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "change.h"
#include "job.h"

void
job_failed(struct job *j, const char *what)
{
	err_sys(change_err(j->c), "%s: %s", j->c->want.name, what);
	j->c->result = CHANGE_FAILED;
}

void
job_refused(struct job *j, const char *what)
{
	err_set(change_err(j->c), "%s: %s", j->c->want.name, what);
	j->c->result = CHANGE_FAILED;
}

void
job_stale(struct job *j)
{
	j->c->result = CHANGE_STALE;
}

const struct job *
job_find(const struct burst *b, const char *name)
{
	size_t low = 0, high = b->n, mid;
	int r;

	while (low < high) {
		mid = low + (high - low) / 2;
		r = path_cmp(name, b->jobs[mid].c->want.name);
		if (!r)
			return &b->jobs[mid];
		if (r < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

int
job_same_parent(const char *a, const char *b)
{
	size_t n = path_parent_len(a);

	return n == path_parent_len(b) && !memcmp(a, b, n);
}
