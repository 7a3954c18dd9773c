/* SPDX-License-Identifier: ISC */
#ifndef CMD_CONTACT_H
#define CMD_CONTACT_H

#include <stdint.h>

/*
 * When all was last compared with a peer: an empty file's time under
 * /run/ucsync (/var/run where there is no /run), which may be lost (then the
 * next run does it). Not in the state: a run that changes nothing writes
 * nothing there.
 */

struct pair;
struct setup;

void contact_note(const struct setup *s, const struct pair *p);
/* Whether that is longer ago than so many seconds, or unknown. */
int contact_old(const struct setup *s, const struct pair *p, unsigned seconds);

#endif
