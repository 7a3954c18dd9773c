/* SPDX-License-Identifier: ISC */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

/* renameat2(2) with its flags. */
int names_rename(int fd1, const char *p1, int fd2, const char *p2,
    unsigned flags);

#endif
