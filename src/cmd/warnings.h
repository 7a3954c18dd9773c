/* SPDX-License-Identifier: ISC */
#ifndef CMD_WARNINGS_H
#define CMD_WARNINGS_H

/*
 * Warnings of the config are for configtest and -v; but a run tells them once,
 * and again when they are others: cron mails what is printed.
 */

struct setup;

void warnings_once(const struct setup *s);

#endif
