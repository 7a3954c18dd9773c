/* SPDX-License-Identifier: ISC */
#ifndef SIM_QUERIES_H
#define SIM_QUERIES_H

/* getdents64(2); out has room for any one entry. */
long queries_list(int fd, char *out);

#endif
