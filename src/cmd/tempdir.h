/* SPDX-License-Identifier: ISC */
#ifndef CMD_TEMPDIR_H
#define CMD_TEMPDIR_H

#include "base/log.h"

/*
 * The word tempdir. Temporary files go beside their targets, whatever it says:
 * only from there a rename is always possible. It is accepted for the sake of
 * configs that have it.
 */

struct conf;

/*
 * Tells where its directory could not even have been used: because it is
 * missing, or on another file system than what is synced.
 */
void tempdir_warn(const struct conf *c, enum log_level level);

#endif
