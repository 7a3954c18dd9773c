/* SPDX-License-Identifier: ISC */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

/*
 * What happens in a world, as commands; drawn from a seed, or read from text:
 * one a line, hosts "a", "b", ..., paths "f", "g", "d", "d/x".
 *
 *   group CONF MEMBERS PATHS METHOD   members as letters, a capital one only
 *                                     receives; PATHS as letters f g d
 *   tombstones N                      how many stay in any case (1000)
 *   init MEMBERS P     P stands on them from the beginning, the same on all
 *   edit H P | touch H P | chmod H P | remove H P | dir H P | link H P
 *   copy H H P         the first gets what the second has, by hand
 *   revert H P N       the content before the N latest, with a time of now
 *   restore H P N      the same with its old time (cp -p)
 *   check H | quiet H  (-c, -cI)
 *   force H P          (-f)
 *   sync H H           -x without its check: a session, both directions,
 *                      reconcile due
 *   plain H H          the same when no reconcile is due
 *   push H H           -u
 *   both H H           two sync at the same moment, step by step in turn
 *   open H H N         a session that begins; N: 1 both directions, 2 with
 *                      a reconcile
 *   step N N           the Nth session goes N steps on
 *   end N | break N    it goes to its end; its line breaks
 *   crash H N          the next process of H dies at its Nth change
 *   hit H P N          the user edits P at the Nth change of H's next process
 *   lose H             the state is gone
 *   save H             a copy of disk and state is made,
 *   putback H          and only the state put back,
 *   image H            or both
 *   clone H H          the second becomes a copy of the first's disk and state
 *   machine H          H goes on on another machine
 *   clock H N          H's clock jumps by N seconds
 *   conf H N           H reads the second config (0: the first)
 *   part MEMBERS       those cannot reach the others; "part ." ends it
 *   rounds             quiet rounds
 *   has MEMBERS P N    content N stands there, -1: nothing; init is 0, then
 *                      each edit and link counts
 *
 * "times N" has the script run N times: a number "*" is 1, 2, ... N then, and
 * a method "*" the first, second, ... of them.
 */

enum { PATH_F, PATH_G, PATH_D, PATH_DX, PATHS };
enum { HOSTS = 8, CONFS = 2, GROUPS = 3, COMMANDS = 64 };
enum { TOMBSTONES = 1000 };

enum op {
	OP_INIT, OP_EDIT, OP_TOUCH, OP_CHMOD, OP_REMOVE, OP_DIR, OP_LINK,
	OP_REVERT, OP_RESTORE, OP_CHECK, OP_QUIET, OP_FORCE, OP_SYNC,
	OP_PLAIN, OP_PUSH, OP_BOTH, OP_OPEN, OP_STEP, OP_END, OP_BREAK,
	OP_CRASH, OP_HIT, OP_LOSE,
	OP_SAVE, OP_PUTBACK, OP_IMAGE, OP_CLONE, OP_MACHINE, OP_CLOCK,
	OP_CONF, OP_PART, OP_ROUNDS, OP_HAS, OP_COPY, OPS
};

struct command {
	enum op op;
	int a, b;               /* hosts, or numbers of sessions */
	int p;                  /* path */
	long n;
	unsigned members;
	int star;               /* n is of this time */
};

struct setting {
	int hosts;
	unsigned receive_only;
	struct {
		unsigned members, paths;        /* bits */
		int method;
	} group[CONFS][GROUPS];
	int ngroups[CONFS];
	long tombstones;
};

struct script {
	uint64_t seed;                  /* of ids; 0 where it was written */
	struct setting set;
	struct command at[COMMANDS];
	int n;
	long times;                     /* 1 where it does not say */
};

/* As it is for the Kth time. */
void script_time(struct script *s, const struct script *from, long k);

extern const char *const script_paths[PATHS];
extern const char *const script_methods[8];

/* The bytes of a file's content of that number: how many. */
enum { CONTENT_MAX = 40 };
size_t script_content(int p, int content, char text[CONTENT_MAX]);

void script_draw(struct script *s, uint64_t seed);
/* -1 with the line's number in *line. */
int script_parse(struct script *s, const char *text, int *line);
void script_print(const struct script *s);
void script_print_one(const struct command *c);

#endif
