/* SPDX-License-Identifier: ISC */
/*
 * The command line: words and letters to one command.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/timing.h"
#include "cmd/watch.h"
#include "conf/word.h"
#include "wire/net.h"

enum { JOBS = 4, JOBS_MAX = 64, DELAY_MAX = 3600 };

static const char usage_text[] =
"ucsync " VERSION " - keeps files alike on the hosts of a cluster\n"
"\n"
"usage: ucsync WORD [-options] [file..]    or    ucsync -letters [file..]\n"
"\n"
"  sync     -x   check everything (or the files), bring peers up to date\n"
"  check    -c   check the files, or the pending hints (check alone: all)\n"
"  push     -u   push what is pending        (-cu: check, then push)\n"
"  pending  -M   what is to be pushed: chary|force, me, peer, file\n"
"  list     -L   what is known: properties, file; -S ME PEER: of that pair\n"
"  serve    -ii  stand-alone server; -iii for one connection; -i on stdin\n"
"  watch    -w   sync whenever something changes, until it is ended\n"
"  agent         serve and watch at once; SIGHUP: read the config again\n"
"  compare  -T   what differs: X|L|R, me, peer, file   (-T [ME PEER] [FILE])\n"
"  diff     -TT  the same as unified diffs\n"
"  keygen   -k   make a new key file; keygen --for HOST KEYFILE: of it, one\n"
"                for a host that only receives\n"
"  init          write a first config and a key for these hosts, which come\n"
"                behind it, and say what to do then; never overwrites\n"
"  status        what is pending with whom, conflicts, what failed last; -v\n"
"                asks the peers; -J JSON; exit code 1: something is wrong\n"
"  configtest    is the config good on this host? what it comes to; -v talks\n"
"                to the peers, too\n"
"  explain       why these files are synced or not, with whom, and how they\n"
"                are; -v asks the peers; exit code 2: not all are synced\n"
"           -h   hint: the next -c checks these files;  -H lists the hints\n"
"           -m   mark: push these files again\n"
"           -TI  mark what differs; -X: removals, too; -U: for that peer only\n"
"           -f   force: these files win the next conflict\n"
"           -o   list the files that a check or comparison looks at\n"
"           -R   forget what the config no longer covers\n"
"\n"
"  -r  recursive                 -d  dry run: show it, change nothing\n"
"  -I  record without marking    -F  force what the check finds\n"
"  -y  carry out the removals that the guard holds back\n"
"  -G GROUP,..  only these groups      -P PEER,..  only these peers\n"
"  -C NAME  another config             -D DIR      where the state is\n"
"  -N HOST  be this host               -p PORT     instead of 30865\n"
"  -j N     peers at once (4)          -n SECONDS  from change to sync (2)\n"
"  -l       log to syslog\n"
"  -t       time stamps                -s FILE     and to this file\n"
"  -W FD    write the directories that are walked there, each with a NUL\n"
"  -J       status for programs\n"
"  -v  more talk (-vv, -vvv)           -q          errors only\n"
"  -A, -B   csync2's database modes, without effect\n"
"  -V, --version                       --help\n";

/* A command: its letter, its files, what to say when they are not so. */
struct command {
	enum mode mode;
	int letter;             /* 0: several letters, or a word alone */
	size_t min, max;        /* files */
	const char *wrong;
	int (*run)(const struct options *o);
};

enum { ANY = 1 << 30 };

static const struct command commands[] = {
	{ MODE_SYNC, 'x', 0, ANY, "", cmd_sync },
	{ MODE_CHECK, 'c', 0, ANY, "", cmd_check },
	{ MODE_UPDATE, 'u', 0, ANY, "", cmd_update },
	{ MODE_CHECK_UPDATE, 0, 0, ANY, "", cmd_update },
	{ MODE_PENDING, 'M', 0, 0, "no files go with", cmd_pending },
	{ MODE_LIST, 'L', 0, 0, "no files go with", cmd_list },
	{ MODE_LIST_PAIR, 'S', 2, 2, "our name and a peer's are needed with",
	    cmd_list_pair },
	{ MODE_COMPARE, 'T', 0, 3, "only our name, a peer's, a file go with",
	    cmd_compare },
	{ MODE_DIFF, 'T', 0, 3, "only our name, a peer's, a file go with",
	    cmd_compare },
	{ MODE_HINT, 'h', 1, ANY, "no file to", cmd_hint },
	{ MODE_HINTS, 'H', 0, 0, "no files go with", cmd_hints },
	{ MODE_MARK, 'm', 1, ANY, "no file to", cmd_mark },
	{ MODE_FORCE, 'f', 1, ANY, "no file to", cmd_force },
	{ MODE_FILES, 'o', 0, ANY, "", cmd_files },
	{ MODE_FORGET, 'R', 0, 0, "no files go with", cmd_forget },
	{ MODE_KEYGEN, 'k', 1, 1, "one key file is needed with", cmd_keygen },
	{ MODE_INIT, 0, 1, ANY, "the hosts are needed with", cmd_init },
	{ MODE_STATUS, 0, 0, 0, "no files go with", cmd_status },
	{ MODE_CONFIGTEST, 0, 0, 0, "no files go with", cmd_configtest },
	{ MODE_EXPLAIN, 0, 1, ANY, "a file is needed with", cmd_explain },
	{ MODE_SERVE_ONE, 'i', 0, ANY, "", cmd_serve_one },
	{ MODE_SERVE, 0, 0, ANY, "", cmd_serve },
	{ MODE_SERVE_ONCE, 0, 0, ANY, "", cmd_serve },
	{ MODE_WATCH, 'w', 0, 0, "no files go with", cmd_watch },
	{ MODE_AGENT, 'w', 0, 0, "no files go with", cmd_agent },
};

static int
usage(void)
{
	fputs(usage_text, stderr);
	return 1;
}

static int
refuse(const char *what, const char *arg)
{
	log_error("%s '%s': see ucsync --help", what, arg);
	return 1;
}

/* The same for a word that is none of the list. */
static int
refuse_word(const char *what, const char *arg, const char *const *list)
{
	const char *near = word_suggest(arg, strlen(arg), list);

	if (!near)
		return refuse(what, arg);
	log_error("%s '%s': did you mean '%s'? See ucsync --help", what, arg,
	    near);
	return 1;
}

struct word {
	const char *word;
	enum mode mode;
	int recursive, everything;
};

static const struct word words[] = {
	{ "sync", MODE_SYNC, 0, 0 },
	{ "check", MODE_CHECK, 1, 1 },
	{ "push", MODE_UPDATE, 0, 0 },
	{ "pending", MODE_PENDING, 0, 0 },
	{ "list", MODE_LIST, 0, 0 },
	{ "compare", MODE_COMPARE, 0, 0 },
	{ "diff", MODE_DIFF, 0, 0 },
	{ "serve", MODE_SERVE, 0, 0 },
	{ "watch", MODE_WATCH, 0, 0 },
	{ "agent", MODE_AGENT, 0, 0 },
	{ "keygen", MODE_KEYGEN, 0, 0 },
	{ "init", MODE_INIT, 0, 0 },
	{ "explain", MODE_EXPLAIN, 0, 0 },
	{ "configtest", MODE_CONFIGTEST, 0, 0 },
	{ "status", MODE_STATUS, 0, 0 },
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const struct word *
find_word(const char *arg)
{
	size_t i;

	for (i = 0; i < WORDS; i++)
		if (!strcmp(words[i].word, arg))
			return &words[i];
	return NULL;
}

static int
unknown_word(const char *arg)
{
	const char *list[WORDS + 1] = { NULL };
	size_t i;

	for (i = 0; i < WORDS; i++)
		list[i] = words[i].word;
	return refuse_word("no command", arg, list);
}

/* A letter that is a command; -c and -u go together, -i and -T count. */
static int
set_mode(struct options *o, enum mode mode)
{
	static const enum mode serving[] = { MODE_SERVE_ONE, MODE_SERVE,
		MODE_SERVE_ONCE };

	if (o->mode == MODE_NONE) {
		o->mode = mode;
	} else if ((o->mode == MODE_CHECK && mode == MODE_UPDATE) ||
	    (o->mode == MODE_UPDATE && mode == MODE_CHECK)) {
		o->mode = MODE_CHECK_UPDATE;
	} else if (mode == MODE_SERVE_ONE && o->mode == serving[0]) {
		o->mode = serving[1];
	} else if (mode == MODE_SERVE_ONE && o->mode == serving[1]) {
		o->mode = serving[2];
	} else if (mode == MODE_COMPARE && o->mode == MODE_COMPARE) {
		o->mode = MODE_DIFF;
	} else {
		log_error("two commands at once: see ucsync --help");
		return 1;
	}
	return 0;
}

static int
set_number(unsigned *out, const char *arg, unsigned max, const char *what)
{
	uint64_t n;

	if (num_parse(arg, 1, max, &n))
		return refuse(what, arg);
	*out = (unsigned)n;
	return 0;
}

/* Letters that are commands. 1: it was none of them. */
static int
command_letter(struct options *o, int letter)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].letter == letter)
			return set_mode(o, commands[i].mode) ? -1 : 0;
	return 1;
}

/* Letters without a value. 1: it was none of them. */
static int
flag_letter(struct options *o, int letter)
{
	switch (letter) {
	case 'r':
		o->recursive = 1;
		break;
	case 'd':
		o->dry = 1;
		break;
	case 'I':
		o->quiet_mark = 1;
		break;
	case 'F':
		o->force_new = 1;
		break;
	case 'X':
		o->removals = 1;
		break;
	case 'U':
		o->one_peer = 1;
		break;
	case 'y':
		o->yes = 1;
		break;
	case 'J':
		o->json = 1;
		break;
	case 'v':
		o->verbose++;
		break;
	case 'q':
		o->quiet = 1;
		break;
	case 'l':
		o->syslog = 1;
		break;
	case 't':
		o->times = 1;
		break;
	case 'A':
	case 'B':
		break;
	default:
		return 1;
	}
	return 0;
}

/*
 * A descriptor of whoever started us: seen to before we open anything, which
 * might get its number, and not for the commands that we run.
 */
static int
set_dirs(struct options *o, const char *arg)
{
	if (set_number(&o->dirs_fd, arg, INT_MAX, "no descriptor"))
		return 1;
	o->dirs = 1;
	if (fcntl((int)o->dirs_fd, F_GETFD) < 0)
		return refuse("not open: descriptor", arg);
	if (o->dirs_fd > 2)
		fcntl((int)o->dirs_fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

/* Letters with a value; 0, or an exit code. */
static int
value_letter(struct options *o, int letter, const char *value)
{
	switch (letter) {
	case 'G':
		o->groups = value;
		break;
	case 'P':
		o->peers = value;
		break;
	case 'N':
		o->host = value;
		break;
	case 'C':
		o->config = value;
		break;
	case 'D':
		o->state_dir = value;
		break;
	case 's':
		o->times_file = value;
		break;
	case 'W':
		return set_dirs(o, value);
	case 'p':
		return set_number(&o->port, value, 65535, "no port");
	case 'n':
		return set_number(&o->delay, value, DELAY_MAX, "no seconds");
	case 'j':
		return set_number(&o->jobs, value, JOBS_MAX, "not 1 to 64");
	}
	return 0;
}

static const char *const long_options[] = { "--help", "--version", "--for",
	NULL };

static const char values[] = "GPNCDsWpnj";

/* A word of letters; a value is the rest of it, or the next word. */
static int
parse_letters(struct options *o, char ***argv)
{
	const char *word = **argv, *p, *value;
	int rc;

	for (p = word + 1; *p; p++) {
		if (*p == '-')
			return refuse_word("no option", word, long_options);
		if (*p == 'V') {
			puts("ucsync " VERSION);
			exit(0);
		}
		rc = command_letter(o, *p);
		if (rc < 0)
			return 1;
		if (!rc || !flag_letter(o, *p))
			continue;
		value = p[1] ? p + 1 : (*argv)[1];
		if (strchr(values, *p) && value) {
			*argv += !p[1];
			return value_letter(o, *p, value);
		}
		log_error(strchr(values, *p) ?
		    "-%c needs a value: see ucsync --help" :
		    "no option '-%c': see ucsync --help", *p);
		return 1;
	}
	return 0;
}

/* Letters may stand before, between and behind the files, up to "--". */
static int
parse_words(struct options *o, int argc, char **argv)
{
	int ended = 0;

	o->files = mem_alloc((size_t)(argc + 1) * sizeof(*o->files));
	while (*++argv) {
		if (ended || **argv != '-' || !(*argv)[1])
			o->files[o->nfiles++] = *argv;
		else if (!strcmp(*argv, "--"))
			ended = 1;
		else if (parse_letters(o, &argv))
			return 1;
	}
	return 0;
}

static int
run(const struct options *o)
{
	const struct command *c = commands;
	const struct word *w = words;
	char letter[] = "-?";

	if (o->mode == MODE_NONE)
		return usage();
	while (c->mode != o->mode)
		c++;
	letter[1] = (char)c->letter;
	while (!c->letter && w < words + WORDS - 1 && w->mode != o->mode)
		w++;
	if (o->nfiles < c->min || o->nfiles > c->max)
		return refuse(c->wrong, c->letter ? letter : w->word);
	return c->run(o);
}

/* Between its time stamps. */
static int
run_timed(const struct options *o)
{
	struct timing t;
	struct err e;
	int rc;

	if (timing_begin(&t, o, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	rc = run(o);
	timing_end(&t);
	return rc;
}

static void
prepare_log(const struct options *o)
{
	log_set_level(o->quiet ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTE + o->verbose);
	log_set_times(o->times);
	if (o->syslog)
		log_to_syslog(o->as_csync2 ? "csync2" : "ucsync");
}

/* Descriptors 0 to 2 must be there: files that are opened must not be them. */
static void
prepare_process(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd >= 0)
		close(fd);
	signal(SIGPIPE, SIG_IGN);
	/* init may start us with none: nothing of ours is for all to write */
	umask(umask(0) | S_IWOTH);
}

/* Long options, which are for people who ask, anywhere; -1: there is none. */
static int
answer_long(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(usage_text, stdout);
			return 0;
		}
		if (!strcmp(argv[i], "--version") ||
		    (i == 1 && !strcmp(argv[i], "version"))) {
			puts("ucsync " VERSION);
			return 0;
		}
	}
	return -1;
}

static int
parse(struct options *o, int argc, char **argv)
{
	const struct word *word = NULL;

	if (*argv[1] != '-') {
		word = find_word(argv[1]);
		if (!word)
			return unknown_word(argv[1]);
		o->mode = word->mode;
		o->recursive = word->recursive;
		argv++;
		argc--;
	}
	if (o->mode == MODE_KEYGEN && argc > 2 && !strcmp(argv[1], "--for")) {
		o->key_host = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (parse_words(o, argc, argv))
		return 1;
	if (word && word->everything && !o->nfiles)
		o->files[o->nfiles++] = (char *)(size_t)"/";
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = { .config = "", .port = NET_PORT, .jobs = JOBS,
		.delay = WATCH_DELAY };
	const char *name = argc ? path_base(argv[0]) : "";
	int rc;

	prepare_process();
	o.as_csync2 = !strcmp(*name ? name : argc ? argv[0] : "", "csync2");
	if (argc < 2)
		return usage();
	if (!answer_long(argc, argv))
		return 0;
	rc = parse(&o, argc, argv);
	if (!rc) {
		prepare_log(&o);
		rc = run_timed(&o);
	}
	free(o.files);
	return rc;
}
