#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The same script of commands for the installed csync2 and for ours under that
# name: what they print and their exit codes, line by line.  51-differences has
# those that are meant.  Each finds the same tree at the same path.

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

# one NAME ARGS...: a command of the script; each line that it prints, and its
# exit code, with the name before it.
one() {
	step=$1
	shift
	"$program" -N n1 -D "$W/db" "$@" >"$here/out" 2>"$here/err" 7>"$here/7"
	rc=$?
	if grep -q '^Usage: .*csync2 ' "$here/out"; then
		echo usage >"$here/out"
	fi
	sed "s|$W|/w|g; s|$owner|uid=U:gid=G|; s|^|$step: |" "$here/out"
	echo "$step: exit $rc"
	steps=$((steps + 1))
}

# sorted NAME ARGS...: the same where csync2 has no order.
sorted() {
	one "$@" >"$here/lines"
	LC_ALL=C sort "$here/lines"
}

# watched NAME ARGS...: what -W writes, sorted.
watched() {
	sorted "$@" -W 7
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
	sorted 'files: below, relative' -or t
	one 'files: order' -or t/d
	sorted 'files: all' -or /
	sorted 'files: of a group' -or -G two /
	sorted 'files: of a peer' -or -P eth-n4 /
	sorted 'files: of no group' -or -G none /
	sorted 'files: of no peer' -or -P none /
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
	sorted 'prefixes, files' -C pre -or "$W/pre/d"
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
program=$reference
script >reference
program=$here/ours/csync2
script >mine
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
