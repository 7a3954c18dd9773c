/* SPDX-License-Identifier: ISC */
#ifndef FS_JOB_H
#define FS_JOB_H

#include "flush.h"
#include "meta.h"
#include "state/entry.h"

/*
 * What a burst of changes has in hand: a commit makes it, prepare.h and apply.h
 * do its parts. A job is under way while its change's result is CHANGE_DONE.
 */

struct change;
struct conf;
struct state;
struct tree;

enum job_kind {
	JOB_RECORD,             /* nothing to do on disk */
	JOB_IN_PLACE,           /* metadata of what stands there */
	JOB_PLACE,              /* the temporary gets the name */
	JOB_REMOVE
};

struct job {
	struct change *c;
	enum job_kind kind;
	int early;              /* a removal that makes way */
	int intent;             /* one is recorded */
	int stuck;              /* the temporary holds what must not get lost:
				   the intent stays for the next run */
	char *temp;             /* full name: what is placed, or where a
				   removal is put aside; NULL: none */
	struct meta meta;
	struct look look;       /* what was set; in the end with its ctime */
};

struct burst {
	struct tree *t;
	struct state *s;
	const struct conf *conf;
	struct stime latest;    /* no mtime is set later than this */
	struct job *jobs;       /* sorted by name */
	size_t n;
	int few;                /* files: those are synced one by one, else
				   their file systems are, and at the end
				   those of directories */
	struct flush temps;     /* to be synced before any rename */
	struct flush dirs;      /* to be synced after */
	const char *synced;     /* the parent of this name is in dirs, */
	const char *staged;     /* and the file system of this one in temps */
	char *aside;            /* directory of temporaries that is open at */
	int aside_fd;           /* this descriptor; NULL: none */
	int aside_synced;       /* it is in dirs */
};

/* "NAME: what: reason", from errno; the job is over. */
void job_failed(struct job *j, const char *what);
/* "NAME: what" */
void job_refused(struct job *j, const char *what);
void job_stale(struct job *j);

/* The job of that name, or NULL. */
const struct job *job_find(const struct burst *b, const char *name);

/* Whether two names have the same parent. */
int job_same_parent(const char *a, const char *b);

#endif
