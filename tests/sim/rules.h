/* SPDX-License-Identifier: ISC */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include "base/err.h"
#include "fs/change.h"
#include "fs/detect.h"
#include "state/head.h"
#include "sync/exchange.h"
#include "sync/judge.h"
#include "sync/resolve.h"

/*
 * As wraps.h, for the rules that knock.c knocks out.
 */

int __real_judge_offer(struct exchange *x, const struct offer *o,
    struct decision *d, struct err *e);
int __wrap_judge_offer(struct exchange *x, const struct offer *o,
    struct decision *d, struct err *e);
void __real_resolve(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out);
void __wrap_resolve(const struct side *ours, const struct side *offer,
    const struct judge *j, struct judgement *out);
int __real_history_seen(const struct history *w, const struct history *v);
int __wrap_history_seen(const struct history *w, const struct history *v);
int __real_history_merge(struct history *out, const struct history *a,
    const struct history *b);
int __wrap_history_merge(struct history *out, const struct history *a,
    const struct history *b);
void __real_history_unite(struct history *to, const struct history *from);
void __wrap_history_unite(struct history *to, const struct history *from);
void __real_version_digest(const struct version *v, int with_mtime,
    unsigned char out[HASH_BYTES]);
void __wrap_version_digest(const struct version *v, int with_mtime,
    unsigned char out[HASH_BYTES]);
struct stamp __real_version_stamp(const struct version *v);
struct stamp __wrap_version_stamp(const struct version *v);
enum detected __real_detect_name(struct tree *t, const char *name,
    const struct entry *old, struct version_ignore ignore, struct version *v,
    struct look *look, const struct pulse *pulse, struct err *e);
enum detected __wrap_detect_name(struct tree *t, const char *name,
    const struct entry *old, struct version_ignore ignore, struct version *v,
    struct look *look, const struct pulse *pulse, struct err *e);
int __real_look_shows_same(const struct look *a, const struct look *b);
int __wrap_look_shows_same(const struct look *a, const struct look *b);
int __real_exchange_commit(struct exchange *x, struct change *changes,
    size_t n, struct err *e);
int __wrap_exchange_commit(struct exchange *x, struct change *changes,
    size_t n, struct err *e);
int __real_hello_decode(struct hello *h, struct view in);
int __wrap_hello_decode(struct hello *h, struct view in);
int __real_replica_tell(struct exchange *x, struct err *e);
int __wrap_replica_tell(struct exchange *x, struct err *e);
int __real_replica_renew(struct exchange *x, struct err *e);
int __wrap_replica_renew(struct exchange *x, struct err *e);
int __real_head_decode(struct head *h, const unsigned char p[HEAD_BYTES],
    const char *path, struct err *e);
int __wrap_head_decode(struct head *h, const unsigned char p[HEAD_BYTES],
    const char *path, struct err *e);
int __real_recover_intents(struct tree *t, struct state *s,
    const struct commit_options *o, struct err *e);
int __wrap_recover_intents(struct tree *t, struct state *s,
    const struct commit_options *o, struct err *e);
int __real_fact_set_owed(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e);
int __wrap_fact_set_owed(struct state *s, const char *peer, const char *name,
    uint64_t number, uint64_t replica, struct err *e);
size_t __real_tombstone_limit(size_t live, size_t min);
size_t __wrap_tombstone_limit(size_t live, size_t min);
int __real_tombstone_drop(const struct conf *c, struct state *s, size_t min,
    unsigned lock_ms, struct err *e);
int __wrap_tombstone_drop(const struct conf *c, struct state *s, size_t min,
    unsigned lock_ms, struct err *e);
int __real_living_stands(struct exchange *x, struct decision *d,
    struct err *e);
int __wrap_living_stands(struct exchange *x, struct decision *d,
    struct err *e);

#endif
