#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The number of round trips does not depend on the number of files: a session
# through a relay (tests/peer/relay.c) that delays all data by D may take 8 D
# more than through one that delays nothing, whether it brings 1 small file or
# 1,000, new ones to a new peer or later edits; a large file or a delta of it
# 10 D.

. "$TOP/tests/nodes.sh"

D=150

case $BUILD in
*/musl) static=-static ;;
*) static= ;;
esac
# shellcheck disable=SC2086 # one word or none
$CC $static -std=c99 -D_POSIX_C_SOURCE=200809L -o relay \
    "$TOP/tests/peer/relay.c" || exit 1

nodes_up a b
key key a b
config a b <<END
group g { host @a@ @b@; key key; include @/srv/t; }
END
serve b || exit 1

# relay DELAY PORT: one on b.
relay() {
	if [ "$MODE" = namespaces ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of b)" -n \
		    ./relay 0.0.0.0 "$2" 127.0.0.1 30865 "$1" \
		    >"relay.$1" &
	else
		./relay "$(name b)" "$2" "$(name b)" "$NODES_PORT" \
		    "$1" >"relay.$1" &
	fi
	remember "relay_$1" $!
	await "the relay of $1 ms" grep -q ready "relay.$1" || exit 1
}

# bring DELAY: a's changes to b; the milliseconds in $wall, turns in $turns.
bring() {
	lines=$(wc -l <"relay.$1")
	begun=$(date +%s%N)
	run ucs a -x -P "$(name b)" -p $((NODES_PORT + 1 + ($1 > 0)))
	wall=$((($(date +%s%N) - begun) / 1000000))
	await "the relay's count" \
	    sh -c '[ "$(wc -l <"$0")" -gt "$1" ]' "relay.$1" "$lines"
	turns=$(tail -n 1 "relay.$1")
	[ "$rc" -eq 0 ] && same_tree a b /srv/t
}

# Nothing is known of b, and b knows nothing.
forget() {
	for node in a b; do
		dir=$(node_dir $node)
		rm -rf "$dir"/srv/t "$dir"/var/lib/ucsync "$dir"/run/ucsync/*
		mkdir "$dir/srv/t" "$dir/var/lib/ucsync"
	done
}

# fill DELAY COUNT: so many small files on a, each with other content.
fill() {
	i=0
	while [ "$i" -lt "$2" ]; do
		i=$((i + 1))
		echo "file $i of $2 at $1, $generation" \
		    >"$(node_dir a)/srv/t/file$i"
	done
	generation=$((generation + 1))
}

large_new() {
	head -c 3000000 /dev/urandom >"$(node_dir a)/srv/t/large"
}

large_edit() {
	printf 'edited at %s' "$1" |
	    dd of="$(node_dir a)/srv/t/large" bs=1 seek=1500000 conv=notrunc \
	    2>/dev/null
}

# measure NAME PREPARE...: without and with the delay, both times in $plain and
# $wall; PREPARE gets the delay as its first argument.
measure() {
	measured=$1
	prepare=$2
	shift 2
	for delay in 0 $D; do
		case $measured in
		first*) forget ;;
		esac
		$prepare "$delay" "$@"
		bring "$delay" || {
			fail "$measured" "delay $delay: exit $rc, or trees"
			cat "$OUT/out" "$(node_dir b)/server.log"
			return 1
		}
		[ "$delay" -gt 0 ] || plain=$wall
	done
	echo "# $measured: $plain ms; at D = $D ms $wall ms, which is" \
	    "$(((wall - plain) * 10 / D)) tenths of D more; $turns"
}

# compare LIMIT NAME PREPARE...: turns are counted, and no accident; a machine
# that is busy with something else gets three tries at the time.
compare() {
	limit=$1
	compared=$2
	shift 2
	for try in 1 2 3; do
		measure "$compared" "$@" || return
		[ $((wall - plain)) -gt $((limit * D)) ] || break
	done
	counted=${turns#turns }
	if [ "${counted%% *}" -gt "$limit" ]; then
		fail "$compared" "${counted%% *} turns"
	elif [ $((wall - plain)) -gt $((limit * D)) ]; then
		fail "$compared" "$((wall - plain)) ms more, at D = $D ms," \
		    "$try times"
	else
		ok "$compared within $limit D"
	fi
}

relay 0 $((NODES_PORT + 1))
relay $D $((NODES_PORT + 2))
generation=0
compare 8 "first sync of 1 file" fill 1
compare 8 "an edit of 1 file" fill 1
compare 8 "first sync of 1,000 files" fill 1000
compare 8 "an edit of 1,000 files" fill 1000
compare 10 "a file of 3 MB" large_new
compare 10 "a delta of 3 MB" large_edit
