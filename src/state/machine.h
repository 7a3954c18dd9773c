/* SPDX-License-Identifier: ISC */
#ifndef STATE_MACHINE_H
#define STATE_MACHINE_H

#include "base/hash.h"

/*
 * A fingerprint of this machine, so that a state file copied to another one is
 * noticed: a hash of /etc/machine-id (machine-id(5) asks for not showing the id
 * itself), else of the mainboard's product_uuid, else zeroes: not known.
 */
void machine_print(unsigned char out[HASH_BYTES]);

#endif
