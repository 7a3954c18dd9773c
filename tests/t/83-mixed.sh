#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Hosts of three CPUs: MIPS and ARM are set to commands that run such a binary
# (tests/cross does), big-endian and 32 bits wide. A tree is kept alike, and a
# state that one wrote is read and continued by the others.

. "$TOP/tests/nodes.sh"

[ -n "${MIPS:-}" ] && [ -n "${ARM:-}" ] || {
	skip 'a cluster of three CPUs' 'make check-cross does this'
	exit
}
nodes_up pc mips arm
[ "$MODE" = namespaces ] || {
	skip 'a cluster of three CPUs' 'no namespaces'
	exit
}
cp "$MIPS" "$(node_dir mips)/usr/local/sbin/ucsync"
cp "$ARM" "$(node_dir arm)/usr/local/sbin/ucsync"
config pc mips arm <<'END'
group t { host pc mips arm; key k; include /srv/t; auto younger; }
END
key k pc mips arm
for node in pc mips arm; do
	serve "$node"
	mkdir -p "$(node_dir "$node")/srv/t/$node"
	echo "of $node" >"$(node_dir "$node")/srv/t/$node/file"
	awk -v seed="$node" 'BEGIN { for (i = 0; i < 30000; i++)
	    print seed, i * i % 65537 }' \
	    >"$(node_dir "$node")/srv/t/$node/large"
done

# alike NAME: on all three.
alike() {
	check "$1: mips" same_tree pc mips /srv/t
	check "$1: arm" same_tree pc arm /srv/t
}

everywhere() {
	for node in pc mips arm pc; do
		ucs "$node" -x || return 1
	done
}

check 'what each of them has' everywhere
alike 'goes to all'
for node in mips arm pc; do
	echo "another line by $node" >>"$(node_dir "$node")/srv/t/arm/large"
	rm "$(node_dir "$node")/srv/t/$node/file"
	check "a change made on $node" ucs "$node" -x
	alike "a change made on $node"
done

# listed NODE: what the program of that node reads in the state of mips.
listed() {
	ucs "$1" -L -N mips -D "$OUT/state"
}

cp -rp "$(node_dir mips)/var/lib/ucsync" "$OUT/state"
listed mips >"$OUT/by.mips" || fail 'a state of mips' 'not read by mips'
[ "$(wc -l <"$OUT/by.mips")" -ge 7 ] || fail 'a state of mips' 'is too short'
for node in pc arm; do
	check "a state of mips is read by $node" listed "$node"
	listed "$node" >"$OUT/by.$node"
	check "the same by $node" cmp "$OUT/by.mips" "$OUT/by.$node"
done

# One state, continued by one program after the other: each finds what is new
# and nothing else.
stop mips
known=$(on mips "$MIPS" -L | wc -l)
for program in "$ARM" "$UCSYNC" "$MIPS" "$ARM"; do
	known=$((known + 1))
	echo "$known" >"$(node_dir mips)/srv/t/$known"
	check "$program goes on" on mips "$program" -cr /
	on mips "$program" -L >"$OUT/list"
	[ "$(wc -l <"$OUT/list")" -eq "$known" ] &&
	    grep -q "/srv/t/$known\$" "$OUT/list" &&
	    ok "and has found one thing more" ||
	    fail "and has found one thing more" "$(cat "$OUT/list")"
done
check 'a run of the last' on mips "$MIPS" -x
alike 'what all of them found'
