#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a run shows: at a terminal (script's pseudo-terminal) a line of progress
# that disappears and a summary; in a pipe results alone; with -v what was done
# where and whose it was; with -d what would be done, at both ends.

. "$TOP/tests/nodes.sh"

command -v script >/dev/null || {
	skip 'all' 'needs script (bsdutils)'
	exit 0
}
nodes_up a b c || exit 1
A=$(name a) B=$(name b) C=$(name c)
T=$R/srv/t
da=$(node_dir a)
db=$(node_dir b)
[ -d "$da" ] && [ -d "$db" ] || exit 1
ta=$da/srv/t
tb=$db/srv/t
key k a b c
config a b c <<'CONFIG'
compress no;
group g { host @a@ @b@ @c@; key k; include @/srv/t; auto younger; }
CONFIG
serve b
serve c
mkdir -p "$ta"
esc=$(printf '\033')

# tty NODE args: ucs at a terminal; what it showed is in $OUT/tty.
tty() {
	if [ "$MODE" = namespaces ]; then
		setting="nsenter -t $(pid_of "$1") -m -n -u --"
		program=/usr/local/sbin/ucsync
	else
		setting="env UCSYNC_SYSTEM_DIR=$NODES_DIR/$1/$SYSTEM"
		setting="$setting UCSYNC_RUN_DIR=$NODES_DIR/$1/run/ucsync"
		program="$NODES_DIR/$AS -N $(name "$1") -p $NODES_PORT"
		program="$program -D $NODES_DIR/$1/var/lib/$AS"
	fi
	shift
	rc=0
	timeout 60 script -qec "stty cols ${COLUMNS_OF:-100}
	    $setting $program $*" "$OUT/typed" >/dev/null 2>&1 </dev/null ||
	    rc=$?
	tr -d '\r' <"$OUT/typed" | grep -v '^Script ' >"$OUT/tty"
}

# shown: what stays on the terminal: what comes after the last erasing.
shown() {
	sed "s/.*$esc\[K//" "$OUT/tty" | grep -v '^$'
}

drawn() {
	grep -o "$esc\[K[^$esc]*" "$OUT/tty" | sed "s/^$esc\[K//"
}

# A run that takes less than a second draws nothing.
echo one >"$ta/f"
tty a -x
check 'a short run: exit 0' [ "$rc" -eq 0 ]
check 'a short run: nothing is drawn' [ -z "$(drawn)" ]
summary='2 peers: 4 updated, 0 removed; here 0 updated, 0 removed; 0 failed; '
summary="$summary[0-9.]+ [KM]?i?B in [0-9]+\.[0-9] s"
check 'a short run: the last line is a summary' eval 'shown | tail -n 1 |
    grep -qEx "$summary"'
tty a -x
check 'nothing to do: is said' [ "$(shown)" = 'all was done already' ]
tty a -xq
check '-q: not a word' [ -z "$(cat "$OUT/tty")" ]
run ucs a -x
check 'no terminal: not a word' [ ! -s "$OUT/out" ]
echo two >"$ta/f"
run ucs a -x
check 'no terminal: a line for each peer' [ "$(wc -l <"$OUT/out")" -eq 2 ]
check 'no terminal: nothing is drawn' eval '! grep -q "$esc" "$OUT/out"'

# A long one: a slow line (the peer's session is stopped for a while).
P=$(pid_of server_b)
session() {
	session=$(cat "/proc/$P/task/$P/children")
	[ -n "$session" ]
}
# hold SECONDS
hold() {
	await 'a session' session || return
	# shellcheck disable=SC2086 # one, with a blank behind it
	kill -s STOP $session
	sleep "$1"
	# shellcheck disable=SC2086
	kill -s CONT $session
}

dd if=/dev/urandom of="$ta/big" bs=1M count=24 2>/dev/null
echo three >"$ta/f"
hold 2.5 &
holder=$!
tty a -x
wait "$holder"
check 'a long run: exit 0' [ "$rc" -eq 0 ]
check 'a long run: drawn several times' [ "$(drawn | grep -c "$B: ")" -ge 3 ]
bytes='[0-9.]+ ([KM]i)?B'
check 'a long run: files, bytes, rate' eval 'drawn | grep -qE \
    "^$B: [0-9]/[23] files, $bytes of 24\.[0-9] MiB, $bytes/s"'
check 'a long run: it disappears' eval '! shown | grep -q "files, "'
check 'a long run: the results stay' \
    [ "$(shown | grep -c ' bytes sent')" -eq 2 ]
check 'a long run: and the summary' eval 'shown | tail -n 1 |
    grep -q "^2 peers: [456] updated"'
check 'a long run: it arrived' same_tree a b /srv/t

# No wider than the terminal.
COLUMNS_OF=30
echo four >"$ta/f"
dd if=/dev/urandom of="$ta/big" bs=1M count=24 2>/dev/null
hold 1.5 &
holder=$!
tty a -x
wait "$holder"
check 'a narrow terminal: drawn' eval 'drawn | grep -q "^$B: "'
check 'a narrow terminal: 29 columns' [ -z "$(drawn | grep "^$B: .*files" |
    grep -E '.{30}')" ]

# A check that takes long, of a file that is long but takes no room.
COLUMNS_OF=100
truncate -s 4G "$ta/0"
touch "$ta/1"
tty a -cr /
check 'a long check: drawn' eval 'drawn | grep -qE "^checking: [0-9]+ files$"'
check 'a long check: it disappears' [ -z "$(shown)" ]
rm "$ta/0" "$ta/1"
run ucs a -xq

# -v: what, where, whose; and the summary is the last line in a pipe, too.
echo five, longer >"$ta/f"
touch -d '2020-01-02 03:04:05 UTC' "$ta/f"
rm "$ta/big"
run ucs a -xv
for peer in "$B" "$C"; do
	check "-v: what is done on $peer" grep -qxF \
	    "Updating $T/f on $peer ..." "$OUT/out"
	check "-v: whose it is, for $peer" grep -qxF "$peer: $T/f: $A's \
version is newer: 2020-01-02 03:04:05 UTC, 13 bytes" "$OUT/out"
	check "-v: what is removed on $peer" grep -qxF \
	    "$peer: $T/big: $A's version is newer: removed" "$OUT/out"
done
check '-v: the last line is a summary' eval 'tail -n 1 "$OUT/out" |
    grep -q "^2 peers: 2 updated, 2 removed; here 0 updated"'

# -d: both directions, and nothing is changed.
echo theirs >"$tb/theirs"
rm "$tb/f"
run ucs b -cr /
echo ours >"$ta/ours"
everything() {
	state_of a
	state_of b
	listing "$ta"
	listing "$tb"
}
before=$(everything)
would() {
	printf '%s: %-15s %s\n' "$1" "$2" "$3"
}
ucs a -xd -P "$B" 2>"$OUT/err" | LC_ALL=C sort >"$OUT/dry"
{
	would '?D' "$A" "$T/f"
	would '?M' "$A" "$T/theirs"
	would '?M' "$B" "$T/ours"
} | LC_ALL=C sort >"$OUT/want"
check '-d: what would change there and here' diff "$OUT/want" "$OUT/dry"
run ucs a -xdv -P "$B"
check '-d -v: whose it is, there' grep -q \
    "^$B: $T/ours: $A's version is newer: " "$OUT/out"
check '-d -v: whose it is, here' grep -qxF \
    "$B: $T/f: $B's version is newer: removed" "$OUT/out"
check '-d: nothing is changed' [ "$(everything)" = "$before" ]
ucs a -ud -P "$B" >"$OUT/dry" 2>&1
check '-ud: only there' [ "$(grep -c "$A " "$OUT/dry")" -eq 0 ]
run ucs a -xq -P "$B"
check 'in earnest: so it is' [ ! -e "$ta/f" ]
check 'in earnest: alike' same_tree a b /srv/t
