/* SPDX-License-Identifier: ISC */
#ifndef SYNC_MESSAGE_H
#define SYNC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "state/version.h"

/*
 * The messages of a session, as bytes and as structs. A conversation:
 *
 *   server  HELLO                          client  HELLO
 *   if the client's HELLO said so:
 *     client  DIGEST                       server  BUCKETS [ITEMS...]
 *     client  [ITEMS...]                   (both, if any bucket differs)
 *   the client offers:                     the server answers:
 *     PARENT* OFFER [CONTENT*] ...           WANT [SIGNATURE*] | RESULT
 *     CONTENT* ...                           RESULT ...
 *     END                                    (all results, then)
 *   the server offers in the same way and ends with END, if the client's HELLO
 *   asked for it; then it reports its ACTIONs, and says BYE.
 *
 * A comparison is one direction of it: after the greetings the server offers
 * all that stands in its state for both hosts, in the order of names, without
 * PARENTs. The client answers each with SAME, after a WANT where it wishes to
 * see the content; then END, BYE. Neither side changes anything.
 *
 * Offers of one direction are numbered from 0 as they come (index). Each gets
 * exactly one RESULT; one that is WANTed gets its CONTENT first. Either side
 * says ERROR before it gives up. Decoders return -1 for anything that is not
 * exactly the message.
 */

enum message_type {
	MESSAGE_WORKING,        /* the link's; never seen here */
	MESSAGE_HELLO,
	MESSAGE_PARENT,
	MESSAGE_OFFER,
	MESSAGE_CONTENT,
	MESSAGE_END,
	MESSAGE_WANT,
	MESSAGE_SIGNATURE,
	MESSAGE_RESULT,
	MESSAGE_ACTION,
	MESSAGE_BYE,
	MESSAGE_ERROR,
	MESSAGE_DIGEST,
	MESSAGE_BUCKETS,
	MESSAGE_ITEMS,
	MESSAGE_TYPES
};

enum {
	PROTOCOL_VERSION = 3,
	HELLO_KNOWN_MAX = 64,
	MESSAGE_TEXT_MAX = 700,
	OFFERS_HELD = 1700,     /* changes that a receiver may wait for before
				   it answers: a sender allows more */
	OFFERS_AHEAD = 2400,    /* of a sender: offers without a RESULT */
	CONTENT_PIECE = 32 << 10        /* bytes in one CONTENT or SIGNATURE */
};

enum hello_bits {
	HELLO_NEW = 1,          /* no complete session so far */
	HELLO_TURN = 2,         /* client: please offer what you have for me */
	HELLO_DRY = 4,          /* client: judge, but change nothing */
	HELLO_COMPARE = 8,      /* client: a comparison; implies DRY */
	HELLO_RECONCILE = 16,   /* client: a DIGEST follows */
	HELLO_EMPTY = 32        /* the speaker's state has no entries */
};

/* version, bits, replica, clock, peer_replica, in, known[] */
struct hello {
	unsigned version, bits;
	uint64_t replica;       /* the speaker's */
	int64_t clock;          /* seconds since 1970 */
	uint64_t peer_replica;  /* the replica of the other that it remembers */
	uint64_t in;            /* up to which it has that one's changes */
	unsigned nknown;        /* highest numbers known, the other's first */
	struct stamp known[HELLO_KNOWN_MAX];
};
void hello_encode(const struct hello *h, struct buf *b);
int hello_decode(struct hello *h, struct view in);

/* A directory on the way to what comes next, not itself synced. */
struct parent {
	char *name;
	uint32_t mode, uid, gid;
};
void parent_encode(const struct parent *p, struct buf *b);
int parent_decode(struct parent *p, struct view in);

/* Bits that say something about one host's disk: who decodes clears them. */
enum {
	HISTORY_LOCAL = HISTORY_TAKEN | HISTORY_DEVIATES | HISTORY_KEPT
};

struct offer {
	int eager;              /* its content follows unasked */
	char *name;
	struct version v;
	struct history h;
};
void offer_encode(int eager, const char *name, const struct version *v,
    const struct history *h, struct buf *b);
int offer_decode(struct offer *o, struct view in);
void offer_free(struct offer *o);

enum content_bits {
	CONTENT_DELTA = 1,      /* operations against the signature's content */
	CONTENT_LAST = 2,
	CONTENT_GIVEN_UP = 4,   /* data: why it cannot be read; "": the file is
				   no longer as it was offered */
	CONTENT_GAP = 8         /* operations that fill the oldest open gap */
};
struct content_piece {
	uint64_t index;
	unsigned bits;
	struct view data;       /* borrowed */
};
void content_encode(const struct content_piece *p, struct buf *b);
int content_decode(struct content_piece *p, struct view in);

/*
 * END and BYE carry a number of the speaker's: the highest that this direction
 * covers (0: it was not complete), up to which the other one has all now.
 */
void end_encode(uint64_t snapshot, struct buf *b);
int end_decode(uint64_t *snapshot, struct view in);

/* signed: SIGNATURE pieces of what stands there follow */
void want_encode(uint64_t index, int with_signature, struct buf *b);
int want_decode(uint64_t *index, int *with_signature, struct view in);

struct signature_piece {
	uint64_t index;
	int last;
	struct view data;       /* borrowed */
};
void signature_encode(const struct signature_piece *p, struct buf *b);
int signature_decode(struct signature_piece *p, struct view in);

enum result_code {
	RESULT_DONE,            /* taken, on disk */
	RESULT_SAME,            /* the receiver has the same */
	RESULT_OURS,            /* the receiver's stands; the sender gets it */
	RESULT_CONFLICT,        /* left alone on both sides */
	RESULT_DENIED,          /* the receiver's configuration says no */
	RESULT_LATER,           /* something changed meanwhile: next time */
	RESULT_FAILED,          /* could not be done; text says why */
	RESULT_CODES
};
enum result_bits {
	RESULT_RESOLVED = 1,    /* there was a conflict; the method decided */
	RESULT_HISTORY = 2,     /* history and mtime follow, for the sender */
	RESULT_SIDES = 4        /* the receiver's mtime, size, kind follow */
};
struct result {
	uint64_t index;
	enum result_code code;
	unsigned bits;
	struct history h;       /* RESULT_HISTORY */
	struct stime mtime;
	enum kind kind;         /* RESULT_SIDES */
	uint64_t size;
	struct stime their_mtime;
	char text[MESSAGE_TEXT_MAX + 1];
};
void result_encode(const struct result *r, struct buf *b);
int result_decode(struct result *r, struct view in);

/* An action that ran: its exit status and how long it took. */
struct action_report {
	int status;             /* exit code, or 128 + signal */
	uint64_t seconds;
	char text[MESSAGE_TEXT_MAX + 1];
};
void action_encode(const struct action_report *a, struct buf *b);
int action_decode(struct action_report *a, struct view in);

/* What an entry is to a digest (digest.h): hashes of its name and of it. */
struct digest_item {
	uint64_t name, what;
};

enum {
	DIGEST_BITS_MAX = 9,
	DIGEST_BUCKETS_MAX = 1 << DIGEST_BITS_MAX
};

/*
 * A digest as digest.h has it: 2^bits sums; and the server's word on each of
 * these buckets (0: alike), or on all of them at once: too much differs to be
 * listed, everything is to be offered.
 */
void digest_encode(unsigned bits, const uint64_t *sums, struct buf *b);
int digest_decode(unsigned *bits, uint64_t sums[DIGEST_BUCKETS_MAX],
    struct view in);
void buckets_encode(int all, unsigned bits, const unsigned char *differs,
    struct buf *b);
int buckets_decode(int *all, unsigned bits,
    unsigned char differs[DIGEST_BUCKETS_MAX], struct view in);

/*
 * A piece of a list of items, ascending by name. The server's: what it has in
 * the buckets that differ; the client's: what it wants to be offered of these,
 * the second number being 1, or 0: only if it is pending.
 */
void items_encode(int last, const struct digest_item *items, size_t n,
    struct buf *b);
int items_begin(int *last, struct view *in);
void items_next(struct digest_item *item, struct view *in);

void error_encode(const char *text, struct buf *b);
int error_decode(char text[MESSAGE_TEXT_MAX + 1], struct view in);

#endif
