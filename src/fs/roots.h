/* SPDX-License-Identifier: ISC */
#ifndef FS_ROOTS_H
#define FS_ROOTS_H

/*
 * The directories that include patterns start from: the pattern itself where it
 * has no glob, else the directory before the first one. When such a directory
 * is no directory any more, or lies under another mount point than before, a
 * disk is not mounted more likely than everything below was removed or changed.
 *
 * The mount point is remembered as a path, in the state: device numbers change
 * with every boot. It is found by walking up while st_dev stays the same, so a
 * bind mount counts when it brings another file system; one from the same file
 * system does not. Numbers of mounts would tell that too, but are others in a
 * mount namespace: a server in a unit with ReadWritePaths= and a run from cron
 * would never agree.
 */

struct conf;
struct err;
struct pattern;
struct roots;
struct state;
struct tree;

/* The name of the root that an include pattern starts from; allocated. */
char *roots_start(const struct pattern *p);

/*
 * 1 when all roots that a name lies under are there; else *lost is the first
 * that is not (allocated), with the reason in *why: 0 when no directory stands
 * there, -1 when that cannot be told. A name that is itself a root counts as
 * one only if it was a directory.
 */
int roots_stand(const struct conf *c, struct tree *t, const char *name,
    int was_dir, char **lost, struct err *why);

/* Whether something at or below the root is known to be there, or may be. */
int roots_known(struct state *s, const char *root);

/* The roots of this host and where they lie, looked at when first asked. */
struct roots *roots_new(const struct conf *c, struct tree *t, struct state *s);
void roots_free(struct roots *r);               /* NULL is fine */

/*
 * 1 when a name lies under a root whose mount point is another than the
 * remembered one, and below which something is known to be; -1 when it lies
 * below a root that cannot be opened; else 0. *text then tells which and how,
 * beginning with the root's name; borrowed.
 */
int roots_moved(struct roots *r, const char *name, const char **text);
/* From now on it lies where it should, if it could be opened. */
void roots_accept(struct roots *r, const char *name);

/* Whether roots_record has something to write. */
int roots_due(struct roots *r);
/*
 * Under the lock of the state: remembers where roots lie that are there and
 * were accepted, or not remembered, or have nothing known below.
 */
int roots_record(struct roots *r, struct err *e);

#endif
