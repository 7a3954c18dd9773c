/* SPDX-License-Identifier: ISC */
#ifndef CMD_FORCE_H
#define CMD_FORCE_H

/*
 * What is known of the files on the command line wins the next conflict.
 */

struct setup;

/* Whether something failed, which is logged. */
int force_named(struct setup *s);

#endif
