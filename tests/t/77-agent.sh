#!/bin/sh
# SPDX-License-Identifier: ISC
#
# ucsync agent: serves, watches and tries again in one process, which costs
# next to nothing while nothing happens.

. "$TOP/tests/nodes.sh"

nodes_up a b c || exit 1
A=$(name a) B=$(name b) C=$(name c)
da=$(node_dir a)
db=$(node_dir b)
dc=$(node_dir c)
[ -d "$da" ] && [ -d "$db" ] && [ -d "$dc" ] || exit 1
log=$da/agent.log
key k a b c

# configure WORDS NODE...: the group, with more words in it.
configure() {
	words=$1
	shift
	config "$@" <<CONFIG
group g { host @a@ @b@ @c@; key k; include @/srv/t; $words auto younger; }
CONFIG
}
configure '' a b c
mkdir -p "$da/srv/t" "$da/srv/u"
echo first >"$da/srv/t/f"

# start NODE: an agent there, back when it listens.
start() {
	background agent "$1" agent -n 1 -v
	port=30865
	[ "$MODE" = namespaces ] || port=$NODES_PORT
	await "the agent of $1" listens "$1" "$port"
}

# end NODE SIGNAL: its exit status.
end() {
	kill -s "$2" "$(pid_of "agent_$1")"
	status=0
	wait "$(pid_of "agent_$1")" || status=$?
	return "$status"
}

has() {
	[ "$(cat "$(node_dir "$1")/srv/t/$2" 2>/dev/null)" = "$3" ]
}

# soon NAME FILE TEXT NODE...: it is there soon.
soon() {
	what=$1 file=$2 text=$3
	shift 3
	for one; do
		check "$what: on $one" await "$file on $one" \
		    has "$one" "$file" "$text"
	done
}

quiet() {
	[ -z "$(cat "/proc/$1/task/$1/children")" ]
}

switches() {
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/status"
}

start a
start b
start c
soon 'at the start' f first b c
echo second >"$db/srv/t/f"
soon 'a change on b' f second a c
echo third >"$dc/srv/t/g"
soon 'a change on c' g third a b

# Idle.
P=$(pid_of agent_a)
for try in 1 2 3; do            # the other two may have had a word to say
	before=$(switches "$P")
	sleep 4
	after=$(switches "$P")
	[ "$after" -ne "$before" ] || break
done
check 'idle: it does not wake up' [ "$after" -eq "$before" ]
rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$P/status")
echo "idle: $rss KiB, $((after - before)) switches in 4 s"
case $BUILD in
*/musl)
	check 'idle: at most 1 MiB' [ "$rss" -le 1024 ]
	;;
*)
	skip 'idle: at most 1 MiB' 'not the static program'
	;;
esac

# A config that is refused, and a good one.
cp "$da/$SYSTEM/ucsync.cfg" "$OUT/good"
echo 'group broken {' >>"$da/$SYSTEM/ucsync.cfg"
kill -s HUP "$P"
check 'a broken config: refused' await 'the word' \
    grep -q 'ucsync.cfg:.*; the config that was read before stays' "$log"
echo fourth >"$da/srv/t/f"
soon 'a broken config: the old one is used' f fourth b c
echo fifth >"$db/srv/t/f"
soon 'a broken config: by its server, too' f fifth a
cp "$OUT/good" "$da/$SYSTEM/ucsync.cfg"
for node in a b c; do
	configure 'include @/srv/u;' $node
	kill -s HUP "$(pid_of agent_$node)"
done
check 'a good config: is read' await 'the word' grep -q 'read again' "$log"
echo u >"$da/srv/u/u"
check 'a good config: what it includes anew' await 'u' \
    cmp -s "$da/srv/u/u" "$db/srv/u/u"
echo v >"$da/srv/u/v"
check 'a good config: and watches' await 'v' \
    cmp -s "$da/srv/u/v" "$db/srv/u/v"

# A peer that is away: the others are not kept waiting, and it catches up.
check 'SIGTERM: exit 0' end c TERM
gone=$(($(wc -l <"$log") + 1))
echo away >"$da/srv/t/f"
soon 'without c' f away b
check 'without c: an error' await 'the error' \
    grep -q "^$C: .*refused" "$log"
echo 'away still' >"$da/srv/t/f"
soon 'without c, again' f 'away still' b
# tried PEER: how often, since c went away.
tried() {
	tail -n "+$gone" "$log" | grep -c "Connecting to host $1"
}

# Each errand has b; c has the first, and tries at 5, 15, 35, 75, 155 seconds.
for edit in 1 2 3 4; do
	echo $edit >"$da/srv/t/turn"
	soon "without c, edit $edit" turn $edit b
done
check 'without c: it is not tried by each errand' \
    [ "$(tried "$C")" -lt "$(tried "$B")" ]
start c
if [ "$MODE" = namespaces ]; then
	on c ip link set eth0 down
fi
echo 'away long' >"$da/srv/t/g"
soon 'without its network' g 'away long' b
[ "$MODE" != namespaces ] || on c ip link set eth0 up
check 'it comes back: tried again' eval \
    'await one has c f "away still" || await two has c f "away still"'
soon 'it comes back: it has all' g 'away long' c

# SIGTERM in the middle of something: what has begun is finished.
dd if=/dev/zero of="$da/srv/t/big" bs=1M count=40 2>/dev/null
await 'an errand' eval '! quiet "$P"'
check 'SIGTERM during an errand: exit 0' end a TERM
check 'SIGTERM during an errand: nothing is left' eval \
    '! ls -A "$db/srv/t" "$dc/srv/t" | grep -F .ucsync'
start a
check 'and the rest comes later' await 'the big file' \
    cmp -s "$da/srv/t/big" "$db/srv/t/big"
for node in a b c; do
	check "the end of $node" end $node INT
done
config a <<'CONFIG'
group g { host @a@ @b@; key nowhere; include @/srv/t; }
CONFIG
run ucs a agent
check 'a bad config at the start: exit 1' [ "$rc" -eq 1 ]
