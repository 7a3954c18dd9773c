#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The number of round trips does not depend on the number of files: in a session
# through a relay (tests/peer/relay.c) that delays all data the direction of
# what is said changes 8 times at most, whether it brings 1 small file or 1,000,
# new ones to a new peer or later edits; for a large file or a delta of it 10
# times.

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

# relay PORT: one on b.
relay() {
	if [ "$MODE" = namespaces ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of b)" -n \
		    ./relay 0.0.0.0 "$1" 127.0.0.1 30865 $D >relay.out &
	else
		./relay "$(name b)" "$1" "$(name b)" "$NODES_PORT" \
		    $D >relay.out &
	fi
	remember relay $!
	await "the relay" grep -q ready relay.out || exit 1
}

# bring: a's changes to b; what was counted in $turns.
bring() {
	lines=$(wc -l <relay.out)
	run ucs a -x -P "$(name b)" -p $((NODES_PORT + 1))
	await "the relay's count" \
	    sh -c "[ \$(wc -l <relay.out) -gt $lines ]"
	turns=$(tail -n 1 relay.out)
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

# fill COUNT: so many small files on a, each with other content.
fill() {
	i=0
	while [ "$i" -lt "$1" ]; do
		i=$((i + 1))
		echo "file $i of $1, $generation" \
		    >"$(node_dir a)/srv/t/file$i"
	done
	generation=$((generation + 1))
}

large_new() {
	head -c 3000000 /dev/urandom >"$(node_dir a)/srv/t/large"
}

large_edit() {
	printf 'edited' |
	    dd of="$(node_dir a)/srv/t/large" bs=1 seek=1500000 conv=notrunc \
	    2>/dev/null
}

# measure NAME PREPARE...: in $turns.
measure() {
	measured=$1
	shift
	case $measured in
	first*) forget ;;
	esac
	"$@"
	bring || {
		fail "$measured" "exit $rc, or trees"
		cat "$OUT/out" "$(node_dir b)/server.log"
		return 1
	}
	echo "# $measured: $turns"
	turns=${turns#turns }
	turns=${turns%% *}
}

# within LIMIT NAME PREPARE...: a machine that is busy with something else, so
# that what is said in one breath is not heard in one, gets three tries.
within() {
	limit=$1
	shift
	for try in 1 2 3; do
		measure "$@" || return
		[ "$turns" -gt "$limit" ] || break
	done
	if [ "$turns" -gt "$limit" ]; then
		fail "$1" "$turns turns, in the try $try"
	else
		ok "$1 within $limit turns"
	fi
}

relay $((NODES_PORT + 1))
generation=0
within 8 "first sync of 1 file" fill 1
within 8 "an edit of 1 file" fill 1
within 8 "first sync of 1,000 files" fill 1000
within 8 "an edit of 1,000 files" fill 1000
within 10 "a file of 3 MB" large_new
within 10 "a delta of 3 MB" large_edit
