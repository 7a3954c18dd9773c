/* SPDX-License-Identifier: ISC */
/*
 * wicked client ADDRESS PORT KEY SELF PEER [CONFIG] MISBEHAVIOUR
 * wicked server ADDRESS PORT KEY SELF PEER MISBEHAVIOUR
 * wicked list client|server
 * wicked crowd ADDRESS PORT KEY SELF PEER COUNT
 *
 * A peer that holds the group's key and does not keep to the rules, in one way
 * a run; as a server it says `ready` and takes one connection. It ends when the
 * other side has ended the line, and says what it heard; exit 1 when that did
 * not happen in time. `list` prints of each misbehaviour the name, how many
 * lines the other side should log, and what one of them should say. BASE in the
 * environment is where the other side's files are as it names them. A crowd is
 * so many connections from 127.9.0.1 that bring the handshake to its end where
 * they may, and are silent then until it is killed; it says how many may.
 */
#include <signal.h>

#include "base/err.h"
#include "wicked.h"
#include "wire/key.h"

/* In this order: once a session was complete the file known is not offered. */
static const struct misbehaviour *const tables[] = {
	wicked_fine, wicked_names, wicked_numbers, wicked_turns,
	wicked_signatures, wicked_deltas, wicked_gaps, wicked_contents,
	wicked_frames, wicked_digests, wicked_ends
};

enum { CROWD_MAX = 1000, CROWD_SOURCE = 0x7f090001 };
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static int
list(int who)
{
	const struct misbehaviour *m;
	size_t i;

	for (i = 0; i < TABLES; i++)
		for (m = tables[i]; m->name; m++)
			if (m->who & who)
				printf("%s %d %s\n", m->name, m->lines,
				    m->says);
	return 0;
}

static const struct misbehaviour *
find(const char *name)
{
	const struct misbehaviour *m;
	size_t i;

	for (i = 0; i < TABLES; i++)
		for (m = tables[i]; m->name; m++)
			if (!strcmp(m->name, name))
				return m;
	return NULL;
}

static int
lookup(void *ctx, const char *identity, size_t n, unsigned char psk[32])
{
	(void)identity;
	(void)n;
	memcpy(psk, ctx, PSK_BYTES);
	return 0;
}

/* The key and the identity that the arguments say. */
static void
identify(char **argv, int client, const char *config,
    unsigned char psk[PSK_BYTES], char text[IDENTITY_MAX + 1])
{
	struct identity id;
	struct key key;
	struct err e;

	if (key_load(&key, argv[4], &e)) {
		fprintf(stderr, "wicked: %s\n", e.text);
		exit(2);
	}
	memset(&id, 0, sizeof(id));
	key_tag(&key, id.tag);
	snprintf(id.client, sizeof(id.client), "%s", argv[client ? 5 : 6]);
	snprintf(id.server, sizeof(id.server), "%s", argv[client ? 6 : 5]);
	snprintf(id.config, sizeof(id.config), "%s", config);
	key_psk(&key, id.client, id.server, psk);
	if (identity_format(&id, text, &e)) {
		fprintf(stderr, "wicked: %s\n", e.text);
		exit(2);
	}
}

static struct line
begin(char **argv, int client, const char *config,
    const struct misbehaviour *m)
{
	static unsigned char psk[PSK_BYTES];
	char text[IDENTITY_MAX + 1];
	int fd;

	identify(argv, client, config, psk, text);
	psk[0] ^= m->who & OTHER_KEY ? 1 : 0;
	fd = client ? dial(argv[2], argv[3], 0)
	    : answer_one(argv[2], argv[3]);
	return line_of(fd, client, client ? tls_client(text, psk)
	    : tls_server(lookup, psk));
}

/* One step of each; says how many are in, if that is news. */
static void
step_all(struct line *lines, int n, int *were)
{
	int i, in = 0;

	for (i = 0; i < n; i++) {
		step(&lines[i], 0);
		in += tls_established(lines[i].tls) && !lines[i].ended;
	}
	if (in == *were)
		return;
	printf("in %d\n", *were = in);
	fflush(stdout);
}

static int
crowd(char **argv)
{
	static struct line lines[CROWD_MAX];
	static unsigned char psk[PSK_BYTES];
	char text[IDENTITY_MAX + 1];
	int n = (int)strtol(argv[7], NULL, 10), i, tries, were = 0;

	identify(argv, 1, "", psk, text);
	for (i = 0; i < n && i < CROWD_MAX; i++) {
		lines[i] = line_of(dial(argv[2], argv[3], CROWD_SOURCE), 1,
		    tls_client(text, psk));
		for (tries = 0; tries < 10 && !lines[i].ended &&
		    !tls_established(lines[i].tls); tries++)
			step(&lines[i], 20);
		step_all(lines, i + 1, &were);
	}
	for (;;) {
		step_all(lines, i, &were);
		poll(NULL, 0, 10);
	}
}

static int
finish(struct line *l)
{
	unsigned i;

	idle(l, PATIENCE_MS);
	for (i = 0; i < TYPES; i++)
		if (l->got[i])
			printf("%u of message %u\n", l->got[i], i);
	if (l->error[0])
		printf("it said: %s\n", l->error);
	if (!l->ended)
		printf("the line did not end\n");
	i = !l->ended;
	line_close(l);
	return (int)i;
}

int
main(int argc, char **argv)
{
	int client = argc > 1 && !strcmp(argv[1], "client");
	const char *name = argv[argc - 1];
	const struct misbehaviour *m = find(name);
	struct line l;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "list"))
		return list(!strcmp(name, "client") ? CLIENT : SERVER);
	if (argc == 8 && !strcmp(argv[1], "crowd"))
		return crowd(argv);
	if (argc < 8 || argc > 9 || !m) {
		fprintf(stderr, "usage: see the source\n");
		return 2;
	}
	l = begin(argv, client, argc == 9 ? argv[7] : "", m);
	if (!(m->who & RAW) && shake_hands(&l)) {
		printf("no handshake: %s\n", tls_reason(l.tls));
		return 1;
	}
	m->run(&l);
	return finish(&l);
}
