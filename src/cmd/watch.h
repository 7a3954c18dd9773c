/* SPDX-License-Identifier: ISC */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include <stddef.h>

/*
 * Waits for changes of what the config includes, and runs an errand for them
 * (errand.h) in a child process a little later, so that one errand does for
 * many. Everything is checked at the start, when the kernel lost events, when
 * due for a reconcile (or each hour), and again and again where it cannot be
 * watched. A peer that is away is left alone by these, and tried by errands of
 * its own, after longer and longer times.
 */

enum { WATCH_POLLS = 3, WATCH_DELAY = 2 };

struct options;
struct pollfd;
struct watch;

/*
 * options->conf is the config; both may change between calls (watch_all).
 * leave(ctx) closes in a child process what is not the watch's.
 */
struct watch *watch_new(const struct options *o, void (*leave)(void *ctx),
    void *ctx);
/* As the listener's: at most WATCH_POLLS places. */
size_t watch_poll(struct watch *w, struct pollfd *at);
void watch_hear(struct watch *w, const struct pollfd *at);
/* In how many ms watch_hear wants to be called at the latest; -1: never. */
long long watch_wait(const struct watch *w);
/* Everything is to be checked, soon: the config is another one. */
void watch_all(struct watch *w);
/* Waits some seconds for an errand under way, then ends it. */
void watch_free(struct watch *w);               /* NULL is fine */

#endif
