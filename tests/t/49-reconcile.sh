#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Whatever was skipped, lost or never delivered is found again: new and
# reinstalled nodes, lost state files, authors that are gone, hosts and includes
# that join later, runs that were limited or broken off.  And trees that are
# alike are seen to be alike for a few kilobytes.

. "$TOP/tests/nodes.sh"

nodes_up a b c
[ "$MODE" = namespaces ] || {
	skip all "needs namespaces"
	exit 0
}
key key a b c
key other a b c

plain() {
	config a b c <<-END
	group g { host a b c; key key; include /srv/t; $1 }
	END
}

# sent OF: the bytes that the last run sent to that peer, and got from it
sent() {
	sed -n "s/^$1: .*(\([0-9]*\) bytes sent, \([0-9]*\) rec.*/\1 \2/p" \
	    "$OUT/out"
}

# forget NODE: its state and what is in /run, not its files.
forget() {
	rm -rf "$(node_dir "$1")"/var/lib/ucsync/* \
	    "$(node_dir "$1")"/run/ucsync/*
}

due() {
	rm -rf "$(node_dir "$1")"/run/ucsync/*
}

# all_alike NAME: three trees, nothing pending
all_alike() {
	if same_tree a b /srv/t >"$OUT/check" &&
	    same_tree a c /srv/t >>"$OUT/check"; then
		ok "$1"
	else
		fail "$1" "trees"
		cat "$OUT/check"
	fi
}

clean() {
	if [ "$rc" -eq 0 ] && ! grep -q 'conflict on' "$OUT/out"; then
		ok "$1"
	else
		fail "$1" "exit $rc"
		head -n 5 "$OUT/out"
	fi
}

plain 'auto younger;'
for n in a b c; do
	mkdir -p "$(node_dir $n)/srv/t"
	serve $n || exit 1
done
T=$(node_dir a)/srv/t
i=0
while [ $i -lt 20 ]; do
	i=$((i + 1))
	mkdir "$T/d$i"
	# shellcheck disable=SC2046 # numbers
	for k in $(seq 100); do
		echo "$i $k $(head -c 3000 /dev/urandom | base64)" \
		    >"$T/d$i/file$k"
	done
done
run ucs a -x
clean "first sync of 2,000 files to two"
all_alike "all three have them"
all=$(du -sb --apparent-size "$T" | cut -f 1)

# b's own first run meets trees that are alike: a few kilobytes.
run ucs b -xv
clean "a first run of b"
due b
run ucs b -xv
clean "b reconciles"
# shellcheck disable=SC2046 # two numbers
set -- $(sent c)
check "equal trees of 2,000 cost less than 2 KB" \
    test $((${1:-99999} + ${2:-0})) -lt 2048
run ucs b -xv
if grep -q Connecting "$OUT/out"; then
	fail "nothing due" "it connects"
else
	ok "nothing due, no connection"
fi

# Edits since, so that stamps are no content stamps; then b loses its state.
for k in 1 2 3; do
	echo "edit $k" >>"$T/d1/file$k"
done
rm "$T/d2/file1"
run ucs a -x
run ucs b -x
all_alike "edits before the state is lost"
forget b
due b
run ucs b -xv
clean "b lost its state"
check "and nothing is said to be removed" grep -q \
    '^2 peers: .*; here 0 updated, 0 removed;' "$OUT/out"
# shellcheck disable=SC2046 # two numbers
set -- $(sent a)
check "less than 1 % of the bytes go again" \
    test $((${1:-$all} + ${2:-0})) -lt $((all / 100))
all_alike "and nothing is lost or comes back"
# the same when it is a that comes first
forget b
due a
run ucs a -xv
clean "b lost its state, and a finds out"
all_alike "nothing is lost or comes back then"

# b is a new machine.
forget b
rm -rf "$(node_dir b)"/srv/t/*
due a
run ucs a -xv
clean "b is new, a fills it"
all_alike "b is filled"
forget b
rm -rf "$(node_dir b)"/srv/t/*
run ucs b -xv
clean "b is new and asks itself"
# shellcheck disable=SC2046 # two numbers a peer
set -- $(sent a) $(sent c)
check "one of the peers fills it, the other has nothing to send" \
    test $((${2:-0} + ${4:-$all})) -lt $((all * 11 / 10))
all_alike "b is filled by asking"
check "not a thing was removed elsewhere" test -e "$T/d20/file100"

# An author that reached one node only, and is gone.
echo "the author's last" >"$T/d3/last"
echo "and an edit" >>"$T/d3/file1"
rm "$T/d3/file2"
run ucs a -x -P b
stop a
same_tree a b /srv/t || fail "author gone" "b has it not"
due c
run ucs c -x
[ "$rc" -eq 0 ] || fail "author gone" "exit $rc: $(cat "$OUT/out")"
all_alike "what its author told one node reaches the other"
due b
run ucs b -x
clean "an unreachable peer is no error in a reconcile"
serve a

# The state knows less than the disks: c lost an entry that no cursor tells.
cp -a "$(node_dir c)/var/lib/ucsync" "$OUT/old"
echo "after the copy" >"$T/d4/new"
echo "edited after the copy" >>"$T/d4/file4"
run ucs a -x
rm -rf "$(node_dir c)/var/lib/ucsync"
cp -a "$OUT/old" "$(node_dir c)/var/lib/ucsync"
rm "$(node_dir c)/srv/t/d4/new"
due a
run ucs a -x
run ucs c -x
run ucs a -x
all_alike "an old state file put back loses nothing"

# Limited runs skip, and do not forget.
echo 1 >"$T/d5/one"
echo 2 >"$T/d5/two"
run ucs a -x /srv/t/d5/one
[ -e "$(node_dir b)/srv/t/d5/one" ] && ! [ -e "$(node_dir b)/srv/t/d5/two" ] ||
    fail "by argument" "$(ls "$(node_dir b)/srv/t/d5" | tail -n 2)"
run ucs a -x -P b
[ -e "$(node_dir b)/srv/t/d5/two" ] || fail "-P" "b has it not"
[ -e "$(node_dir c)/srv/t/d5/two" ] && fail "-P" "c has it already"
run ucs a -x
clean "a run of everything"
all_alike "arguments and -P skip nothing for good"

# A session that breaks off in the middle, seen by the next.
for k in 11 12 13 14; do
	head -c 3000000 /dev/urandom >"$T/d6/large$k"
done
setpriv --pdeathsig KILL nsenter -t "$(pid_of a)" -m -n -u -- \
    "/usr/local/sbin/$AS" -x >/dev/null 2>&1 &
broken=$!
sleep 0.2
kill -9 $broken 2>/dev/null
wait $broken 2>/dev/null
run ucs a -x
run ucs a -x
all_alike "after a run that was killed"

# An include joins, on all hosts, then a group with another key, then -G.
for n in a b c; do
	mkdir -p "$(node_dir $n)/srv/u" "$(node_dir $n)/srv/v"
done
echo u >"$(node_dir a)/srv/u/before"
echo v >"$(node_dir b)/srv/v/before"
config a b c <<'END'
group g { host a b c; key key; include /srv/t; include /srv/u; auto younger; }
group h { host a b; key other; include /srv/v; auto younger; }
END
run ucs a -x
clean "an include joins"
same_tree a c /srv/u || fail "an include joins" "c has it not"
run ucs b -x
clean "a group with another key joins"
same_tree a b /srv/v || fail "another group" "a has it not"
echo more >"$(node_dir a)/srv/u/more"
echo more >"$(node_dir a)/srv/v/more"
run ucs a -x -G h
[ -e "$(node_dir b)/srv/v/more" ] && ! [ -e "$(node_dir b)/srv/u/more" ] ||
    fail "-G" "$(ls "$(node_dir b)/srv/u" "$(node_dir b)/srv/v")"
run ucs a -x
clean "a run of everything after -G"
same_tree a b /srv/u && same_tree a c /srv/u && ok "-G skips nothing for good"

# A host joins that never was there.
config a b c <<'END'
group g { host a b c; key key; include /srv/t; include /srv/u; auto younger; }
group h { host a b c; key other; include /srv/v; auto younger; }
END
run ucs a -x
clean "a host joins a group"
same_tree a c /srv/v && ok "and is filled by the next run"

# Files that differ from the start, by the method.
forget a
forget b
forget c
echo "a's" >"$T/d7/same name"
touch -d '2001-01-01' "$T/d7/same name"
echo "b's younger one" >"$(node_dir b)/srv/t/d7/same name"
run ucs a -x
run ucs b -x
run ucs a -x
check "new states: what differs is decided by the method" \
    grep -q younger "$T/d7/same name"
all_alike "new states everywhere end alike"
