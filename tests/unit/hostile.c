/* SPDX-License-Identifier: ISC */
/*
 * Sessions with a peer that does not keep to the rules: one real side, and
 * messages made up for it. Whatever comes, nothing outside the groups is
 * touched, and what is not allowed leaves no trace but the session's end.
 */
#include "twohosts.h"

#include "madeup.h"

static struct host *victim;

/* Lets the victim talk until it has nothing more to say. */
static void
listen(void)
{
	while (host_talk(victim))
		continue;
}

/* Says one message to the victim, and frees the body; what input gave. */
static int
say(unsigned type, struct buf body)
{
	int rc = session_handler.input(victim->session, type,
	    view_of(body.p, body.len), &victim->e);

	buf_free(&body);
	if (rc)
		victim->rc = rc;
	listen();
	return rc;
}

static int
say_hello(unsigned bits)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.bits = bits | HELLO_EMPTY;    /* no digests */
	return say(MESSAGE_HELLO, made_hello(&h));
}

/* Offers a file of that name and text. */
static int
say_offer(int eager, const char *name, const char *text, unsigned bits)
{
	struct version v = made_version(text);

	v.uid = getuid();
	v.gid = getgid();
	return say(MESSAGE_OFFER, made_offer(eager, name, strlen(name), &v, 1,
	    victim == &ha ? "b" : "a", bits));
}

static int
say_content(uint64_t index, unsigned bits, const char *text)
{
	return say(MESSAGE_CONTENT, made_content(index, bits, text,
	    strlen(text)));
}

static int
say_parent(const char *name)
{
	return say(MESSAGE_PARENT, made_parent(name));
}

static int
say_end(void)
{
	return say(MESSAGE_END, made_end(9));
}

static int
say_want(uint64_t index, int with_signature)
{
	return say(MESSAGE_WANT, made_want(index, with_signature));
}

static int
say_signature(uint64_t index, const char *text, int last)
{
	return say(MESSAGE_SIGNATURE, made_signature(index, last, text,
	    strlen(text)));
}

static int
say_result(uint64_t index, enum result_code code)
{
	return say(MESSAGE_RESULT, made_result(index, code));
}

/* Any message of that type, well-formed. */
static int
say_any(unsigned type)
{
	switch (type) {
	case MESSAGE_HELLO:
		return say_hello(0);
	case MESSAGE_PARENT:
		return say_parent("%p%");
	case MESSAGE_OFFER:
		return say_offer(1, "%p%/new", "text", 0);
	case MESSAGE_CONTENT:
		return say_content(0, CONTENT_LAST, "text");
	case MESSAGE_END:
		return say_end();
	case MESSAGE_WANT:
		return say_want(0, 0);
	case MESSAGE_SIGNATURE:
		return say_signature(0, "", 1);
	case MESSAGE_RESULT:
		return say_result(0, RESULT_DONE);
	case MESSAGE_ACTION:
		return say(type, made_action("true"));
	case MESSAGE_BYE:
		return say(type, made_end(0));
	case MESSAGE_ERROR:
		return say(type, made_error("no"));
	default:
		return say(type, (struct buf)BUF_INIT);
	}
}

static int
no_action(void *ctx, struct session *s, const struct pulse *pulse,
    struct err *e)
{
	(void)ctx;
	(void)s;
	(void)pulse;
	(void)e;
	return 0;
}

static void
ignore_action(void *ctx, const struct action_report *r)
{
	(void)ctx;
	(void)r;
}

/* The victim begins a session. */
static void
face(int client)
{
	struct session_options o = host_options(victim, client);

	o.actions = no_action;
	o.action_ran = ignore_action;
	host_begin(victim, &o);
	listen();
}

/* The victim is a server with one file of its own, or a client with two. */
static void
begin(int client)
{
	hosts_new("");
	scratch_file("canary", "alive");
	victim = client ? &ha : &hb;
	edit(victim, "own", "its own");
	if (client)
		edit(victim, "own2", "another one");
	face(client);
}

enum at { CLIENT = 8, GREETING = 0, HEARING, TELLING, LEAVING, OVER };

/* Brings the victim there by an honest peer's words. */
static int
go(unsigned at)
{
	unsigned step = at & 7u;
	int client = !!(at & CLIENT);

	begin(client);
	if (step == GREETING)
		return 0;
	if (say_hello(client ? 0 : HELLO_TURN))
		return -1;
	if (client && step != TELLING && (say_result(0, RESULT_SAME) ||
	    say_result(1, RESULT_SAME)))
		return -1;
	if (client ? step >= LEAVING && say_end() : step != HEARING &&
	    say_end())
		return -1;
	if (!client && step >= LEAVING && say_result(0, RESULT_SAME))
		return -1;
	return client && step == OVER ? say_any(MESSAGE_BYE) : 0;
}

#define M(x) (1u << MESSAGE_##x)

static void
out_of_turn(void)
{
	static const struct {
		unsigned at, allowed;
	} t[] = {
		{ GREETING, M(HELLO) },
		{ HEARING, M(PARENT) | M(OFFER) | M(END) },
		{ TELLING, M(WANT) | M(RESULT) },
		{ OVER, 0 },
		{ CLIENT | GREETING, M(HELLO) },
		{ CLIENT | HEARING, M(PARENT) | M(OFFER) | M(END) },
		{ CLIENT | TELLING, M(WANT) | M(RESULT) },
		{ CLIENT | LEAVING, M(BYE) | M(ACTION) },
		{ CLIENT | OVER, 0 }
	};
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	unsigned type;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (type = 0; type < MESSAGE_TYPES + 2; type++) {
			int refused;

			CHECK(!go(t[i].at));
			tree_digest(before);
			refused = say_any(type) != 0;
			if (refused != !(t[i].allowed >> type & 1))
				CHECK_INT(t[i].at * 100 + type, -refused);
			CHECK(!refused || victim->e.text[0]);
			CHECK_INT(victim->said[MESSAGE_ERROR],
			    refused && type != MESSAGE_ERROR);
			tree_digest(after);
			CHECK(!refused || !memcmp(before, after, HASH_BYTES));
			hosts_end();
		}
	}
}

/* Whether the victim refuses the session for this name, without a trace. */
static int
name_refused(const char *name, int as_parent)
{
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	int rc;

	if (go(HEARING))
		return 0;
	tree_digest(before);
	rc = as_parent ? say_parent(name) : say_offer(0, name, "evil", 0);
	tree_digest(after);
	hosts_end();
	return rc && !memcmp(before, after, HASH_BYTES);
}

static void
bad_names(void)
{
	static char over_long[5001], long_part[300] = "%p%/";
	static const char *const names[] = {
		"", "x", ".", "..", "%p%/", "%p%//x", "%p%/x/", "%p%/.",
		"%p%/..", "%p%/../canary", "%p%/x/../../canary", "%p%/./x",
		"%p%x", "%p", "%%", "%", "%p%/.ucsync-1", "%p%/.ucsync-1/x",
		"//", "/..", "/../x", over_long, long_part
	};
	size_t i;

	memset(over_long, '/', sizeof(over_long) - 1);
	for (i = 1; i < sizeof(over_long) - 1; i += 2)
		over_long[i] = 'x';
	memset(long_part + 4, 'x', 256);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!name_refused(names[i], 0) || !name_refused(names[i], 1))
			CHECK_STR(names[i], "refused");
	}
}

static void
name_with_nul(void)
{
	struct version v = made_version("x");

	CHECK(!go(HEARING));
	CHECK(say(MESSAGE_OFFER, made_offer(0, "%p%/x\0y", 7, &v, 1, "a", 0)));
	hosts_end();
}

/* Good names of what is not theirs: denied, their content dropped. */
static void
outside_the_groups(void)
{
	static const char *const names[] = {
		"@/canary", "@/a/x", "@/b/x", "/x", "/", "%q%/x", "%q%"
	};
	unsigned char before[HASH_BYTES], after[HASH_BYTES];
	char name[400];
	size_t i;

	CHECK(!go(HEARING));
	tree_digest(before);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s%s",
		    names[i][0] == '@' ? scratch.path : "",
		    names[i] + (names[i][0] == '@'));
		CHECK(!say_offer(1, name, "evil", 0));
		CHECK(!say_content(i, CONTENT_LAST, "evil"));
		CHECK_INT(victim->said[MESSAGE_RESULT], i + 1);
		CHECK_INT(victim->answered[i], 1);
		CHECK_INT(victim->news[victim->nnews - 1].kind, EVENT_DENIED);
	}
	tree_digest(after);
	CHECK_MEM(after, before, HASH_BYTES);
	hosts_end();
}

/* Through a link that stands in the synced tree. */
static void
through_a_link(void)
{
	CHECK(!go(HEARING));
	scratch_dir("outside");
	scratch_need(!symlink("../outside", "b/l"), "symlink");
	CHECK(!say_parent("%p%/l"));
	CHECK(!say_offer(0, "%p%/l/x", "evil", 0));
	CHECK(!victim->said[MESSAGE_WANT] || !say_content(0, CONTENT_LAST,
	    "evil"));
	CHECK(!say_offer(1, "%p%/l/d/x", "evil", 0));
	CHECK(!say_content(1, CONTENT_LAST, "evil"));
	CHECK(!say_end());
	CHECK_INT(victim->said[MESSAGE_RESULT], 2);
	CHECK(!told(victim, EVENT_DONE, "l/x"));
	CHECK(!told(victim, EVENT_DONE, "l/d/x"));
	CHECK(access("outside/x", F_OK) && access("outside/d", F_OK));
	hosts_end();
}

static void
greetings(void)
{
	struct hello h;
	unsigned i;

	CHECK(!go(HEARING));
	CHECK(say_hello(0));                    /* twice */
	hosts_end();
	memset(&h, 0, sizeof(h));
	for (i = 0; i < 4; i++) {
		begin(i & 1);
		h.version = i == 0 ? PROTOCOL_VERSION + 1
		    : i == 1 ? PROTOCOL_VERSION - 1 : PROTOCOL_VERSION;
		h.replica = i < 2 ? 5 : state_replica(victim->state);
		CHECK(say(MESSAGE_HELLO, made_hello(&h)));
		CHECK(!session_again(victim->session));
		hosts_end();
	}
	/* a server of tomorrow, which speaks our version, too */
	begin(1);
	h.version = PROTOCOL_VERSION + 1;
	h.replica = 5;
	h.bits = HELLO_EMPTY;
	CHECK(!say(MESSAGE_HELLO, made_hello(&h)));
	hosts_end();
	begin(0);
	CHECK(say(MESSAGE_HELLO, made_hello_knowing(HELLO_KNOWN_MAX + 1)));
	CHECK_STR(victim->e.text, "the peer sent a malformed greeting");
	hosts_end();
}

/* What a receive-only host claims of our numbers is no rollback. */
static void
false_rollback(void)
{
	struct session_options o;
	struct hello h;
	uint64_t id;
	int member;

	for (member = 0; member < 2; member++) {
		hosts_with(member ? "group g { host a b; key /k; include %p%; }"
		    : "group g { host (a) b; key /k; include %p%; }");
		victim = &hb;
		o = host_options(victim, 0);
		host_begin(victim, &o);
		id = state_replica(hb.state);
		memset(&h, 0, sizeof(h));
		h.nknown = 1;
		h.known[0] = (struct stamp){ id, 1000000 };
		CHECK_INT(!!say(MESSAGE_HELLO, made_hello(&h)), member);
		CHECK_INT(state_replica(hb.state) != id, member);
		hosts_end();
	}
}

/* A receive-only host's word on the history of our version counts nothing. */
static void
false_history(void)
{
	struct session_options o;
	struct result r;
	struct entry x, y;
	struct buf body;
	int member;

	for (member = 0; member < 2; member++) {
		hosts_with(member ? "group g { host a b; key /k; include %p%; }"
		    : "group g { host a (b); key /k; include %p%; }");
		victim = &ha;
		edit(&ha, "x", "text");
		x = host_entry(&ha, "x");
		o = host_options(victim, 1);
		o.turn = 0;
		host_begin(victim, &o);
		CHECK(!say_hello(0));
		CHECK_INT(victim->said[MESSAGE_OFFER], 1);
		memset(&r, 0, sizeof(r));
		r.code = RESULT_SAME;
		r.bits = RESULT_HISTORY;
		r.h = x.h;
		history_change(&r.h, (struct stamp){ 4711, 99 }, "b");
		r.mtime.sec = 77;
		body = (struct buf)BUF_INIT;
		result_encode(&r, &body);
		CHECK(!say(MESSAGE_RESULT, body));
		y = host_entry(&ha, "x");
		CHECK_INT(y.h.stamp.replica == 4711, member);
		CHECK_INT(y.v.mtime.sec == 77, member);
		entry_free(&x);
		entry_free(&y);
		hosts_end();
	}
}

/* Bits about our own disk do not come from outside. */
static void
local_bits(void)
{
	struct entry x;

	CHECK(!go(HEARING));
	CHECK(!say_offer(1, "%p%/x", "text", 127));
	CHECK(!say_content(0, CONTENT_LAST, "text"));
	CHECK(!say_end());
	CHECK(holds(&hb, "x", "text"));
	x = host_entry(&hb, "x");
	CHECK_INT(x.h.bits, HISTORY_FORCED | HISTORY_RESOLUTION |
	    HISTORY_FIRST | HISTORY_TAKEN);
	entry_free(&x);
	hosts_end();
}

static int
leftovers(void)
{
	struct dirent *e;
	DIR *d = opendir("b");
	int n = 0;

	scratch_need(d != NULL, "read b");
	while ((e = readdir(d)))
		n += path_reserved(e->d_name);
	closedir(d);
	return n;
}

/* Content that is not what was offered never gets its name. */
static void
wrong_content(void)
{
	static const struct {
		unsigned bits;
		const char *text;
		enum event_kind kind;
	} t[] = {
		{ CONTENT_LAST, "tex", EVENT_LATER },
		{ CONTENT_LAST, "evil", EVENT_LATER },
		{ CONTENT_LAST, "", EVENT_LATER },
		{ CONTENT_LAST, "text and more", EVENT_FAILED },
		{ CONTENT_LAST | CONTENT_DELTA, "text", EVENT_FAILED },
		{ CONTENT_LAST | CONTENT_GIVEN_UP, "", EVENT_LATER },
		{ CONTENT_LAST | CONTENT_GIVEN_UP, "why", EVENT_FAILED }
	};
	size_t i;
	int tries;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK(!go(HEARING));
		CHECK(!say_offer(0, "%p%/x", "text", 0));
		CHECK_INT(victim->said[MESSAGE_WANT], 1);
		for (tries = 0; !victim->nnews && tries < 3; tries++)
			CHECK(!say_content(0, t[i].bits, t[i].text));
		CHECK_INT(victim->nnews, 1);
		CHECK_INT(victim->news[0].kind, t[i].kind);
		CHECK(say_content(0, CONTENT_LAST, "text"));
		hosts_end();
		CHECK_INT(leftovers(), 0);
	}
}

/* Pieces for nobody, and after the end. */
static void
stray_content(void)
{
	CHECK(!go(HEARING));
	CHECK(say_content(0, CONTENT_LAST, "text"));
	hosts_end();
	CHECK(!go(HEARING));
	CHECK(!say_offer(0, "%p%/x", "text", 0));
	CHECK(say_content(UINT64_MAX, 0, "text"));
	hosts_end();
	CHECK(!go(HEARING));
	CHECK(!say_offer(1, "%p%/x", "text", 0));
	CHECK(!say_content(0, CONTENT_LAST, "text"));
	CHECK(say_content(1, CONTENT_LAST, "text"));
	CHECK_INT(leftovers(), 1);
	hosts_end();
}

static void
twice(void)
{
	CHECK(!go(HEARING));
	CHECK(!say_offer(0, "%p%/x", "text", 0));
	CHECK(!say_end());
	CHECK(say_end());
	hosts_end();
	CHECK(!go(HEARING));
	CHECK(!say_offer(0, "%p%/x", "text", 0));
	CHECK(!say_end());
	CHECK(say_offer(0, "%p%/y", "text", 0));
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_result(1, RESULT_SAME));
	CHECK(say_result(1, RESULT_SAME));
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	CHECK(say_result(2, RESULT_SAME));
	hosts_end();
}

/* The same name twice is no harm: each offer has its answer. */
static void
same_name_twice(void)
{
	CHECK(!go(HEARING));
	CHECK(!say_offer(0, "%p%/x", "text", 0));
	CHECK(!say_offer(0, "%p%/x", "other", 0));
	CHECK(!say_content(1, CONTENT_LAST, "other"));
	CHECK(!say_content(0, CONTENT_LAST, "text"));
	CHECK(!say_end());
	CHECK_INT(victim->said[MESSAGE_RESULT], 2);
	CHECK(holds(&hb, "x", "text") || holds(&hb, "x", "other"));
	CHECK_INT(leftovers(), 0);
	hosts_end();
}

/* Content is read for a peer a few times only. */
static void
wants(void)
{
	int i, rc = 0;

	CHECK(!go(CLIENT | TELLING));
	CHECK(say_want(7, 0));
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	for (i = 0; i < 10 && !rc; i++)
		rc = say_want(0, 0);
	CHECK(rc && i <= 4);
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_want(0, 1));
	CHECK(say_result(0, RESULT_DONE));      /* while it is owed content */
	hosts_end();
}

static void
signatures(void)
{
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_want(0, 0));
	CHECK(say_signature(0, "", 1));         /* not announced */
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_want(0, 1));
	CHECK(say_signature(0, "nonsense for certain, of some length", 1));
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_want(0, 1));
	victim->said[MESSAGE_CONTENT] = 0;
	CHECK(!say_signature(0, "", 1));        /* cut short: all of it */
	CHECK_INT(victim->said[MESSAGE_CONTENT], 1);
	CHECK(say_signature(0, "", 1));
	hosts_end();
}

/* The head of a signature of so many blocks, of which none comes. */
static int
say_head(uint64_t index, uint64_t blocks)
{
	struct buf head = made_signature_head(SIGNATURE_LOG_MIN,
	    blocks << SIGNATURE_LOG_MIN);
	int rc = say(MESSAGE_SIGNATURE, made_signature(index, 0, head.p,
	    head.len));

	buf_free(&head);
	return rc;
}

/* A file of the victim is so long that the longest signature pays. */
static void
grow(const char *path)
{
	CHECK(!truncate(disk_path(victim, path), SIGNATURE_BLOCKS_MAX * 7));
	check_path(victim, path, 0);
}

/* Together no more blocks than one may have. */
static void
signatures_together(void)
{
	uint64_t more;

	for (more = 0; more < 2; more++) {
		begin(1);
		grow("own");
		grow("own2");
		face(1);
		CHECK(!say_hello(0));
		CHECK(!say_want(0, 1));
		CHECK(!say_want(1, 1));
		CHECK(!say_head(0, SIGNATURE_BLOCKS_MAX - 5));
		CHECK_INT(say_head(1, 5 + more), more ? -1 : 0);
		hosts_end();
	}
}

/* The content of "own" is as long as the entry of one block. */
static void
signature_too_long(void)
{
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_want(0, 1));
	CHECK(!say_head(0, 1));
	hosts_end();
	CHECK(!go(CLIENT | TELLING));
	CHECK(!say_want(0, 1));
	CHECK(say_head(0, 2));
	hosts_end();
}

static void
too_many_offers(void)
{
	char name[40];
	int i, rc = 0;

	CHECK(!go(HEARING));
	for (i = 0; i < 6000 && !rc; i++) {
		snprintf(name, sizeof(name), "%%p%%/f%d", i);
		rc = say_offer(0, name, "text", 0);
	}
	CHECK(rc);
	CHECK_INT(i, 4097);
	CHECK_INT(leftovers(), 0);
	hosts_end();
}

static void
many_parents(void)
{
	static char name[PATH_BYTES_MAX + 1] = "%p%";
	size_t n;

	CHECK(!go(HEARING));
	for (n = 3; n + 2 < sizeof(name); n += 2) {
		CHECK(!say_parent(name));
		memcpy(name + n, "/d", 3);
	}
	CHECK(!say_offer(0, "%p%/x", "text", 0));
	CHECK(!say_content(0, CONTENT_LAST, "text"));
	CHECK(!say_end());
	CHECK(access("b/d", F_OK));
	hosts_end();
}

/* A server that does not wait gets nothing more out of us. */
static void
impatient(void)
{
	static char big[3000001];
	struct session_options o;
	struct buf body = made_want(0, 0);

	memset(big, 'x', sizeof(big) - 1);
	hosts_new("");
	victim = &ha;
	edit(&ha, "big", big);
	o = host_options(victim, 1);
	host_begin(victim, &o);
	CHECK(!say_hello(0));
	CHECK(!session_handler.input(victim->session, MESSAGE_WANT,
	    view_of(body.p, body.len), &victim->e));
	buf_free(&body);
	CHECK(say_parent("%p%"));
	CHECK(victim->out.len < 100000);
	hosts_end();
}

int
main(void)
{
	scratch_state_init();
	RUN(out_of_turn);
	RUN(bad_names);
	RUN(name_with_nul);
	RUN(outside_the_groups);
	RUN(through_a_link);
	RUN(greetings);
	RUN(false_rollback);
	RUN(false_history);
	RUN(local_bits);
	RUN(wrong_content);
	RUN(stray_content);
	RUN(twice);
	RUN(same_name_twice);
	RUN(wants);
	RUN(signatures);
	RUN(signatures_together);
	RUN(signature_too_long);
	RUN(too_many_offers);
	RUN(many_parents);
	RUN(impatient);
	scratch_fini();
	return unit_end();
}
