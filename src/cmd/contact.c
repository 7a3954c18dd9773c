/* SPDX-License-Identifier: ISC */
/*
 * Three memos a pair; what was compared is of its groups as they are written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "contact.h"
#include "memo.h"
#include "setup.h"
#include "sync/pair.h"

enum { ABOUT_SIZE = 160 };

static const char *
scope(const struct pair *p, char about[ABOUT_SIZE])
{
	snprintf(about, ABOUT_SIZE, "%s %s %016llx", p->self, p->peer,
	    (unsigned long long)p->scope);
	return about;
}

/* What outlives a change of the config. */
static const char *
both(const struct pair *p, char about[ABOUT_SIZE])
{
	snprintf(about, ABOUT_SIZE, "%s %s", p->self, p->peer);
	return about;
}

void
contact_note(const struct setup *s, const struct pair *p)
{
	char about[ABOUT_SIZE];

	memo_write(s, "compared", scope(p, about), "");
}

int
contact_old(const struct setup *s, const struct pair *p, unsigned seconds)
{
	char about[ABOUT_SIZE];
	struct err ignored;
	int64_t when, age;

	if (!memo_read(s, "compared", scope(p, about), &ignored, &when))
		return 1;
	age = clock_real().sec - when;
	return age < 0 || age >= seconds;
}

void
contact_failed(const struct setup *s, const struct pair *p, const char *why)
{
	char about[ABOUT_SIZE];

	memo_say(s, "trouble", both(p, about), why);
}

void
contact_met(const struct setup *s, const struct pair *p, const char *trouble)
{
	char about[ABOUT_SIZE];

	memo_write(s, "met", both(p, about), "");
	if (*trouble)
		contact_failed(s, p, trouble);
	else
		memo_drop(s, "trouble", both(p, about));
}

void
contact_read(const struct setup *s, const struct pair *p,
    struct contact_last *out)
{
	char about[ABOUT_SIZE];
	struct err text;

	memset(out, 0, sizeof(*out));
	both(p, about);
	if (!memo_read(s, "met", about, &text, &out->met))
		out->met = 0;
	if (!memo_read(s, "trouble", about, &text, &out->since))
		return;
	out->trouble = mem_strdup(text.text);
}
