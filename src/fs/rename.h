/* SPDX-License-Identifier: ISC */
#ifndef FS_RENAME_H
#define FS_RENAME_H

/*
 * Renames that lose nothing, whatever others do meanwhile. A place is an open
 * directory and a last component in it.
 */

struct look;

struct place {
	int dirfd;
	const char *base;
};

/*
 * Renames to where nothing is: EEXIST otherwise. File systems that cannot ask
 * for that are looked at before.
 */
int rename_new(struct place from, struct place to);

/*
 * Exchanges two things. EINVAL or ENOSYS where the file system or the kernel
 * cannot.
 */
int rename_swap(struct place a, struct place b);
/* Whether errno says that rename_swap is not to be had here. */
int rename_no_swap(int error);

enum { RENAME_SAVED_MAX = 256 };
/*
 * Gives what nobody knows a visible name beside `to`, of which *base tells the
 * last component. It is an ordinary new file then.
 */
int rename_saved(struct place from, struct place to,
    char base[RENAME_SAVED_MAX]);

/*
 * What came out of a rename: 1 when it is what expect shows, the ctime left
 * aside, which a rename changes; 0 when not; -1 with errno.
 */
int rename_came(struct place p, const struct look *expect);

#endif
