/* SPDX-License-Identifier: ISC */
#ifndef CMD_MEMO_H
#define CMD_MEMO_H

#include <stdint.h>

/*
 * Notes for people and for the next run that may be lost: small files under
 * /run/ucsync (/var/run where there is no /run), one a topic and what it is
 * about, of this host and config. Not in the state: a run that changes nothing
 * writes nothing there. Who may not write them does without.
 */

struct err;
struct setup;

/*
 * Notes lines as they are shown (escape.h), and now as their time; what is
 * noted already keeps its time, "" gets a new one. Nothing in a dry run. -1: it
 * could not be noted.
 */
int memo_write(const struct setup *s, const char *topic, const char *about,
    const char *lines);
/* The same for a text that is not escaped so far. */
int memo_say(const struct setup *s, const char *topic, const char *about,
    const char *text);
void memo_drop(const struct setup *s, const char *topic, const char *about);
/* 1, the lines and their time in seconds since 1970; or 0. */
int memo_read(const struct setup *s, const char *topic, const char *about,
    struct err *text, int64_t *when);

#endif
