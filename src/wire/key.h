/* SPDX-License-Identifier: ISC */
#ifndef WIRE_KEY_H
#define WIRE_KEY_H

#include <stddef.h>

/*
 * Group keys, and what a line derives from one (HKDF-SHA256, RFC 5869):
 *
 *   prk = Extract("ucsync tls psk v1", K)      K: the key file's first line
 *   tag = Expand(prk, "tag", 2)                picks the key, 4 hex digits
 *   psk = Expand(prk, "psk\0" client "\0" server "\0", 32)
 *
 * A host that only receives need not hold the group's key. For its lines K is
 * the host's key, which it has in a file (second line: "host HOST") and the
 * others derive:
 *
 *   Expand(prk, "host\0" HOST, 48), six bits a character of A-Za-z0-9._ in this
 *   order, the most significant ones first
 *
 * An identity is "c1/TAG/CLIENT/SERVER/CONFIG", printable, at most 128 bytes;
 * CONFIG is empty for the default configuration. It begins with "l1" when the
 * client only looks: a session that is to change nothing at either end.
 */

struct err;

enum { KEY_MIN = 32, KEY_MAX = 512, PSK_BYTES = 32, IDENTITY_MAX = 128 };

struct key {
	char text[KEY_MAX + 1];
	char host[64];          /* whose key it is; "": a group's */
};

struct identity {
	char tag[5];
	char client[64], server[64], config[33];
	int looks;
};

/*
 * Reads a key file: a line of at least KEY_MIN characters A-Za-z0-9._ It must
 * belong to root or us, and nobody else may read it. A process that has tried
 * leaves no core and cannot be looked into by others.
 */
int key_load(struct key *k, const char *path, struct err *e);
/*
 * The same for the lines of a receive-only host, or for those between members
 * (NULL): *k becomes what stands for K.
 */
int key_load_for(struct key *k, const char *path, const char *host,
    struct err *e);
/* Writes a new key file (64 characters, mode 0600); never over an old one. */
int key_create(const char *path, struct err *e);
/* Writes the key of a receive-only host, in the same manner. */
int key_create_for(const char *path, const char *group_key, const char *host,
    struct err *e);
void key_wipe(struct key *k);

void key_tag(const struct key *k, char tag[5]);
void key_psk(const struct key *k, const char *client, const char *server,
    unsigned char psk[PSK_BYTES]);

/* Builds the identity's text; -1 when over-long or not printable. */
int identity_format(const struct identity *id, char out[IDENTITY_MAX + 1],
    struct err *e);
/* Takes a text apart, strictly; -1 when it is not one of ours. */
int identity_parse(struct identity *id, const char *text, size_t n);

#endif
