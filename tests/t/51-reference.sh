#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The same script of commands for the installed csync2 and for ours under that
# name: what they print and their exit codes, line by line.  51-differences has
# those that are meant, 51-configs the configurations.  Each finds the same tree
# at the same path; what needs a peer has two addresses of the loopback
# interface, each with its own program's server.

TOPIC=51-reference
reference=$(command -v csync2 || ls /usr/sbin/csync2 2>/dev/null)
if [ -z "$reference" ]; then
	echo "skip $TOPIC: csync2 is not installed"
	exit
fi
if "$reference" --version 2>/dev/null | grep -q ucsync; then
	echo "skip $TOPIC: the installed csync2 is ours"
	exit
fi
umask 022
here=$PWD
# It opens its database's library at run time, where that is installed.
mkdir probe
echo 'group g { host n1 n2; key k; include /n; }' >probe/csync2.cfg
echo 0123456789abcdef0123456789abcdef >probe/k
CSYNC2_SYSTEM_DIR=$here/probe "$reference" -N n1 -D "$here/probe" -M \
    >probe/out 2>&1
if [ $? -ne 2 ]; then
	echo "skip $TOPIC: csync2 does not work here: $(head -n 1 probe/out)"
	exit
fi
owner=uid=$(id -u):gid=$(id -g)
W=$here/w
mkdir ours
ln -s "$UCSYNC" ours/csync2

# Hosts of a pair: addresses, so that their names are known everywhere.
N=$(($$ % 100 + 100))
A=127.3.$N.1 B=127.3.$N.2
PORT=$((20000 + $$ % 20000))
server=
trap '[ -z "$server" ] || kill "$server"' EXIT

# one NAME ARGS...: a command of the script; each line that it prints, and its
# exit code, with the name before it.
one() {
	step=$1
	shift
	as n1 "$W/db" "$@"
}

# on_a NAME ARGS..., on_b: the same on a host that has a peer.
on_a() {
	step=$1
	shift
	as $A "$W/db-a" -p $PORT "$@"
}

on_b() {
	step=$1
	shift
	as $B "$W/db-b" -p $PORT "$@"
}

as() {
	host=$1
	state=$2
	shift 2
	timeout 20 "$program" -N "$host" -D "$state" "$@" \
	    >"$here/out" 2>"$here/err" 7>"$here/7"
	rc=$?
	if grep -q '^Usage: .*csync2 ' "$here/out"; then
		echo usage >"$here/out"
	fi
	sed "s|$W|/w|g; s|$owner|uid=U:gid=G|; s|$A|a|g; s|$B|b|g
	    s|^|$step: |" "$here/out"
	echo "$step: exit $rc"
	steps=$((steps + 1))
}

# sorted COMMAND NAME ARGS...: the same where csync2 has no order.
sorted() {
	"$@" >"$here/lines"
	LC_ALL=C sort "$here/lines"
}

# watched NAME ARGS...: what -W writes, sorted.
watched() {
	sorted one "$@" -W 7
	tr '\0' '\n' <"$here/7" | LC_ALL=C sort | sed "s|$W|/w|g; s|^|$1: -W |"
}

# put FILE TEXT...: always of the same time.
put() {
	put=$W/$1
	shift
	mkdir -p "$(dirname "$put")"
	echo "$@" >"$put"
	touch -d @1100000000 "$put"
}

world() {
	rm -rf "$W"
	mkdir -p "$W/etc" "$W/db" "$W/t/bin" "$W/t/skip" "$W/cmp" "$W/pre/d"
	printf '%064d\n' 0 >"$W/etc/k"
	chmod 600 "$W/etc/k"
	cat >"$W/etc/csync2.cfg" <<-END
	nossl * *;	# without effect for us
	group one {
		host n1 n2 (n3);
		key k;
		include $W/t;
		exclude $W/t/skip *.o;
		exclude core;
		compare $W/cmp;
		auto younger;
	}
	group two {
		host n1; host n4@eth-n4; key k;
		include $W/u/*/deep $W/v/**.conf;
	}
	group other { host n8 n9; key k; include $W; }
	END
	cat >"$W/etc/csync2_pre.cfg" <<-END
	nossl * *;
	prefix home { on n7: /elsewhere; on n*: $W/pre; }
	group { host n1 n2; key k; include %home%; exclude %home%/no; }
	END
	cat >"$W/etc/csync2_ign.cfg" <<-END
	nossl * *;
	ignore uid gid mod;
	group g { host n1 n2; key k; include $W/t; }
	END
	cat >"$W/etc/csync2_bad.cfg" <<-END
	group g { host n1 n2; key k; include $W/t
	END
	put t/a one
	put t/d/b two
	put t/d/e/c three
	put t/core four
	put t/x.o five
	put t/skip/s six
	put cmp/f seven
	put u/1/deep/f eight
	put u/2/other/f nine
	put v/1/2/x.conf ten
	put v/1/2/x.txt eleven
	put pre/p twelve
	put pre/d/q thirteen
	put pre/no/r fourteen
	ln -s 'a b' "$W/t/l"
	mkfifo "$W/t/p"
	touch -d @1100000099 "$W/t/p"
}

script() {
	steps=0
	world
	one 'no arguments'
	"$program" >/dev/null 2>&1
	echo "really no arguments: exit $?"
	one 'no such letter' -Z
	one 'two commands' -LM
	one 'an unknown host' -N n0 -M
	one 'a config that is none' -C none -M
	one 'a name that is none' -C A/b -M
	one 'a bad config' -C bad -M
	touch "$W/etc/csync2.lock"
	one 'the lock file' -cr /
	rm "$W/etc/csync2.lock"
	one 'no hints' -H
	one 'nothing known' -L
	one 'nothing dirty' -M
	one 'no pair' -S n1 n2
	one 'a file for -L' -L "$W/t"
	one 'one name for -S' -S n1
	one '-k among others' -k "$W/other"
	"$program" -k "$W/new" >/dev/null 2>&1
	echo "-k, alone: exit $?"
	head -n 1 "$W/new" | tr 'A-Za-z0-9._' x | sed 's/^/-k, alone: /'
	"$program" -k "$W/new" >/dev/null 2>&1
	echo "-k, again: exit $?"

	one 'hint a file' -h "$W/t/a"
	one 'hint below' -hr "$W/t/d"
	one 'hint what is not covered' -h /nowhere
	one 'hints' -H
	one 'check the hints' -c
	one 'hints are gone' -H
	one 'dirty by hints' -M
	one 'known by hints' -L
	one 'check a file' -c "$W/t/l"
	one 'check a directory, alone' -c "$W/t"
	one 'dirty by then' -M
	one 'check only a group' -cr / -G two
	one 'dirty in that group' -M -G two
	one 'known in that group' -L -G two
	one 'check what is excluded' -c "$W/t/core" "$W/t/skip/s"
	one 'check what is not there' -c "$W/t/none"
	one 'check all' -cr /
	one 'a file of a deep pattern' -c "$W/v/1/2/x.conf"
	one 'everything known' -L
	one 'everything dirty' -M
	one 'the pair n1 n2' -S n1 n2
	one 'the pair n1 eth-n4' -S n1 eth-n4
	one 'the pair n1 n4' -S n1 n4
	one 'the pair turned round' -S n2 n1
	one 'check all again' -cr /
	one 'as it was' -M

	cd "$W" || exit
	one 'files: nothing named' -o
	one 'files: one' -o t/a
	one 'files: not included' -o t/core t/a
	sorted one 'files: below, relative' -or t
	one 'files: order' -or t/d
	sorted one 'files: all' -or /
	sorted one 'files: of a group' -or -G two /
	sorted one 'files: of a peer' -or -P eth-n4 /
	sorted one 'files: of no group' -or -G none /
	sorted one 'files: of no peer' -or -P none /
	watched 'directories of all' -cr /
	watched 'directories of a part' -cr "$W/t/d"
	watched 'directories of a file' -cr "$W/t/a"
	watched 'directories, not recursive' -c "$W/t/d"
	one 'a descriptor that is not open' -cr / -W 99
	cd "$here" || exit

	one 'mark' -m "$W/t/a"
	one 'mark what is not covered' -m "$W/t/x.o"
	one 'mark nothing' -m
	one 'force' -f "$W/t/a"
	one 'force below' -fr "$W/t/d"
	one 'force nothing' -f
	one 'forced' -M
	put t/new new
	one 'check, forced' -cF "$W/t/new"
	put t/quiet quiet
	one 'check, unmarked' -cI "$W/t/quiet"
	one 'force what is not dirty' -f "$W/t/quiet"
	one 'dirty, forced and unmarked' -M
	one 'modes of the database' -A -B -M -t -s "$W/times"
	sed 's/<[0-9]*> \([A-Z]*\):.*/times: \1/' "$W/times"
	one 'times to nowhere' -M -s /nowhere/times

	rm -r "$W/t/d/e" "$W/t/a"
	mkdir "$W/t/a"
	rm "$W/t/l"
	put t/l no link
	rm "$W/t/p"
	ln -s gone "$W/t/p"
	rm -r "$W/t/bin"
	mkfifo "$W/t/bin"
	touch -d @1100000099 "$W/t/bin"
	one 'other types, and removals' -cr /
	one 'other types are known' -L -G one
	one 'other types are dirty' -M -G one
	rm -r "$W/t/d"
	one 'a removed directory, alone' -c "$W/t/d"
	one 'what is left of it' -L -G one
	chmod 600 "$W/t/new"
	one 'another mode' -c "$W/t/new"
	one 'is known' -L -G one

	put t/q.x one
	put t/q/f two
	one 'names with a dot' -cr "$W/t"
	one 'in their order' -L -G one
	sed -i 's/exclude core/exclude core l new/' "$W/etc/csync2.cfg"
	one 'never -R with -G' -R -G one
	one 'a file for -R' -R "$W/t"
	one 'forget what is excluded now' -R
	one 'the rest is known' -L
	one 'the rest is dirty' -M

	one 'ignored properties' -C ign -cr "$W/t/q"
	one 'ignored, known' -C ign -L
	one 'ignored, another mode' -C ign -cr /
	one 'prefixes' -C pre -cr "$W/pre"
	one 'prefixes, known' -C pre -L
	one 'prefixes, dirty' -C pre -M
	sorted one 'prefixes, files' -C pre -or "$W/pre/d"
	one 'prefixes, by name' -C pre -o '%home%/p'
	watched 'prefixes, directories' -C pre -cr "$W/pre/d"
	one 'prefixes, a hint' -C pre -h "$W/pre/p"
	one 'prefixes, hints' -C pre -H
	rm -r "$W/pre"
	one 'an include root is gone' -C pre -cr /
	for url in "sqlite:///$W/url" "sqlite3://$W/url/any.db3"; do
		mkdir -p "$W/url"
		one 'a URL' -D "$url" -cr /
		ls "$W/url" | wc -l | sed 's/^ */a URL: files: /'
		rm -r "$W/url"
	done
	one 'no URL' -D foo://bar -M
}

export CSYNC2_SYSTEM_DIR="$W/etc"
# Whether somebody listens at the address of b.
listens() {
	grep -q ": $(printf %02X%02X037F:%04X 2 "$N" $PORT) 0*:0000 0A " \
	    /proc/net/tcp
}

serve_b() {
	"$program" -ii -N $B -D "$W/db-b" -p $PORT >"$here/served" 2>&1 \
	    </dev/null &
	server=$!
	tries=0
	until listens; do
		tries=$((tries + 1))
		if [ $tries -gt 500 ]; then
			echo "no server: $(head -n 1 "$here/served")"
			return 1
		fi
		sleep 0.01
	done
}

stop_b() {
	kill "$server"
	wait "$server" 2>/dev/null
	server=
}

# What needs a peer: a and b, each with its tree.
script_of_pair() {
	world
	cat >"$W/etc/csync2.cfg" <<-END
	nossl * *;
	prefix t { on $A: $W/a; on $B: $W/b; }
	group g {
		host $A $B;
		key k;
		include %t%;
		exclude %t%/cmp %t%/down;
		compare %t%/cmp;
		auto none;
	}
	group down { host $A ($B); key k; include %t%/down; auto younger; }
	END
	mkdir -p "$W/db-a" "$W/db-b" "$W/a/d" "$W/b"
	put a/f one
	put a/g two
	put a/d/h three
	put a/down/s four
	sorted on_a 'nobody there' -x
	on_a 'nobody there: it stays' -M
	on_a 'nobody there: -T' -T
	serve_b || return
	sorted on_a 'all: dry' -ud
	on_a 'all' -x
	on_a 'nothing is left' -M
	on_a 'alike' -T
	on_b 'alike, there' -T
	on_b 'known there' -L
	on_a 'again' -x
	put a/f one 'and more'
	put a/new new
	rm "$W/a/g"
	touch -d @1100000099 "$W/a/f"
	on_a 'not checked: -T' -T
	on_a 'a check' -cr /
	on_a 'compared' -T
	on_b 'compared, from there' -T
	on_a 'a pair' -T $A $B
	on_a 'a pair, turned round' -T $B $A
	on_a 'a pair that is none' -T $A n9
	on_a 'a file' -T "$W/a/f"
	on_a 'a file that is the same' -T "$W/a/down/s"
	on_a 'a directory, alone' -T "$W/a"
	on_a 'a directory, and below' -Tr "$W/a"
	on_a 'a file of a pair' -T $A $B "$W/a/f"
	on_a 'too many words' -T $A $B "$W/a/f" more
	on_a 'a group' -T -G down
	sorted on_a 'diffs' -TT
	on_a 'diff of a file' -TT "$W/a/f"
	on_a 'diff of a removed one' -TT "$W/a/g"
	on_a 'diff of a new one, of a pair' -TT $A $B "$W/a/new"
	on_a 'diff of what is the same' -TT "$W/a/down/s"
	rm -r "$W/a/d"
	mkfifo "$W/a/d"
	touch -d @1100000099 "$W/a/d"
	on_a 'another type' -cr "$W/a/d"
	on_a 'another type, compared' -T
	sorted on_a 'dry' -ud
	sorted on_a 'dry, with a check' -xd
	on_a 'a dry run of one' -ud "$W/a/f"
	on_a 'one' -u "$W/a/f"
	on_a 'the rest is dirty' -M
	on_a 'the rest' -u -P $B
	on_a 'all is clean' -M
	on_a 'all is alike' -T

	put a/quiet quiet
	put b/a-theirs theirs
	put b/cmp theirs
	put a/f quiet
	on_a 'unmarked here' -cIr "$W/a"
	on_b 'unmarked there' -cIr "$W/b"
	on_a 'unmarked: nothing is dirty' -M
	on_a 'unmarked: compared' -T
	on_a 'repair' -TI
	on_a 'repair: dirty' -M
	on_a 'repair, removals' -TIX
	on_a 'repair, removals: dirty' -M
	on_a 'repair: done' -u
	on_a 'repair: alike' -T
	put b/a-theirs theirs
	put a/f forced
	on_a 'again unmarked here' -cIr "$W/a"
	on_b 'again unmarked there' -cIr "$W/b"
	on_a 'repair, forced, one peer' -TIXUF $A $B
	on_a 'repair, forced: dirty' -M
	on_a 'repair, forced: done' -u
	on_a 'repair, forced: alike' -T
	ls "$W/b" | sed 's/^/there: /'

	put a/f a
	put b/f bb
	on_b 'an edit there' -c "$W/b/f"
	on_a 'a conflict' -x
	on_a 'a conflict stays' -M
	on_a 'a conflict, again' -x
	on_a 'forced' -f "$W/a/f"
	on_a 'forced is dirty' -M
	sorted on_a 'forced, dry' -ud
	on_a 'forced, done' -x
	sed 's/^/there: /' "$W/b/f"
	on_a 'forced, nothing left' -M
	put a/down/s 'a new one'
	put b/down/s 'theirs, still longer'
	on_b 'who only receives: check' -cr "$W/b"
	on_a 'a member wins' -x
	sed 's/^/received: /' "$W/b/down/s"
	on_a 'of no group' -x -N 127.3.0.9
	stop_b
	put a/f last
	on_a 'down again' -x
	on_a 'down again: it stays' -M
}

# Each configuration of 51-configs: whether it is one, and what it includes.
script_of_configs() {
	world
	put m/a one
	put m/b two
	put m/x.o three
	put m/y.o four
	put m/.h five
	put 'm/s p' six
	put m/d/x.o seven
	put m/d/e/f.c eight
	put n/z nine
	put n/q ten
	ln -s m "$W/l"
	sed '/^#/d; /^$/d' "$TOP/tests/t/51-configs" >"$here/configs"
	while read -r text; do
		printf '%s\n' "$text" | sed "s|/w/|$W/|g" \
		    >"$W/etc/csync2.cfg"
		sorted one "$text" -or /
	done <"$here/configs"
}

program=$reference
{ script; script_of_configs; } >reference
script_of_pair >reference-pair
program=$here/ours/csync2
{ script; script_of_configs; } >mine
if grep '^no server:' reference-pair; then
	echo "skip $TOPIC: csync2's server does not work here"
else
	script_of_pair >>mine
	cat reference-pair >>reference
fi
sed '/^#/d; /^$/d' "$TOP/tests/t/51-differences" | LC_ALL=C sort >meant
diff reference mine | grep '^[<>]' | LC_ALL=C sort >found
echo "$steps commands, $(wc -l <reference) lines, $(wc -l <meant) differ"
if [ "$steps" -lt 40 ] || [ "$(wc -l <reference)" -lt 200 ]; then
	echo "FAIL $TOPIC: the script runs"
else
	echo "ok $TOPIC: the script runs"
fi
if diff meant found >unmeant; then
	echo "ok $TOPIC: differs where it is meant to"
else
	echo "FAIL $TOPIC: differs where it is meant to: see here"
	grep '^[<>]' unmeant | sed 's/^</not any more:/; s/^>/not meant:/'
fi
