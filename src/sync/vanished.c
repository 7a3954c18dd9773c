/* SPDX-License-Identifier: ISC */
/*
 * The count is kept in the state, since a cron line at the peer begins a new
 * session each minute.
 */
#include "base/err.h"
#include "conf/conf.h"
#include "exchange.h"
#include "state/fact.h"
#include "state/state.h"
#include "vanished.h"

#define VANISHED "vanished"

static int
put_count(void *ctx, struct err *e)
{
	struct state *s = ctx;

	return fact_set_meta(s, VANISHED, fact_meta(s, VANISHED) + 1, e);
}

int
vanished_allowed(struct exchange *x, struct err *why, struct err *e)
{
	if (x->dry || x->conf->delete_guard == 100)
		return 1;
	if (fact_meta(x->state, VANISHED) >= CONF_GUARD_MIN) {
		err_set(why, "it is gone there, like %d others that no check "
		    "has seen (delete-guard); check them there",
		    CONF_GUARD_MIN);
		return 0;
	}
	return exchange_record(x, put_count, x->state, e) ? -1 : 1;
}

int
vanished_settled(struct state *s, unsigned lock_ms, struct err *e)
{
	if (!fact_meta(s, VANISHED))
		return 0;
	if (state_lock(s, lock_ms, e))
		return -1;
	if (fact_set_meta(s, VANISHED, 0, e)) {
		state_abort(s);
		return -1;
	}
	return state_unlock(s, e);
}
