/* SPDX-License-Identifier: ISC */
#ifndef SYNC_PAIR_H
#define SYNC_PAIR_H

#include <stddef.h>
#include <stdint.h>

/*
 * Who talks to whom about what: a pair is this host under one of its names, a
 * peer, and a key; it covers the groups that have all three. One session serves
 * one pair.
 */

struct conf;
struct entry;
struct group;
struct state;

struct pair {
	const struct conf *conf;
	const char *self, *peer;        /* names in these groups; conf's */
	const struct group **groups;    /* in config order */
	size_t ngroups;
	char *const *keys;              /* paths, the first is offered; */
	size_t nkeys;                   /* each is one of all its groups */
	uint64_t scope;                 /* digest of the groups as parsed */
};

/*
 * All pairs of this host in the order of the config file; pairs of which both
 * ends are receive-only everywhere are left out. The caller frees.
 */
size_t pair_list(const struct conf *c, struct pair **out);
/* The scope of the groups that are left when some were taken out. */
uint64_t pair_scope(const struct pair *p);
/*
 * The pair of which all groups have a key, be it the first or the second one;
 * -1 when there is none. It is a list of one, to be freed as such.
 */
int pair_of_key(const struct conf *c, const char *self, const char *peer,
    const char *key, struct pair **out);
void pair_list_free(struct pair *list, size_t n);

/*
 * Which end of a pair is receive-only in every group that has the key: its
 * lines go by a key of its own (wire/key.h). NULL: neither.
 */
const char *pair_key_host(const struct pair *p, const char *key);

/* Whether self or peer is receive-only in every group of the pair. */
int pair_receives_only(const struct pair *p, const char *name);

enum pair_right {
	PAIR_NONE,              /* no common group has the name */
	PAIR_RECEIVE_ONLY,      /* only some where the sender receives only */
	PAIR_MEMBER
};

/* What a sender (the pair's self or peer) may do with a name. */
enum pair_right pair_right(const struct pair *p, const char *sender,
    const char *name);

/*
 * Whether the two may compare a name: a group where one of them is a member has
 * it, compare patterns included.
 */
int pair_compares(const struct pair *p, const char *name);

/* The first group of the pair with the name: it decides auto and backup. */
const struct group *pair_group(const struct pair *p, const char *name);

/*
 * Whether an entry waits to be sent to the pair's peer, out being the number up
 * to which that replica of the peer has been told. What was done for another
 * replica of it counts for nothing.
 */
enum pending {
	PENDING_NO,
	PENDING_RELAY,          /* when a session is there anyway: it came from
				   elsewhere, and its author serves the peer */
	PENDING_DEVIATES,       /* ours must not be sent: it is named, denied,
				   and so becomes owed to us */
	PENDING_YES
};
enum pending pair_pending(const struct pair *p, struct state *s,
    const struct entry *entry, uint64_t out, uint64_t replica);

/*
 * A number up to which no entry is pending for the peer, told up to out: that,
 * unless something is owed to it or may deviate; then 0.
 */
uint64_t pair_floor(const struct pair *p, struct state *s, uint64_t out);

#endif
