/* SPDX-License-Identifier: ISC */
/*
 * Two hosts, "a" and "b", each with configuration, tree and state of its own
 * over the scratch directory (the prefix %p% is @/a on a, @/b on b), and
 * sessions between them over queues in memory, one message at a time.
 */
#ifndef TWOHOSTS_H
#define TWOHOSTS_H

#include "scratchstate.h"

#include "base/clock.h"
#include "base/path.h"
#include "conf/conf.h"
#include "fs/detect.h"
#include "fs/tree.h"
#include "state/fact.h"
#include "sync/exchange.h"
#include "sync/message.h"
#include "sync/pair.h"
#include "sync/session.h"

enum { INDEX_MAX = 4000, NEWS_MAX = 64 };

struct news {
	enum event_kind kind;
	int receiving, offer_won;
	char name[64], text[200];
};

struct host {
	const char *name;
	struct conf *conf;
	struct tree *tree;
	struct state *state;
	struct pair *pairs;
	size_t npairs;
	struct session *session;
	struct buf out;                 /* messages: type, length, body */
	size_t said[MESSAGE_TYPES];     /* how many of each, since the begin */
	size_t bytes;                   /* of them all */
	unsigned char offered[INDEX_MAX], answered[INDEX_MAX];
	size_t offers;
	int finished, rc;
	struct err e;
	struct news news[NEWS_MAX];
	size_t nnews;
};

static struct host ha, hb;          /* "a", "b" */

static inline void
host_send(void *ctx, unsigned type, const struct buf *body)
{
	struct host *h = ctx;
	struct view v = view_of(body->p, body->len);
	uint64_t index;

	scratch_need(type < MESSAGE_TYPES, "send a message of that type");
	scratch_need(body->len <= 33 << 10, "send so long a message");
	h->said[type]++;
	h->bytes += body->len;
	if (type == MESSAGE_OFFER && h->offers < INDEX_MAX)
		h->offered[h->offers++] = 1;
	if (type == MESSAGE_RESULT && (index = view_var(&v)) < INDEX_MAX)
		h->answered[index]++;
	buf_u8(&h->out, type);
	buf_u32(&h->out, (uint32_t)body->len);
	buf_put(&h->out, body->p, body->len);
}

static inline void
host_beat(void *ctx)
{
	(void)ctx;
}

static inline void
host_finish(void *ctx)
{
	((struct host *)ctx)->finished = 1;
}

static inline void
host_tell(void *ctx, const struct event *event)
{
	struct host *h = ctx;
	struct news *n = &h->news[h->nnews < NEWS_MAX ? h->nnews++ : 0];

	n->kind = event->kind;
	n->receiving = event->receiving;
	n->offer_won = event->offer_won;
	snprintf(n->name, sizeof(n->name), "%s", event->name);
	snprintf(n->text, sizeof(n->text), "%s", event->text);
}

/* Whether the host was told this of "%p%/path". */
static inline int
told(const struct host *h, enum event_kind kind, const char *path)
{
	size_t i;

	for (i = 0; i < h->nnews; i++)
		if (h->news[i].kind == kind &&
		    !strcmp(h->news[i].name + 4, path))
			return 1;
	return 0;
}

static inline struct conf *
host_conf(const char *name, const char *text)
{
	struct conf *c = NULL;
	struct buf t = BUF_INIT;
	struct err e;

	for (; *text; text++)
		if (*text == '@')
			buf_put(&t, scratch.path, strlen(scratch.path));
		else
			buf_u8(&t, (unsigned char)*text);
	if (conf_parse(&c, "test.cfg", (char *)t.p, t.len, "/etc", name, NULL,
	    NULL, &e) < 0)
		scratch_need(0, e.text);
	buf_free(&t);
	return c;
}

static inline void
host_open(struct host *h, const char *name, const char *text)
{
	char dir[8];

	memset(h, 0, sizeof(*h));
	h->name = name;
	h->conf = host_conf(name, text);
	h->tree = tree_new(h->conf);
	snprintf(dir, sizeof(dir), "st-%s", name);
	state_must(state_open(&h->state, dir, name, "", 1, &h->e), &h->e);
	h->npairs = pair_list(h->conf, &h->pairs);
	scratch_need(h->npairs == 1, "find the pair");
}

static inline void
host_close(struct host *h)
{
	session_free(h->session);
	buf_free(&h->out);
	pair_list_free(h->pairs, h->npairs);
	state_close(h->state);
	tree_free(h->tree);
	conf_free(h->conf);
	memset(h, 0, sizeof(*h));
}

#define HOSTS_PREFIX "prefix p { on a: @/a; on b: @/b; }\n"

/* Both hosts anew, with directories, over a config with these groups. */
static inline void
hosts_with(const char *groups)
{
	char text[2000];

	snprintf(text, sizeof(text), HOSTS_PREFIX "%s", groups);
	scratch_clear();
	scratch_dir("a");
	scratch_dir("b");
	host_open(&ha, "a", text);
	host_open(&hb, "b", text);
}

/* The same with one group of both; more stands in it. */
static inline void
hosts_new(const char *more)
{
	char text[1000];

	snprintf(text, sizeof(text), "group g { host a b; key /k; "
	    "include %%p%%; %s }\n", more);
	hosts_with(text);
}

static inline void
hosts_end(void)
{
	host_close(&ha);
	host_close(&hb);
}

static inline const char *
pname(const char *path)
{
	static char text[4][PATH_BYTES_MAX + 1];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof(text[turn]), "%%p%%/%s", path);
	return text[turn];
}

/* The entry of "%p%/path"; a zeroed one where there is none. */
static inline struct entry
host_entry(struct host *h, const char *path)
{
	struct entry entry;

	if (state_get(h->state, pname(path), &entry, &h->e) != 1)
		memset(&entry, 0, sizeof(entry));
	return entry;
}

/* What a check does with one path; first: as the first one of a state. */
static inline void
check_path(struct host *h, const char *path, int first)
{
	static const struct version_ignore nothing;
	struct entry entry = host_entry(h, path);
	struct version v;
	int known = entry.name != NULL;
	struct stamp s;

	memset(&v, 0, sizeof(v));
	state_must(state_lock(h->state, LOCK_MS, &h->e), &h->e);
	tree_reset(h->tree);
	switch (detect_name(h->tree, pname(path), known ? &entry : NULL,
	    nothing, &v, &entry.look, NULL, &h->e)) {
	case DETECT_CHANGED:
		version_free(&entry.v);
		entry.v = v;
		break;
	case DETECT_GONE:
		version_free(&entry.v);
		memset(&entry.v, 0, sizeof(entry.v));
		memset(&entry.look, 0, sizeof(entry.look));
		entry.v.mtime = clock_real();
		break;
	default:
		scratch_need(0, path);
	}
	if (!known)
		entry.name = mem_strdup(pname(path));
	entry.number = state_next(h->state);
	s = (struct stamp){ state_replica(h->state), entry.number };
	history_change(&entry.h, first ? version_stamp(&entry.v) : s, h->name);
	entry.h.bits = first ? HISTORY_FIRST : 0;
	state_must(state_put(h->state, &entry, &h->e), &h->e);
	entry_free(&entry);
	state_must(fact_set_meta(h->state, "checked", 1, &h->e), &h->e);
	state_must(state_unlock(h->state, &h->e), &h->e);
}

static inline char *
disk_path(const struct host *h, const char *path)
{
	static char text[4][600];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof(text[turn]), "%s/%s/%.300s", scratch.path,
	    h->name, path);
	return text[turn];
}

/* Writes a file there, unseen by the state. */
static inline void
edit_unseen(struct host *h, const char *path, const char *text)
{
	unlink(disk_path(h, path));
	scratch_file(disk_path(h, path), text);
}

static inline void
edit(struct host *h, const char *path, const char *text)
{
	edit_unseen(h, path, text);
	check_path(h, path, 0);
}

static inline void
set_mtime(struct host *h, const char *path, int64_t sec)
{
	struct timespec t[2] = { { sec, 0 }, { sec, 0 } };

	scratch_need(!utimensat(AT_FDCWD, disk_path(h, path), t, 0), path);
}

static inline void
drop(struct host *h, const char *path)
{
	scratch_need(!unlink(disk_path(h, path)), path);
	check_path(h, path, 0);
}

/* Whether that file has that text; NULL: whether nothing is there. */
static inline int
holds(const struct host *h, const char *path, const char *text)
{
	struct stat st;
	struct buf f;
	int same;

	if (lstat(disk_path(h, path), &st))
		return !text;
	if (!text)
		return 0;
	f = file_read(disk_path(h, path));
	same = f.len == strlen(text) && !memcmp(f.p, text, f.len);
	buf_free(&f);
	return same;
}

/* Options of a session that tells its host. */
static inline struct session_options
host_options(struct host *h, int client)
{
	return (struct session_options){ .client = client, .turn = client,
		.complete = 1, .tell = host_tell, .ctx = h,
		.lock_ms = LOCK_MS };
}

static inline void
host_begin(struct host *h, const struct session_options *o)
{
	struct session_line line = { host_send, host_beat, host_finish, h };

	session_free(h->session);
	buf_clear(&h->out);
	memset(h->said, 0, sizeof(h->said));
	memset(h->offered, 0, sizeof(h->offered));
	memset(h->answered, 0, sizeof(h->answered));
	h->offers = h->nnews = h->bytes = 0;
	h->finished = h->rc = 0;
	h->e.text[0] = 0;
	tree_reset(h->tree);
	state_must(state_refresh(h->state, &h->e), &h->e);
	h->session = session_new(&h->pairs[0], h->state, h->tree, &line, o);
	h->rc = session_handler.ready(h->session, &h->e);
}

/* Gives the first message of from's queue to h: 1, or 0 when there is none. */
static inline int
host_hear(struct host *h, struct host *from)
{
	struct view v = view_of(from->out.p, from->out.len);
	unsigned type;
	size_t n;
	struct buf body = BUF_INIT;

	if (!v.len || h->rc)
		return 0;
	type = view_u8(&v);
	n = view_u32(&v);
	buf_put(&body, view_get(&v, n), n);
	buf_drop(&from->out, 5 + n);
	h->rc = session_handler.input(h->session, type,
	    view_of(body.p, body.len), &h->e);
	buf_free(&body);
	return 1;
}

static inline int
host_talk(struct host *h)
{
	int rc;

	if (h->rc || h->finished)
		return 0;
	rc = session_handler.output(h->session, &h->e);
	if (rc < 0)
		h->rc = -1;
	return rc > 0;
}

/*
 * A session to its end: 0 when both sides are complete. order 0: whoever has
 * heard everything talks; 1: everybody talks as long as it can, then hears.
 */
static inline int
run_session(struct host *client, struct host *server,
    const struct session_options *co, int order)
{
	struct session_options so = host_options(server, 0);
	int moved;

	host_begin(client, co);
	host_begin(server, &so);
	do {
		moved = 0;
		while (order && host_talk(client))
			moved = 1;
		while (order && host_talk(server))
			moved = 1;
		moved |= host_hear(client, server) | host_hear(server, client);
		if (!moved)
			moved = host_talk(client) | host_talk(server);
	} while (moved);
	return client->rc || server->rc || !session_complete(client->session) ||
	    !session_complete(server->session) ? -1 : 0;
}

/* Each offer has got its one result. */
static inline int
all_answered(const struct host *from, const struct host *to)
{
	return from->said[MESSAGE_OFFER] == to->said[MESSAGE_RESULT] &&
	    !memcmp(from->offered, to->answered, INDEX_MAX);
}

/* A plain `sync` of both, with what must hold after each. */
static inline int
sync_hosts(struct host *client, struct host *server)
{
	struct session_options o = host_options(client, 1);

	if (run_session(client, server, &o, 0)) {
		printf("# %s: %s; %s: %s\n", client->name, client->e.text,
		    server->name, server->e.text);
		return -1;
	}
	return all_answered(client, server) && all_answered(server, client) ?
	    0 : -1;
}

/* A digest of all names, kinds, sizes, times and contents below dir. */
static inline void
add_tree(struct buf *t, const char *dir)
{
	struct dirent **list;
	char path[1000];
	struct stat st;
	int i, n = scandir(dir, &list, NULL, alphasort);
	struct buf f;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		scratch_need(!lstat(path, &st), path);
		if (!strcmp(list[i]->d_name, ".") ||
		    !strcmp(list[i]->d_name, "..")) {
			free(list[i]);
			continue;
		}
		buf_str(t, path);
		buf_u32(t, (uint32_t)st.st_mode);
		buf_u64(t, (uint64_t)st.st_mtime);
		if (S_ISDIR(st.st_mode)) {
			add_tree(t, path);
		} else if (S_ISREG(st.st_mode)) {
			f = file_read(path);
			buf_blob(t, f.p, f.len);
			buf_free(&f);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static inline void
tree_digest(unsigned char out[HASH_BYTES])
{
	struct buf t = BUF_INIT;

	add_tree(&t, ".");
	hash_bytes(t.p, t.len, out);
	buf_free(&t);
}

#endif
