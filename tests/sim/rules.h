/* SPDX-License-Identifier: ISC */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include "fs/detect.h"
#include "fs/recover.h"
#include "state/fact.h"
#include "state/head.h"
#include "sync/exchange.h"
#include "sync/judge.h"
#include "sync/living.h"
#include "sync/replica.h"
#include "sync/resolve.h"
#include "sync/tombstone.h"
#include "wire/hello.h"

/*
 * As wraps.h, for the rules that knock.c knocks out.
 */

__typeof__(judge_offer) __real_judge_offer, __wrap_judge_offer;
__typeof__(resolve) __real_resolve, __wrap_resolve;
__typeof__(history_seen) __real_history_seen, __wrap_history_seen;
__typeof__(history_merge) __real_history_merge, __wrap_history_merge;
__typeof__(history_unite) __real_history_unite, __wrap_history_unite;
__typeof__(version_digest) __real_version_digest, __wrap_version_digest;
__typeof__(version_stamp) __real_version_stamp, __wrap_version_stamp;
__typeof__(detect_name) __real_detect_name, __wrap_detect_name;
__typeof__(look_shows_same) __real_look_shows_same, __wrap_look_shows_same;
__typeof__(exchange_commit) __real_exchange_commit, __wrap_exchange_commit;
__typeof__(hello_decode) __real_hello_decode, __wrap_hello_decode;
__typeof__(replica_tell) __real_replica_tell, __wrap_replica_tell;
__typeof__(replica_renew) __real_replica_renew, __wrap_replica_renew;
__typeof__(head_decode) __real_head_decode, __wrap_head_decode;
__typeof__(recover_intents) __real_recover_intents, __wrap_recover_intents;
__typeof__(fact_set_owed) __real_fact_set_owed, __wrap_fact_set_owed;
__typeof__(tombstone_limit) __real_tombstone_limit, __wrap_tombstone_limit;
__typeof__(tombstone_drop) __real_tombstone_drop, __wrap_tombstone_drop;
__typeof__(living_stands) __real_living_stands, __wrap_living_stands;

#endif
