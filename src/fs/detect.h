/* SPDX-License-Identifier: ISC */
#ifndef FS_DETECT_H
#define FS_DETECT_H

#include "state/entry.h"

/*
 * The disk compared with what we remember of a path: look before version before
 * content. Nothing is written, no link is followed.
 */

struct err;
struct spare;
struct tree;

/* Called now and then in long work, so that a line can be kept alive. */
struct pulse {
	void (*beat)(void *ctx);        /* may be NULL */
	void *ctx;
};

/*
 * What lstat shows at base in the open directory. Returns 0 (kind KIND_NONE
 * where nothing is), 1 where something is that we do not sync (a socket), -1
 * with errno. ENOTDIR counts as nothing there. trusted is always set: whether
 * the look is old enough to be recorded only detect tells. A link's mode is 0.
 */
int look_read(int dirfd, const char *base, struct look *out);
/* The same of what is open. */
int look_open(int fd, struct look *out);

/* Whether two looks show the same, trusted or not. */
int look_shows_same(const struct look *a, const struct look *b);

/*
 * Waits until a change made now would get another ctime than the look has;
 * where that cannot be had (more than a second ahead, or whole seconds younger
 * than 2 s) the look is not trusted. Of directories nothing is asked.
 */
void look_settle(struct look *l);

enum detected {
	DETECT_SAME,            /* nothing to record; *v and *look untouched */
	DETECT_LOOK,            /* only *look is new */
	DETECT_CHANGED,         /* *v and *look are new */
	DETECT_GONE,            /* nothing is there (any more, or ever) */
	DETECT_OTHER,           /* a socket */
	DETECT_BUSY,            /* kept changing while it was read: next time */
	DETECT_ERROR            /* *e says what */
};

/*
 * Compares the path with old (NULL: nothing known, or a tombstone). seen: what
 * lstat has just shown there; NULL: detect asks for itself. With
 * DETECT_CHANGED *v is the version now: a property that the disk shows as the
 * old look did keeps the old version's value, and so do those that ignore
 * names (the mode only while the kind stays); a regular file's content id is
 * computed. *look is recorded only when its ctime is past (waits a tick of the
 * clock where needed), else untrusted: a ctime more than a second ahead, or
 * whole seconds younger than 2 s. A change of mtime alone is DETECT_CHANGED,
 * but not of a directory. The directory of a tombstone that had to stay (its
 * look shows it) is no change. A file that changes while it is read is read
 * three times. With DETECT_CHANGED *v is the caller's to free, else untouched.
 * The text of DETECT_ERROR ("cannot open: ...") waits for the caller to put
 * the name in front. pulse may be NULL.
 */
enum detected detect(struct spare *s, int dirfd, const char *base,
    const struct look *seen, const struct entry *old,
    struct version_ignore ignore, struct version *v, struct look *look,
    const struct pulse *pulse, struct err *e);

/*
 * The same, by name, which stands in front of the error's text; a parent that
 * is missing or a link means DETECT_GONE. That something known is gone is said
 * only of a directory opened for it, not of one that t had kept: resets t.
 */
enum detected detect_name(struct tree *t, const char *name,
    const struct entry *old, struct version_ignore ignore, struct version *v,
    struct look *look, const struct pulse *pulse, struct err *e);

#endif
