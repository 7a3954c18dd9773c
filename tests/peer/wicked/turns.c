/* SPDX-License-Identifier: ISC */
/*
 * Indexes of nothing, and words of a half that is over or has not come.
 */
#include "wicked.h"

static void
hello_twice(struct line *l)
{
	greet(l);
	greet(l);
}

static void
content_for_nobody(struct line *l)
{
	to_offering(l);
	text_content(l, UINT64_MAX, "evil");
}

static void
content_unasked(struct line *l)
{
	to_content(l);
	text_content(l, 1, "evil");
}

static void
content_twice(struct line *l)
{
	to_content(l);
	text_content(l, 0, "evil");
	offer(l, 0, below("/srv/t/evil2"), "evil");
	text_content(l, 0, "evil");
}

static void
end_twice(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	end(l);
	end(l);
}

static void
offer_after_end(struct line *l)
{
	to_offering(l);
	offer(l, 0, below("/srv/t/evil"), "evil");
	end(l);
	offer(l, 0, below("/srv/t/evil2"), "evil");
}

static void
result_for_nothing(struct line *l)
{
	to_answering(l);
	result(l, UINT64_MAX, RESULT_DONE);
}

static void
result_twice(struct line *l)
{
	to_answering(l);
	result(l, 0, RESULT_SAME);
	result(l, 0, RESULT_SAME);
}

static void
result_code(struct line *l)
{
	to_answering(l);
	result(l, 0, RESULT_CODES);
}

static void
want_nothing(struct line *l)
{
	to_answering(l);
	want(l, l->got[MESSAGE_OFFER], 0);
}

static void
want_forever(struct line *l)
{
	int i;

	to_answering(l);
	for (i = 0; i < 1000 && !l->ended; i++) {
		want(l, 0, 0);
		step(l, 1);
	}
}

static void
bye_at_once(struct line *l)
{
	greet(l);
	bye(l);
}

static void
action_report(struct line *l)
{
	greet(l);
	say(l, MESSAGE_ACTION, made_action("evil"));
}

const struct misbehaviour wicked_turns[] = {
	{ "hello-twice", hello_twice, BOTH, 1, "message 1 out of turn" },
	{ "content-for-nobody", content_for_nobody, BOTH, 1, "out of turn" },
	{ "content-unasked", content_unasked, BOTH, 1, "out of turn" },
	{ "content-twice", content_twice, BOTH, 1, "out of turn" },
	{ "end-twice", end_twice, BOTH, 1, "malformed end" },
	{ "offer-after-end", offer_after_end, BOTH, 1, "malformed offer" },
	{ "result-for-nothing", result_for_nothing, BOTH, 1,
	    "malformed result" },
	{ "result-twice", result_twice, BOTH, 1, "malformed result" },
	{ "result-code", result_code, BOTH, 1, "malformed result" },
	{ "want-nothing", want_nothing, BOTH, 1, "malformed request" },
	{ "want-forever", want_forever, BOTH, 1, "malformed request" },
	{ "bye-at-once", bye_at_once, BOTH, 1, "out of turn" },
	{ "action-report", action_report, BOTH, 1, "out of turn" },
	{ NULL, NULL, 0, 0, NULL }
};
