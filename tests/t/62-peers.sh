#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 600
#
# Peers that hold the key and do not keep to the rules (tests/peer/wicked):
# each misbehaviour in one run, as a client of a real server and as the server
# of a real client.  What must hold after each: the other side has not crashed,
# logs the lines it should and names the peer in each, has changed nothing
# outside the group and left no temporary; the server has no more descriptors
# than before, and the next honest client is served.  First under ASan and
# UBSan, then, where memory is what is asked for, with little of it.  PEERS, a
# regular expression, chooses some of them.

. "$TOP/tests/nodes.sh"

build_wicked || exit 1
wicked=$PWD/wicked

# The program with sanitizers, with its libraries, below build/asan.
sanitized() {
	san='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined
	    -fno-sanitize=alignment -fno-sanitize-recover=all'
	# shellcheck disable=SC2116,SC2086 # in one line
	san=$(echo $san)
	(
		unset MAKEFLAGS MAKELEVEL MFLAGS CFLAGS LDFLAGS
		make -C "$TOP" -j2 TARGET=asan CC=gcc STATIC= CFLAGS="$san" \
		    LDFLAGS="$san" OUR_LDFLAGS=-Wl,--gc-sections
	) >"$1" 2>&1 && "$TOP/build/asan/ucsync" -V >>"$1" 2>&1
}

plain=$UCSYNC
case $BUILD in
*-san) ;;
*)
	if sanitized make.log; then
		UCSYNC=$TOP/build/asan/ucsync
	else
		tail -n 3 make.log
		skip 'under ASan' 'gcc does not make it here'
	fi
	;;
esac
ASAN_OPTIONS=abort_on_error=1:detect_leaks=1
UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS

nodes_up a b w
A=$(name a) W=$(name w)
ta=$(node_dir a)/srv/t
log=$(node_dir a)/server.log
BASE=$R
export BASE
config a b w <<'END'
handshake-timeout 2;
idle-timeout 2;
prefix none { on nobody: /none; }
group t {
	host @a@ @b@ @w@;
	key k;
	include @/srv/t %none%;
	auto first;
}
group r { host @a@ @b@ (@w@); key k; include @/srv/r; }
group x { host @a@ @b@; key kx; include @/srv/x; }
END
key k a b w
key kx a b
for dir in t r x; do
	mkdir "$(node_dir a)/srv/$dir"
done
mkdir "$(node_dir a)/srv/outside"
for i in 1 2 3 4 5 6 7 8 9 10; do
	head -c 30000 /dev/urandom >"$ta/file$i"
done
head -c 200000 /dev/urandom >"$ta/big"
seq 100000 199999 >"$ta/known"
ln -s ../outside "$ta/link"
ucs a -cr /

# The wicked one, in its place.
w() {
	role=$1
	at=$2
	shift 2
	if [ "$MODE" = namespaces ]; then
		on w timeout -k 5 60 "$wicked" "$role" "$at" 30865 \
		    "/$SYSTEM/k" "$@"
	else
		timeout -k 5 60 "$wicked" "$role" "$at" "$NODES_PORT" \
		    "$(node_dir w)/$SYSTEM/k" "$@"
	fi
}

# Where a node listens.
address() {
	if [ "$MODE" = namespaces ]; then
		echo "10.30.0.$(number_of "$1")"
	else
		name "$1"
	fi
}

evidence() {
	(cd "$(node_dir a)" && find . -name '*evil*' -o -name '.ucsync-*')
	[ -z "$(ls -A "$(node_dir a)/srv/outside")" ] || echo srv/outside
	[ ! -e /etc/evil ] || echo /etc/evil
}

descriptors() {
	# shellcheck disable=SC2012 # numbers
	ls "/proc/$(pid_of server_a)/fd" | wc -l
}

no_child() {
	[ -z "$(cat "/proc/$(pid_of server_a)/task/"*/children)" ]
}

# judge NAME FILE LINES REGEX: what the other side logged, and what is there.
judge() {
	why=
	traces=$(evidence)
	count=$(wc -l <"$2")
	if grep -qE 'Sanitizer|runtime error|ended by signal' "$2"; then
		why="it crashed"
	elif [ "$count" -ne "$3" ] && [ "$3" -ne 0 ]; then
		why="$count lines logged, not $3"
	elif ! grep -qE -- "$4" "$2"; then
		why="not said: $4"
	elif grep -vE "^($W|10\.30\.0\.3|127\.[0-9.]*|\[?::ffff:[0-9.]*\]?): " \
	    "$2" >other; then
		why="a line does not name the peer"
	elif [ -n "$traces" ]; then
		why="left: $traces"
	fi
	if [ -n "$why" ]; then
		fail "$1" "$why"
		head -n 40 "$2"
		cat wicked.out
	else
		ok "$1"
	fi
}

# as_client NAME LINES REGEX: the server is the victim.
as_client() {
	: >"$log"
	w client "$(address a)" "$W" "$A" "$1" >wicked.out 2>&1 ||
	    echo "wicked: exit $?" >>wicked.out
	await 'the session to end' no_child
	judge "client: $1" "$log" "$2" "$3"
	grep -q '^wicked: exit' wicked.out && {
		fail "client: $1" "the line does not end"
		cat wicked.out
	}
	rm -f "$ta"/evil*
}

# as_server NAME LINES REGEX: a client, which pushes and takes, is.
as_server() {
	w server "$(address w)" "$W" "$A" "$1" >wicked.out 2>&1 &
	wicked_pid=$!
	await 'the wicked server' grep -q ready wicked.out
	# a digest is due
	find "$(node_dir a)/run/ucsync" -type f ! -name 'warned*' -exec rm {} +
	edits=$((edits + 1))
	echo "$edits" >"$ta/edited"
	run ucs a -x -P "$W"
	wait "$wicked_pid" || echo "wicked: exit $?" >>wicked.out
	judge "server: $1" "$OUT/out" "$2" "$3"
	grep -q '^wicked: exit [12]$' wicked.out && {
		fail "server: $1" "the line does not end"
		cat wicked.out
	}
	[ "$rc" -le 1 ] || fail "server: $1" "exit $rc"
	rm -f "$ta"/evil*
}

honest=0
edits=0
honest_client() {
	honest=$((honest + 1))
	echo "$honest" >"$(node_dir b)/srv/t/honest"
	run ucs b -xq -P "$A"
	if [ "$rc" -ne 0 ] || [ "$(cat "$ta/honest")" != "$honest" ]; then
		fail "$1: the next honest client" "exit $rc, or nothing came"
		head -n 5 "$OUT/out"
		tail -n 40 "$log"
	fi
}

all_as_client() {
	"$wicked" list client | grep -E "^(${PEERS:-.*}) " >"$OUT/list"
	while read -r how lines says; do
		as_client "$how" "$lines" "$says"
		honest_client "client: $how"
	done <"$OUT/list"
}

all_as_server() {
	"$wicked" list server | grep -E "^(${PEERS:-.*}) " >"$OUT/list"
	while read -r how lines says; do
		as_server "$how" "$lines" "$says"
	done <"$OUT/list"
}

# Connections that say nothing, more than are taken: the next client waits for
# no more than the time that those have.
thousand() {
	if ! command -v bash >/dev/null; then
		skip 'a thousand connections' 'needs bash'
		return
	fi
	: >"$log"
	if [ "$MODE" = namespaces ]; then
		on w bash -c "$1" bash "$(address a)" 30865 &
	else
		bash -c "$1" bash "$(address a)" "$NODES_PORT" &
	fi
	crowd=$!
	sleep 0.5
	honest_client 'a thousand connections'
	wait "$crowd"
	await 'the crowd to go' no_child
	! grep -qE 'Sanitizer|runtime error|by signal' "$log" &&
	    ok 'a thousand connections, and an honest client' ||
	    fail 'a thousand connections' "$(head -n 5 "$log")"
}

serve a
mkdir -p "$(node_dir b)/srv/t"
honest_client first
before=$(descriptors)
all_as_client
# shellcheck disable=SC2016 # for the inner shell
thousand 'for i in {1..1000}; do exec {fd}<>"/dev/tcp/$1/$2" || break; done
    2>/dev/null; exec sleep 3'
[ "$(descriptors)" -eq "$before" ] &&
    ok 'the server has the descriptors that it had' ||
    fail 'the server has the descriptors that it had' "$(descriptors)"
all_as_server
honest_client last
stop a

# The same with 32 MiB of address space for each process, where it is small.
case $BUILD in
*-san|*/glibc)
	skip 'bounded memory' 'needs the static program'
	exit 0
	;;
esac
for node in a b; do
	cp "$plain" "$(node_dir $node)/usr/local/sbin/ucsync"
done
ln -sf "$plain" "$OUT/$AS"
small='offers-.*|signature-flood|bomb|.*-endless|delta-long|want-.*|working'
small="$small|gap-.*"
PEERS=${PEERS:-$small}
ulimit -S -v 32768
serve a
ulimit -S -v unlimited
all_as_client
stop a
