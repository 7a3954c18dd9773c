#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Overlapping runs, as impatient crons make them: twenty -x on one host, on all
# hosts at once, while files change.  Every run ends with 0 and says nothing of
# locks; in the end the trees are equal.

. "$TOP/tests/nodes.sh"

HOSTS='a b c'
# shellcheck disable=SC2086 # names without blanks
nodes_up $HOSTS
# shellcheck disable=SC2086
key key $HOSTS
# shellcheck disable=SC2086
config $HOSTS <<END
group g { host @a@ @b@ @c@; key key; include @/srv/t; auto younger; }
END
for node in $HOSTS; do
	mkdir "$(node_dir $node)/srv/t"
	serve $node || exit 1
done

# change NODE ROUND: files of its own, and one that all fight for.
change() {
	dir=$(node_dir "$1")/srv/t
	for i in 0 1 2 3 4 5 6 7 8 9; do
		echo "$1 $2 $i" >"$dir/$1$2-$i"
	done
	rm -f "$dir/$1$(($2 - 2))"-*
	echo "$1 $2" >"$dir/shared"
}

# one NODE NUMBER: a run, its output and status.
one() {
	status=0
	ucs "$1" -x >"said.$1.$2" 2>&1 || status=$?
	echo "$status" >"rc.$1.$2"
}

# storm RUNS NODE...: so many runs on each node, all at once.
storm() {
	runs=$1
	shift
	waits=
	begun=$(date +%s%N)
	n=0
	while [ $n -lt "$runs" ]; do
		n=$((n + 1))
		for node; do
			one "$node" $n &
			waits="$waits $!"
		done
		if [ $((n % 5)) -eq 0 ]; then
			for node; do
				round=$((round + 1))
				change "$node" $round
			done
		fi
	done
	# shellcheck disable=SC2086 # a list of numbers
	wait $waits
	took=$((($(date +%s%N) - begun) / 1000000))
	echo "# $(($# * runs)) runs in $took ms"
}

well() {
	for failed in $(grep -lvx 0 rc.*); do
		cat "$failed" "said.${failed#rc.}"
		return 1
	done
	! grep -iE 'lock|busy|early|broke|failed,|cannot|out of turn' said.* |
	    grep -v ' 0 failed, '
}

settled() {
	for node in $HOSTS $HOSTS; do
		run ucs $node -x
		[ "$rc" -eq 0 ] || {
			cat "$OUT/out"
			return 1
		}
	done
	same_tree a b /srv/t && same_tree a c /srv/t
}

round=2
change a 1
check "a first sync" ucs a -x
storm 20 a
check "twenty runs on one host" well
check "then all are alike" settled
rm -f said.* rc.*
# shellcheck disable=SC2086
storm 20 $HOSTS
check "twenty runs on each of three" well
check "then all three are alike" settled
for node in $HOSTS; do
	check "nothing is left behind on $node" \
	    [ -z "$(find "$(node_dir $node)/srv" -name '.ucsync*')" ]
done
