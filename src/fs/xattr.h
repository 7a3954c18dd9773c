/* SPDX-License-Identifier: ISC */
#ifndef FS_XATTR_H
#define FS_XATTR_H

/*
 * Copies the extended attributes (access lists and security labels are such)
 * of one open file to another, as far as the file system and our rights allow.
 * Returns whether any was set. An access list changes the mode: set that after.
 */
int xattr_copy(int from, int to);

#endif
