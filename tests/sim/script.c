/* SPDX-License-Identifier: ISC */
/*
 * Scripts as text.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

const char *const script_paths[PATHS] = { "f", "g", "d", "d/x" };
const char *const script_methods[8] = { "none", "first", "younger", "older",
	"bigger", "smaller", "left", "right" };

/* What follows the word: Hosts, Members, a Path, a Number. */
static const struct { const char *word, *args; } ops[OPS] = {
	[OP_INIT] = { "init", "MP" }, [OP_EDIT] = { "edit", "HP" },
	[OP_TOUCH] = { "touch", "HP" }, [OP_CHMOD] = { "chmod", "HP" },
	[OP_REMOVE] = { "remove", "HP" }, [OP_DIR] = { "dir", "HP" },
	[OP_LINK] = { "link", "HP" }, [OP_REVERT] = { "revert", "HPN" },
	[OP_RESTORE] = { "restore", "HPN" }, [OP_CHECK] = { "check", "H" },
	[OP_QUIET] = { "quiet", "H" }, [OP_FORCE] = { "force", "HP" },
	[OP_SYNC] = { "sync", "HH" }, [OP_PLAIN] = { "plain", "HH" },
	[OP_PUSH] = { "push", "HH" },
	[OP_BOTH] = { "both", "HH" }, [OP_OPEN] = { "open", "HHN" },
	[OP_STEP] = { "step", "AN" }, [OP_END] = { "end", "A" },
	[OP_BREAK] = { "break", "A" }, [OP_CRASH] = { "crash", "HN" },
	[OP_HIT] = { "hit", "HPN" }, [OP_LOSE] = { "lose", "H" },
	[OP_SAVE] = { "save", "H" }, [OP_PUTBACK] = { "putback", "H" },
	[OP_IMAGE] = { "image", "H" }, [OP_CLONE] = { "clone", "HH" },
	[OP_MACHINE] = { "machine", "H" }, [OP_CLOCK] = { "clock", "HN" },
	[OP_CONF] = { "conf", "HN" }, [OP_PART] = { "part", "M" },
	[OP_ROUNDS] = { "rounds", "" }, [OP_HAS] = { "has", "MPN" },
	[OP_COPY] = { "copy", "HHP" }
};

enum { EACH_METHOD = 8 };

void
script_time(struct script *s, const struct script *from, long k)
{
	int i, g;

	*s = *from;
	for (i = 0; i < s->n; i++)
		if (s->at[i].star)
			s->at[i].n = k;
	for (i = 0; i < CONFS; i++)
		for (g = 0; g < s->set.ngroups[i]; g++)
			if (s->set.group[i][g].method == EACH_METHOD)
				s->set.group[i][g].method = (int)(k - 1) % 8;
}

size_t
script_content(int p, int content, char text[CONTENT_MAX])
{
	int n = snprintf(text, CONTENT_MAX, "%d%d", p, content);
	int size = n + 2 + content * 7 % 13;

	while (n < size)
		text[n++] = '.';
	text[n] = 0;
	return (size_t)n;
}

static void
print_members(unsigned members, unsigned receive_only)
{
	int i;

	if (!members)
		printf(".");
	for (i = 0; i < HOSTS; i++)
		if (members >> i & 1)
			putchar((receive_only >> i & 1 ? 'A' : 'a') + i);
}

void
script_print_one(const struct command *c)
{
	const char *a = ops[c->op].args;
	int hosts = 0;

	printf("%s", ops[c->op].word);
	for (; *a; a++) {
		putchar(' ');
		if (*a == 'H')
			putchar('a' + (hosts++ ? c->b : c->a));
		else if (*a == 'A')
			printf("%d", c->a);
		else if (*a == 'P')
			printf("%s", script_paths[c->p]);
		else if (*a == 'N')
			printf("%ld", c->n);
		else
			print_members(c->members, 0);
	}
	putchar('\n');
}

void
script_print(const struct script *s)
{
	int c, g, p, i;

	for (c = 0; c < CONFS; c++)
		for (g = 0; g < s->set.ngroups[c]; g++) {
			printf("group %d ", c);
			print_members(s->set.group[c][g].members,
			    s->set.receive_only);
			putchar(' ');
			for (p = 0; p < PATH_DX; p++)
				if (s->set.group[c][g].paths >> p & 1)
					printf("%s", script_paths[p]);
			printf(" %s\n",
			    script_methods[s->set.group[c][g].method]);
		}
	if (s->set.tombstones != TOMBSTONES)
		printf("tombstones %ld\n", s->set.tombstones);
	for (i = 0; i < s->n; i++)
		script_print_one(&s->at[i]);
}

/* The next word of a line, at most n - 1 bytes. */
static const char *
next_word(const char *at, char *word, size_t n)
{
	size_t len;

	at += strspn(at, " \t");
	len = strcspn(at, " \t\n");
	snprintf(word, n, "%.*s", (int)len, at);
	return at + len;
}

static int
find(const char *word, const char *const *list, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(word, list[i]))
			return i;
	return -1;
}

static long
members(const char *word, struct setting *set)
{
	long m = 0;
	int i;

	for (; isalpha((unsigned char)*word); word++) {
		i = tolower((unsigned char)*word) - 'a';
		if (i >= HOSTS)
			return -1;
		m |= 1L << i;
		if (set && isupper((unsigned char)*word))
			set->receive_only |= 1u << i;
		if (set && set->hosts <= i)
			set->hosts = i + 1;
	}
	return *word && *word != '.' ? -1 : m;
}

static int
parse_group(struct setting *set, const char *at)
{
	char word[40];
	const char *s;
	long m;
	int c, p, g, one;

	at = next_word(at, word, sizeof(word));
	c = *word == '1';
	g = set->ngroups[c]++;
	if (g >= GROUPS)
		return -1;
	at = next_word(at, word, sizeof(word));
	m = members(word, set);
	set->group[c][g].members = (unsigned)m;
	at = next_word(at, word, sizeof(word));
	for (s = word; *s; s++)
		for (p = 0; p < PATH_DX; p++)
			if (*s == *script_paths[p])
				set->group[c][g].paths |= 1u << p;
	at = next_word(at, word, sizeof(word));
	one = *word == '*' ? EACH_METHOD : find(word, script_methods, 8);
	set->group[c][g].method = one;
	return m < 0 || one < 0 ? -1 : 0;
}

static int
parse_args(struct command *c, const char *at)
{
	const char *a = ops[c->op].args;
	char word[40];
	int hosts = 0;
	long m;

	for (; *a; a++) {
		at = next_word(at, word, sizeof(word));
		if (*a == 'H') {
			if (*word < 'a' || *word >= 'a' + HOSTS || word[1])
				return -1;
			*(hosts++ ? &c->b : &c->a) = *word - 'a';
		} else if (*a == 'P') {
			c->p = find(word, script_paths, PATHS);
			if (c->p < 0)
				return -1;
		} else if (*a == 'M') {
			m = members(word, NULL);
			c->members = (unsigned)m;
			if (m < 0)
				return -1;
		} else if (*a == 'A') {
			c->a = (int)strtol(word, NULL, 10);
		} else {
			c->n = strtol(word, NULL, 10);
			c->star = *word == '*';
		}
	}
	next_word(at, word, sizeof(word));
	return *word ? -1 : 0;
}

static int
parse_line(struct script *s, const char *at)
{
	struct command *c = &s->at[s->n];
	char word[40];
	int i;

	at = next_word(at, word, sizeof(word));
	if (!*word || *word == '#')
		return 0;
	if (!strcmp(word, "group"))
		return parse_group(&s->set, at);
	if (!strcmp(word, "times")) {
		s->times = strtol(at, NULL, 10);
		return 0;
	}
	if (!strcmp(word, "tombstones")) {
		s->set.tombstones = strtol(at, NULL, 10);
		return 0;
	}
	for (i = 0; i < OPS; i++)
		if (!strcmp(word, ops[i].word))
			break;
	if (i == OPS || s->n == COMMANDS)
		return -1;
	memset(c, 0, sizeof(*c));
	c->op = (enum op)i;
	s->n++;
	return parse_args(c, at);
}

int
script_parse(struct script *s, const char *text, int *line)
{
	struct setting *set = &s->set;

	memset(s, 0, sizeof(*s));
	set->tombstones = TOMBSTONES;
	s->times = 1;
	for (*line = 1; *text; ++*line) {
		if (parse_line(s, text))
			return -1;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (!set->ngroups[1]) {
		memcpy(set->group[1], set->group[0], sizeof(set->group[0]));
		set->ngroups[1] = set->ngroups[0];
	}
	return 0;
}
